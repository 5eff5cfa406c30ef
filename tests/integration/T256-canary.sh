#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# canary = yes: a message of our own a day, planted once, found by the next pass, in the report; told when it is not seen
# in time or not taken; a forged one is judged like any mail. A pass that hangs shows from another process.
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"

server
mailbox anna
fill anna INBOX 3 4 1
# Every mail is flagged, so that it shows what is spared.
cat >"$work/rules/10-all.ini" <<'INI'
[rule]
id = everything
title = Everything
severity = low
description = Every mail there is.
next_step = None.
[message.any]
min_size = 1
[test.1]
expect = flag
message = any.eml
[test.2]
expect = flag
message = any.eml
draft = yes
INI
printf 'From: anna@corp.example\nSubject: Plan\n\nThe plan.\n' >"$work/rules/any.eml"
config
sed -i "s#^rules_dir = .*#rules_dir = $work/rules#" "$work/etc/flagpost.ini"
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'canary = yes'
inbox="$(dovecot_place "$work/server")/mail/anna"
canaries() { grep -rl '^X-Flagpost-Canary: ' "$inbox" | wc -l; }
at() { export FLAGPOST_TEST_CLOCK="2026-03-0$1T$2:00Z"; }
of_status() { flagpost status --json | jq -c "$1"; }

at 1 08:00
run_code poll --json
check 'the pass that plants it is clean' "$code" 0
check 'one lies there' "$(canaries)" 1
check 'and was not read as news by anybody' "$(grep -rl '^X-Flagpost-Canary: ' "$inbox" | grep -c ':2,S')" 1
check 'it is awaited' "$(of_status .canary)" '"awaited"'
at 1 08:01
run_code poll --json
check 'the next pass finds it' "$(jq -c '[.new, .flags, .state]' "$work/out")" '[1,0,"ok"]'
check 'one a day' "$(canaries)" 1
check 'it is seen' "$(of_status '[.canary, .canary_planted, .canary_seen]')" \
    '["seen","2026-03-01T08:00:00Z","2026-03-01T08:01:00Z"]'
check 'it counts like any mail' "$(of_status '[.server, .kept]')" '[4,4]'
run_code report --format text,json --out "$work/report" --from 2026-03-01 --to 2026-03-02
check_text 'the report tells' "$(find "$work/report" -name '*.txt')" 'canary: planted 2026-03-01 09:00, seen 09:01'

# Somebody copies it and writes below what is none of ours.
forged="$(grep -rl '^X-Flagpost-Canary: ' "$inbox")"
{ cat "$forged" && printf 'and a secret\r\n'; } >"$work/forged"
dovecot_deliver "$work/server" anna INBOX "$work/forged"
at 1 08:02
run_code poll --json
check 'a forged one is flagged like any mail' "$(jq -c '[.new, .flags]' "$work/out")" '[1,1]'

# The next day's is taken out before anybody sees it.
at 2 08:00
run_code poll
check 'the next day: another one' "$(canaries)" 3
rm "$(grep -rl '^Subject: Flagpost canary of 2026-03-02' "$inbox")"
at 2 08:30
run_code poll
check 'not seen, and there is time' "$(of_status .canary)" '"awaited"'
check 'no gap yet' "$code" 0
at 2 11:00
run_code poll
check 'the log tells when it is over' "$(grep -c 'not seen in time' "$work/err")" 1
run_code status
check 'status: a gap' "$code" 2
check_text 'status: why' "$work/out" 'canary of 2026-03-02 09:00 not seen'
run_code report --format json,html --out "$work/late" --from 2026-03-02 --to 2026-03-03
late="$(find "$work/late" -name '*.json')"
check 'report: not everything was checked' "$(jq -c '[.everything_checked, .accounts[0].canary]' "$late")" '[false,"late"]'
check_text 'report: the verdict' "$late" '1 account may not be read'
check_text 'report: among what was not checked' "$(find "$work/late" -name '2026*.html')" 'canary: planted 2026-03-02 09:00 and not seen'

# Who cannot have one is told so, not left without.
account pop "pop3s://localhost:$POP3S_PORT" 'canary = yes'
run_code check
check 'POP3: refused' "$code" 78
check_text 'with the reason' "$work/err" 'only over IMAP a message can be put into a mailbox'
account pop "imaps://localhost:$IMAPS_PORT" 'canary = yes' 'folders = Sent'
run_code check
check_text 'a mailbox whose INBOX is not read' "$work/err" 'would never see its canary'
rm "$work/etc/accounts.d/pop.ini"

