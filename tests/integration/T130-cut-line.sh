#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The line breaks in the middle of a message, again and again. What was complete is kept, what was
# cut is not taken for a message, the account is named, and clean polls bring the rest.
. "$(dirname "$0")/lib/flagpost.sh"

server
for user in anna pop; do
    mailbox "$user"
    fill "$user" INBOX 200 10 "${#user}"
done
for cut in 60000 200000 500001 1000003; do
    relay --to "$IMAPS_PORT" --cut "$cut"
    account anna "imaps://localhost:$relay_port" 'keep = all'
    relay --to "$POP3S_PORT" --cut "$cut"
    account pop "pop3s://localhost:$relay_port" 'keep = all'
    run_code poll
    check "cut after $cut bytes: done with gaps" "$code" 2
    check_text "cut after $cut bytes: both accounts are named" "$work/out" '^ *(anna|pop) .*away'
done
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
account pop "pop3s://localhost:$POP3S_PORT" 'keep = all'
run_code poll
check 'the whole line again: clean' "$code" 0
{
    digests_on_server anna
    digests_on_server pop
} | LC_ALL=C sort -u >"$work/server.digests"
digests_kept >"$work/kept.digests"
check 'digests on the server = digests kept' "$(sha256sum <"$work/kept.digests")" "$(sha256sum <"$work/server.digests")"
check 'each message stands in the list once' "$(messages_known)" "$(wc -l <"$work/server.digests")"
