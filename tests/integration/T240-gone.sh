#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Mail is deleted, moved, copied, its folder renamed or removed: what the store says of it, and when.
. "$(dirname "$0")/lib/flagpost.sh"

doveadm_here() {
    doveadm -c "$(dovecot_place "$work/server")/dovecot.conf" "$@"
}

deliver() {
    printf 'From: b@client.example\nTo: anna@corp.example\nSubject: %s\nMessage-ID: <%s@client.example>\nDate: Sun, 22 Nov 2026 09:02:00 +0100\n\n%s\n' \
        "$2" "$2" "$2" >"$work/mail.eml"
    doveadm_here save -u anna -m "$1" <"$work/mail.eml"
}

# fate SUBJECT: one line a place, as show has it.
fate() {
    local id
    id="$(flagpost search --json "subject:$1" | jq -r '.sha256' | head -n 1)"
    flagpost show "$id" | sed -n 's/^\(Where\)\{0,1\} *anna, \([^,]*\), UID [0-9]*\(, [a-z]*\( to [^ ]*\)\{0,1\}\)\{0,1\}.*/\2\3/p' |
        LC_ALL=C sort | paste -sd ';'
}

command -v doveadm >/dev/null || exit 77
server
mailbox anna
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
for folder in Archive Old Short; do
    doveadm_here mailbox create -u anna "$folder"
done
for subject in stays deleted moved copied; do
    deliver INBOX "$subject"
done
deliver Old renamed
deliver Short dropped
run_code poll
check 'all of it is read' "$code" 0

doveadm_here expunge -u anna mailbox INBOX header Subject deleted
doveadm_here move -u anna Archive mailbox INBOX header Subject moved
doveadm_here copy -u anna Archive mailbox INBOX header Subject copied
doveadm_here mailbox rename -u anna Old New
doveadm_here mailbox delete -u anna Short
deliver INBOX unseen
doveadm_here expunge -u anna mailbox INBOX header Subject unseen
run_code poll
check 'nothing of that is a gap' "$code" 0
run_code poll
run_code poll
check 'what stays' "$(fate stays)" 'INBOX'
check 'what was deleted' "$(fate deleted)" 'INBOX, gone'
check 'what was moved' "$(fate moved)" 'Archive;INBOX, moved to Archive'
check 'what was copied' "$(fate copied)" 'Archive;INBOX'
check 'a folder that was renamed' "$(fate renamed)" 'New;Old, moved to New'
check 'a folder that was removed' "$(fate dropped)" 'Short, gone'
run_code search has:gone --json
check 'search finds what was deleted' \
    "$(jq -r .subject "$work/out" | LC_ALL=C sort | paste -sd ,)" 'deleted,dropped'
run_code status --json
check 'the sum holds' "$(jq -s '[.[] | .server == .kept + .failed] | all' "$work/out")" true
check 'mail that came and went between two polls is counted' \
    "$(jq -s '[.[].folders[] | select(.folder == "INBOX") | .unseen] | add' "$work/out")" 1
check 'how long nobody looked is a figure' \
    "$(jq -s '[.[] | .exposed_since != null and .exposed_seconds >= 0] | all' "$work/out")" true

doveadm_here expunge -u anna mailbox Archive header Subject copied
doveadm_here expunge -u anna mailbox INBOX header Subject copied
run_code poll
check 'the last place of a message that is gone from both' \
    "$(fate copied | grep -c 'gone')" 1
