#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Folder names that have tripped mail programs, with both separators: each folder is found, read, and named as people know it.
. "$(dirname "$0")/lib/flagpost.sh"

names=('Sent Items' 'R&D' 'Entwürfe' 'a"b' 'back\slash' '100%' 'star(s)' '台北/日本語' 'deep/er/still' '[Gmail]' 'two  blanks'
    "it's" '{3}' 'NIL' '😀' 'UPPER' 'upper' '-' "$(printf '%200s' '' | tr ' ' 'x')")

doveadm_here() {
    doveadm -c "$(dovecot_place "$work/server")/dovecot.conf" "$@"
}

# "/" in the names stands for the separator.
try() {
    local separator="$1" user="$2" name
    mailbox "$user"
    "$helpers/helper-mailgen" "$work/mails" "$((${#names[@]} + 1))" 1 "${#user}"
    find "$work/mails" -type f | LC_ALL=C sort >"$work/mails.list"
    exec 9<"$work/mails.list"
    for name in INBOX "${names[@]}"; do
        read -r -u 9 file
        [ "$name" = INBOX ] || doveadm_here mailbox create -u "$user" "${name//\//$separator}"
        doveadm_here save -u "$user" -m "${name//\//$separator}" <"$file"
    done
    exec 9<&-
    doveadm_here mailbox create -u "$user" empty
    account "$user" "imaps://localhost:$IMAPS_PORT" 'keep = all'
    run_code poll "$user"
    check "separator $separator: the poll is clean" "$code" 0
    flagpost status --json >"$work/status"
    jq -r -s --arg user "$user" '.[] | select(.account == $user) | .folders[] | select(.server == 1 and .kept == 1) | .folder' \
        "$work/status" | LC_ALL=C sort >"$work/got"
    printf '%s\n' INBOX "${names[@]//\//$separator}" | LC_ALL=C sort >"$work/wanted"
    check "separator $separator: every folder under its name" "$(diff "$work/got" "$work/wanted")" ''
    check "separator $separator: an empty folder is no trouble" \
        "$(jq -r -s --arg user "$user" '.[] | select(.account == $user) | .folders[] | select(.folder == "empty") | .server' "$work/status")" 0
    run_code poll "$user"
    check "separator $separator: again, nothing new" "$code" 0
    rm -rf "$work/mails"
}

server
try . dots
dovecot_restart "$work/server" 'mail_location=maildir:%h:LAYOUT=fs'
try / slashes
