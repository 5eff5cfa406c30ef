#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# report --with-copies: the flagged messages beside the report, exact, under names that lead nowhere, linked from the
# page and checked by sha256sum alone; for officers with a reason, after a second one agreed where that is demanded.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

mkdir -p "$work/hq"
mail() { # SUBJECT WORD BODY: one message
    printf '%s\n' 'From: Anna <anna@corp.example>' 'To: dora@rival.example' "Subject: $1" "Message-ID: <$2@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "$3" >"$work/hq/$2.eml"
}
mail 'price list' 1 'strictly confidential: the price list'
mail '../../../etc/passwd"><script>alert(1)</script>' 2 'strictly confidential: the other one'
mail 'lunch' 3 'at noon'
sed -i 's/rival.example/corp.example/' "$work/hq/3.eml"
find "$work/hq" -type f -exec touch -d '2026-01-01' {} +
printf '[account.hq]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/hq" >"$work/etc/accounts.d/hq.ini"
printf '[person.dora]\nmail = dora@rival.example\nrole = user\n[person.admin]\nmail = admin@corp.example\nrole = administrator\n' \
    >>"$work/etc/flagpost.ini"
run_code poll
check 'a poll' "$code" 0

# Who may, and how it is asked for.
run_code report --with-copies --out "$work/r1"
check 'no reason' "$code" 64
run_code --as dora report --with-copies --reason 'I want to know' --out "$work/r1"
check 'no role: a user' "$code" 77
run_code --as admin report --with-copies --reason 'I want to know' --out "$work/r1"
check 'no role: an administrator' "$code" 77
run_code report --with-copies --reason 'case 4711' --mail
check 'not by mail' "$code" 64
run_code report --with-copies --reason 'case 4711' --format json --out -
check 'not on standard output' "$code" 64
check 'nothing was written by all that' "$(find "$work" -name '*.copies' | wc -l)" 0

# The copies themselves.
run_code report --with-copies --reason 'case 4711' --out "$work/r2"
check 'an officer with a reason' "$code" 0
copies="$(find "$work/r2" -type d -name '*.copies')"
page="$(find "$work/r2" -name '20*.html')"
check 'beside the page' "$(dirname "$copies")" "$(dirname "$page")"
check 'each flagged message' "$(find "$copies" -name '*.eml' | wc -l)" 2
check 'byte for byte' "$(find "$copies" -name '*.eml' -exec sha256sum {} + | cut -c 1-64 | sort)" \
    "$(sha256sum "$work/hq/1.eml" "$work/hq/2.eml" | cut -c 1-64 | sort)"
check 'checked by sha256sum' "$(cd "$copies" && sha256sum --check --quiet SHA256SUMS && echo right)" right
check 'the folder is for its owner alone' "$(stat -c %a "$copies")" 700
check 'and so is each file' "$(find "$copies" -type f -exec stat -c %a {} + | sort -u)" 600
check 'no name leads out of it' "$(find "$work" -name 'passwd*' -o -name '*script>*' | wc -l)" 0
jq -rn --arg page "$(cat "$page")" '$page | scan("<a href=\"([^\"]*\\.eml)\"")[0]' | python3 -c '
import sys, urllib.parse
for line in sys.stdin: print(urllib.parse.unquote(line.strip()))' | sort -u >"$work/links"
check 'the page links to each' "$(cd "$(dirname "$page")" && xargs -d '\n' -a "$work/links" sha256sum | cut -c 1-64 | sort)" \
    "$(sha256sum "$work/hq/1.eml" "$work/hq/2.eml" | cut -c 1-64 | sort)"
check 'the page itself stays masked' "$(grep -c 'strictly confidential' "$page" || :)" 0
check 'the ledger says why' "$(flagpost audit --what report --about 'with copies: case 4711' --json | wc -l)" 1
check 'and what went out' "$(flagpost audit --what report-copies --json | jq -r .object | grep -o '[0-9a-f]\{64\}')" \
    "$(sha256sum "$copies/SHA256SUMS" | cut -c 1-64)"
run_code report --out "$work/r3"
check 'without the option no page links' "$(find "$work/r3" -name '20*.html' -exec grep -c 'as a file' {} + || :)" 0

# Once more: what was laid there goes, what others laid there stays, a copy that is gone is named.
touch "$copies/notes.txt"
printf 'x' >>"$work/precious.eml"
sed -i "1i $(printf '%064d' 0)  ../../../../precious.eml" "$copies/SHA256SUMS"
volume="$(find "$work/data/copies" -name '*.tar')"
python3 - "$volume" <<'PY'
import sys
data = bytearray(open(sys.argv[1], 'rb').read())
at = data.index(b'the other one')
data[at] ^= 1
open(sys.argv[1], 'wb').write(data)
PY
run_code report --with-copies --reason 'case 4711' --out "$work/r2"
check 'an altered copy is a gap' "$code" 2
check_text 'and is named' "$work/err" "$(sha256sum "$work/hq/2.eml" | cut -c 1-12)"
check 'the earlier file of it is gone' "$(find "$copies" -name '*.eml' | wc -l)" 1
check 'what is not ours stays' "$(find "$copies" "$work/precious.eml" -name notes.txt -o -name precious.eml | wc -l)" 2
check 'the sums hold again' "$(cd "$copies" && sha256sum --check --quiet SHA256SUMS && echo right)" right

# Four eyes.
printf '[roles]\nfour_eyes = yes\n' >>"$work/etc/flagpost.ini"
run_code report --with-copies --reason 'case 4711' --out "$work/r4"
check 'four eyes: refused' "$code" 77
check 'of which nothing is left' "$(find "$work/r4" -type f 2>/dev/null | wc -l)" 0
if [ "$(id -u)" = 0 ] && [ -z "${SUDO_USER:-}" ] && no_login; then
    for n in 1 2; do
        run_code consent ask "$(sha256sum "$work/hq/$n.eml" | cut -c 1-64)" --reason 'case 4711'
        SUDO_USER=second flagpost consent give "$(grep -o 'request [0-9]*' "$work/out" | cut -d ' ' -f 2)"
    done
    run_code report --with-copies --reason 'case 4711' --out "$work/r4"
    check 'a second officer agreed: it opens, but for the altered one' "$code" 2
    check 'one file' "$(find "$work/r4" -name '*.eml' | wc -l)" 1
else
    echo 'SKIP  a second login needs root'
fi
run_code audit verify
check 'the ledger is whole' "$code" 0
