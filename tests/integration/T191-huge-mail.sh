#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Mail as large as is taken at all: a line of 100 MB wherever a line can be, and a million parts. Each is told for what
# it is, by a worker of 256 MiB that lives on, and the mail behind it is scanned.
. "$(dirname "$0")/lib/flagpost.sh"

sanitized=no
! grep -q __asan_init "$(dirname "$FLAGPOST_PROGRAM")/flagpost-worker" || sanitized=yes
# Sanitizers need more address space than any limit leaves.
if [ "$sanitized" = no ]; then memory='worker_memory = 256M'; else memory='worker_memory = 1G'; fi
config '[limits]' "$memory" 'seconds_per_message = 600' 'seconds_per_part = 600'

mkdir "$work/mail"
line() { head -c 100000000 /dev/zero | tr '\0' "$1"; }
fields() { # FIELD...
    printf '%s\r\n' 'From: anna@corp.example' 'To: bob@rival.example' 'MIME-Version: 1.0' "$@"
}
{
    fields 'Subject: text' 'Content-Type: text/plain' ''
    printf 'falcon '
    line a
} >"$work/mail/1-text.eml"
{
    fields 'Subject: page' 'Content-Type: text/html' ''
    printf '<p>falcon '
    line b
} >"$work/mail/2-page.eml"
{
    fields 'Subject: file' 'Content-Type: application/octet-stream; name=a.txt' 'Content-Disposition: attachment' \
        'Content-Transfer-Encoding: base64' ''
    { yes YWFh 2>/dev/null || :; } | tr -d '\n' | head -c 100000000
} >"$work/mail/3-file.eml"
{
    fields 'Content-Type: text/plain'
    printf 'Subject: falcon '
    line c
    printf '\r\n\r\nfalcon\r\n'
} >"$work/mail/4-header.eml"
{
    fields 'Subject: parts' 'Content-Type: multipart/mixed; boundary=b' ''
    # yes complains of the pipe that is closed on it.
    { yes -- "$(printf -- '--b\r\n\r\nx\r')" 2>/dev/null || :; } | head -n 3000000
    printf -- '--b--\r\n'
} >"$work/mail/5-parts.eml"
cp "$FLAGPOST_SOURCE/tests/mail/plain.eml" "$work/mail/6-plain.eml"

code=0
flagpost scan --json "$work/mail" >"$work/found" 2>"$work/err" || code=$?
# Outcome of the message, how many parts have which, its facts.
about() {
    jq -r --arg name "$1.eml" 'select(.file | endswith($name)) | "\(.outcome), \([.parts[].outcome] | group_by(.) |
        map("\(length) \(.[0])") | join(" ")), \(.facts | join(" "))"' "$work/found"
}
check 'all of them are told of' "$(wc -l <"$work/found")" 6
check 'a text of one line' "$(about 1-text)" 'partial, 1 over-limit, '
check 'a page of one line' "$(about 2-page)" 'partial, 1 over-limit, '
check 'base64 of one line' "$(about 3-file)" 'partial, 1 over-limit, '
check 'a header of one line: the text is read' "$(about 4-header)" 'partial, 1 read, ambiguous-mime malformed'
check 'a million parts: looked at as they stand' "$(about 5-parts)" 'partial, 1 read, ambiguous-mime malformed too-many-parts'
check 'the mail behind them is scanned' "$(about 6-plain)" 'scanned, 1 read, '
check 'no worker ended on one' "$(grep -cE 'worker [0-9]+:' "$work/err" || :)" 0
