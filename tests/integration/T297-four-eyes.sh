#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Four eyes, and what somebody tries who has only two: each command that opens mail refuses until a second
# officer has agreed, reveals need a role and a reason, and all of it stands in the ledger.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

mkdir -p "$work/hq"
for n in 1 2; do
    printf '%s\n' 'From: Anna <anna@corp.example>' 'To: dora@rival.example' "Subject: number $n" "Message-ID: <$n@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "strictly confidential $n, account 4111 1111 1111 1111" >"$work/hq/$n.eml"
done
find "$work/hq" -type f -exec touch -d '2026-01-01' {} +
printf '[account.hq]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/hq" >"$work/etc/accounts.d/hq.ini"
one="$(sha256sum "$work/hq/1.eml" | cut -c 1-64)"
two="$(sha256sum "$work/hq/2.eml" | cut -c 1-64)"
cat >>"$work/etc/flagpost.ini" <<'INI'
[person.chief]
mail = chief@corp.example
[person.dora]
mail = dora@rival.example
role = user
[person.admin]
mail = admin@corp.example
role = administrator
INI
run_code poll
check 'a poll' "$code" 0

# Masked unless somebody with the role says why.
run_code show "$one"
check 'a summary is masked' "$(grep -c 'strictly confidential' "$work/out" || :)" 0
run_code show --reveal "$one"
check 'no reveal without a reason' "$code" 64
run_code show --reveal --reason x "$one"
check 'nor with a letter for one' "$code" 64
check 'which is told' "$(grep -c "'x' is too short: it takes 4 characters at least" "$work/err")" 1
run_code --as dora show --reveal --reason 'I want to know' "$one"
check 'nor for a user' "$code" 77
run_code --as admin show --reveal --reason 'I want to know' "$one"
check 'nor for an administrator' "$code" 77
run_code show --reveal --reason 'case 4711' "$one"
check 'an officer with a reason' "$code" 0
check 'sees it' "$(grep -c 'strictly confidential' "$work/out")" 1
check 'and the ledger knows' "$(flagpost audit --what show --about '(reveal): case 4711' --json | wc -l)" 1
run_code report --reveal --format json --out -
check 'a report, no reason' "$code" 64
run_code --as dora report --reveal --reason 'I want to know' --format json --out -
check 'a report, no role' "$code" 77
run_code report --date 2026-11-22 --reveal --reason 'case 4712' --format json --out -
check 'a report, both' "$code" 0
check 'the ledger knows that too' "$(flagpost audit --what report --about 'in clear: case 4712' --json | wc -l)" 1

# From here on a second officer has to agree.
printf '[roles]\nfour_eyes = yes\n[smtp]\nurl = smtps://127.0.0.1:1\nfrom = flagpost@corp.example\n' >>"$work/etc/flagpost.ini"
refused() { # LABEL COMMAND...
    local label="$1"
    shift
    run_code "$@"
    check "$label" "$code" 77
    check "$label: nothing is told" "$(cat "$work/out" "$work"/kept/* 2>/dev/null | grep -c -E 'strictly confidential|4111 1111' || :)" 0
}
refused 'show --raw' show --raw "$one"
refused 'show --text' show --text "$one"
refused 'show --headers' show --headers "$one"
refused 'show --reveal' show --reveal --reason 'case 4711' "$one"
refused 'as a colleague' --as chief show --raw "$one"
refused 'as the user whose mail it is' --as dora show --raw "$one"
refused 'explain' explain "$one"
refused 'redeliver to somebody' redeliver "$one" --to officer@corp.example
refused 'redeliver to whom it was for' redeliver "$one" --original
refused 'a report with copies' report --with-copies --reason 'case 4711' --out "$work/x4"
refused 'an export with attachments' export --attachments --out "$work/x5" --reason 'case 4711'
refused 'an export' export --out "$work/x1" --reason 'case 4711'
check 'of which nothing is left' "$([ -e "$work/x1" ] && echo there)" ''
refused 'an export of a person' export --person anna@corp.example --out "$work/x2"
flag="$(flagpost review --list --json | jq -r .flag | head -n 1)"
refused 'an export of a flag' export --flag "$flag" --out "$work/x3"
refused 'a report in clear' report --reveal --reason 'case 4711' --format json --out -
refused 'a review in clear' review "$flag" --reveal --reason 'case 4711'
run_code report --date 2026-11-22 --format json --out -
check 'a masked report stays' "$code" 0
check 'masked' "$(grep -c 'strictly confidential' "$work/out" || :)" 0
run_code search number
check 'a search stays' "$code" 0
check 'and shows no text' "$(grep -c confidential "$work/out" || :)" 0

# Asking.
run_code consent ask "$one" --reason x
check 'a reason that is none' "$code" 64
check_text 'is said to be too short' "$work/err" "--reason 'x' is too short: it takes 4 characters"
run_code consent ask "$one"
check 'no reason' "$code" 64
run_code consent ask --reason 'case 4711'
check 'no message' "$code" 64
run_code consent ask 00000000 --reason 'case 4711'
check 'none that is there' "$code" 64
run_code consent give
check 'give what' "$code" 64
run_code consent give x
check 'give no number' "$code" 64
run_code consent give 4711
check 'give what nobody asked' "$code" 64
run_code consent take
check 'an unknown verb' "$code" 64
run_code consent ask "${one:0:12}" --reason 'case 4711'
check 'asked' "$code" 0
number="$(grep -o 'request [0-9]*' "$work/out" | cut -d ' ' -f 2)"
refused 'it does not open yet' show --raw "$one"
run_code consent give "$number"
check 'nobody is his own second' "$code" 77
run_code --as chief consent give "$number"
check 'also not as a colleague' "$code" 77
refused 'so it stays shut' show --raw "$one"
check 'the list says so' "$(flagpost consent list --json | jq -r .state)" asked

# A second officer of this machine, where there may be one.
if [ "$(id -u)" = 0 ] && [ -z "${SUDO_USER:-}" ] && no_login; then
    second() { SUDO_USER=second flagpost "$@"; }
    second consent give "$number" && code=0 || code=$?
    check 'a second officer agrees' "$code" 0
    run_code show --raw "$one"
    check 'it opens' "$code" 0
    check 'byte for byte' "$(cmp "$work/out" "$work/hq/1.eml" && echo same)" same
    run_code redeliver "$one" --to officer@corp.example
    check 'it may go out again: only the server is away' "$code" 69
    run_code redeliver "$two" --to officer@corp.example
    check 'the other one may not' "$code" 77
    refused 'the other one does not' show --raw "$two"
    second show --raw "$one" >"$work/out" 2>"$work/err" && code=0 || code=$?
    check 'nor does this one for the second' "$code" 77
    run_code export --out "$work/y1"
    check 'an export of both does not' "$code" 77
    run_code export --out "$work/y2" subject:'"number 1"'
    check 'of the one it does' "$code" 0
    run_code consent ask --query 'subject:number' --reason 'case 4711'
    number="$(grep -o 'request [0-9]*' "$work/out" | cut -d ' ' -f 2)"
    second consent give "$number"
    run_code export --out "$work/y3"
    check 'by a query for all' "$code" 0
    check 'the ledger has all of it' "$(flagpost audit --what 'consent*' --json | jq -r .what | tr '\n' ' ')" \
        'consent-ask consent consent-ask consent '
    run_code audit verify
    check 'and is whole' "$code" 0
else
    echo 'SKIP  a second login needs root'
fi
