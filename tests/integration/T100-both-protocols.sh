#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One account for each way in: IMAPS, IMAP with STARTTLS, POP3S, POP3 with STLS. Every message is
# kept exactly as the server has it, the mailbox stays as found, and a second poll finds nothing new.
. "$(dirname "$0")/lib/flagpost.sh"

server
for user in imaps starttls pop3s stls; do
    mailbox "$user"
    fill "$user" INBOX 40 4 "${#user}"
done
fill imaps Sent 10 4 21
fill imaps 'Projekte/Größe & "Maß"' 5 4 22
dovecot_folder "$work/server" imaps Empty >/dev/null
account imaps "imaps://localhost:$IMAPS_PORT" 'keep = all'
account starttls "imap://localhost:$IMAP_PORT" 'keep = all'
account pop3s "pop3s://localhost:$POP3S_PORT" 'keep = all'
account stls "pop3://localhost:$POP3_PORT" 'keep = all'

# Folder, file name (it holds the flags) and bytes of every message. This server marks as read what
# was retrieved over POP3, whose protocol has no way around it: there, names count without flags.
mailboxes() {
    (cd "$(dovecot_place "$work/server")/mail" && find . \( -path '*/cur/*' -o -path '*/new/*' \) -type f \
        -exec sha256sum {} + | sed -E 's#/new/#/cur/#; s#:2,$##; /\.\/(pop3s|stls)\//s#:2,S$##' | LC_ALL=C sort -k 2)
}
mailboxes >"$work/before"

run_code poll
check 'the poll is clean' "$code" 0
for user in imaps starttls pop3s stls; do
    digests_on_server "$user"
done | LC_ALL=C sort -u >"$work/server.digests"
digests_kept >"$work/kept.digests"
check 'digests on the server = digests kept' "$(sha256sum <"$work/server.digests")" "$(sha256sum <"$work/kept.digests")"
check 'no copy twice' "$(uniq -d "$work/kept.digests" | wc -l)" 0
mailboxes >"$work/after"
check 'no flag set, nothing added, nothing gone' "$(diff "$work/before" "$work/after" | wc -l)" 0

run_code status --json
check 'server = kept + failed in every folder' \
    "$(jq -s '[.[].folders[] | select(.server != .kept + .failed)] | length' "$work/out")" 0
check 'the folder with special letters has its name' \
    "$(jq -r '.folders[].folder' "$work/out" | grep -cF 'Projekte.Größe & "Maß"')" 1
check 'an empty folder counts as read' \
    "$(jq -r '.folders[] | select(.folder == "Empty") | .server' "$work/out")" 0

run_code poll
check 'the second poll is clean' "$code" 0
check_text 'and says that nothing is new' "$work/out" '[Nn]othing new'
check 'and keeps nothing twice' "$(digests_kept | wc -l)" "$(wc -l <"$work/kept.digests")"

fill imaps INBOX 3 4 31
fill pop3s INBOX 2 4 32
run_code poll
check 'the third finds the five that came' "$(digests_kept | wc -l)" $(($(wc -l <"$work/kept.digests") + 5))
