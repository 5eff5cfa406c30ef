#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Keys of DKIM signatures: asked for behind a poll, once a day each, kept with the time, and laid beside the
# messages of an export as DNS had them then. A resolver that is away, lies or is slow stops nothing.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"
printf '0\n' >"$work/jump"

: >"$work/zone"
: >"$work/log"
python3 "$(dirname "$0")/lib/dns.py" "$work/zone" "$work/log" >"$work/port" &
relays+=($!)
until [ -s "$work/port" ]; do sleep 0.1; done
port="$(cat "$work/port")"

zone() { printf '%s\t' "$1" && shift && (IFS=$'\t' && printf '%s\n' "$*"); } # NAME KIND [STRING...]
{
    zone one._domainkey.sender.example txt 'v=DKIM1; k=rsa; p=AA' 'BB==' # two strings are one text
    zone two._domainkey.sender.example nodata
    zone big._domainkey.sender.example big 3000
    zone huge._domainkey.sender.example big 6000
    zone away._domainkey.sender.example servfail
    zone both._domainkey.sender.example txt first
    zone both._domainkey.sender.example txt second
    zone old._domainkey.sender.example txt 'v=DKIM1; p=never'
    zone odd._domainkey.sender.example txt "=cmd|' /C calc'!A0"
} >"$work/zone"

signed() { # SELECTOR [DOMAIN]
    printf 'DKIM-Signature: v=1; a=rsa-sha256; d=%s;\r\n\ts=%s; h=from; bh=AA==; b=AA==\r\n' "${2:-Sender.EXAMPLE}" "$1"
}
mail() { # WORD, the signatures on standard input
    {
        cat
        printf '%s\r\n' 'From: anna@corp.example' 'To: bob@corp-mail.example' "Subject: $1" "Message-ID: <$1@corp.example>" \
            'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the text of $1"
    } >"$work/eml/$1.eml"
    touch -d '2026-01-01' "$work/eml/$1.eml" # it lies still
}
asked() { sort "$work/log" | uniq -c | sed 's/^ *//'; }
keys() { python3 -c 'import csv, sys
for row in list(csv.reader(open(sys.argv[1], newline="")))[1:]: print("|".join((row[1], row[2], row[3], row[6])))' "$1/dkim-keys.csv"; }

mkdir "$work/eml"
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/eml" >"$work/etc/accounts.d/box.ini"

# ------------------------------------------------------------------------------------------ off
signed old | mail before
run_code poll
check 'nobody asks unless it is written' "$code $(wc -l <"$work/log")" '0 0'
run_code dkim ask
check 'and the command says so' "$code" 78
check_text 'with the mend' "$work/err" 'write keys = yes in \[dkim\]'
run_code dkim ask --automatic
check 'the service asks nothing' "$code" 0
for wrong in 'keys = maybe' 'resolver = resolver.corp.example' 'resolver = 127.0.0.1:0' 'resolver = 127.0.0.1:99999' 'resolver = [::1]' \
    'key = yes'; do
    config '[dkim]' "$wrong"
    run_code check
    check "refused: $wrong" "$code" 78
done
config '[dkim]' 'keys = yes' "resolver = 127.0.0.1:$port"
run_code check
check 'a right one' "$code" 0

# ------------------------------------------------------------------------------------------ a poll
{
    signed one
    signed ONE
    signed two
    signed gone
    signed big
    signed huge
    signed away
    signed both
    signed odd
    signed 'one two;s=three'
    signed one 'sender.example; d=other.example'
    printf 'DKIM-Signature: nonsense\r\n'
} | mail many
mail none </dev/null
run_code poll
check 'a poll asks, and ends as ever' "$code" 0
check 'each name once; what is too long for a packet by TCP' "$(asked | grep -v ' away[.]' | cut -d ' ' -f 2- | tr '\n' ' ')" \
    "tcp big._domainkey.sender.example tcp huge._domainkey.sender.example udp big._domainkey.sender.example udp both._domainkey.sender.example \
udp gone._domainkey.sender.example udp huge._domainkey.sender.example udp odd._domainkey.sender.example udp old._domainkey.sender.example \
udp one._domainkey.sender.example udp two._domainkey.sender.example "
flagpost dkim list --json >"$work/list"
check 'what became of them' "$(jq -r '.selector + ":" + .outcome' "$work/list" | tr '\n' ' ')" \
    'away:failed big:found both:found gone:none huge:failed odd:found old:found one:found two:none '
check 'strings of a record are one text' "$(jq -r 'select(.selector == "one") | .text' "$work/list")" 'v=DKIM1; k=rsa; p=AABB=='
: >"$work/log"
run_code poll
check 'a second poll asks nothing that it knows' "$code $(grep -c . "$work/log" || :)" '0 0'
run_code dkim list
check 'a table for people' "$code $(grep -c 'sender.example' "$work/out")" '0 9'

# ------------------------------------------------------------------------------------------ an export
run_code export --from 2000-01-01 --to 2038-01-01 --out "$work/bundle"
check 'an export' "$code" 0
check 'lays the keys beside' "$(keys "$work/bundle" | grep -v '|failed|' | LC_ALL=C sort)" "$(printf '%s\n' \
    "||not-asked|the signature names no key: s= and d= are not two names" \
    "||not-asked|the signature names no key: s= and d= are not two names" \
    "||not-asked|the signature names no key: s= and d= are not two names" \
    "big|sender.example|found|$(printf 'p%.0s' $(seq 3000))" \
    "both|sender.example|found|first second" \
    "gone|sender.example|none|there is no such name" \
    "odd|sender.example|found|'=cmd|' /C calc'!A0" \
    'old|sender.example|found|v=DKIM1; p=never' \
    'one|sender.example|found|v=DKIM1; k=rsa; p=AABB==' \
    'one|sender.example|found|v=DKIM1; k=rsa; p=AABB==' \
    'two|sender.example|none|the name has no TXT record' | LC_ALL=C sort)"
check 'and says why there is none' "$(keys "$work/bundle" | grep -c '|failed|.')" 2
check 'its sums know the table' "$(cd "$work/bundle" && sha256sum --quiet -c SHA256SUMS && grep -c dkim-keys SHA256SUMS)" 1

# ------------------------------------------------------------------------------------------ another day
sed -i -e 's/p=AA/p=CC/' -e 's/servfail/txt\tback/' "$work/zone"
printf '%s\n' $((2 * 86400)) >"$work/jump"
signed one | mail later
run_code poll
check 'a day later the key is asked for anew' "$code $(grep -c 'udp one[.]' "$work/log")" '0 1'
run_code export --from 2000-01-01 --to 2038-01-01 --out "$work/later"
check 'each message has the key of its day' \
    "$(grep -o -E 'corp.example - [a-z]+ .*"one".*p=[A-C]+' "$work/later/dkim-keys.csv" | sed -E 's/.* - ([a-z]+) .*p=/\1 /' | sort | tr '\n' ' ')" \
    'later CCBB many AABB many AABB '

# ------------------------------------------------------------------------------------------ harm
config '[dkim]' 'keys = yes' "resolver = 127.0.0.1:$port" '[limits]' 'dkim_names = 2' 'seconds_per_dkim = 2'
{
    zone s1._domainkey.slow.example silent
    zone s2._domainkey.slow.example garbage
    zone s3._domainkey.slow.example silent
} >>"$work/zone"
for n in 1 2 3; do signed "s$n" slow.example | mail "slow-$n"; done
run_code poll
check 'a resolver that says nothing, or what is no answer, ends no poll' "$code" 0
check 'two at a time' "$(grep -o 's[123][.].*slow.example' "$work/log" | sort -u | wc -l)" 2
check 'which is recorded' "$(flagpost dkim list --json | jq -r 'select(.domain == "slow.example") | .outcome' | tr '\n' ' ')" 'failed failed '
sed -i -E 's/silent|garbage/txt\tback/' "$work/zone"
run_code dkim ask
check 'the third is asked for the next time' "$code $(grep -c 'udp s3[.]' "$work/log")" '0 1'
printf '%s\n' $((2 * 86400 + 3600)) >"$work/jump"
run_code dkim ask
check 'and those without an answer once more' "$(flagpost dkim list --json | jq -r 'select(.domain == "slow.example") | .selector + ":" + .outcome' | tr '\n' ' ')" \
    's1:failed s1:found s2:failed s2:found s3:found '
config '[dkim]' 'keys = yes' 'resolver = 127.0.0.1:1'
signed nobody | mail nobody
run_code poll
check 'nor one that is away' "$code $(flagpost dkim list --json | jq -r 'select(.selector == "nobody") | .outcome')" '0 failed'
run_code dkim ask
check 'nor one that was asked just now' "$code $(grep -c '1 keys' "$work/out" || :)" '0 0'
# ------------------------------------------------------------------------------------------ the service
config '[dkim]' 'keys = no'
signed one first.service.example | mail first-of-service
run_code poll
config '[dkim]' 'keys = yes' "resolver = 127.0.0.1:$port"
zone one._domainkey.first.service.example txt 'v=DKIM1; p=first' >>"$work/zone"
zone one._domainkey.second.service.example txt 'v=DKIM1; p=second' >>"$work/zone"
sed -i '/^purpose/a every = 10s' "$work/etc/accounts.d/box.ini"
: >"$work/log"
# Ten minutes of its timers are four seconds here.
FLAGPOST_TEST_TIMER=600:4 "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/run.out" 2>&1 &
service=$!
relays+=("$service")
asked=no
for _ in $(seq 600); do
    ! grep -q 'one[.]_domainkey[.]first[.]service' "$work/log" || { asked=yes && break; }
    sleep 0.2
done
check 'the service asks for what nobody asked for yet' "$asked" yes
signed one second.service.example | mail second-of-service
for _ in $(seq 600); do
    [ "$(flagpost search --count subject:second-of-service 2>&1)" != 1 ] || break
    sleep 0.2
done
asked=no
for _ in $(seq 600); do
    ! grep -q 'one[.]_domainkey[.]second[.]service' "$work/log" || { asked=yes && break; }
    sleep 0.2
done
check 'and, ten minutes later, for what came since' "$asked" yes
for _ in $(seq 100); do
    [ "$(flagpost dkim list --json | jq -r 'select(.domain | endswith(".service.example")) | .text' | wc -l)" != 2 ] || break
    sleep 0.2
done
check 'what it was told is kept' "$(flagpost dkim list --json | jq -r 'select(.domain | endswith(".service.example")) | .text' | sort | tr '\n' ' ')" \
    'v=DKIM1; p=first v=DKIM1; p=second '
check 'and what is known is not asked for again' "$(grep -c 'first[.]service' "$work/log")" 1
kill "$service"
wait "$service" && code=0 || code=$?
check 'it ends as ever' "$code" 0
config '[dkim]' 'keys = yes' 'resolver = 127.0.0.1:1'

run_code dkim
check 'no word' "$code" 64
run_code dkim tell
check 'a wrong word' "$code" 64
run_code dkim list --automatic
check 'a wrong option' "$code" 64
no_login || { printf 'skip  who may: this shell is a login\n' && exit 0; }
printf '[person.dora]\nlogin = dora\nmail = dora@corp.example\nrole = user\n' >>"$work/etc/flagpost.ini"
SUDO_USER=dora run_code dkim list
check 'a user sees none of it' "$code" 77
