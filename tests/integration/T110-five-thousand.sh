#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A folder of 5,000 messages, and 5,000 over POP3: none is lost, none is doubled.
. "$(dirname "$0")/lib/flagpost.sh"

server
for user in imap pop; do
    mailbox "$user"
    fill "$user" INBOX 5000 2 "${#user}"
done
account imap "imaps://localhost:$IMAPS_PORT" 'keep = all'
account pop "pop3s://localhost:$POP3S_PORT" 'keep = all'

run_code poll
check 'the poll is clean' "$code" 0
{
    digests_on_server imap
    digests_on_server pop
} | LC_ALL=C sort -u >"$work/server.digests"
digests_kept >"$work/kept.digests"
check 'digests on the server = digests kept' "$(sha256sum <"$work/kept.digests")" "$(sha256sum <"$work/server.digests")"
run_code status --json
check 'each account: server 5000 = kept 5000' \
    "$(jq -s -c '[.[].folders[]? | select(.folder == "INBOX") | [.server, .kept]]' "$work/out")" \
    '[[5000,5000],[5000,5000]]'
