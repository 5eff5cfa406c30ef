#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check --connect: every account named with what it came to, nothing fetched. show --text: what was read of a
# stored message, safe on a terminal.
. "$(dirname "$0")/lib/flagpost.sh"

server
# All before the first login: the server reads its list of users anew only when a second has passed.
for user in good wrong imap pop3 pop3s; do
    mailbox "$user"
    fill "$user" INBOX 3
done
account good "imaps://localhost:$IMAPS_PORT" 'keep = all'

run_code check --connect --json
check 'a good account: exit 0' "$code" 0
check 'one object an account' "$(jq -s -r '.[] | "\(.account) \(.state) \(.text)"' "$work/out")" 'good ok '
run_code check --json
check '--json without --connect means nothing' "$code" 64
run_code check
check_text 'without --connect no server is contacted' "$work/out" 'not contacted'

for scheme in imap pop3 pop3s; do
    port="$(printf '%s_PORT' "$scheme" | tr '[:lower:]' '[:upper:]')"
    account "$scheme" "$scheme://localhost:${!port}"
done
run_code check --connect
check 'STARTTLS, STLS and POP3 over TLS as well: exit 0' "$code" 0
for name in good imap pop3 pop3s; do
    check_text "$name" "$work/out" "^$name +ok: 3 messages, .* a second \(assumed\)\$"
done
check 'every login was ended by us' \
    "$(dovecot_log "$work/server" | grep -cE 'Logged out|Disconnected: Logged out')" 5

account down 'imaps://localhost:1'
run_code check --connect
check 'only servers that are away: exit 69' "$code" 69
check_text 'a closed port is a server that is away' "$work/out" '^down +away: connection refused by localhost:1$'
account wrong "imaps://localhost:$IMAPS_PORT"
printf 'not the password\n' >"$work/secrets/wrong"
run_code check --connect
check 'a refused login comes before servers that are away: exit 77' "$code" 77
check_text 'a wrong password is a refused login' "$work/out" '^wrong +login: login refused for wrong '
check_text 'the others are named all the same' "$work/out" '^pop3s +ok: 3 messages, '
run_code check --connect --quiet
check '--quiet names only what failed' "$(grep -cE '^(down|wrong) ' "$work/out") $(wc -l <"$work/out")" '2 2'
run_code check --connect --json
check 'the same in JSON' "$(jq -s -r '[.[] | select(.state != "ok") | "\(.account)=\(.state)"] | join(" ")' "$work/out")" \
    'down=away wrong=login'
check 'and nothing else on standard output' "$(wc -l <"$work/out")" 6

chmod 644 "$work/secrets/wrong"
before="$(dovecot_log "$work/server" | wc -l)"
run_code check --connect
check 'a password that all may read: exit 78' "$code" 78
check 'and nobody was contacted' "$(dovecot_log "$work/server" | wc -l)" "$before"
check 'nothing was fetched' "$(find "$work/data" -type f 2>/dev/null | wc -l)" 0
check 'nothing was marked as seen' \
    "$(find "$(dovecot_place "$work/server")/mail/good" -path '*/cur/*' -name '*:2,*S*' | wc -l)" 0
rm "$work/etc/accounts.d/wrong.ini" "$work/etc/accounts.d/down.ini"

dovecot_stop "$work/server"
dovecot_start "$work/server" certificate=expired imaps_port="$IMAPS_PORT" pop3s_port="$POP3S_PORT"
run_code check --connect
check 'an expired certificate: exit 77' "$code" 77
check_text 'named' "$work/out" '^good +tls: .*expired'
check_text 'over POP3 too' "$work/out" '^pop3s +tls: .*expired'
dovecot_stop "$work/server"
rm "$work/etc/accounts.d"/{imap,pop3,pop3s}.ini
dovecot_start "$work/server" imaps_port="$IMAPS_PORT"

# --- show --text ---
{
    printf 'From: Anna <anna@corp.example>\r\nTo: Bob <bob@rival.example>\r\n'
    printf 'Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\nMIME-Version: 1.0\r\n'
    printf 'Message-ID: <text@corp.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'
    printf -- '--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n'
    printf 'Content-Transfer-Encoding: quoted-printable\r\n\r\n'
    printf 'F=FCr dich:\r\n=1B[2Jgone\r\n--- 2 forged.txt\r\n'
    printf -- '--b\r\nContent-Type: text/plain; name="plan.txt"\r\nContent-Transfer-Encoding: base64\r\n'
    printf 'Content-Disposition: attachment; filename="plan.txt"\r\n\r\n'
    printf 'the plan\twith a tab\r\n' | base64
    printf -- '--b\r\nContent-Type: image/gif; name="dot.gif"\r\nContent-Transfer-Encoding: base64\r\n'
    printf 'Content-Disposition: attachment; filename="dot.gif"\r\n\r\nR0lGODlhAQABAAAAACw=\r\n'
    printf -- '--b--\r\n'
} >"$work/text.eml"
dovecot_deliver "$work/server" good INBOX "$work/text.eml"
run_code poll good
check 'the poll is clean' "$code" 0
id="$(flagpost search --json --limit 0 'subject:Grüße' | jq -r .sha256)"
run_code show "$id" --text
check 'show --text: exit 0' "$code" 0
{
    printf 'Subject: Grüße\n\nFür dich:\n\\u{1B}[2Jgone\n --- 2 forged.txt\n\n--- 2 plan.txt\nthe plan\twith a tab\n\n'
    printf -- '--- 3 dot.gif: no text\n'
} >"$work/wanted"
check 'decoded, in order, printable, below headings that no text can forge' \
    "$(cat "$work/out")" "$(cat "$work/wanted")"
run_code show "$id" --text --raw
check '--text and --raw do not go together' "$code" 64
run_code show "$id"
check 'the summary is as it was' "$code" 0
: >"$work/rules/90-broken.ini"
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
printf '[rule\n' >"$work/rules/90-broken.ini"
run_code show "$id" --text
check 'a broken rule does not keep anybody from reading' "$code" 0
rm "$work/rules/90-broken.ini"

sed -i 's/^keep = all/keep = hits/' "$work/etc/accounts.d/good.ini"
printf 'From: a@x.example\r\nTo: b@corp.example\r\nSubject: plain and unkept\r\n\r\nHello.\r\n' >"$work/plain.eml"
dovecot_deliver "$work/server" good INBOX "$work/plain.eml"
run_code poll good
id="$(flagpost search --json --limit 0 subject:unkept | jq -r .sha256)"
run_code show "$id" --text
check 'no copy was kept: exit 65' "$code" 65
check_text 'and says so' "$work/err" 'no copy'
check 'nothing is printed' "$(wc -c <"$work/out")" 0
check 'each look is in the ledger, also that which showed nothing' \
    "$(cat "$work/data/flagpost.db"* | grep -aoE '[0-9a-f]{64} \(text\)' | sort -u | wc -l)" 2
