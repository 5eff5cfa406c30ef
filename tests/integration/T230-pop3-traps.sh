#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# POP3 servers whose UIDLs are not what RFC 1939 promises: all others after an update, one for all, mere numbers. Each
# message is kept once, nothing is retrieved twice, and nothing is deleted.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

mail() { # NUMBER: one message; all are of one size
    printf '%s\r\n' "Received: from relay.rival.example by mail.corp.example with ESMTP id 4F$1" 'From: anna@rival.example' \
        'To: david@corp.example' "Subject: number $1" "Message-ID: <$1@rival.example>" '' "the text of $1"
}

deliver() { # FIRST LAST
    local number
    rm -rf "$work/mails" && mkdir "$work/mails"
    for number in $(seq "$1" "$2"); do mail "$number" >"$work/mails/$number"; done
    dovecot_deliver "$work/server" david INBOX "$work/mails"/*
}

# How many messages a poll took from the server; it ends well.
taken() { # LABEL WANTED
    run_code --json poll
    check "$1: the poll ends well" "$code" 0
    check "$1: messages taken" "$(jq -s 'map(.new) | add' <"$work/out")" "$2"
}

command -v jq >/dev/null || exit 77
server 'pop3_uidl_format=%08Xu%08Xv'
mailbox david
deliver 101 120
account david "pop3s://localhost:$POP3S_PORT" 'keep = all'

taken 'a first pass' 20
taken 'a second pass' 0
dovecot_restart "$work/server" 'pop3_uidl_format=%g'
taken 'all UIDLs are others now' 0
dovecot_restart "$work/server" 'pop3_uidl_format=%v'
taken 'one UIDL for all' 0
deliver 121 121
taken 'one UIDL for all, and one message more' 1
dovecot_restart "$work/server" 'pop3_uidl_format=%u'
taken 'UIDLs that are the numbers' 0
find "$(dovecot_place "$work/server")/mail/david" -name '*.*' -path '*/cur/*' -type f | LC_ALL=C sort | head -n 1 |
    while read -r first; do rm "$first"; done
taken 'one is gone, and the others have its number and the like' 0
check 'every message is known once' "$(messages_known)" 21
check 'every copy was kept once' "$(digests_kept | uniq -d | wc -l)" 0
check 'nothing else was deleted' "$(digests_on_server david | wc -l)" 20
run_code status
check_text 'the sums agree' "$work/out" 'david .* 20 +20 +0 +0 +ok'
exit 0
