#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Courier, asked what lib/real-server.sh asks of every server.
. "$(dirname "$0")/lib/flagpost.sh"
. "$(dirname "$0")/lib/real-server.sh"
. "$FLAGPOST_SOURCE/script/lib/relocated.sh"
. "$FLAGPOST_SOURCE/script/lib/courier.sh"

if ! relocated_tree courier >/dev/null || ! unshare --mount --pid --fork true 2>/dev/null; then
    printf 'skipped: needs script/bootstrap --test, and the right to mount\n'
    exit 77
fi

leave() {
    local status=$?
    courier_stop
    (exit "$status")
    finish
}
trap leave EXIT

real_prefix=INBOX.
real_start() { courier_start "$work/server"; }
real_stop() { courier_stop; }
real_files() { courier_files "$work/server"; }

chmod 0711 "$work" # the server's own users
mkdir -p "$work/server"
courier_user "$work/server" anna
courier_user "$work/server" pop
real_start
real_server_body
