#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Many accounts of one server: who comes after the first resumes their TLS session, which spares both sides the
# signature; and a pass in which nothing came starts no worker.
. "$(dirname "$0")/lib/flagpost.sh"

if ! command -v python3 >/dev/null; then
    printf 'skipped: needs python3\n'
    exit 77
fi
mkdir -p "$work/server"
dovecot_certificates "$work/server" good
python3 "$FLAGPOST_SOURCE/tests/integration/lib/imap-sessions.py" \
    "$work/server/tls/good.pem" "$work/server/tls/good.key" >"$work/sessions" 2>&1 &
sessions=$!
trap 'kill "$sessions" 2>/dev/null || :; finish' EXIT
for _ in $(seq 1 400); do
    [ ! -s "$work/sessions" ] || break
    sleep 0.05
done
port="$(head -n 1 "$work/sessions")"

# One after the other: a ticket of TLS 1.3 is good for one connection, the next comes with that one's greeting.
config '[limits]' 'connections_at_once = 1'
for n in 1 2 3 4 5 6; do
    account "user$n" "imaps://localhost:$port"
done
run_code --verbose poll
check 'six accounts are polled' "$code" 0
check 'the first begins from nothing' "$(sed -n 2p "$work/sessions")" 'full TLSv1.3'
check 'the others resume' "$(sed 1,2d "$work/sessions" | sort | uniq -c)" \
    '      5 resumed TLSv1.3'
check 'nobody was needed to read nothing' "$(grep -c 'workers:' "$work/err" || :)" 0

# The same words, where there is mail.
mkdir -p "$work/box/new" "$work/box/cur" "$work/box/tmp"
printf 'From: a@corp.example\r\n\r\nHello\r\n' >"$work/box/new/1"
touch -d '1 hour ago' "$work/box/new/1" "$work/box/new"
printf '[account.box]\nurl = maildir://%s\npurpose = Test\n' "$work/box" >"$work/etc/accounts.d/box.ini"
run_code --verbose poll box
check 'and somebody to read something' "$(grep -c 'workers:' "$work/err" || :)" 1
