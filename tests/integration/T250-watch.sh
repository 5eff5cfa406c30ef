#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `watch = yes`: what arrives in INBOX, Sent and Drafts is kept at once, also after the server was started
# anew; whoever is not watched waits for the next pass.
. "$(dirname "$0")/lib/flagpost.sh"

server
for name in anna bert carl dora; do
    mailbox "$name"
    for folder in INBOX Sent Drafts; do fill "$name" "$folder" 1 4 "$((RANDOM + 1))"; done
done
for name in anna bert carl; do
    account "$name" "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 1h' 'watch = yes'
done
account dora "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 1h'

"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/service.err" &
service=$!
kept() { digests_kept 2>/dev/null | wc -l; }
wait_for() { # SECONDS COUNT
    local n
    for n in $(seq $(($1 * 20))); do
        [ "$(kept)" -lt "$2" ] || return 0
        sleep 0.05
    done
    return 1
}
# How many folders were ever said to be watched.
idling() { grep -c ' is watched$' "$work/service.err" || :; }
wait_idling() { # COUNT
    local n
    for n in $(seq 600); do
        [ "$(idling)" -lt "$1" ] || return 0
        sleep 0.05
    done
    return 1
}

check 'the first passes keep what is there' "$(wait_for 60 12 && echo yes)" yes
check 'three folders of three accounts are watched' "$(wait_idling 9 && echo yes)" yes
# The passes that a new watch asks for.
sleep 3

count=12
for folder in INBOX Sent Drafts; do
    for name in anna bert carl; do
        before="$(date +%s%N)"
        fill "$name" "$folder" 1 4 "$((RANDOM + 40000))"
        count=$((count + 1))
        check "new mail in $folder of $name comes" "$(wait_for 30 "$count" && echo yes)" yes
        printf '      after %s ms\n' "$((($(date +%s%N) - before) / 1000000))"
    done
done
fill dora INBOX 1 4 77
sleep 3
check 'who is not watched waits for the next pass' "$(kept)" "$count"

seen="$(idling)"
dovecot_restart "$work/server"
check 'after a restart of the server they are watched again' "$(wait_idling $((seen + 9)) && echo yes)" yes
fill anna Sent 1 4 99
check 'and new mail comes' "$(wait_for 30 $((count + 1)) && echo yes)" yes

kill -TERM "$service"
code=0
wait "$service" || code=$?
check 'SIGTERM: a clean stop' "$code" 0
run_code poll
check 'a poll afterwards finds all in order' "$code" 0
check 'and what nobody watched' "$(kept)" "$((count + 2))"
