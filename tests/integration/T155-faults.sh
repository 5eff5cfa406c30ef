#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What breaks around a poll: a full disk, few open files, the fetcher killed, workers killed or
# stopped, an interrupt. Each is named, none loses a message or takes one for unscannable that is
# not, and a clean poll afterwards has everything, once.
. "$(dirname "$0")/lib/flagpost.sh"

leave() {
    local status=$?
    if mountpoint -q "$work/data"; then umount -l "$work/data"; fi
    (exit "$status")
    finish
}
trap leave EXIT

server
mailbox anna
fill anna INBOX 1500 6
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
digests_on_server anna | LC_ALL=C sort -u >"$work/server.digests"
total=1500

# start: a poll in a session of its own, as a terminal would have it; sets $poll.
start() {
    setsid "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/out" 2>"$work/err" &
    poll=$!
}

# amid BYTES: until so much more has been kept, or the poll has ended.
kept_bytes() {
    find "$work/data/copies" -name '*.tar' -printf '%s\n' 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'
}
amid() {
    local wanted
    wanted=$(($(kept_bytes) + $1))
    while kill -0 "$poll" 2>/dev/null && [ "$(kept_bytes)" -lt "$wanted" ]; do
        sleep 0.02
    done
}

# parts NAME: the pids of the running poll's fetcher or workers.
parts() {
    pgrep -P "$poll" -f "^flagpost $1\$" || :
}

ended() {
    code=0
    wait "$poll" || code=$?
}

unscannable() {
    flagpost search --json --limit 0 | jq -r 'select(.outcome == "unscannable") | .sha256' | wc -l
}

# What a poll afterwards must find: it ends clean, and the server's messages are kept, each once.
is_whole() {
    run_code poll
    check "$1: the poll after it is clean" "$code" 0
    digests_kept >"$work/kept.digests"
    check "$1: digests on the server = digests kept, each once" \
        "$(sha256sum <"$work/kept.digests")" "$(sha256sum <"$work/server.digests")"
    check "$1: each message stands in the list once" "$(messages_known)" "$(wc -l <"$work/server.digests")"
}

anew() {
    rm -rf "$work/data"
    config "$@"
}

# ---------------------------------------------------------------------------------------- a full disk
mkdir -p "$work/data"
mounted=no
if mount -t tmpfs -o size=5M,mode=0700 tmpfs "$work/data" 2>/dev/null; then
    mounted=yes
    run_code poll
else
    code=0
    (ulimit -f 4096 && flagpost poll >"$work/out" 2>"$work/err") || code=$?
fi
check 'a full disk: an I/O error' "$code" 74
check_text 'a full disk: what could not be written is named' "$work/err" 'flagpost poll: keep what was fetched: .*(No space|is full|too large|I/O error)'
if [ "$mounted" = yes ]; then
    run_code poll
    check 'a disk still full: the same again' "$code" 74
    mount -o remount,size=200M "$work/data" # search could not note who looks
    before="$(messages_known)"
    check 'room again: what was recorded is there' "$([ "$before" -gt 0 ] && [ "$before" -lt $total ] && echo yes)" yes
    run_code poll --json
    check 'room again: what was recorded is not fetched again' \
        "$(jq -r .new "$work/out")" "$((total - before))"
fi
is_whole 'room again'
if [ "$mounted" = yes ]; then umount "$work/data"; fi

# ---------------------------------------------------------------------------------------- few open files
anew
code=0
(ulimit -n 400 && flagpost poll >"$work/out" 2>"$work/err") || code=$?
check 'few open files: the window is smaller, and that is all' "$code" 0
is_whole 'few open files'

# ---------------------------------------------------------------------------------------- the fetcher
anew
relay --to "$IMAPS_PORT" --delay 20 # a long line, so that there is something to be cut off
account anna "imaps://localhost:$relay_port" 'keep = all'
died=0
for moment in 0.1 0.3 0.4 0.45 0.5 0.6 0.8; do
    start
    while kill -0 "$poll" 2>/dev/null && [ -z "$(parts fetcher)" ]; do sleep 0.01; done
    sleep "$moment"
    kill -9 "$(parts fetcher)" 2>/dev/null || :
    ended
    if [ "$code" != 0 ]; then
        died=$((died + 1))
        check 'the fetcher is killed: done with gaps' "$code" 2
        check_text 'the fetcher is killed: the account says so' "$work/out" '^ *anna .*away: the fetcher'
    fi
done
check 'the fetcher was killed in mid-poll more than once' "$([ "$died" -gt 1 ] && echo yes)" yes
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
is_whole 'after dead fetchers'

# ---------------------------------------------------------------------------------------- workers
# As often as a worker may have begun to read: one that never gets so far is another fault, and named so.
printf 'Subject: one\n\ntext\n' >"$work/one.eml"
begun="$(date +%s%N)"
flagpost scan "$work/one.eml" >/dev/null
pause="$(awk "BEGIN { print $(($(date +%s%N) - begun)) / 1e9 }")"
anew
start
killed=0
while kill -0 "$poll" 2>/dev/null; do
    victim="$(parts worker | shuf -n 1)"
    if [ -n "$victim" ] && kill -9 "$victim" 2>/dev/null; then killed=$((killed + 1)); fi
    sleep "$pause"
done
ended
printf '%s workers killed\n' "$killed"
check 'workers were killed' "$([ "$killed" -gt 3 ] && echo yes)" yes
twice="$(grep -c 'trying its raw bytes' "$work/err" || :)"
check 'unscannable is only what two workers died on' "$(unscannable)" "$twice"
check 'workers are killed: the poll ends as it should' "$code" "$([ "$twice" = 0 ] && echo 0 || echo 2)"
is_whole 'after dead workers'

anew '[limits]' 'seconds_per_message = 1'
start
amid 300000
for victim in $(parts worker); do kill -STOP "$victim"; done
ended
check 'all workers stand still: done with gaps' "$code" 2
check_text 'stopped workers: they are given up for time' "$work/err" 'worker ended on a message.*: time'
check 'stopped workers: what they had is unscannable, and no more' \
    "$(unscannable)" "$(grep -c 'worker ended on a message.*: time' "$work/err")"
check 'stopped workers: nothing is left running' "$(pgrep -a -r R,S,D,T -s "$poll")" ''
is_whole 'after stopped workers'

# ---------------------------------------------------------------------------------------- interrupts
anew
start
amid 200000
kill -INT -- "-$poll" # as Ctrl-C does: to all of them
ended
check 'an interrupt: done with gaps' "$code" 2
check_text 'an interrupt: the account says so' "$work/out" '^ *anna .*as asked'
check 'an interrupt: what was fetched is recorded' "$([ "$(messages_known)" -gt 0 ] && echo yes)" yes
check 'an interrupt: nobody died of it' "$(grep -c 'ended unexpectedly\|worker ended' "$work/err")" 0
is_whole 'after an interrupt'

anew
start
amid 200000
kill -STOP "$(parts fetcher)"
kill -INT "$poll"
sleep 1
check 'a fetcher stands still: the first interrupt waits for it' "$(kill -0 "$poll" && echo yes)" yes
kill -INT "$poll"
ended
check 'the second does not' "$code" 2
check_text 'and the account says so' "$work/out" '^ *anna .*away: stopped before'
is_whole 'after two interrupts'
