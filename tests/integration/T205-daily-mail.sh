#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `run` mails the daily report at its hour: who can be reached gets it once, who cannot is named in the next report.
# Waits for the clock: up to a minute and a half.
. "$(dirname "$0")/lib/flagpost.sh"
# shellcheck source=script/lib/postfix.sh
. "$FLAGPOST_SOURCE/script/lib/postfix.sh"

postfix_usable || exit 77
end() {
    local status=$?
    postfix_remove "$work/mta"
    (exit "$status")
    finish
}
trap end EXIT

server
postfix_start "$work/mta" || exit 1
# shellcheck source=/dev/null
. "$work/mta/smtp-ports"
mailbox anna
fill anna INBOX 3
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'

# Not in the last seconds before the minute: the service must be up by then.
at="$(TZ=Europe/Berlin date -d '+75 seconds' +%H:%M)"
config '[person.officer]' 'mail = officer@corp.example' '[person.ghost]' 'mail = ghost@corp.example' \
    '[report.daily]' "at = $at" 'to = officer, ghost' \
    '[report.board]' 'period = daily' "at = $at" 'to = officer' 'attach = no' 'account = anna' 'formats = html' \
    '[metrics]' "textfile = $work/flagpost.prom" 'every = 10s' \
    '[smtp]' "url = smtp://localhost:$SMTP_PORT" 'from = flagpost@corp.example' "ca_file = $work/mta/ca.pem"

"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/service.err" &
service=$!
for _ in $(seq 900); do
    ! grep -q 'mail the daily report' "$work/service.err" || break
    sleep 0.1
done
check 'who can be reached gets it, and the other report of that hour' "$(postfix_mails "$work/mta" officer 2 | wc -l)" 2
check_text 'who cannot is named, and it is tried again' "$work/service.err" \
    'mail the daily report: not mailed to ghost: .*550 5\.1\.1.*tried again'
day="$(TZ=Europe/Berlin date -d yesterday +%F)"
check 'the report is that of the day that is over' \
    "$(postfix_mails "$work/mta" officer 2 | xargs cat | grep -c "filename=$day.html")" 1
check 'a summary alone has nothing attached' "$(postfix_mails "$work/mta" officer 2 | xargs grep -L filename= | wc -l)" 1
check 'a report on one account lies beside the whole' \
    "$(find "$work/data/reports" -name "$day*.html" -printf '%f ' | tr ' ' '\n' | sort | tr '\n' ' ')" "$day.account-anna.html $day.html "
run_code report --format text
check 'the next report' "$code" 0
check_text 'names it' "$work/out" 'the report of .* not mailed to ghost: localhost:[0-9]+ refuses'
for _ in $(seq 300); do
    ! grep -q '^flagpost_now_outbox_mails 1$' "$work/flagpost.prom" || break
    sleep 0.1
done
check_text 'the metrics have what waits' "$work/flagpost.prom" '^flagpost_now_outbox_mails 1$'
check_text 'and the state of the account' "$work/flagpost.prom" '^flagpost_now_account_ok\{account="anna"\} 1$'
check_text 'and the sum' "$work/flagpost.prom" '^flagpost_now_mailbox_messages\{what="kept"\} 3$'
check 'they are what Prometheus reads' \
    "$(python3 "$FLAGPOST_SOURCE/tests/integration/lib/machine.py" prometheus "$work/flagpost.prom" | grep -cE '^[0-9]+$')" 1
kill -TERM "$service"
code=0
wait "$service" || code=$?
check 'SIGTERM: a clean stop, with a try to come' "$code" 0

# What waits is on disk: the next service takes it up, and who has it gets nothing twice.
run_code status
check_text 'status says that it waits' "$work/out" '^outbox: 1 of our own mails not delivered yet, the oldest of '
run_code status --json
check 'to programs too' "$(jq -c 'select(.outbox) | [.outbox, (.next | length)]' "$work/out")" '[1,20]'
printf 'ghost@corp.example ghost/\n' >>"$(postfix_place "$work/mta")/etc/mailboxes"
postfix_set "$work/mta" virtual_mailbox_limit=0
sed -i '/^at = /d' "$work/etc/flagpost.ini"
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/service.err" &
service=$!
check 'mended, and the service started anew: it arrives' "$(postfix_mails "$work/mta" ghost 1 | wc -l)" 1
for _ in $(seq 300); do
    ! grep -q 'is mailed to' "$work/service.err" || break
    sleep 0.1
done
check 'the other has it once' "$(postfix_mails "$work/mta" officer 2 | wc -l)" 2
kill -TERM "$service"
wait "$service" || :
run_code status
check 'nothing waits any more' "$(grep -c '^outbox' "$work/out")" 0
run_code report --date today --format text --out -
check_text 'the report says that it came late' "$work/out" 'was mailed to officer, ghost after all'
