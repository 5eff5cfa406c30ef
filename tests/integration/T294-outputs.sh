#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# New flags go to a collector of logs (rsyslog, TCP and TLS) and to a webhook, each once they are
# taken, in order, and again after a refusal. What is not verified gets nothing.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

for program in rsyslogd python3 openssl; do
    PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || { echo "skipped: no $program" && exit 77; }
done
started=()
end() {
    [ "${#started[@]}" = 0 ] || kill "${started[@]}" 2>/dev/null || :
    finish
}
trap end EXIT

until_true() { # COMMAND...: waits for a condition, for a minute at most
    local i
    for ((i = 0; i < 600; i++)); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    return 1
}

certificates() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Test CA' -keyout "$work/ca.key" -out "$work/ca.pem"
    openssl req -newkey rsa:2048 -nodes -subj '/CN=localhost' -keyout "$work/tls.key" -out "$work/tls.csr"
    printf 'subjectAltName = DNS:localhost, IP:127.0.0.1\n' >"$work/tls.ext"
    openssl x509 -req -days 2 -in "$work/tls.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
        -extfile "$work/tls.ext" -out "$work/tls.pem"
}
certificates >"$work/openssl.out" 2>&1

collector() { # NAME MODE: 0 in clear, 1 TLS; sets $port
    mkdir -p "$work/$1"
    cat >"$work/$1/rsyslog.conf" <<CONF
global(workDirectory="$work/$1" maxMessageSize="64k" defaultNetstreamDriver="$([ "$2" = 1 ] && echo gtls || echo ptcp)"
    defaultNetstreamDriverCAFile="$work/ca.pem" defaultNetstreamDriverCertFile="$work/tls.pem"
    defaultNetstreamDriverKeyFile="$work/tls.key")
module(load="imtcp" streamDriver.mode="$2" streamDriver.authMode="anon")
input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName="$work/$1/port")
template(name="all" type="string" string="%pri% %app-name% %msgid% %timestamp:::date-rfc3339% %msg%\n")
action(type="omfile" file="$work/$1/log" template="all")
CONF
    PATH="$PATH:/usr/sbin" rsyslogd -n -f "$work/$1/rsyslog.conf" -i "$work/$1/pid" >"$work/$1/out" 2>&1 &
    started+=($!)
    until_true test -s "$work/$1/port"
    port="$(cat "$work/$1/port")"
}

mkdir -p "$work/eml"
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
# The rules that ship are masked, so that a flag is one of ours.
for rule in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/${rule##*/}"
done
cat >"$work/rules/90-code.ini" <<'INI'
[rule]
id = code-name
title = A code name leaves
severity = high
description = Finds the code name.
[content.name]
type = words
words = nightjar
where = body
INI
for i in 1 2 3; do
    printf '%s\n' 'From: anna@corp.example' 'To: bob@rival.example' "Subject: mail $i" "Message-ID: <$i@corp.example>" '' \
        'the nightjar flies' >"$work/eml/$i.eml"
done
find "$work/eml" -type f -exec touch -d '2026-01-01' {} +
printf '[account.box]\nurl = eml://%s/eml\npurpose = Test\nkeep = all\n' "$work" >"$work/etc/accounts.d/box.ini"

collector clear 0
clear_port="$port"
collector tls 1
(umask 077 && printf 'a key of the test\n' >"$work/secrets/hook" && printf 'another\n' >"$work/secrets/other")
python3 "$FLAGPOST_SOURCE/tests/integration/lib/webhook.py" "$work/tls.pem" "$work/tls.key" "$work/secrets/hook" \
    "$work/hook.log" 1 >"$work/hook.port" &
started+=($!)
until_true test -s "$work/hook.port"
hook="https://localhost:$(cat "$work/hook.port")/flags"
cat >>"$work/etc/flagpost.ini" <<INI
[output.clear]
url = syslog://127.0.0.1:$clear_port
[output.tls]
url = syslogs://localhost:$port
ca_file = $work/ca.pem
[output.hook]
url = $hook
format = ecs
password_file = $work/secrets/hook
ca_file = $work/ca.pem
[output.forged]
url = $hook
password_file = $work/secrets/other
ca_file = $work/ca.pem
[output.stranger]
url = syslogs://localhost:$port
INI
run_code check
check 'check takes the sections' "$code" 0

run_service() {
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.log" 2>&1 &
    service=$!
    started+=("$service")
}
has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

run_service
until_true has_lines "$work/clear/log" 3
until_true has_lines "$work/tls/log" 3
until_true grep -q '^503 hook' "$work/hook.log"
until_true grep -q '^403 forged' "$work/hook.log"
until_true grep -q 'output stranger' "$work/service.log"
check 'the collector has each flag once' "$(wc -l <"$work/clear/log")" 3
check 'facility 13, critical, by name, in UTC' \
    "$(grep -cE '^106 flagpost flag [0-9-]{10}T[0-9:]{8}(Z|\+00:00)  ?CEF:0\|Flagpost\|' "$work/clear/log")" 3
check 'in order' "$(grep -oE 'msg=mail [0-9]' "$work/clear/log" | sort -c && echo sorted)" sorted
python3 - "$work/clear/log" >"$work/cef" <<'PY'
import sys
print(*[line[line.index("CEF:0"):].rstrip("\n") for line in open(sys.argv[1])], sep="\n")
PY
check 'what arrived is CEF' "$(python3 "$FLAGPOST_SOURCE/tests/integration/lib/machine.py" cef "$work/cef")" 3
check 'the same over TLS' "$(grep -o 'CEF:0.*' "$work/tls/log" | sha256sum)" "$(grep -o 'CEF:0.*' "$work/clear/log" | sha256sum)"
check_text 'a certificate that nobody vouches for gets nothing' "$work/service.log" 'output stranger: .*(certificate|SSL)'
check_text 'a wrong key is refused, and said' "$work/service.log" 'output forged: localhost:[0-9]+ answers 403'
check_text 'a webhook that is busy is tried again' "$work/service.log" 'output hook: .*answers 503; it is tried again'
kill "$service"
wait "$service" || :

# What was not taken goes again, as the same batch; what was taken does not.
run_service
until_true grep -q '^204 hook' "$work/hook.log"
check 'the same batch, signed' "$(grep -c '^204 hook-1-3 True 3$' "$work/hook.log")" 1
check 'and ECS' "$(python3 "$FLAGPOST_SOURCE/tests/integration/lib/machine.py" ecs "$work/hook.log.body")" 3
kill "$service"
wait "$service" || :
check 'the collector got nothing twice' "$(wc -l <"$work/clear/log")" 3
# What says how far an output is was damaged: it goes on with what comes, and that is told.
find "$work/data/outputs" -type f -name '*hook*' -exec sh -c 'echo damaged >"$1"' - {} \;
run_service
until_true grep -q 'output hook: .*does not say how far' "$work/service.log"
check_text 'a damaged cursor is told' "$work/service.log" 'output hook: .*does not say how far'
kill "$service"
wait "$service" || :
flagpost report --date today --format text --out - >"$work/report" 2>&1 || :
check_text 'the report says who could not be told' "$work/report" 'output (forged|stranger|hook)'
flagpost audit --json >"$work/audit" 2>&1 || :
check_text 'what was handed out stands in the ledger' "$work/audit" 'hook: flags 1 to 3'
check_text 'and so does a cursor that was damaged' "$work/report" 'does not say how far'
