#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cyrus, asked what lib/real-server.sh asks of every server.
. "$(dirname "$0")/lib/flagpost.sh"
. "$(dirname "$0")/lib/real-server.sh"
. "$FLAGPOST_SOURCE/script/lib/relocated.sh"
. "$FLAGPOST_SOURCE/script/lib/cyrus.sh"

if ! relocated_tree cyrus >/dev/null || [ "$(id -u)" != 0 ]; then
    printf 'skipped: needs script/bootstrap --test, and root\n'
    exit 77
fi

leave() {
    local status=$?
    cyrus_stop "$work/server"
    (exit "$status")
    finish
}
trap leave EXIT

real_start() { cyrus_start "$work/server"; }
real_stop() { cyrus_stop "$work/server"; }
real_files() { cyrus_files "$work/server"; }

chmod 0711 "$work" # the server's own user
real_start
cyrus_user "$work/server" anna
cyrus_user "$work/server" pop
real_server_body
