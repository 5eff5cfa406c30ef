#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# More accounts than may be polled at the same time: each has its turn, also behind ones that are away; an end that is
# asked for meanwhile names those that had none.
. "$(dirname "$0")/lib/flagpost.sh"

config '[limits]' 'connections_at_once = 2'
server
for n in 1 2 3 4 5 6 7; do
    mailbox "user$n"
    fill "user$n" INBOX 3 4 "$n"
    account "user$n" "imaps://localhost:$IMAPS_PORT" 'keep = all'
done
for n in a b c; do account "away-$n" 'imaps://localhost:1'; done

run_code poll --json
check 'accounts that are away are gaps' "$code" 2
check 'every account is named' "$(jq -s 'length' "$work/out")" 10
check 'those that are there are read' "$(jq -s '[.[] | select(.state == "ok") | .new] | add' "$work/out")" 21
check 'and kept' "$(digests_kept | wc -l)" 21

# A line of 2 s a round trip: nobody has ended when the end is asked for.
relay --to "$IMAPS_PORT" --delay 1000
rm "$work/etc/accounts.d"/away-*
for n in 1 2 3 4 5 6 7; do account "user$n" "imaps://localhost:$relay_port" 'keep = all'; done
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll --json >"$work/out" 2>"$work/err" &
poll=$!
# It has begun when its fetcher runs.
for _ in $(seq 1 1000); do
    ! pgrep -P "$poll" -f fetcher >/dev/null || break
    sleep 0.02
done
sleep 1
kill -TERM "$poll"
code=0
wait "$poll" || code=$?
check 'stopped: done with gaps' "$code" 2
check 'whose turn had not come is named with the others' "$(jq -s 'length' "$work/out")" 7
check 'and is not called polled' "$(jq -s '[.[] | select(.state == "ok")] | length' "$work/out")" 0
check_text 'and it is said why' "$work/out" 'before its turn'
