#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A pseudonymised report names nobody of the organisation, in any form and however mail writes a name: in
# addresses, display names, subjects, text, files, folders, accounts. Its sealed table opens for who may, with a
# reason, four eyes where they are demanded, and a row of the ledger.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

mail() { # NAME FROM TO SUBJECT FILE TEXT
    printf '%s\n' "From: $2" "To: $3" "Subject: $4" "Message-ID: <$1.quintana@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' 'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary=b' '' \
        '--b' 'Content-Type: text/plain; charset=utf-8' '' "$6" \
        '--b' "Content-Type: application/octet-stream; name=\"$5\"" "Content-Disposition: attachment; filename=\"$5\"" '' \
        'MZ' '--b--' >"$work/quintana/$1.eml"
}
mkdir -p "$work/quintana"
mail m1 'Ottilie Quintana <ottilie.quintana@corp.example>' 'dora@rival.example' 'Offer of Ottilie Quintana' \
    'cv-quintana.exe' 'strictly confidential, says Ottilie, call Quintana'
mail m2 '"<script>Ottilie</script> =Quintana" <ottilie.quintana@corp.example>' 'Bertram Zwiebel <b.zwiebel@corp.example>' \
    'OTTILIEQUINTANA, again' 'QUINTANAS.plan.exe' 'strictly confidential'
mail m3 'Bertram Zwiebel <b.zwiebel@corp.example>' 'ottilie.private@rival.example, eve@rival.example' \
    $'\u202eO\u200bttilie and Zwie\u00adbel' $'zwiebel\u202efdp.exe' 'strictly confidential b.zwiebel@corp.example'
mail m4 $'=?utf-8?q?=EF=BC=AFttilie_=1B=5B31m?= <ottilie.quintana@corp.example>' 'eve@rival.example' \
    'Quarterly figures' 'figures.exe' 'strictly confidential NIGHTJAR-77'
find "$work/quintana" -type f -exec touch -d '2026-01-01' {} +
printf '[account.quintana]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/quintana" >"$work/etc/accounts.d/box.ini"
run_code poll
check 'a poll' "$code" 0
flag="$(flagpost review --list --json | jq -r .flag | head -n 1)"
flagpost review "$flag" --as escalated --note 'ask Quintana' >/dev/null 2>&1

# Every name, and what is left of one when its alphabet or its marks are other ones.
names='ottilie|quintana|zwiebel|@corp\.example|O.ttilie|Zwie.?bel|ask Q'
clear="$(flagpost report --date today --format json --out -)"
check 'the plain report names them' "$([ "$(grep -c -i -E "$names" <<<"$clear")" -gt 0 ] && echo named)" named
for form in html csv json jsonl text ecs ocsf cef prometheus; do
    run_code report --date today --people --pseudonyms --format "$form" --out -
    check "$form is made" "$code" 0
    # The folder of the account is one of this machine and stands in no report.
    check "$form names nobody" "$(grep -o -i -E ".{0,30}($names).{0,30}" "$work/out" | head -n 3 || :)" ''
    check "$form has no match in clear" "$(grep -c -E 'NIGHTJAR|strictly confidential' "$work/out" || :)" 0
done
run_code report --date today --pseudonyms --format json --out -
jq -r '.flags[].message.from' "$work/out" | sort -u >"$work/names"
check 'two people are two names' "$(grep -c -E '^Person [0-9A-Z]{4}-[0-9A-Z]{4}$' "$work/names")" 2
check 'an outsider keeps his address' "$(jq -r '.flags[].message.to[]' "$work/out" | grep '^eve' | sort -u)" 'eve@rival.example'
check 'one that is called like us keeps his domain' "$(jq -r '.flags[].message.to[]' "$work/out" | grep hidden | sort -u)" '(hidden)@rival.example'
check 'a subject that names nobody stays' "$(jq -r '.flags[].message.subject' "$work/out" | sort -u | tr '\n' ' ')" '(hidden) Quarterly figures '
run_code report --date today --pseudonyms --format csv --out "$work/reports"
check 'in files' "$code" 0
check 'the same names' "$(grep -c -F "$(head -n 1 "$work/names")" "$(grep csv "$work/out")" | sed 's/[1-9].*/some/')" some
sealed="$(grep '\.sealed$' "$work/out")"
check 'a table lies beside it' "$([ -s "$sealed" ] && echo there)" there
check 'for nobody else' "$(stat -c %a "$sealed")" 600
check 'and is sealed' "$(grep -c -a -i -E "$names" "$sealed" || :)" 0
check 'its key too is nobody else'"'"'s' "$(stat -c %a "$work/data/pseudonyms.key")" 600
run_code report --pseudonyms --reveal --reason 'case 17' --format csv --out -
check 'not in clear as well' "$code" 64
run_code report --pseudonyms --with-copies --reason 'case 17' --out "$work/copies"
check 'nor with copies' "$code" 64

# Opening it.
who="$(head -n 1 "$work/names")"
run_code report unseal "$sealed"
check 'no reason' "$code" 64
run_code report unseal --reason 'case 17'
check 'no table' "$code" 64
run_code report unseal "$sealed" "$who" --reason 'case 17'
check 'one name' "$code" 0
check 'is somebody' "$(grep -c -E "^$who"$'\t''(ottilie.quintana|b.zwiebel)@corp.example$' "$work/out")" 1
check 'and no other' "$(wc -l <"$work/out")" 1
run_code report unseal "$sealed" 'Person 0000-0000' --reason 'case 17'
check 'a name that is none' "$code" 1
run_code report unseal "$sealed" --reason 'case 17'
check 'all names' "$(grep -c -E '^(Person|Account|Login) ' "$work/out" | sed 's/^[3-9]$/some/')" some
check 'the ledger has who and why' "$(flagpost audit --what unseal --about 'case 17' --json | wc -l)" 3
cp "$sealed" "$work/altered"
printf 'X' | dd of="$work/altered" bs=1 seek=90 conv=notrunc status=none
run_code report unseal "$work/altered" --reason 'case 17'
check 'an altered table' "$code" 65
run_code report unseal "$work/etc/flagpost.ini" --reason 'case 17'
check 'another file' "$code" 65
cat >>"$work/etc/flagpost.ini" <<'INI'
[person.dora]
mail = dora@rival.example
role = user
[person.part]
mail = part@corp.example
role = officer
accounts = quint*
INI
run_code --as dora report unseal "$sealed" --reason 'case 17'
check 'no user' "$code" 77
run_code --as part report unseal "$sealed" --reason 'case 17'
check 'no officer of some accounts' "$code" 77
check 'who are told nothing' "$(wc -c <"$work/out")" 0

printf '[roles]\nfour_eyes = yes\n[report.daily]\npseudonyms = yes\n' >>"$work/etc/flagpost.ini"
run_code report --date today --format jsonl --out -
check 'by configuration' "$(grep -c -i -E "$names" "$work/out" || :)" 0
run_code report unseal "$sealed" --reason 'case 17'
check 'four eyes' "$code" 77
check 'nothing is told' "$(wc -c <"$work/out")" 0
month="names-$(TZ=Europe/Berlin date +%Y-%m)"
run_code consent ask "$month" --reason 'case 17'
check 'asked for' "$code" 0
number="$(grep -o 'request [0-9]*' "$work/out" | cut -d ' ' -f 2)"
if [ "$(id -u)" = 0 ] && [ -z "${SUDO_USER:-}" ] && no_login; then
    SUDO_USER=second flagpost consent give "$number"
    run_code report unseal "$sealed" --reason 'case 17'
    check 'a second officer agreed' "$code" 0
else
    echo 'SKIP  a second login needs root'
fi
