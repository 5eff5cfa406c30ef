#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# An export as a lawyer gets it: exact bytes under names that say what they are, checked by sha256sum and
# openssl alone; hostile subjects do not leave the folder, nor the page; an altered copy is named.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

mail() { # DAY SUBJECT WORD: one message
    printf '%s\n' 'From: Anna <anna@corp.example>' 'To: bob@rival.example' "Subject: $2" "Message-ID: <$3@corp.example>" \
        "Date: $1 09:02:05 +0000" '' "the body of $3"
}

mkdir -p "$work/hq"
mail 'Mon, 30 May 2005' 'Price list' one >"$work/hq/1.eml"
mail 'Thu, 30 Jun 2005' '../../../<script>alert(1)</script>"' two >"$work/hq/2.eml"
mail 'Fri, 1 Jul 2005' 'too late' three >"$work/hq/3.eml"
find "$work/hq" -type f -exec touch -d '2026-01-01' {} +
printf '[account.hq]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/hq" >"$work/etc/accounts.d/hq.ini"
run_code poll
check 'a poll' "$code" 0

run_code export --from 2005-05-30 --to 2005-06-30 --out "$work/june" --reason 'case 4711'
check 'an export' "$code" 0
check 'a folder a day, and what stands beside' "$(cd "$work/june" && ls | tr '\n' ' ')" \
    '2005-05-30 2005-06-30 HOW-TO-CHECK.txt SHA256SUMS index.html ledger.json manifest.csv '
check 'the bytes are exact' "$(cmp "$work/june/2005-05-30/"*.eml "$work/hq/1.eml" && echo same)" same
check 'a name says what it is' "$(cd "$work/june/2005-05-30" && ls | cut -c 1-39)" '110205 anna@corp.example - Price list -'
check 'no file lies elsewhere' "$(find "$work/june" -type f -name '*.eml' | wc -l)" 2
check 'sha256sum finds all of it right' "$(cd "$work/june" && sha256sum --check --quiet SHA256SUMS && echo right)" right
check 'every file has a sum' "$(grep -c . "$work/june/SHA256SUMS")" "$(find "$work/june" -type f ! -name SHA256SUMS | wc -l)"
check 'openssl agrees' "$(openssl dgst -sha256 -r "$work/june/2005-05-30/"*.eml | cut -d ' ' -f 1)" \
    "$(grep 'Price list' "$work/june/SHA256SUMS" | cut -d ' ' -f 1)"
check 'no tag of a mail is one of the page' "$(grep -c '<script>alert' "$work/june/index.html" || :)" 0
check 'the page loads nothing' "$(grep -c -i -E 'https?://|src=' "$work/june/index.html" || :)" 0
check 'the page links what is there' "$(grep -o 'href="2005-05-30/[^"]*"' "$work/june/index.html" | wc -l)" 1
check 'the manifest has a row each' "$(grep -c corp.example "$work/june/manifest.csv")" 2
check 'the ledger came along' "$(jq -r 'select(.what == "export") | .object' "$work/june/ledger.json" | grep -c 'case 4711')" 1
check 'modes keep others out' "$(find "$work/june" -perm /077 | wc -l)" 0

run_code export --out "$work/june"
check 'nothing is written over' "$code" 64
run_code export --from 2005-05-30
check 'no folder' "$code" 64
run_code export --from someday --out "$work/x"
check 'no day' "$code" 64
run_code export --out "$work/picked" subject:late
check 'by words' "$(find "$work/picked" -name '*.eml' | wc -l)" 1

# One byte of a copy is another.
volume="$(find "$work/data" -name '*.tar' | head -n 1)"
printf 'X' | dd of="$volume" bs=1 seek=520 conv=notrunc 2>/dev/null
run_code export --out "$work/altered"
check 'an altered copy is a gap' "$code" 2
check_text 'and named' "$work/err" 'altered'
check 'the others are there' "$(find "$work/altered" -name '*.eml' | wc -l)" 2
