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

# Every command that HOW-TO-CHECK.txt tells, word for word, in the folder itself.
told_commands() { # FOLDER
    sed -n 's/^    //p' "$1/HOW-TO-CHECK.txt" >"$work/commands"
    check "it tells commands (${1##*/})" "$(wc -l <"$work/commands")" 3
    check "they are right (${1##*/})" "$(cd "$1" && bash -e "$work/commands" >"$work/told" 2>&1 && echo right)" right
    check "and say so of each file (${1##*/})" "$(grep -c ': OK$' "$work/told")" "$(grep -c . "$1/SHA256SUMS")"
}

mkdir -p "$work/hq"
mail 'Mon, 30 May 2005' 'Price list' one >"$work/hq/1.eml"
mail 'Thu, 30 Jun 2005' $'../../../<script>alert(1)</script>"\u202egpj.exe' two >"$work/hq/2.eml"
mail 'Fri, 1 Jul 2005' 'too late' three >"$work/hq/3.eml"
find "$work/hq" -type f -exec touch -d '2026-01-01' {} +
printf '[account.hq]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/hq" >"$work/etc/accounts.d/hq.ini"
run_code poll
check 'a poll' "$code" 0

run_code export --from 2005-05-30 --to 2005-06-30 --out "$work/june" --reason 'case 4711'
check 'an export' "$code" 0
check 'a folder a day, and what stands beside' "$(cd "$work/june" && ls | tr '\n' ' ')" \
    '2005-05-30 2005-06-30 HOW-TO-CHECK.txt SHA256SUMS authentication.csv dkim-keys.csv dkim-results.csv flags.csv index.html ledger.json looks.csv manifest.csv rules '
check 'the bytes are exact' "$(cmp "$work/june/2005-05-30/"*.eml "$work/hq/1.eml" && echo same)" same
check 'a name says what it is' "$(cd "$work/june/2005-05-30" && ls | cut -c 1-39)" '110205 anna@corp.example - Price list -'
check 'no file lies elsewhere' "$(find "$work/june" -type f -name '*.eml' | wc -l)" 2
check 'sha256sum finds all of it right' "$(cd "$work/june" && sha256sum --check --quiet SHA256SUMS && echo right)" right
check 'every file has a sum' "$(grep -c . "$work/june/SHA256SUMS")" "$(find "$work/june" -type f ! -name SHA256SUMS | wc -l)"
check 'openssl agrees' "$(openssl dgst -sha256 -r "$work/june/2005-05-30/"*.eml | cut -d ' ' -f 1)" \
    "$(grep 'Price list' "$work/june/SHA256SUMS" | cut -d ' ' -f 1)"
check 'no tag of a mail is one of the page' "$(grep -c '<script>alert' "$work/june/index.html" || :)" 0
check 'a mark that turns text round is shown, and turns none' \
    "$(grep -c $'\u202e' "$work/june/index.html" || :) $(grep -c 'u{202E}gpj.exe' "$work/june/index.html")" '0 1'
check 'the page loads nothing' "$(grep -c -i -E 'https?://|src=' "$work/june/index.html" || :)" 0
check 'the page links what is there' "$(grep -o 'href="2005-05-30/[^"]*"' "$work/june/index.html" | wc -l)" 1
check 'the manifest has a row each' "$(grep -c corp.example "$work/june/manifest.csv")" 2
check 'the ledger came along' "$(jq -r 'select(.what == "export") | .object' "$work/june/ledger.json" | grep -c 'case 4711')" 1
check 'modes keep others out' "$(find "$work/june" -perm /077 | wc -l)" 0

check 'the digest of what went out is in the ledger' "$(flagpost audit --what exported --json | jq -r .object | grep -o '[0-9a-f]*$')" \
    "$(sha256sum "$work/june/SHA256SUMS" | cut -d ' ' -f 1)"
told_commands "$work/june"

run_code export --out "$work/june"
check 'nothing is written over' "$code" 64
run_code export --from 2005-05-30
check 'no folder' "$code" 64
run_code export --from someday --out "$work/x"
check 'no day' "$code" 64
check_text 'is named with its option' "$work/err" "--from: 'someday' is not a time"
run_code export --from 2005-06-30 --to 2005-05-30 --out "$work/x"
check 'an end before the begin' "$code" 64
check_text 'is said' "$work/err" '--to lies before --from'
check 'and no folder is made' "$([ -e "$work/x" ] && echo there || :)" ''
run_code audit --from 2026-13-01
check 'no day of the ledger' "$code" 64
check_text 'is named with its option' "$work/err" "--from: '2026-13-01' is not a time"
run_code audit --from 2026-06-30 --to 2026-05-30
check 'nor a window that is none' "$code" 64
run_code export --out "$work/picked" subject:late
check 'by words' "$(find "$work/picked" -name '*.eml' | wc -l)" 1

# One byte of a copy is another.
volume="$(find "$work/data" -name '*.tar' | head -n 1)"
printf 'X' | dd of="$volume" bs=1 seek=520 conv=notrunc 2>/dev/null
run_code export --out "$work/altered"
check 'an altered copy is a gap' "$code" 2
check_text 'and named' "$work/err" 'altered'
check 'the others are there' "$(find "$work/altered" -name '*.eml' | wc -l)" 2

# Evidence for flags: the rules of that day, who looked, and what servers said of the sender.
mkdir -p "$work/case" "$work/rules"
cat >"$work/rules/codename.ini" <<'RULE'
[rule]
id = codename
title = A code name
severity = high
status = stable
description = A code name is told.
false_positives = A bird.
next_step = Ask.

[content.words]
type = words
where = body
words = nightjar
RULE
{
    printf '%s\r\n' 'DKIM-Signature: v=1; a=rsa-sha256; d=corp.example; s=sel;' '	b=AAAA' \
        'Authentication-Results: mx.corp.example; dkim=pass header.d=corp.example' \
        'From: Anna <anna@corp.example>' 'To: dora@corp.example' 'Subject: =cmd|calc' 'Message-ID: <case@corp.example>' \
        'Date: Mon, 31 May 2010 09:02:05 +0000' '' 'about nightjar' 'From here on' '>From there' 'X-Received-SPF: no field'
} >"$work/case/1.eml"
printf 'From: joanna@corp.example\nTo: x@rival.example\nSubject: other\nMessage-ID: <o@corp.example>\nDate: Mon, 31 May 2010 10:02:05 +0000\n\nno end' \
    >"$work/case/2.eml"
find "$work/case" -type f -exec touch -d '2026-01-01' {} +
printf '[account.case]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/case" >"$work/etc/accounts.d/case.ini"
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
printf '[person.dora]\nmail = dora@corp.example\nrole = user\n' >>"$work/etc/flagpost.ini"
run_code poll
check 'a poll with a rule' "$code" 0
flag="$(flagpost review --list --json | jq -r 'select(.rule == "codename") | .flag')"
digest="$(sha256sum "$work/case/1.eml" | cut -d ' ' -f 1)"
flagpost show --raw "$digest" >/dev/null
flagpost review "$flag" --as escalated --note 'to be told' >/dev/null 2>&1
cp "$work/rules/codename.ini" "$work/then.ini"
sed -i 's/nightjar/other/' "$work/rules/codename.ini"

run_code export --flag "flag-$flag" --out "$work/evidence" --format eml,mbox
check 'the bundle of a flag' "$code" 0
told_commands "$work/evidence"
check 'has its message alone' "$(find "$work/evidence" -name '*.eml' | wc -l)" 1
check 'the rule as it stood that day' "$(cmp "$work/evidence"/rules/codename-*.ini "$work/then.ini" && echo same)" same
check 'the flag names it by its digest' "$(grep -c "$(sha256sum "$work/then.ini" | cut -d ' ' -f 1)" "$work/evidence/flags.csv")" 1
check 'and what was decided' "$(grep -c '"escalated"' "$work/evidence/flags.csv")" 1
check 'excerpts are masked' "$(grep -c nightjar "$work/evidence/flags.csv" || :)" 0
check 'who looked, and who decided' "$(grep -c -E '"(show|review)"' "$work/evidence/looks.csv")" 2
check 'and no other row' "$(grep -c . "$work/evidence/looks.csv")" 3
check 'the signature and what a server said of it' "$(tail -n +2 "$work/evidence/authentication.csv" | cut -d , -f 2 | tr -d '\r' | tr '\n' ' ')" \
    '"DKIM-Signature" "Authentication-Results" '
check 'whoever wrote it, no server is known as our own' "$(grep -c '"claim"' "$work/evidence/authentication.csv")" 2
check_text 'and that is said' "$work/evidence/HOW-TO-CHECK.txt" 'all fields are "claim"'
check 'a folded field is whole' "$(grep -c 'b=AAAA' "$work/evidence/authentication.csv")" 1
mbox="$work/evidence/2010-05-31/2010-05-31.mbox"
check 'an mbox begins as one' "$(head -c 5 "$mbox")" 'From '
sed -e 1d -e '$d' "$mbox" | sed 's/^>\(>*From \)/\1/' >"$work/unquoted"
check 'its quoting can be taken back' "$(cmp "$work/unquoted" "$work/case/1.eml" && echo same)" same
run_code scan --json "$mbox"
check 'and our own reader takes it back' "$(jq -r .sha256 "$work/out")" "$digest"
run_code export --out "$work/mboxes" --format mbox on:2010-05-31
check 'mbox alone' "$(find "$work/mboxes" -name '*.eml' -o -name '*.mbox' | wc -l)" 1
check 'a message without a last line end' "$(grep -c '^From MAILER' "$work/mboxes/2010-05-31/2010-05-31.mbox")" 2
told_commands "$work/mboxes"

# Whose result it is: anybody can write such a field in anybody's name.
{
    printf '%s\r\n' 'Received: from mx.corp.example by store.corp.example; Mon, 31 May 2010 09:02:06 +0000' \
        'Authentication-Results: mx.corp.example; dkim=fail header.d=corp.example' \
        'Authentication-Results: scan.corp.example; spf=none' 'Received: from rival.example by mx.corp.example; Mon, 31 May 2010 09:02:05 +0000' \
        'Authentication-Results: MX.corp.example; dkim=pass header.d=corp.example; x=forged' \
        'Authentication-Results: "scan.corp.example"; spf=pass x=forged' 'Authentication-Results: mx.corp.example.rival.example; dkim=pass' \
        'From: Chief <chief@corp.example>' 'To: bob@corp.example' 'Subject: urgent' 'Message-ID: <forged@rival.example>' \
        'Date: Mon, 31 May 2010 09:02:05 +0000' '' 'pay them'
} >"$work/case/3.eml"
touch -d '2026-01-01' "$work/case/3.eml"
printf '[dkim]\ntrusted_servers = mx.corp.example, (scan)\n' >>"$work/etc/flagpost.ini"
run_code check
check 'no name of a server' "$code" 78
check_text 'is named' "$work/err" "'.scan.' is no name of a server"
sed -i 's/(scan)/Scan.Corp.example, sender.example/' "$work/etc/flagpost.ini"
run_code poll
check 'a forged result comes' "$code" 0
run_code export --out "$work/forged" --format eml subject:urgent
standing() { python3 -c 'import csv, sys
for row in list(csv.reader(open(sys.argv[1], newline="")))[1:]: print(row[3] + ":" + row[2].split("=")[1][:4].split()[0] + ":" + row[4])' "$1"; }
check 'trusted is the topmost in the name of each server of our own' "$(standing "$work/forged/authentication.csv" | tr '\n' ' ')" \
    'mx.corp.example:fail:trusted scan.corp.example:none:trusted mx.corp.example:pass:claim :pass:claim mx.corp.example.rival.example:pass:claim '
check_text 'which the page for a lawyer explains' "$work/forged/HOW-TO-CHECK.txt" '^mx.corp.example, scan.corp.example, sender.example:'

# What a flag is about can be held: an order of its person does not purge it.
run_code hold add case-9 --flag "flag-$flag" --note 'a court asked'
check_text 'a hold of a flag' "$work/out" '^case-9 holds 1 message'
run_code purge --person anna@corp.example --reason 'request 6' --dry-run --json
check 'keeps its message, and no other' "$(jq -r '.held // empty' "$work/out")" case-9

# Subject access: what one person sent or received, and nothing of those who look.
run_code export --person anna@corp.example --out "$work/anna"
check 'a person by an address, exactly' "$(grep -l -i 'joanna' -r "$work/anna" --include='*.eml' | wc -l)" 0
check 'all that she wrote, but for the altered one' "$(find "$work/anna" -name '*.eml' | wc -l)" 3
check 'no ledger, no flags' "$(cd "$work/anna" && ls | tr '\n' ' ' | grep -o -E 'ledger|flags|looks' | wc -l)" 0
run_code export --person dora --out "$work/dora"
check 'by her name in the configuration' "$(find "$work/dora" -name '*.eml' | wc -l)" 1
run_code --as dora export --person anna@corp.example --out "$work/x"
check 'a user does not ask for others' "$code" 77
run_code export --person nobody --out "$work/x"
check 'nobody' "$code" 64

# Volumes of a size: each is whole, and none is larger.
mkdir -p "$work/large"
for n in 1 2 3 4 5; do
    {
        printf 'From: anna@corp.example\nTo: x@rival.example\nSubject: large %s\nMessage-ID: <l%s@corp.example>\nDate: Tue, 1 Jun 2010 10:0%s:05 +0000\n\n' \
            "$n" "$n" "$n"
        head -c "$((n == 5 ? 4500000 : 1000000))" /dev/zero | tr '\0' 'x' | fold -w 76
    } >"$work/large/$n.eml"
done
find "$work/large" -type f -exec touch -d '2026-01-01' {} +
printf '[account.large]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/large" >"$work/etc/accounts.d/large.ini"
run_code poll
run_code export --out "$work/discs" --volume-size 5M 'subject:large' -- '-subject:"large 5"'
check 'volumes' "$code" 0
check 'more than one' "$(find "$work/discs" -name 'volume-*' -type d | wc -l)" 2
check 'none is larger' "$(find "$work/discs" -maxdepth 1 -name 'volume-*' -exec du -sb {} + | awk '$1 > 5000000' | wc -l)" 0
check 'all messages are in them' "$(find "$work/discs" -name '*.eml' | wc -l)" 4
check 'a sum over the sums' "$(cd "$work/discs" && sha256sum --check --quiet SHA256SUMS && echo right)" right
check 'whose digest is in the ledger' "$(flagpost audit --what exported --json | jq -r .object | tail -n 1 | grep -o '[0-9a-f]*$')" \
    "$(sha256sum "$work/discs/SHA256SUMS" | cut -d ' ' -f 1)"
for volume in "$work"/discs/volume-*; do
    told_commands "$volume"
done
run_code export --out "$work/toolarge" --volume-size 4.2M subject:large
check 'one that is larger than a volume' "$code" 2
check_text 'is said' "$work/err" 'larger than a volume'
check 'and not lost' "$(find "$work/toolarge" -name '*.eml' | wc -l)" 5
for size in 1k x -5M 650Q ''; do
    run_code export --out "$work/x" --volume-size "$size"
    check "no size: '$size'" "$code" 64
done
run_code export --out "$work/x" --format pst
check 'no format' "$code" 64
run_code export --out "$work/x" --flag 4711
check 'no flag' "$code" 64
run_code export --out "$work/x" --flag 1 subject:large
check 'a flag and a word' "$code" 64

if ! command -v xorriso >/dev/null; then
    echo 'SKIP  images: xorriso is needed (script/bootstrap --test)'
    exit 0
fi
run_code export --out "$work/images" --volume-size 5M --iso 'subject:"large 1"'
check 'an image' "$code" 0
image="$work/images/volume-001.iso"
check 'fits the disc' "$([ "$(stat -c %s "$image")" -le 5000000 ] && echo fits)" fits
check 'others do not read it' "$(find "$work/images" -perm /077 | wc -l)" 0
xorriso -no_rc -osirrox on -indev "$image" -extract / "$work/disc" >"$work/xorriso.out" 2>&1 || :
chmod -R u+w "$work/disc"
check 'holds the folder' "$(diff -r "$work/disc" "$work/images/volume-001" && echo same)" same
run_code export --out "$work/single" --iso 'subject:"large 1"'
check 'of one folder, beside it' "$([ -s "$work/single.iso" ] && echo there)" there
(
    PATH=/nowhere
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" export --out "$work/x" --iso 2>"$work/err"
) && code=0 || code=$?
check 'without xorriso' "$code" 78
check_text 'says what to install' "$work/err" 'xorriso'
