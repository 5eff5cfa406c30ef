#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each mechanism by itself, one login for the mailboxes of others, and no password in anything that is written.
. "$(dirname "$0")/lib/flagpost.sh"

masters="$work/masters"
printf 'scanner:{PLAIN}secret-scanner::::::\n' >"$masters"
chmod 0644 "$masters"
chmod 0755 "$work"
server auth_mechanisms="plain login cram-md5
auth_master_user_separator = *
passdb {
  driver = passwd-file
  master = yes
  args = $masters
}"
for user in anna bob; do
    mailbox "$user"
    fill "$user" INBOX 3 4 "${#user}"
done

for mechanism in plain login cram-md5 auto; do
    account anna "imaps://localhost:$IMAPS_PORT" "mechanism = $mechanism"
    run_code check --connect
    check "IMAP, $mechanism: logged in" "$code" 0
    account anna "pop3s://localhost:$POP3S_PORT" "mechanism = $mechanism"
    run_code check --connect
    check "POP3, $mechanism: logged in" "$code" 0
done
check 'the server saw each of them' \
    "$(dovecot_log "$work/server" | sed -n 's/.*Login:.*method=\([A-Z0-9-]*\),.*/\1/p' | sort -u | xargs)" \
    'CRAM-MD5 LOGIN PLAIN'
printf 'not the password\n' >"$work/secrets/anna"
run_code check --connect
check 'a wrong password: refused' "$code" 77
check_text 'with its cause, the mechanism and the place' "$work/out" \
    '^anna +login: login refused for anna \(AUTH [A-Z0-9-]+\).* at localhost:[0-9]+: wrong user name or password'
check 'and without the password' "$(cat "$work/out" "$work/err" | grep -c 'not the password')" 0
account anna "imaps://localhost:$IMAPS_PORT" 'mechanism = scram'
run_code check
cat "$work/err" >>"$work/out"
if [ "$code" = 0 ]; then
    run_code check --connect
    check_text 'SCRAM is not what this server offers' "$work/out" 'SCRAM|scram'
else
    check_text 'a libcurl without SCRAM: said by file and line, and no server is asked' "$work/out" \
        'anna\.ini:[0-9]+: .*anna.* cannot log in: .*without SCRAM'
fi

rm "$work/etc/accounts.d/anna.ini"
account scanner "imaps://localhost:$IMAPS_PORT" 'act_as = anna'
run_code check --connect
check 'one login for another mailbox, by authzid' "$code" 0
account scanner "imaps://localhost:$IMAPS_PORT" 'act_as = anna' 'master_separator = *'
run_code check --connect
check 'and by user*master' "$code" 0
account scanner "imaps://localhost:$IMAPS_PORT" 'act_as = anna' 'master_separator = *' 'mechanism = login'
run_code check --connect
check 'by LOGIN too' "$code" 0
check 'the server knows who it was' "$(dovecot_log "$work/server" | grep -c 'Login: user=<anna>')" 11
for way in 'mechanism = auto' 'master_separator = *'; do
    account scanner "pop3s://localhost:$POP3S_PORT" 'act_as = anna' "$way"
    run_code check --connect
    check "over POP3 as well ($way)" "$code" 0
done
check 'the server knows that too' "$(dovecot_log "$work/server" | grep -c 'pop3-login: .*Login: user=<anna>')" 6

# A key: what the server shows is named, and pinned it takes the place of an authority.
account scanner "imaps://localhost:$IMAPS_PORT" 'act_as = anna' \
    'pinned_key = sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
run_code check --connect
check 'another key than the pinned one: refused' "$code" 77
key="$(openssl x509 -in "$work/server/tls/good.pem" -pubkey -noout | openssl pkey -pubin -outform DER |
    openssl dgst -sha256 -binary | base64)"
check_text 'the key that was seen is named' "$work/out" "the server shows the key sha256//${key//+/\\+}, and pinned_key"
account scanner "imaps://localhost:$IMAPS_PORT" 'act_as = anna' "pinned_key = sha256//$key"
sed -i '/^ca_file/d' "$work/etc/accounts.d/scanner.ini"
run_code check --connect
check 'the right key alone proves the server' "$code" 0
sed -i '/^pinned_key/d' "$work/etc/accounts.d/scanner.ini"
run_code check --connect
check_text 'an unknown authority: its key is named' "$work/out" "tls: .*the server shows the key sha256//${key//+/\\+}"

# One account, many mailboxes.
account scanner "imaps://localhost:$IMAPS_PORT"
printf '# sales\nanna\n\nbob,robert\n' >"$work/etc/sales.txt"
cat >>"$work/etc/accounts.d/scanner.ini" <<INI
[mailboxes.sales]
account = scanner
file = ../sales.txt
group = sales
INI
run_code poll
check 'a list of mailboxes is read' "$code" 0
check_text 'a mailbox of the list' "$work/out" '^ *scanner/anna .*ok'
check_text 'by a name of its own' "$work/out" '^ *scanner/robert .*ok'
check 'the login itself is no mailbox' "$(grep -c '^ *scanner ' "$work/out")" 0
check 'all messages came' "$(messages_known)" 6
printf 'anna\n' >"$work/etc/sales.txt"
run_code poll
check 'a line less is a mailbox less' "$code" 0
check 'and nothing of it is asked for' "$(grep -c 'scanner/robert' "$work/out")" 0
check 'no password in anything that was kept' "$(grep -rc 'secret-scanner' "$work/data" | grep -vc ':0$')" 0
