#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Signatures of kept mail are verified with the key of the fetch: what came of it is kept with its time, shown by show, dkim ID and
# an export, and stays what it was when the key changes later.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"
printf '0\n' >"$work/jump"

: >"$work/zone"
: >"$work/log"
python3 "$(dirname "$0")/lib/dns.py" "$work/zone" "$work/log" >"$work/port" &
relays+=($!)
until [ -s "$work/port" ]; do sleep 0.1; done
config '[dkim]' 'keys = yes' "resolver = 127.0.0.1:$(cat "$work/port")"

openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null
openssl genpkey -algorithm ed25519 -out "$work/ed.pem"
public() { openssl pkey -in "$work/$1.pem" -pubout -outform der | tail -c "+$2" | base64 -w0; }
rsa="$(public rsa 1)" ed="$(public ed 13)"
publish() { # SELECTOR KIND [TEXT]; a string of a TXT record has 255 bytes at most
    local text="${3:-}"
    printf '%s._domainkey.corp.example\t%s' "$1" "$2"
    while [ -n "$text" ]; do
        printf '\t%s' "${text:0:250}"
        text="${text:250}"
    done
    printf '\n'
}
zone() {
    publish rsa txt "v=DKIM1; k=rsa; p=$rsa"
    publish ed txt "v=DKIM1; k=ed25519; p=$ed"
    publish back txt 'v=DKIM1; p='
    publish late servfail
}
zone >"$work/zone"

sign() { python3 "$(dirname "$0")/lib/dkim-sign.py" "$work/$1.pem" "$2; d=corp.example; h=from:to:subject"; }
plain() {
    printf '%s\r\n' 'From: anna@corp.example' 'To: bob@corp-mail.example' "Subject: $1" 'Message-ID: <x@corp.example>' \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the text of $1" 'and a second line'
}
keep() {
    cat >"$work/eml/$1.eml"
    touch -d '2026-01-01' "$work/eml/$1.eml" # it lies still
}
mkdir "$work/eml"
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/eml" >"$work/etc/accounts.d/box.ini"
plain good | sign rsa 'a=rsa-sha256; c=relaxed/relaxed; s=rsa' | keep good
plain edward | sign ed 'a=ed25519-sha256; c=relaxed/simple; s=ed' | keep edward
plain both | sign rsa 'a=rsa-sha256; s=rsa' | sign ed 'a=ed25519-sha256; s=ed' | keep both
plain body | sign rsa 'a=rsa-sha256; s=rsa' | sed 's/the text/the test/' | keep body
plain head | sign rsa 'a=rsa-sha256; s=rsa' | sed 's/^Subject: head/Subject: heads/' | keep head
plain short | sign rsa 'a=rsa-sha256; l=8; s=rsa' | keep short
plain old | sign rsa 'a=rsa-sha1; s=rsa' | keep old
plain over | sign rsa 'a=rsa-sha256; t=1700000000; x=1700000001; s=rsa' | keep over
plain back | sign rsa 'a=rsa-sha256; s=back' | keep back
plain gone | sign rsa 'a=rsa-sha256; s=gone' | keep gone
plain late | sign rsa 'a=rsa-sha256; s=late' | keep late
{ printf 'From: eve@rival.example\r\n' && plain twice | sign rsa 'a=rsa-sha256; s=rsa'; } | keep twice
plain line | sign rsa 'a=rsa-sha256; s=rsa' | tr -d '\r' | keep line
plain unsigned | keep unsigned
{ printf 'DKIM-Signature: v=1; a=rsa-sha256; s=rsa; d=corp.example; h=from; bh=\033[2J; b=x\r\n' && plain odd; } | keep odd

run_code poll
check 'a poll ends as ever' "$code" 0
id() { flagpost search --json "subject:$1" | jq -r .sha256; }
kept() { flagpost show --json "$(id "$1")" | jq -r '[.dkim[] | .result] | join(" ")'; }
for case in good:pass edward:pass 'both:pass pass' body:fail head:fail short:pass old:policy over:policy back:permerror gone:permerror \
    late:temperror twice:policy line:pass unsigned:none odd:neutral; do
    name="${case%%:*}"
    [ "$name" != head ] || name=heads
    check "kept of a mail: $name" "$(kept "$name")" "${case#*:}"
done

fact() { flagpost dkim --json "$(id "$1")" | jq -r 'select(.standing == "'"$2"'") | '"$3"; }
check 'a body that is longer than what is signed is told' "$(fact short kept '"\(.covered) of \(.body) \(.facts | join(" "))"')" \
    '8 of 38 length-tag uncovered-body'
check 'what was not given back is said' "$(fact back kept '.facts | join(" ")') $(fact over kept '.facts | join(" ")')" 'key-withdrawn expired'
check 'which fields are signed' "$(fact good now .fields) $(fact good now .canonicalization)" 'from:to:subject relaxed/relaxed'
run_code show "$(id good)"
check_text 'show tells it in a line' "$work/out" '^DKIM +pass: corp.example \(selector rsa, rsa-sha256\), as verified 20'
run_code dkim "$(id twice)"
check_text 'dkim ID tells why' "$work/out" 'policy: corp.example .*2 fields from, of which 1 is signed'
run_code dkim "$(id odd)"
check 'a hostile field moves no cursor' "$code $(grep -c $'\033' "$work/out" || :)" '0 0'
check 'each look is in the ledger' "$(flagpost audit --json | grep "$(id twice)" | grep -c dkim)" 1
run_code dkim 0123456789
check 'a message that is not there' "$code" 64

# ------------------------------------------------------------------------------------------ an export
run_code export --from 2000-01-01 --to 2038-01-01 --out "$work/bundle"
check 'an export' "$code" 0
rows() { python3 -c 'import csv, sys
for row in csv.DictReader(open(sys.argv[1], newline="")): print(row["file"].split(" - ")[-2].replace("…", ""), row["result"], row["standing"])' "$1/dkim-results.csv" | LC_ALL=C sort; }
check 'lays the results beside' "$(rows "$work/bundle" | tr '\n' ';')" \
    'back permerror kept;body fail kept;both pass kept;both pass kept;edward pass kept;gone permerror kept;good pass kept;heads fail kept;late temperror kept;line pass kept;odd neutral kept;old policy kept;over policy kept;short pass kept;twice policy kept;unsigned none kept;'
check_text 'the page says it in words' "$work/bundle/index.html" 'DKIM pass: corp.example \(selector ed, ed25519-sha256\)'
check_text 'and how to read it' "$work/bundle/HOW-TO-CHECK.txt" 'dkim-results.csv says what each signature proves'
check 'its sums know the table' "$(cd "$work/bundle" && sha256sum --quiet -c SHA256SUMS && grep -c dkim-results SHA256SUMS)" 1

# ------------------------------------------------------------------------------------------ later
printf '600\n' >"$work/jump"
sed -i -e '/^late/d' -e '/^rsa/d' "$work/zone"
{
    publish late txt "v=DKIM1; p=$rsa"
    publish rsa txt 'v=DKIM1; p='
} >>"$work/zone"
run_code dkim ask
check 'a key that DNS has only later is a second result' "$code $(fact late kept .result | tr '\n' ' ')" '0 temperror pass '
run_code dkim ask
check 'and no third' "$code $(fact late kept .result | tr '\n' ' ')" '0 temperror pass '
printf '%s\n' $((3 * 86400)) >"$work/jump"
plain after | sign rsa 'a=rsa-sha256; s=rsa' | keep after
run_code poll
check 'a key that was withdrawn later verifies no new mail' "$code $(kept after)" '0 permerror'
check 'what was kept of old mail stays' "$(kept good)" pass
check 'and is the same once more, with the key of then' "$(fact good now .result)" pass

# ------------------------------------------------------------------------------------------ not kept
config
plain asked | sign rsa 'a=rsa-sha256; s=never' | keep asked
run_code poll
check 'without keys nothing is kept' "$(flagpost show --json "$(id asked)" | jq -r '.dkim')" null
check 'dkim ID says that nobody asked' "$(flagpost dkim "$(id asked)" | grep -c 'nobody asked for the key')" 1
results() {
    python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM dkim_result").fetchone()[0])' "$work/data/flagpost.db"
}
before="$(results)"
config '[retention.all]' 'keep = 30d'
printf '%s\n' $((90 * 86400)) >"$work/jump"
run_code purge
check 'what is purged leaves no result' "$code $((before > 15)) $(results)" '0 1 0'
