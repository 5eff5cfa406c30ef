# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A private Cyrus from relocated packages, for the integration tests; as root. To be sourced by bash, behind dovecot.sh
# (certificates, free ports) and relocated.sh.
#
#   cyrus_start DIR      start it; DIR/ca.pem, IMAPS_PORT, POP3S_PORT; the same ports each time
#   cyrus_stop  DIR
#   cyrus_user  DIR USER a mailbox with the password "secret-USER"
#   cyrus_files DIR      the files of all messages

cyrus_configure() {
    local dir="$1" programs="$2"
    mkdir -p "$dir"/{conf,spool,sockets}
    cat >"$dir/imapd.conf" <<CONF
configdirectory: $dir/conf
defaultpartition: default
partition-default: $dir/spool
servername: localhost
admins: admin
cyrus_user: mail
cyrus_group: mail
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $dir/sasldb2
sasl_mech_list: PLAIN
unixhierarchysep: yes
altnamespace: yes
expunge_mode: immediate
tls_server_cert: $dir/server.crt
tls_server_key: $dir/server.key
lmtpsocket: $dir/sockets/lmtp
idlesocket: $dir/sockets/idle
notifysocket: $dir/sockets/notify
CONF
    cat >"$dir/cyrus.conf" <<CONF
START {
 recover cmd="$programs/ctl_cyrusdb -C $dir/imapd.conf -r"
}
SERVICES {
 imaps cmd="$programs/imapd -s -C $dir/imapd.conf" listen="127.0.0.1:$IMAPS_PORT" prefork=0
 pop3s cmd="$programs/pop3d -s -C $dir/imapd.conf" listen="127.0.0.1:$POP3S_PORT" prefork=0
}
EVENTS {
 checkpoint cmd="$programs/ctl_cyrusdb -C $dir/imapd.conf -c" period=300
}
CONF
    dovecot_certificates "$dir" good || return 1
    cp "$dir/tls/good.pem" "$dir/server.crt" && cp "$dir/tls/good.key" "$dir/server.key" || return 1
    chown -R mail:mail "$dir"
}

cyrus_run() {
    local tree
    tree="$(relocated_tree cyrus)" || return 1
    LD_LIBRARY_PATH="$tree/usr/lib/x86_64-linux-gnu:$tree/usr/lib/cyrus" "$tree/usr/$@"
}

cyrus_start() {
    local dir="$1" programs waited
    programs="$(relocated_tree cyrus)/usr/lib/cyrus/bin"
    if [ ! -e "$dir/imapd.conf" ]; then
        IMAPS_PORT="$(dovecot_port)"
        POP3S_PORT="$(dovecot_port "$IMAPS_PORT")"
        cyrus_configure "$dir" "$programs" || return 1
        printf 'secret-admin\n' | cyrus_run sbin/saslpasswd2 -p -c -f "$dir/sasldb2" -u localhost admin
        chown mail "$dir/sasldb2"
    fi
    cyrus_run lib/cyrus/bin/master -C "$dir/imapd.conf" -M "$dir/cyrus.conf" -p "$dir/pid" \
        >>"$dir/log" 2>&1 </dev/null &
    cyrus_shell=$!
    for ((waited = 0; waited < 200; waited++)); do
        dovecot_port_answers "$IMAPS_PORT" && dovecot_port_answers "$POP3S_PORT" && return 0
        sleep 0.05
    done
    cat "$dir/log" >&2
    return 1
}

# Its master can miss the end of a child that dies while it is told to stop, and then turns in circles for ever; a child
# can outlive the master. Both are asked first and ended after five seconds.
cyrus_stop() {
    local pid waited
    pid="$(cat "$1/pid" 2>/dev/null)" || return 0
    kill "$pid" 2>/dev/null || :
    for ((waited = 0; waited < 100; waited++)); do
        kill -0 "$cyrus_shell" 2>/dev/null || break
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || :
    pkill -KILL -f -- "-C $1/imapd.conf" 2>/dev/null || :
    wait "$cyrus_shell" 2>/dev/null || :
}

cyrus_user() {
    printf 'secret-%s\n' "$2" | cyrus_run sbin/saslpasswd2 -p -c -f "$1/sasldb2" -u localhost "$2"
    curl -sS --cacert "$1/ca.pem" -u admin:secret-admin "imaps://localhost:$IMAPS_PORT" -X "CREATE user/$2" >/dev/null
}

cyrus_files() {
    find "$1/spool" -type f -name '[0-9]*.'
}
