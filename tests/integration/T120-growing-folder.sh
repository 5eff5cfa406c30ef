#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Mail arrives while the poll is under way: after the next poll, at the latest, all of it is kept.
. "$(dirname "$0")/lib/flagpost.sh"

server
mailbox anna
mailbox pop
fill anna INBOX 1500 8 1
fill pop INBOX 500 8 2
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
account pop "pop3s://localhost:$POP3S_PORT" 'keep = all'

(
    for n in 1 2 3 4 5 6 7 8; do
        printf 'From: b@client.example\nTo: anna@corp.example\nSubject: late %s\nMessage-ID: <late.%s@client.example>\n\nlate\n' \
            "$n" "$n" >"$work/late-$n.eml"
        dovecot_deliver "$work/server" anna INBOX "$work/late-$n.eml"
        dovecot_deliver "$work/server" pop INBOX "$work/late-$n.eml"
        sleep 0.1
    done
) &
feeder=$!
run_code poll
wait "$feeder"
check 'the poll during the growth is clean' "$code" 0
run_code poll
check 'the next one too' "$code" 0
run_code status --json
check 'all that arrived is kept' \
    "$(jq -s -c '[.[].folders[]? | select(.folder == "INBOX") | [.server, .kept, .failed]]' "$work/out")" \
    '[[1508,1508,0],[508,508,0]]'
