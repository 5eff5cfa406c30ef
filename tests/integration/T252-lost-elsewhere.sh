#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Mail that other programs are known to pass over, take for known, or stop at (docs/fetching.md, the last section): each is
# kept to the byte, beside a mailbox in which all adds up.
. "$(dirname "$0")/lib/flagpost.sh"

server
mailbox anna
mailbox bert
put() { # USER FOLDER: a message, from standard input
    local file
    file="$(mktemp "$work/mail-XXXXXX")"
    sed 's/\r*$/\r/' >"$file"
    dovecot_deliver "$work/server" "$1" "$2" "$file"
}
twin() { printf 'From: a@corp.example\nTo: b@rival.example\nSubject: Offer\nDate: Mon, 2 Mar 2026 09:00:00 +0000\n\n%s\n' "$1"; }

twin 'the first' | put anna INBOX
twin 'the second' | put anna INBOX
printf 'From: nobody@corp.example\n\nNeither Message-ID nor Subject nor Date.\n' | put anna INBOX
printf '\n\nNo header at all.\n' | put anna INBOX
head -c 20000 /dev/urandom | tr '\000\r' xy | put anna INBOX # a NUL or a CR by itself is not shown as it stands
{
    printf 'From: a@corp.example\nMessage-ID: <long@corp.example>\nSubject: Long\n\n'
    seq 1 200000
} | put anna INBOX
printf 'From: c@corp.example\nMessage-ID: <same@corp.example>\nSubject: To both\n\nThe same.\n' | tee "$work/same" | put anna INBOX
put bert INBOX <"$work/same"
dovecot_folder "$work/server" anna Empty >/dev/null
dovecot_folder "$work/server" anna Later >/dev/null
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
account bert "pop3s://localhost:$POP3S_PORT" 'keep = all'

sums() { jq -s -c 'map([.account, .server, .kept, .failed])' "$work/out"; }
run_code poll
run_code status --json
check 'what the server counts is kept' "$(sums)" '[["anna",7,7,0],["bert",1,1,0]]'
check 'to the byte' "$(digests_kept | cmp - <({ digests_on_server anna && digests_on_server bert; } | LC_ALL=C sort -u) && echo yes)" yes
check 'one copy of what two people got' "$(digests_kept | wc -l)" 7
check 'what nobody could name is found by its text' "$(flagpost search --json 'Neither' | jq -s length)" 1
check 'much text is found by what stands in it' "$(flagpost search --json 'subject:Long' | jq -s length)" 1

run_code poll --json
check 'nothing of it is fetched again' "$(jq -s 'map(.new) | add' "$work/out")" 0

# A mail of long ago that is moved into a folder today, by its date older than everything.
printf 'From: a@corp.example\nMessage-ID: <old@corp.example>\nSubject: Old\nDate: Mon, 5 Mar 2001 09:00:00 +0000\n\nLong ago.\n' >"$work/old"
touch -d '2001-03-05' "$work/old"
sed -i 's/$/\r/' "$work/old"
dovecot_deliver "$work/server" anna Later "$work/old"
run_code poll --json
check 'mail older than any window is read when it comes' "$(jq -s 'map(.new) | add' "$work/out")" 1

# What is deleted there stays here.
kept="$(digests_kept | sha256sum)"
find "$(dovecot_place "$work/server")/mail/anna" -path '*cur*' -type f -size +100k -delete
find "$(dovecot_place "$work/server")/mail/anna" -path '*new*' -type f -size +100k -delete
run_code poll
check 'what was deleted on the server is still kept' "$(digests_kept | sha256sum)" "$kept"
run_code status --json
check 'and the sum knows it' "$(sums)" '[["anna",7,7,0],["bert",1,1,0]]'
