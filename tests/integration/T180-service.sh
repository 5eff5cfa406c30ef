#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `run` polls by interval, never twice at once, finds mail that comes later, and stops cleanly on SIGTERM.
. "$(dirname "$0")/lib/flagpost.sh"

server
mailbox anna
fill anna INBOX 20
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 5s'
account down 'imaps://localhost:1' 'every = 5s'

"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/service.err" &
service=$!
wait_for() { # SECONDS COUNT
    local n
    for n in $(seq $(($1 * 10))); do
        [ "$(digests_kept 2>/dev/null | wc -l)" -lt "$2" ] || return 0
        sleep 0.1
    done
    return 1
}
check 'the first pass keeps what is there' "$(wait_for 30 20 && echo yes)" yes
fill anna INBOX 5 4 9
check 'a later pass keeps what came' "$(wait_for 30 25 && echo yes)" yes
run_code status --json
check 'status can be asked while it runs, and names the account that fails' \
    "$(jq -s -r '[.[] | select(.state != "ok") | .account] | join(" ")' "$work/out")" down
run_code poll anna
check 'a second writer is refused: try again' "$code" 75
check_text 'and says who holds the store' "$work/err" '[0-9]+'
kill -TERM "$service"
code=0
wait "$service" || code=$?
check 'SIGTERM: a clean stop' "$code" 0
check 'nothing is left running' "$(pgrep -f "^$FLAGPOST_PROGRAM --config $work/etc/flagpost.ini" | wc -l)" 0
run_code poll anna
check 'a poll after it is clean and finds nothing new' "$code" 0
check 'all is kept once' "$(digests_kept | wc -l)" 25
