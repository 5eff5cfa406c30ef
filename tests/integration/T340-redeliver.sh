#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# redeliver: kept mail through a real Postfix, to the byte, to the real recipients or to another
# address, a copy that is encrypted at rest as well; what is no address is named; a loop is seen; each
# look stands in the ledger.
# shellcheck source=tests/integration/lib/flagpost.sh
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

postfix_start "$work/mta" || exit 1
# shellcheck source=/dev/null
. "$work/mta/smtp-ports"
postfix_user "$work/mta" flagpost 'correct: horse'
(umask 077 && printf 'correct: horse\n' >"$work/secrets/mail")
smtp=('[smtp]' "url = smtp://localhost:$LOGIN_PORT" 'from = flagpost@corp.example' "ca_file = $work/mta/ca.pem"
    'user = flagpost' "password_file = $work/secrets/mail")
config "${smtp[@]}"

printf '%s\r\n' 'Delivered-To: officer@corp.example' 'From: anna@corp.example' 'To: list@corp.example' \
    'Subject: dots' 'Message-ID: <1@corp.example>' 'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' \
    '.' '..two' '.lone at the start' 'last' '.' >"$work/dots.eml"
printf '%s\n' 'From: anna@corp.example' 'To: officer@corp.example, chief@corp.example,' ' "no address" <>' \
    'Subject: claimed' 'Message-ID: <2@corp.example>' '' 'body' >"$work/claimed.eml"
run_code import --name box "$work/dots.eml" "$work/claimed.eml"
check 'two messages are kept' "$code" 0
dots="$(sha256sum "$work/dots.eml" | cut -c 1-16)"
claimed="$(sha256sum "$work/claimed.eml" | cut -c 1-16)"
count() { postfix_mails "$work/mta" "$1" "${2:-0}" | wc -l; }

# The copy within what arrived: behind our mark, with the line ends that Postfix stores.
behind_mark() { sed -e '1,/^X-Flagpost-Redelivered:/d' "$1"; }

run_code redeliver "$dots" --to chief@corp.example --dry-run
check 'a dry run' "$code" 0
check_text 'says who would get it' "$work/out" 'would send +chief@corp.example: dots'
run_code redeliver "$dots" --to chief@corp.example
check 'to an address' "$code" 0
check 'it arrives once, so nothing was sent by the dry run' "$(count chief 1)" 1
mail="$(postfix_mails "$work/mta" chief 1)"
check 'to the byte' "$(behind_mark "$mail" | sha256sum)" "$(tr -d '\r' <"$work/dots.eml" | sha256sum)"
check_text 'Resent-From is ours' "$mail" '^Resent-From: flagpost@corp.example'
check_text 'Resent-To is whom it went to' "$mail" '^Resent-To: chief@corp.example'
check_text 'with a date and an id of its own' "$mail" '^Resent-Message-I[Dd]: <redelivered\.'
check_text 'bounces come to us' "$mail" '^Return-Path: <flagpost@corp.example>'
check 'through TLS' "$(postfix_log "$work/mta" | grep -c 'starttls=1')" 1

run_code redeliver "$dots" --original --json
check 'to the original recipients' "$code" 0
check_text 'which are those of the envelope' "$work/out" '"to":"officer@corp.example","state":"sent"'
check 'and no others' "$(wc -l <"$work/out")" 1
check 'it arrives' "$(count officer 1)" 1
run_code redeliver "$claimed" --original
check 'where none is noted, to those of the header' "$code" 0
check 'one of them' "$(count chief 2)" 2
check 'and the other' "$(count officer 2)" 2
check_text 'line ends are told of' "$work/err" 'line ends were made CRLF'

# What came back is seen as what it is.
cp "$mail" "$work/back.eml"
run_code import --name back "$work/back.eml"
back="$(sha256sum "$work/back.eml" | cut -c 1-16)"
run_code redeliver "$back" --to chief@corp.example
check 'a loop' "$code" 65
check_text 'is named' "$work/out" 'redelivered already'
run_code redeliver "$back" --to chief@corp.example --again
check 'unless it is wanted' "$code" 0

run_code redeliver "$dots" --to "chief@corp.example
RCPT TO:<ghost@corp.example>"
check 'a line break in an address' "$code" 64
check_text 'is named' "$work/err" 'control character'
run_code redeliver "$dots"
check 'nobody to send it to' "$code" 64
run_code redeliver "$dots" --original --to chief@corp.example
check 'two answers to who' "$code" 64
run_code redeliver ffffffffffff --to chief@corp.example
check 'an unknown message' "$code" 64
run_code redeliver "$dots" --to ghost@corp.example
check 'a recipient that the server refuses' "$code" 77
check_text 'in its words' "$work/out" 'ghost@corp.example: .*refuses the message'
config
run_code redeliver "$dots" --to chief@corp.example
check 'without [smtp]' "$code" 78

# A copy that is encrypted at rest goes out as it came in; without its key nothing goes.
key="$work/copies-key"
run_code copies key "$key"
check 'a key' "$code" 0
config 'encrypt_copies = yes' "copies_key_file = $key" "${smtp[@]}"
run_code copies rewrite
check 'all copies are encrypted' "$code $(grep -racl 'lone at the start' "$work/data/copies" | wc -l)" '0 0'
postfix_mails "$work/mta" chief 3 >"$work/before"
run_code redeliver "$dots" --to chief@corp.example
check 'an encrypted copy is sent' "$code" 0
mail="$(postfix_mails "$work/mta" chief 4 | comm -13 "$work/before" -)"
check 'to the byte' "$(behind_mark "$mail" | sha256sum)" "$(tr -d '\r' <"$work/dots.eml" | sha256sum)"
check_text 'as what it is' "$mail" '^Resent-From: flagpost@corp.example'
config "${smtp[@]}"
run_code redeliver "$dots" --to chief@corp.example
check 'without the key it is refused' "$code" 77
check_text 'by the name of the key' "$work/out" 'key [0-9a-f]{32}, which is not here'
check 'and nothing is sent' "$(count chief 4)" 4
config 'encrypt_copies = yes' "copies_key_file = $key" "${smtp[@]}"

# Somebody else's mail is not his to send.
config 'encrypt_copies = yes' "copies_key_file = $key" "${smtp[@]}" '[person.bob]' 'mail = bob@corp.example' 'role = user'
run_code redeliver "$dots" --to bob@corp.example --as bob
check 'a user finds nothing of others' "$code" 64
check 'and nothing is sent' "$(postfix_mails "$work/mta" bob 0 | wc -l)" 0
run_code audit
check_text 'the ledger says what went to whom' "$work/out" "redeliver.*$dots.* to chief@corp.example"
