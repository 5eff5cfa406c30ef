#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# [notify]: what is severe is mailed at once through a real Postfix, an incident once, masked, no more than so many mails an
# hour; what is beyond waits through a restart and goes together; a notice that comes back changed tells of nothing.
. "$(dirname "$0")/lib/flagpost.sh"
# shellcheck source=script/lib/postfix.sh
. "$FLAGPOST_SOURCE/script/lib/postfix.sh"

postfix_usable || exit 77
end() {
    local status=$?
    postfix_remove "$work/mta"
    (exit "$status")
    finish
}
trap end EXIT

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"
printf '0\n' >"$work/jump"

# rule ID SEVERITY [LINE...]
rule() {
    printf '%s\n' '[rule]' "id = $1" "title = Code name $1" "severity = $2" 'description = Detects a code name.' \
        'next_step = Call the chief.' '[content.word]' 'type = regex' 'where = subject, body' "pattern.1 = (?i)$1-\\d+" \
        "${@:3}" >"$work/rules/10-$1.ini"
}
for shipped in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/$(basename "$shipped")" # an empty file masks it
done
rule nightjar high
rule sparrow medium
rule heron medium '[action]' 'notify = yes'
rule eagle high '[action]' 'notify = no'
number=0
# mail WORD [SUBJECT]
mail() {
    number=$((number + 1))
    printf '%s\n' 'From: Anna <anna@corp.example>' 'To: bob@rival.example' "Subject: ${2:-About $1} $number" \
        'Date: Sun, 22 Nov 2026 09:02:00 +0000' "Message-ID: <$number@corp.example>" '' \
        "The price of $1-4711$number is secret." >"$work/mail-$number.eml"
    dovecot_deliver "$work/server" anna INBOX "$work/mail-$number.eml"
}
count() {
    postfix_mails "$work/mta" officer "${1:-0}" | wc -l
}
run_service() {
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/service.err" &
    service=$!
    relays+=("$service")
}
stop_service() {
    kill -TERM "$service"
    wait "$service" || :
}
# flagged COUNT: until so many messages have a flag.
flagged() {
    local n
    for _ in $(seq 300); do
        n="$(flagpost search --json --limit 0 'has:flag' | wc -l)"
        [ "$n" -lt "$1" ] || break
        sleep 0.1
    done
    echo "$n"
}
# told LINE: until the state says that it looked at flag LINE.
told() {
    for _ in $(seq 300); do
        [ "$(sed -n 2p "$work/data/notices" 2>/dev/null)" != "$1" ] || break
        sleep 0.1
    done
    sed -n 2p "$work/data/notices"
}

server
postfix_start "$work/mta" || exit 1
# shellcheck source=/dev/null
. "$work/mta/smtp-ports"
mailbox anna
mail nightjar
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 10s' 'watch = yes'
config '[person.officer]' 'mail = officer@corp.example' '[notify]' 'to = officer' 'at_most = 2' \
    '[smtp]' "url = smtp://localhost:$SMTP_PORT" 'from = flagpost@corp.example' "ca_file = $work/mta/ca.pem"
sed -i "s|^rules_dir.*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
run_code check
check 'the configuration is right' "$code" 0
run_code poll
check 'there was a flag before' "$code" 0

# ------------------------------------------------------------------------------------------------ at once
run_service
check 'it begins with what comes' "$(told 1) $(count)" '1 0'
stop_service
for word in sparrow eagle nightjar heron; do mail "$word"; done
run_code poll
run_service
check 'what came meanwhile is mailed, all of it in one' "$(told 5) $(count 1)" '5 1'
tr -d '\r' <"$(postfix_mails "$work/mta" officer 1)" >"$work/first"
check_text 'by severity' "$work/first" '\[High\] Code name nightjar'
check_text 'by the word of its rule' "$work/first" '\[Medium\] Code name heron'
check 'what is not severe is not in it, nor what must not be told' "$(grep -cE 'sparrow|eagle' "$work/first")" 0
check_text 'the next step is' "$work/first" 'Next step: Call the chief'
check_text 'so is the way to it' "$work/first" 'flagpost show [0-9a-f]{12}'
check 'excerpts and subjects are masked' "$(grep -ciE 'nightjar-4711' "$work/first")" 0
check_text 'it is sealed' "$work/first" '^X-Flagpost-Seal: v=1'
mail nightjar 'The second'
check 'while it runs, a pass is enough' "$(told 6) $(count 2)" '6 2'
run_code audit --json
check_text 'it stands in the ledger' "$work/out" 'notify.*the notice of flags 6 to 6'

# ------------------------------------------------------------------------------------------------ an incident once
sed '1i X-Way: another' "$work/mail-6.eml" >"$work/again.eml"
dovecot_deliver "$work/server" anna INBOX "$work/again.eml"
check 'the same leak by another way is not told again' "$(told 7) $(count 2)" '7 2'

# ------------------------------------------------------------------------------------------------ so many an hour
mail nightjar 'The third'
mail nightjar 'The fourth'
check 'beyond two an hour it waits' "$(flagged 9) $(told 7) $(count 2)" '9 7 2'
stop_service
run_service
for _ in $(seq 100); do
    ! grep -q 'state=ok' "$work/service.err" || break
    sleep 0.1
done
check 'also through a restart' "$(told 7) $(count 2)" '7 2'
stop_service
echo 3700 >"$work/jump"
run_service
check 'an hour later it goes, together' "$(told 9) $(count 3)" '9 3'
third="$(grep -l '2 new incidents, 2 flags' $(postfix_mails "$work/mta" officer 3) | tail -n 1)"
check 'nothing of it is lost' "$(tr -d '\r' <"$third" | grep -cE '^\[High\] Code name nightjar')" 2

# ------------------------------------------------------------------------------------------------ no loop
dovecot_deliver "$work/server" anna INBOX "$third"
sed '0,/^Subject: /s//Subject: [EXTERNAL] /' "$third" | sed 's/^Example Corp/nightjar-1/' >"$work/changed.eml"
dovecot_deliver "$work/server" anna INBOX "$work/changed.eml"
check 'a notice that a gateway changed is flagged and not told of' "$(told 10) $(flagged 10) $(count 3)" '10 10 3'

# ------------------------------------------------------------------------------------------------ what is damaged
stop_service
echo damaged >"$work/data/notices"
run_service
check 'a state that is none begins anew' "$(told 10) $(count 3)" '10 3'
flagpost report --date today --format text --out - >"$work/report" 2>&1 || :
check_text 'and says so' "$work/report" 'notices does not say how far it was'
stop_service
