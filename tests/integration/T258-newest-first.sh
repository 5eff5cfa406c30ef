#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A first pass over much mail takes the newest first: what came last is kept when the day's budget ends it. The next day
# takes what is new, then goes on downwards; a kill in between loses nothing, and in the end all is there once.
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
on_day() { export FLAGPOST_TEST_CLOCK="2026-03-0$1T09:00:00Z"; }

server
mailbox anna
fill anna INBOX 1300 2 1
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'bytes_a_day = 3M'

# Digests of the messages with UIDs above one, by the server's own list.
digests_above() {
    local mail
    mail="$(dovecot_place "$work/server")/mail/anna"
    awk -v above="$1" 'NR > 1 && $1 > above { sub(/^[^:]*:/, ""); print }' "$(find "$mail" -name dovecot-uidlist | head -n 1)" |
        while read -r name; do
            find "$mail" -name "$name*" -type f
        done | "$helpers/helper-digests" | LC_ALL=C sort
}

on_day 1
run_code poll --json
check 'the budget of the first day ends it' "$(jq -r .state "$work/out")" waiting
first="$(jq .new "$work/out")"
check 'some was read, and less than a slice' "$((first > 50 && first <= 500))" 1
digests_above 800 >"$work/newest"
check 'nothing was read but what came last' "$(digests_kept | LC_ALL=C comm -23 - "$work/newest" | wc -l)" 0
run_code status --json
check 'the rest waits' "$(jq -c '[.server, .kept, .failed, .waiting]' "$work/out")" "[1300,$first,0,$((1300 - first))]"

# The second day: what is new comes before what is left, and the pass is killed.
fill anna INBOX 5 2 2
on_day 2
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/out" 2>&1 &
poll=$!
for _ in $(seq 1 1000); do
    [ "$(flagpost status --json 2>/dev/null | jq .kept)" = "$first" ] || break
    sleep 0.01
done
kill -KILL "$poll" 2>/dev/null || :
wait "$poll" 2>/dev/null || :
digests_above 1300 >"$work/new"
check 'what is new was read first' "$(digests_kept | LC_ALL=C comm -13 - "$work/new" | wc -l)" 0

for day in 3 4 5 6 7 8 9; do
    on_day "$day"
    run_code poll --json
    [ "$code" != 0 ] || break
done
check 'in the end all is read' "$(jq -r .state "$work/out")" ok
check 'every message once' "$(digests_kept | cmp - <(digests_on_server anna) && digests_kept | wc -l)" 1305
run_code status --json
check 'nothing waits' "$(jq -c '[.server, .kept, .failed, .waiting]' "$work/out")" '[1305,1305,0,0]'
