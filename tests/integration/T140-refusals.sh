#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What can be wrong with an account is named, with since when; the others go on; exit code 2.
. "$(dirname "$0")/lib/flagpost.sh"

server
for user in good wrong; do
    mailbox "$user"
    fill "$user" INBOX 5
done
account good "imaps://localhost:$IMAPS_PORT"
account wrong "imaps://localhost:$IMAPS_PORT"
printf 'not the password\n' >"$work/secrets/wrong"
account wrongpop "pop3s://localhost:$POP3S_PORT"
account down 'imaps://localhost:1'
account nobody "imaps://localhost:$IMAPS_PORT"
sed -i '/^ca_file/d' "$work/etc/accounts.d/nobody.ini" # the system's authorities do not know ours
run_code poll
check 'done with gaps' "$code" 2
check_text 'the good account is read' "$work/out" '^ *good .*ok'
check_text 'a wrong password is a refused login' "$work/out" '^ *wrong .*login'
check_text 'over POP3 too' "$work/out" '^ *wrongpop .*login'
check_text 'a closed port is a server that is away' "$work/out" '^ *down .*away'
check_text 'an unknown authority is a matter of TLS' "$work/out" '^ *nobody .*tls'
check 'five messages came in all the same' "$(messages_known)" 5

run_code status --json
check 'status says since when' \
    "$(jq -s -r '[.[] | select(.account == "down" and .failing_since != null)] | length' "$work/out")" 1
flagpost report --format json --out "$work/reports" >"$work/paths"
check 'the report names each failing account and since when' \
    "$(jq -r '[.accounts[] | select(.state != "ok" and .failing_since != null) | .account] | sort | join(" ")' \
        "$(cat "$work/paths")")" 'down nobody wrong wrongpop'

for kind in expired wrong-name stranger; do
    dovecot_stop "$work/server"
    dovecot_start "$work/server" certificate="$kind" imaps_port="$IMAPS_PORT"
    run_code poll good
    check "certificate $kind: refused" "$code" 2
    check_text "certificate $kind: named" "$work/out" '^ *good .*tls'
done

dovecot_stop "$work/server"
dovecot_start "$work/server" ssl=no imap_port="$IMAP_PORT"
account plain "imap://localhost:$IMAP_PORT"
run_code poll plain
check 'no STARTTLS offered: refused' "$code" 2
check_text 'and named' "$work/out" '^ *plain .*tls'
check 'the password never reached the server' "$(dovecot_log "$work/server" | grep -c 'user=<plain>')" 0
