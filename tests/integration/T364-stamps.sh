#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The head of the ledger, time-stamped by an authority of `openssl ts`: verified, kept, noted, proved again, checked by
# openssl alone out of an export; an authority that is away or lies is named and blocks nothing; the service does it daily.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

# The authority: its certificates by openssl alone, an expired one and a stranger's as well.
tsa="$work/tsa"
mkdir -p "$tsa"
cat >"$tsa/tsa.cnf" <<'CNF'
[tsa]
default_tsa = it
[it]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[stamps]
extendedKeyUsage = critical,timeStamping
CNF
certificate() { # NAME CA DAYS
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$tsa/$1.key" -out "$tsa/$1.csr" 2>/dev/null
    openssl x509 -req -in "$tsa/$1.csr" -CA "$tsa/$2.pem" -CAkey "$tsa/$2.key" -CAcreateserial -days "$3" \
        -extfile "$tsa/tsa.cnf" -extensions stamps -out "$tsa/$1.pem" 2>/dev/null
}
for ca in ca other-ca; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$ca" \
        -keyout "$tsa/$ca.key" -out "$tsa/$ca.pem" 2>/dev/null
done
certificate tsa ca 20
certificate stranger other-ca 20
# One that has ended: OpenSSL's x509 has no begin of its own, so the end is put behind us.
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=expired -keyout "$tsa/expired.key" -out "$tsa/expired.csr" 2>/dev/null
mkdir -p "$tsa/new"
: >"$tsa/index.txt"
printf '01\n' >"$tsa/ca-serial"
printf '[ca]\ndefault_ca = d\n[d]\ndatabase = %s/index.txt\nserial = %s/ca-serial\nnew_certs_dir = %s/new\ndefault_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n[stamps]\nextendedKeyUsage = critical,timeStamping\n' \
    "$tsa" "$tsa" "$tsa" >"$tsa/ca.cnf"
openssl ca -batch -config "$tsa/ca.cnf" -in "$tsa/expired.csr" -cert "$tsa/ca.pem" -keyfile "$tsa/ca.key" -startdate 20200101000000Z \
    -enddate 20200201000000Z -extensions stamps -out "$tsa/expired.pem" 2>/dev/null
printf 'good\n' >"$tsa/mode"
python3 "$FLAGPOST_SOURCE/tests/integration/lib/tsa.py" "$tsa" &
relays+=($!)
for _ in $(seq 300); do
    [ ! -e "$tsa/port" ] || break
    sleep 0.1
done
mode() { printf '%s\n' "$1" >"$tsa/mode"; }

mkdir -p "$work/hq"
printf '%s\n' 'From: anna@corp.example' 'To: bob@rival.example' 'Subject: number 1' 'Message-ID: <1@corp.example>' \
    'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' 'strictly confidential' >"$work/hq/1.eml"
find "$work/hq" -type f -exec touch -d '2026-01-01' {} +
printf '[account.hq]\nurl = eml://%s\npurpose = Test\nkeep = all\nevery = 1h\n' "$work/hq" >"$work/etc/accounts.d/hq.ini"
plain="$(cat "$work/etc/flagpost.ini")"
ledger() { # LINE...: [ledger]
    { printf '%s\n[ledger]\n' "$plain" && printf '%s\n' "$@"; } >"$work/etc/flagpost.ini"
}
run_code poll
check 'a poll' "$code" 0

# Configuration.
run_code audit stamp
check 'no authority' "$code" 78
ledger "tsa = ftp://127.0.0.1/"
run_code check
check 'an address that is none' "$code" 78
ledger "tsa = http://127.0.0.1:$(cat "$tsa/port")/"
run_code check
check 'nobody could check it' "$code" 78
check_text 'the mend is named' "$work/err" 'tsa_ca_file'
ledger "tsa = http://127.0.0.1:$(cat "$tsa/port")/" "tsa_ca_file = $tsa/ca.pem" 'stamp = hourly'
run_code check
check 'a key that is none' "$code" 78
ledger "tsa = http://127.0.0.1:$(cat "$tsa/port")/" "tsa_ca_file = $tsa/ca.pem"

# An authority that lies, or cannot be asked: named, and nothing is kept.
refused() { # MODE CODE PATTERN
    mode "$1"
    run_code audit stamp
    check "$1" "$code" "$2"
    check_text "$1 is named" "$work/err" "$3"
}
refused other-digest 77 'does not hold: .*imprint'
refused other-nonce 77 'does not hold: .*nonce'
refused unknown-signer 77 'does not hold: .*(unable to get|certificate)'
refused expired 77 'does not hold: .*expired'
refused garbage 65 'no time stamp of RFC 3161'
refused no-time-stamper 77 'does not hold'
refused huge 65 'longer than'
refused busy 75 'answers 503'
refused refuse 77 'answers 403'
port="$(cat "$tsa/port")"
ledger "tsa = http://127.0.0.1:1/" "tsa_ca_file = $tsa/ca.pem"
run_code audit stamp
check 'away' "$code" 69
ledger "tsa = http://127.0.0.1:$port/" "tsa_ca_file = $work/none.pem"
mode good
run_code audit stamp
check 'no certificates' "$code" 78
check 'none of that left a stamp' "$(find "$work/data/stamps" -type f 2>/dev/null | wc -l)$(flagpost --quiet audit --what stamp --json | wc -l)" 00

# A stamp.
ledger "tsa = http://127.0.0.1:$port/" "tsa_ca_file = $tsa/ca.pem"
head="$(flagpost --quiet audit --limit 1 --json | jq -r .hash)"
run_code audit stamp
check 'a stamp' "$code" 0
check_text 'by whom' "$work/out" 'by /CN=tsa'
file="$(find "$work/data/stamps" -name '*.tsr')"
check 'kept for its owner alone' "$(stat -c %a "$file" "$work/data/stamps" | tr '\n' ' ')" '600 700 '
check 'of the head' "$(openssl ts -verify -digest "$head" -in "$file" -CAfile "$tsa/ca.pem" 2>&1 | grep -c 'Verification: OK')" 1
check 'and of no other digest' "$(openssl ts -verify -digest "${head:1}0" -in "$file" -CAfile "$tsa/ca.pem" 2>&1 | grep -c 'Verification: OK' || :)" 0
check 'the ledger names it' "$(flagpost audit --what stamp --about "$head" --json | jq -r .object | grep -o 'answer [0-9a-f]*' | cut -d ' ' -f 2)" \
    "$(sha256sum "$file" | cut -c 1-64)"
run_code audit verify
check 'it is proved with the chain' "$code" 0
check_text 'and told' "$work/out" '1 of 1 time stamps hold'
run_code audit stamp --automatic
check 'one a day' "$code $(find "$work/data/stamps" -name '*.tsr' | wc -l)" '0 1'
run_code audit stamp
check 'unless it is asked for' "$code $(find "$work/data/stamps" -name '*.tsr' | wc -l)" '0 2'

# An export carries them; a lawyer checks with openssl alone, by the words of the page.
run_code export --out "$work/bundle"
check 'an export' "$code" 0
check 'has the stamps and who may sign' "$(find "$work/bundle/stamps" -type f | wc -l)" 3
grep -E '^    openssl ts ' "$work/bundle/HOW-TO-CHECK.txt" >"$work/commands"
check 'a command for each' "$(wc -l <"$work/commands")" 2
check 'which holds' "$(cd "$work/bundle" && while read -r line; do sh -c "$line" 2>&1; done <"$work/commands" | grep -c 'Verification: OK')" 2
check 'the sums cover them' "$(cd "$work/bundle" && sha256sum --check --quiet SHA256SUMS && grep -c ' stamps/' SHA256SUMS)" 3

# What was done to a stamp, or to what it stamps.
cp "$file" "$work/kept.tsr"
printf 'x' >>"$file"
run_code audit verify
check 'a changed file' "$code" 65
check_text 'is named' "$work/err" 'row [0-9]* .*was changed'
rm "$file"
run_code audit verify
check 'a missing file' "$code" 65
check_text 'is named' "$work/err" 'No such file'
cp "$work/kept.tsr" "$file"
ledger "tsa = http://127.0.0.1:$port/" "tsa_ca_file = $tsa/other-ca.pem"
run_code audit verify
check 'signed by nobody who may' "$code" 65
printf '%s\n' "$plain" >"$work/etc/flagpost.ini"
run_code audit verify
check 'nothing says who may' "$code" 2
ledger "tsa = http://127.0.0.1:$port/" "tsa_ca_file = $tsa/ca.pem"
run_code audit verify
check 'put back: it holds' "$code" 0
run_code audit stamp now
check 'a word too many' "$code" 64

# The service: an authority that lies stands in the report and stops nothing; the next day is stamped.
rm -rf "$work/data"
run_code poll
mode other-digest
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.log" 2>&1 &
service=$!
for _ in $(seq 600); do
    ! grep -q 'could not be time-stamped' "$work/service.log" || break
    sleep 0.1
done
run_code report --format text
check_text 'the report says what failed' "$work/out" 'the ledger could not be time-stamped'
kill "$service"
wait "$service" || :
mode good
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.log" 2>&1 &
service=$!
for _ in $(seq 600); do
    [ "$(flagpost --quiet audit --what stamp --json | wc -l)" = 0 ] || break
    sleep 0.1
done
check 'the service stamps' "$(flagpost --quiet audit --what stamp --json | jq -r .who)" service
kill "$service"
wait "$service" || :
run_code audit verify
check 'and it holds' "$code" 0
