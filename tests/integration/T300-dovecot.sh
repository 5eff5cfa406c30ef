#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Dovecot, asked what lib/real-server.sh asks of every server.
. "$(dirname "$0")/lib/flagpost.sh"
. "$(dirname "$0")/lib/real-server.sh"

real_start() { server; }
real_stop() { dovecot_stop "$work/server"; }
real_files() {
    find "$(dovecot_place "$work/server")/mail" -type f \( -path '*/cur/*' -o -path '*/new/*' \)
}

real_start
mailbox anna
mailbox pop
real_server_body
