#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Tokens against a mail server that asks the endpoint whose they are: three ways to one, what is revoked and what has expired,
# a rotated refresh token that outlives a kill, and no secret in anything that is written.
. "$(dirname "$0")/lib/flagpost.sh"

desk="$work/desk"
mkdir -p "$desk"
chmod 0755 "$work"
dovecot_place "$work/server" >/dev/null
dovecot_certificates "$work/server" good
mkfifo "$work/desk.in"
"$helpers/helper-token-server" "$work/server/tls/good.pem" "$work/server/tls/good.key" "$desk" \
    <"$work/desk.in" >"$work/desk.ports" &
relays+=($!)
exec {desk_fd}>"$work/desk.in"
until [ -s "$work/desk.ports" ]; do sleep 0.02; done
read -r https_port http_port <"$work/desk.ports"
url="https://localhost:$https_port/token"

printf 'client-secret-4711' >"$desk/secret"
printf 'first-refresh-token' >"$desk/refresh"
printf 'anna' >"$desk/mailbox"
openssl genrsa -out "$work/secrets/key.pem" 2048 2>/dev/null
openssl rsa -in "$work/secrets/key.pem" -pubout -out "$desk/public" 2>/dev/null
(umask 077 && printf 'client-secret-4711\n' >"$work/secrets/client" && printf 'first-refresh-token\n' >"$work/secrets/seed")
chmod 0600 "$work/secrets/key.pem"

oauth="$work/dovecot-oauth2.conf"
cat >"$oauth" <<CONF
introspection_mode = get
introspection_url = http://127.0.0.1:$http_port/introspect?token=
username_attribute = username
active_attribute = active
active_value = true
CONF
chmod 0644 "$oauth"
server auth_mechanisms="plain login xoauth2 oauthbearer
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $oauth
}"
for user in anna bob; do
    mailbox "$user"
    fill "$user" INBOX 2 4 "${#user}"
done

# token_account NAME SCHEME LINE...
token_account() {
    local name="$1" where="imaps://localhost:$IMAPS_PORT"
    [ "$2" = imaps ] || where="pop3s://localhost:$POP3S_PORT"
    shift 2
    printf '%s\n' "[account.$name]" "url = $where" "ca_file = $work/server/ca.pem" 'purpose = Test' \
        'client_id = flagpost' "token_url = $url" "$@" >"$work/etc/accounts.d/$name.ini"
}
client=('auth = oauth-client' "password_file = $work/secrets/client")
refresh=('auth = oauth-refresh' "refresh_token_file = $work/secrets/seed" 'user = anna')
: >"$work/said"
run_kept() {
    run_code "$@"
    cat "$work/out" "$work/err" >>"$work/said"
}

for mechanism in xoauth2 oauthbearer auto; do
    for scheme in imaps pop3s; do
        token_account hq "$scheme" "${client[@]}" 'user = anna' "mechanism = $mechanism"
        run_kept check --connect
        check "client credentials, $scheme, $mechanism" "$code" 0
    done
done
check 'the server saw both mechanisms' \
    "$(dovecot_log "$work/server" | sed -n 's/.*Login:.*method=\([A-Z0-9-]*\),.*/\1/p' | sort -u | xargs)" \
    'OAUTHBEARER XOAUTH2'

token_account hq imaps 'auth = oauth-service' "key_file = $work/secrets/key.pem" 'user = bob'
run_kept check --connect
check 'an assertion for bob opens the mailbox of bob' "$code" 0
token_account hq imaps 'auth = oauth-service' "key_file = $work/secrets/key.pem"
printf '%s\n' '[mailboxes.all]' 'account = hq' 'file = all.txt' >>"$work/etc/accounts.d/hq.ini"
printf 'anna\nbob\n' >"$work/etc/accounts.d/all.txt"
run_kept poll
check 'a list of mailboxes, each with its own assertion' "$code" 0
check 'all messages came' "$(messages_known)" 4

# Refusals, each with its own words.
token_account hq imaps "${client[@]}" 'user = bob'
run_kept check --connect
check 'a token of anna does not open the mailbox of bob' "$code" 77
check_text 'and that is what is said' "$work/out" '^hq +login: login refused for bob \(AUTHENTICATE (XOAUTH2|OAUTHBEARER)\).*not accepted'
token_account hq imaps "${client[@]}" 'user = anna'
printf 'another' >"$desk/secret"
run_kept check --connect
check 'a client that is not let in' "$code" 77
check_text 'named' "$work/out" '^hq +token: no token for flagpost .*invalid_client.*its secret'
printf 'client-secret-4711' >"$desk/secret"
printf 'HTTP/1.1 429 X\r\nRetry-After: 7\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}' >"$desk/answer"
run_kept check --connect
check 'an endpoint that wants some peace: away' "$code" 69
check_text 'named' "$work/out" '^hq +away: no token from .*status 429.*asked for some time'
printf 'HTTP/1.1 400 X\r\nConnection: close\r\n\r\n{"error":"invalid_request","error_description":"secret client-secret-4711 is odd"}' >"$desk/answer"
run_kept check --connect
check_text 'an endpoint that quotes our secret: it does not pass' "$work/out" 'secret \*+ is odd'
{ printf 'HTTP/1.1 200 X\r\nConnection: close\r\n\r\n{"x":"' && head -c 70000 /dev/zero | tr '\0' x && printf '"}'; } >"$desk/answer"
run_kept check --connect
check_text 'an endless answer' "$work/out" '^hq +token: .*over 64 KiB'
printf 'HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:%s/token\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$http_port" >"$desk/answer"
run_kept check --connect
check_text 'a secret follows no redirection' "$work/out" '^hq +token: .*status 302'
rm "$desk/answer"

# Refresh tokens: rotated, durable, revoked, renewed by people.
token_account hq imaps "${refresh[@]}"
run_kept check --connect
check 'a refresh token' "$code" 0
check 'its successor is in a file of ours' "$(stat -c %a "$work/data/oauth/hq")" 600
check 'the newest one' "$(sed -n 's/^token //p' "$work/data/oauth/hq")" "$(cat "$desk/refresh")"
run_kept check --connect
check 'which is good for the next process' "$code" 0

# Killed with the new token written and not used: the mail server does not answer.
relay --to "$IMAPS_PORT" --delay 60000
sed -i "s|^url = .*|url = imaps://localhost:$relay_port|" "$work/etc/accounts.d/hq.ini"
newest() {
    sed -n 's/^token //p' "$work/data/oauth/hq"
}
for round in 1 2 3; do
    before="$(newest)"
    setsid "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/killed" 2>&1 &
    victim=$!
    for ((i = 0; i < 1000; i++)); do
        [ "$(newest)" = "$before" ] || break
        sleep 0.02
    done
    kill -KILL -- "-$victim" 2>/dev/null || :
    wait "$victim" 2>/dev/null || :
    check "killed before the use of a rotated token ($round): it is durable" "$(newest)" "$(cat "$desk/refresh")"
done
sed -i "s|^url = .*|url = imaps://localhost:$IMAPS_PORT|" "$work/etc/accounts.d/hq.ini"
run_kept check --connect
check 'and the next process goes on with it' "$code" 0

printf 'something-else' >"$desk/refresh"
run_kept check --connect
check 'a revoked refresh token' "$code" 77
check_text 'is called that' "$work/out" '^hq +token: .*invalid_grant.*revoked or has expired.*consent again'
(umask 077 && printf 'something-else\n' >"$work/secrets/seed")
run_kept check --connect
check 'a new consent takes its place without more ado' "$code" 0

# The service keeps a token until shortly before it ends, and takes another when the server wants it no more.
token_account hq imaps "${client[@]}" 'user = anna' 'every = 5s'
: >"$desk/log"
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" -v run >"$work/service" 2>&1 &
service=$!
relays+=("$service")
for ((i = 0; i < 600; i++)); do
    [ "$(grep -c 'account=hq state=ok' "$work/service")" -lt 3 ] || break
    sleep 0.05
done
check 'three passes of the service' "$(($(grep -c 'account=hq state=ok' "$work/service") >= 3))" 1
check 'on one token' "$(grep -c . "$desk/log")" 1
kill "$service"
wait "$service" 2>/dev/null || :

cat "$work/service" "$work/killed" >>"$work/said"
check 'no secret in anything that was said' \
    "$(grep -cE 'client-secret-4711|(first|access|refresh)-(refresh-token|[0-9]+-)' "$work/said")" 0
check 'nor in what was kept' "$(grep -rlE 'client-secret-4711|access-[0-9]+-' "$work/data" | wc -l)" 0
