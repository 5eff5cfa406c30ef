#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The report by mail, through a real Postfix: it arrives once and whole, tells nothing in its text that the report masks,
# and whatever is wrong with the way there is named.
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

cat >"$work/rules/10-nightjar.ini" <<'INI'
[rule]
id = nightjar
title = Code name
severity = high
description = Detects a code name.
[content.word]
type = regex
where = subject, body
pattern.1 = nightjar-\d+
INI
cat >"$work/found.eml" <<'EML'
From: Anna <anna@corp.example>
To: bob@rival.example
Subject: About Nightjar-4711 and the merger
Date: Sun, 22 Nov 2026 09:02:00 +0000
Message-ID: <1@corp.example>

The price of nightjar-4711 is secret.
EML

server
postfix_start "$work/mta" || exit 1
# shellcheck source=/dev/null
. "$work/mta/smtp-ports"
postfix_user "$work/mta" flagpost 'correct: horse'
mailbox anna
dovecot_deliver "$work/server" anna INBOX "$work/found.eml"
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
(umask 077 && printf 'correct: horse\n' >"$work/secrets/mail" && printf 'wrong\n' >"$work/secrets/wrong")

# mail_config URL CA [LINE...]: what [smtp] says.
mail_config() {
    local url="$1" ca="$2"
    shift 2
    config '[person.officer]' 'mail = officer@corp.example' '[person.chief]' 'mail = chief@corp.example' \
        '[person.ghost]' 'mail = ghost@corp.example' '[report.daily]' 'formats = html, csv' "to = ${to:-officer}" \
        '[smtp]' "url = $url" 'from = flagpost@corp.example' "ca_file = $ca" "$@"
    sed -i "s|^rules_dir.*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
}
count() {
    postfix_mails "$work/mta" "$1" "${2:-0}" | wc -l
}

ca="$work/mta/ca.pem"
mail_config "smtp://localhost:$SMTP_PORT" "$ca"
run_code check
check 'the configuration is right' "$code" 0
run_code poll
check 'there is something to report' "$code" 0

# ------------------------------------------------------------------------------------------------ it arrives
run_code report --mail
check 'STARTTLS: sent' "$code" 0
check_text 'it says to whom' "$work/err" '^mailed to officer$'
page="$(grep 'html$' "$work/out")"
table="$(grep 'csv$' "$work/out")"
check 'it arrives' "$(count officer 1)" 1
mail="$(postfix_mails "$work/mta" officer 1)"
flagpost scan --json "$mail" >"$work/mail.json" 2>"$work/err" || :
part() {
    jq -r --arg name "$(basename "$1")" '.parts[] | select(.name == $name) | .sha256' "$work/mail.json"
}
check 'the page is that of the report, byte for byte' "$(part "$page")" "$(sha256sum <"$page" | cut -d' ' -f1)"
check 'so is the table' "$(part "$table")" "$(sha256sum <"$table" | cut -d' ' -f1)"
sed '/^Content-Type: text\/html/,$d' "$mail" >"$work/text"
check_text 'the verdict stands in the text' "$work/text" '^[0-9]+ flags \(1 high, .*\) in 1 new message'
check 'no excerpt and no subject does' "$(grep -ciE 'nightjar|merger|rival|4711' "$work/text")" 0
digest="$(sha256sum <"$page" | cut -d' ' -f1)"
check_text 'it is marked as ours' "$work/text" "^X-Flagpost-Report: $digest"
check_text 'no machine need answer it' "$work/text" '^Auto-Submitted: auto-generated'
check_text 'its Message-ID is ours' "$work/text" "^Message-Id: <report.$digest@corp.example>"
check_text 'bounces come to the sender' "$mail" '^Return-Path: <flagpost@corp.example>'
check 'it went through TLS' "$(postfix_log "$work/mta" | grep -c 'starttls=1')" 1

to='chief, officer' mail_config "smtps://localhost:$SMTPS_PORT" "$ca"
run_code report --mail --format html
check 'TLS from the first byte, two persons: sent' "$code" 0
check_text 'it names both' "$work/err" '^mailed to chief, officer$'
check 'one for each: the first' "$(count chief 1)" 1
check 'and the second' "$(count officer 2)" 2
check 'the table stays away when it is not asked for' \
    "$(grep -c 'text/csv' "$(postfix_mails "$work/mta" chief 1)")" 0

# ------------------------------------------------------------------------------------------------ under pseudonyms
to=chief mail_config "smtps://localhost:$SMTPS_PORT" "$ca"
run_code report --mail --pseudonyms --format html,csv
check 'pseudonyms: sent' "$code" 0
check 'one more' "$(count chief 2)" 2
named="$(postfix_mails "$work/mta" chief 2 | xargs grep -l -F '.pseudonyms.html')"
flagpost scan --json "$named" >"$work/mail.json" 2>"$work/err" || :
check 'with the page that lies there' "$(part "$(grep 'html$' "$work/out")")" "$(sha256sum <"$(grep 'html$' "$work/out")" | cut -d' ' -f1)"
sed '/^Content-Type: text\/html/,$d' "$named" >"$work/text"
check 'its text names nobody' "$(grep -ci anna "$work/text" || :)" 0
check 'nor do the files that came along' \
    "$(grep -v 'sealed$' "$work/out" | xargs cat | grep -ciE 'anna|price of' || :)" 0
check 'the sealed table stays at home' "$(grep -c 'sealed' "$named" || :)" 0

# ------------------------------------------------------------------------------------------------ with a login
login=('user = flagpost' "password_file = $work/secrets/mail")
mail_config "smtp://localhost:$LOGIN_PORT" "$ca" "${login[@]}"
run_code report --mail
check 'with a login: sent' "$code" 0
check 'it arrives' "$(count officer 3)" 3
mail_config "smtp://localhost:$LOGIN_PORT" "$ca" 'user = flagpost' "password_file = $work/secrets/wrong"
run_code report --mail
check 'a wrong password: exit 77' "$code" 77
check_text 'named, with the user' "$work/err" 'not mailed to officer: login refused for flagpost'
check 'the password is not said' "$(grep -c 'wrong$' "$work/err")" 0
mail_config "smtp://localhost:$LOGIN_PORT" "$ca"
run_code report --mail
check 'no login where one is wanted: exit 77' "$code" 77
check_text 'in the words of the server' "$work/err" 'localhost:[0-9]+ refuses the message: 554 5\.7\.1'
chmod 0644 "$work/secrets/mail"
mail_config "smtp://localhost:$LOGIN_PORT" "$ca" "${login[@]}"
run_code report --mail
check 'a password that others may read: exit 78' "$code" 78
check_text 'with the mend' "$work/err" 'chmod 0?600'
run_code check
check 'check says so too' "$code" 78
chmod 0600 "$work/secrets/mail"

# ------------------------------------------------------------------------------------------------ what is refused
before="$(count officer)"
mail_config "smtp://localhost:$SMTP_PORT" "$work/server/ca.pem"
run_code report --mail
check 'a certificate of another authority: exit 77' "$code" 77
check_text 'named' "$work/err" 'not mailed to officer: TLS with localhost:[0-9]+: .*certificate'
mail_config "smtp://127.0.0.3:$SMTP_PORT" "$ca"
run_code report --mail
check 'nobody there: exit 69' "$code" 69
check_text 'named' "$work/err" 'connection refused by 127\.0\.0\.3:[0-9]+'
check 'the report itself is written all the same' "$([ -s "$page" ] && echo yes)" yes
postfix_set "$work/mta" smtpd_tls_security_level=none
mail_config "smtp://localhost:$SMTP_PORT" "$ca"
run_code report --mail
check 'a server that offers no STARTTLS: exit 77' "$code" 77
check_text 'nothing was sent' "$work/err" 'offers no STARTTLS at localhost:[0-9]+; nothing was sent'
postfix_set "$work/mta" smtpd_tls_security_level=may
to='ghost, officer' mail_config "smtp://localhost:$SMTP_PORT" "$ca"
run_code report --mail
check 'one person unknown to the server: exit 77' "$code" 77
check_text 'named' "$work/err" 'not mailed to ghost: localhost:[0-9]+ refuses the message: 550 5\.1\.1'
check_text 'the other one gets it' "$work/err" '^mailed to officer$'
check 'and nobody got what was refused' "$(count officer $((before + 1)))" $((before + 1))
postfix_stop "$work/mta"
run_code report --mail
check 'the server is down: exit 69' "$code" 69

# ------------------------------------------------------------------------------------------------ the command line
run_code report --mail --reveal
check 'excerpts in clear are not mailed: exit 64' "$code" 64
config
run_code report --mail
check 'nobody to be mailed: exit 78' "$code" 78
check_text 'with the mend' "$work/err" 'to = PERSON'
check 'no mailer is left' "$(pgrep -f 'flagpost mailer' | wc -l)" 0
