#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Our own report, delivered by a real Postfix into a mailbox that is watched: it counts as mail and is never flagged,
# although what it quotes matches. The same bytes with anything added or changed are judged like any mail, by name.
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

# Its title stands in every report of it, and matches it.
cat >"$work/rules/10-nightjar.ini" <<'INI'
[rule]
id = nightjar
title = Code name NIGHTJAR
severity = high
description = Detects a code name.
[content.word]
type = regex
where = subject, body, attachments, headers
pattern.1 = (?i)nightjar
INI
cat >"$work/found.eml" <<'EML'
From: Anna <anna@corp.example>
To: bob@rival.example
Subject: About nightjar
Date: Sun, 22 Nov 2026 09:02:00 +0000
Message-ID: <1@corp.example>

The price of nightjar is secret.
EML

server
postfix_start "$work/mta" || exit 1
# shellcheck source=/dev/null
. "$work/mta/smtp-ports"
mailbox anna
dovecot_deliver "$work/server" anna INBOX "$work/found.eml"
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
config '[person.officer]' 'mail = officer@corp.example' '[report.daily]' 'formats = html' 'to = officer' \
    '[smtp]' "url = smtp://localhost:$SMTP_PORT" 'from = flagpost@corp.example' "ca_file = $work/mta/ca.pem"
sed -i "s|^rules_dir.*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
flags() {
    flagpost search --json 'has:flag' | jq -s length
}
run_code poll
check 'there is something to report' "$code $(flags)" '0 1'
run_code report --mail --format html
check 'it is mailed' "$code" 0
check 'the key is ours alone' "$(stat -c %a "$work/data/seal.key")" 600
mail="$(postfix_mails "$work/mta" officer 1)"
check_text 'it is sealed' "$mail" '^X-Flagpost-Seal: v=1; k=[0-9a-f]{16};'
check 'its page would be flagged' "$(flagpost scan --json "$mail" | jq -c '[.flags[].rule]')" '["nightjar"]'

# ------------------------------------------------------------------------------------------------ as it was sent
dovecot_deliver "$work/server" anna INBOX "$mail"
run_code poll --json
check 'it counts as mail, and is not flagged' "$code $(jq -c '[.new, .flags]' "$work/out")" '0 [1,0]'
run_code show "$(flagpost search --json 'subject:"Flag report"' | jq -r .sha256)"
check 'it stands in the store' "$code $(flags)" '0 1'

# ------------------------------------------------------------------------------------------------ as anything else
# forged NAME SED...: a copy with other bytes.
forged() {
    local name="$1"
    shift
    sed "$@" "$mail" >"$work/$name.eml"
    dovecot_deliver "$work/server" anna INBOX "$work/$name.eml"
}
forged field '1i X-Leak: the price of nightjar is 4711'
forged body 's/^Not checked:/Scanned by X/'
forged subject '0,/^Subject: /s//Subject: [EXTERNAL] /'
forged id '0,/^Message-Id: <report\./s//Message-Id: <report.0/'
run_code poll --json
check 'what was changed is flagged, each' "$code $(jq -c '[.new, .flags]' "$work/out")" '0 [4,4]'
run_code report --date today --format json --out -
notes() {
    jq -r --arg word "$1" '[.notes[] | select(.word == $word)] | length' "$work/out"
}
check 'the report says which were ours once' "$(notes own-mail-altered) $(notes own-mail-forged)" '3 1'
jq -r '.notes[].text' "$work/out" >"$work/notes"
check_text 'a field more' "$work/notes" 'has fields that it was not sent with; it was judged like any mail'
check_text 'another body' "$work/notes" 'its body is not as it was sent'
check_text 'another header' "$work/notes" 'its header is not as it was sent'
check_text 'never ours' "$work/notes" 'says it is ours is not .*its seal was not made by this Flagpost'

# ------------------------------------------------------------------------------------------------ no key, no trust
rm "$work/data/seal.key"
forged strange '1i Received: from elsewhere'
run_code poll --json
check 'without the key nothing is ours' "$code $(jq -c '[.new, .flags]' "$work/out")" '0 [1,1]'
