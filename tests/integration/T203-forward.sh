#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# [action] forward: what a rule flags is mailed with its exact copy to the person it names, through a real Postfix, once; only
# what that person may see, encrypted where he has a key; and what cannot be forwarded is said by check and the report.
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

# rule ID [FORWARD]
rule() {
    printf '%s\n' '[rule]' "id = $1" "title = Code name $1" 'severity = low' 'description = Detects a code name.' \
        '[content.word]' 'type = regex' 'where = subject, body' "pattern.1 = (?i)$1-\\d+" \
        ${2:+'[action]' "forward = $2"} >"$work/rules/10-$1.ini"
}
for shipped in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/$(basename "$shipped")" # an empty file masks it
done
rule nightjar officer
rule heron branch
rule sparrow
number=0
# mail WORD
mail() {
    number=$((number + 1))
    printf '%s\r\n' 'From: Anna <anna@corp.example>' 'To: bob@rival.example' "Subject: About $1-$number" \
        'Date: Sun, 22 Nov 2026 09:02:00 +0000' "Message-ID: <$number@corp.example>" '' \
        "The price of $1-4711$number is secret." >"$work/mail-$number.eml"
    dovecot_deliver "$work/server" anna INBOX "$work/mail-$number.eml"
}
count() {
    postfix_mails "$work/mta" officer "${1:-0}" | wc -l
}
# told FLAG: until the state says that it looked at that flag.
told() {
    for _ in $(seq 300); do
        [ "$(sed -n 2p "$work/data/forwards" 2>/dev/null)" != "$1" ] || break
        sleep 0.1
    done
    sed -n 2p "$work/data/forwards"
}

server
postfix_start "$work/mta" || exit 1
# shellcheck source=/dev/null
. "$work/mta/smtp-ports"
mailbox anna
mail nightjar
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 10s' 'watch = yes'
config '[person.officer]' 'mail = officer@corp.example' \
    '[person.branch]' 'mail = branch@corp.example' 'role = officer' 'accounts = branch-*'
sed -i "s|^rules_dir.*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
run_code check
check_text 'check says that nothing can be forwarded, and why' "$work/err" \
    "10-nightjar.ini:[0-9]+:[0-9]+: .*rule 'nightjar' says forward = officer, but there is no \[smtp\]"
printf '%s\n' '[smtp]' "url = smtp://localhost:$SMTP_PORT" 'from = flagpost@corp.example' "ca_file = $work/mta/ca.pem" \
    >>"$work/etc/flagpost.ini"
rule eagle ghost
run_code check
check_text 'nor to a person who is not there' "$work/err" "forward = ghost, but there is no \[person.ghost\]"
check 'what can be is not said' "$(grep -c 'nightjar.*forward' "$work/err" || :)" 0
rm "$work/rules/10-eagle.ini"
run_code check
check 'the configuration is right' "$code" 0
run_code poll
check 'there was a flag before' "$code" 0

# ------------------------------------------------------------------------------------------------ at once
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/service.err" &
service=$!
relays+=("$service")
check 'it begins with what comes' "$(told 1) $(count)" '1 0'
for word in sparrow heron nightjar; do mail "$word"; done
check 'a rule that forwards has its message mailed' "$(told 4) $(count 1)" '4 1'
forwarded="$(postfix_mails "$work/mta" officer 1)"
tr -d '\r' <"$forwarded" >"$work/first"
check_text 'to the person' "$work/first" '^To: officer <officer@corp.example>'
check_text 'with what flagged it' "$work/first" '\[Low\] Code name nightjar'
check_text 'sealed' "$work/first" '^X-Flagpost-Seal: v=1'
check 'its text is masked' "$(sed '/^Content-Disposition: attachment/,$d' "$work/first" | grep -ciE 'nightjar-4711')" 0
digest="$(sha256sum "$work/mail-4.eml" | cut -d ' ' -f 1)"
python3 - "$forwarded" "$work/attached.eml" <<'END'
import email, sys
from email import policy
message = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=policy.default)
for part in message.iter_attachments():
    open(sys.argv[2], 'wb').write(part.get_payload(decode=True))
END
check 'the copy is exact' "$(cat "$work/attached.eml" | sha256sum | cut -d ' ' -f 1)" "$digest"
check_text 'its digest is said' "$work/first" "^SHA-256 $digest"
run_code audit --json
check_text 'it stands in the ledger' "$work/out" "\"forward\".*$digest to officer <officer@corp.example>, as nightjar says"
flagpost report --date today --format json --out - >"$work/report.json"
check 'what is not for a person to see is not forwarded, and the report says so' \
    "$(jq -r '.notes[] | select(.word == "not-forwarded").text' "$work/report.json")" \
    'heron flagged what is not forwarded to branch: it is not for that person to see'

# ------------------------------------------------------------------------------------------------ once, and no loop
dovecot_deliver "$work/server" anna INBOX "$forwarded"
sed '0,/^Subject: /s//Subject: [EXTERNAL] nightjar-1 /' "$forwarded" >"$work/changed.eml"
dovecot_deliver "$work/server" anna INBOX "$work/changed.eml"
mail nightjar
check 'a copy of ours that comes back goes nowhere, changed or not' "$(told 6) $(count 2)" '6 2'
kill -TERM "$service"
wait "$service" || :
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/service.err" &
service=$!
relays+=("$service")
mail nightjar
check 'a restart sends nothing again' "$(told 7) $(count 3)" '7 3'
kill -TERM "$service"
wait "$service" || :
