#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# [report.weekly] and [report.monthly] under a clock that is set: on a Monday that is the first of a month the service writes the
# week and the month before, once, each with its own mail and no other, and a service that comes later writes neither.
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"
# at TIME: in Berlin.
at() {
    printf '%s\n' "$(($(TZ=Europe/Berlin date -d "$1" +%s) - $(date +%s)))" >"$work/jump.new"
    mv "$work/jump.new" "$work/jump"
}
reports() {
    find "$work/data/reports" -name "*.$1" -printf '%f ' 2>/dev/null | tr ' ' '\n' | sort | tr '\n' ' '
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

server
mailbox anna
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 1h'
config '[report.weekly]' 'at = 07:00' 'formats = json' '[report.monthly]' 'at = 07:00' 'formats = json'

seed=1
for day in '2027-01-10 12:00' '2027-01-24 23:59' '2027-01-25 00:01' '2027-01-31 23:58'; do
    at "$day"
    fill anna INBOX "$((seed * 2))" 4 "$seed"
    run_code poll
    check "$day: read" "$code" 0
    seed=$((seed + 1))
done
at '2027-02-01 00:02'
fill anna INBOX 1 4 9
run_code poll
check 'mail of the next week: read' "$code" 0

at '2027-02-01 06:59:50'
run_service
for _ in $(seq 450); do
    [ "$(reports json | wc -w)" -lt 2 ] || break
    sleep 0.1
done
check 'a week and a month are written, no day' "$(reports json)" '2027-01-01--2027-01-31.json 2027-01-25--2027-01-31.json '
total() {
    find "$work/data/reports" -name "$1" -exec jq .totals.messages {} +
}
check 'the week has its mail, from its first minute to its last' "$(total '2027-01-25*.json')" 14
check 'the month has its own' "$(total '2027-01-01--*.json')" 20
check_text 'the log says so' "$work/service.err" 'the weekly report is written'
stop_service
flagpost audit --json >"$work/audit"
check 'each stands in the ledger once' "$(jq -r 'select(.what == "report") | .object' "$work/audit" | sort | tr '\n' ' ')" 'monthly weekly '

find "$work/data/reports" -name '*.json' -delete
at '2027-02-01 07:00:30'
run_service
for _ in $(seq 300); do
    ! grep -q 'state=ok' "$work/service.err" || break
    sleep 0.1
done
check 'who starts later writes neither' "$(reports json)" ''
stop_service
