#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A day's budget of bytes: a pass that meets it ends cleanly, what waits is counted, the next day goes on where it
# stopped, a restart or a kill gives nothing back, and in the end all is there. Commands a minute and connections a
# server slow things down and lose nothing.
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"

server
mailbox anna
fill anna INBOX 60 40 1
fill anna Sent 10 40 2
fill anna Old 20 40 3
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'bytes_a_day = 1M'
on_day() { export FLAGPOST_TEST_CLOCK="2026-03-0$1T$2:00Z"; }
sums() { jq -c '[.server, .kept, .failed, .waiting]' "$work/out"; }

on_day 1 09:00
run_code poll --json
check 'a budget that is used is a gap, and no failure' "$code" 2
check 'the account waits' "$(jq -r .state "$work/out")" waiting
check 'and says until when' "$(jq -r .text "$work/out")" "the day's budget of 1.0 MB is used; goes on at 00:00"
first="$(jq .new "$work/out")"
check 'sent mail came first, and more did not fit' "$((first > 10 && first < 60))" 1
check 'one message crosses the line at most' "$(($(jq .bytes "$work/out") < 1048576 + 400000))" 1
run_code status --json
check 'what waits is counted in every folder' "$(sums)" "[90,$first,0,$((90 - first))]"
check 'no failure' "$(jq -r .failing_since "$work/out")" null
check 'a gap for status as well' "$code" 2
run_code report --format json --out "$work/report" --from 2026-03-01 --to 2026-03-02
report="$(find "$work/report" -name '*.json' | head -n 1)"
check 'the sum of the report holds' "$(jq -c '[.totals.sum_holds, .totals.waiting]' "$report")" "[true,$((90 - first))]"
check_text 'its verdict tells' "$report" 'wait for the next day'

on_day 1 12:00
connections() { grep -c 'imap-login: .*Login' "$(dovecot_place "$work/server")/dovecot.log" || :; }
before="$(connections)"
run_code poll --json
check 'the same day: not even connected' "$(connections)" "$before"
check 'nothing new' "$(jq -c '[.new, .state]' "$work/out")" '[0,"waiting"]'

on_day 2 00:01
before="$(messages_known)"
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/out" 2>&1 &
poll=$!
for _ in $(seq 1 400); do
    [ "$(flagpost status --json 2>/dev/null | jq .kept)" = "$before" ] || break
    sleep 0.01
done
kill -KILL "$poll" 2>/dev/null || :
wait "$poll" 2>/dev/null || :
run_code poll --json
on_day 2 13:00
second="$(($(messages_known) - before))"
check 'a kill gives nothing of the budget back but what was under way' "$((second >= 10 && second < 60))" 1

for day in 3 4 5 6 7; do
    on_day "$day" 08:00
    run_code poll --json
    [ "$code" != 0 ] || break
done
check 'in the end all is read' "$(jq -r .state "$work/out")" ok
check 'every message once' "$(digests_kept | cmp - <(digests_on_server anna) && digests_kept | wc -l)" 90
run_code status --json
check 'nothing waits' "$(sums)" '[90,90,0,0]'
fill anna INBOX 2 4 9
run_code poll --json
check 'a later day reads what is new' "$(jq -c '[.new, .state]' "$work/out")" '[2,"ok"]'

# POP3, whose sizes are known beforehand.
mailbox bert
fill bert INBOX 60 40 4
account bert "pop3s://localhost:$POP3S_PORT" 'keep = all' 'bytes_a_day = 1M'
on_day 1 09:00
run_code poll --json bert
check 'POP3: the account waits' "$(jq -r .state "$work/out")" waiting
run_code status --json
check 'POP3: the sum' "$(jq -s -c '.[] | select(.account == "bert") | [.server, .kept + .waiting, .failed]' "$work/out")" \
    '[60,60,0]'
for day in 2 3 4 5; do
    on_day "$day" 08:00
    run_code poll --json bert
    [ "$code" != 0 ] || break
done
check 'POP3: all of it' "$(jq -r .state "$work/out")" ok

# One connection at a time to the one server of many accounts, and few commands.
unset FLAGPOST_TEST_CLOCK
config '[limits]' 'connections_per_server = 1'
rm "$work/etc/accounts.d"/*
for n in 1 2 3; do
    mailbox "user$n"
    fill "user$n" INBOX 2 4 "$n"
    account "user$n" "imaps://localhost:$IMAPS_PORT" 'keep = all' 'commands_a_minute = 40'
done
run_code poll --json
check 'one after the other: all is read' "$(jq -s -c '[(map(.state) | unique), (map(.new) | add)]' "$work/out")" '[["ok"],6]'
check 'and clean' "$code" 0
