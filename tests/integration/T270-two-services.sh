#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One store has one writer: a second `run`, and `poll` beside `run`, refuse by name and change nothing;
# and whatever a killed one leaves behind stands in nobody's way.
. "$(dirname "$0")/lib/flagpost.sh"

server
mailbox anna
fill anna INBOX 40 4
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 1h'

# service: starts one; sets $service. It is there when it holds the lock.
service() {
    setsid "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/service.err" &
    service=$!
    relays+=("$service")
    until [ "$(cat "$work/data/lock" 2>/dev/null)" = "$service" ]; do
        kill -0 "$service"
        sleep 0.05
    done
}

# refused LABEL PID: what the last run_code came to.
refused() {
    check "$1: try again later" "$code" 75
    check_text "$1: it says who is there" "$work/err" "$work/data/lock: another flagpost is writing \(pid $2\)"
}

mkdir -p "$work/data"
service
run_code run
refused 'a second service' "$service"
run_code poll
refused 'a poll beside it' "$service"
ln -s "$work/data" "$work/other"
sed -i "s|^data_dir = .*|data_dir = $work/other|" "$work/etc/flagpost.ini"
run_code poll
check 'a poll by another way to the same folder' "$code" 75
sed -i "s|^data_dir = .*|data_dir = $work/data|" "$work/etc/flagpost.ini"
rm "$work/other"
check 'the first one goes on' "$(kill -0 "$service" && echo yes)" yes
check 'and the lock is still its own' "$(cat "$work/data/lock")" "$service"
until [ "$(messages_known 2>/dev/null)" = 40 ]; do sleep 0.1; done
check 'readers are not kept out' "$(flagpost status --json | jq .kept)" 40

kill -STOP "$service"
run_code poll
refused 'a service that stands still' "$service"
kill -CONT "$service"

kill -9 "$service"
wait "$service" 2>/dev/null || :
check 'killed: its number is left behind' "$(cat "$work/data/lock")" "$service"
run_code poll
check 'killed: the next one is not kept out' "$code" 0
service
check 'killed: nor the next service' "$(kill -0 "$service" && echo yes)" yes
kill -9 -- "-$service"
wait "$service" 2>/dev/null || :

# Two at once: one of them does it.
rm -rf "$work/data"
setsid "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/one" 2>&1 &
one=$!
setsid "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/two" 2>&1 &
two=$!
first=0 second=0
wait "$one" || first=$?
wait "$two" || second=$?
case "$first $second" in
    '0 75' | '75 0' | '0 0') answer=yes ;;
    *) answer="$first $second" ;;
esac
check 'two polls at once: one does it, or one after the other' "$answer" yes
check 'and every message is kept once' "$(digests_kept | uniq | wc -l) $(digests_kept | wc -l)" '40 40'
printf 'not a number\n' >"$work/data/lock"
run_code poll
check 'what stands in the file is no obstacle' "$code" 0
