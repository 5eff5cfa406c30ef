# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A private Courier from relocated packages, for the integration tests; as root. To be sourced by bash, behind dovecot.sh
# (certificates, free ports) and relocated.sh. Courier's paths are built in, so it runs in a mount namespace of its own,
# where its files lie over those of the system.
#
#   courier_start DIR      start it; DIR/ca.pem, IMAPS_PORT, POP3S_PORT; the same ports each time
#   courier_stop  DIR
#   courier_user  DIR USER a mailbox with the password "secret-USER"; before the first start
#   courier_files DIR      the files of all messages

courier_script() {
    cat <<'INSIDE'
set -eu
dir="$1" tree="$2" imaps="$3" pop3s="$4"
exec >>"$dir/log" 2>&1 </dev/null
mkdir -p "$dir/mounts"
mount -t tmpfs tmpfs "$dir/mounts"
mkdir "$dir/mounts/lib" "$dir/mounts/libexec" "$dir/mounts/etc" "$dir/mounts/up" "$dir/mounts/work"
mount -t overlay overlay -o "lowerdir=$tree/usr/lib:/usr/lib" "$dir/mounts/lib"
mount --bind "$dir/mounts/lib" /usr/lib
mount -t overlay overlay -o "lowerdir=$tree/usr/libexec:/usr/libexec" "$dir/mounts/libexec"
mount --bind "$dir/mounts/libexec" /usr/libexec
mount -t overlay overlay -o "lowerdir=$tree/etc:/etc,upperdir=$dir/mounts/up,workdir=$dir/mounts/work" "$dir/mounts/etc"
mount --bind "$dir/mounts/etc" /etc
mount -t tmpfs tmpfs /run
mkdir -p /run/courier/authdaemon
export LD_LIBRARY_PATH=/usr/lib
data() {
    { cat "$1" && echo .; } | /usr/lib/courier/courier/makedatprog - "/etc/courier/$2.tmp" "/etc/courier/$2.dat"
    chmod 0600 "/etc/courier/$2.dat"
}
data "$dir/users" userdb
data "$dir/passwords" userdbshadow
sed -i 's/^authmodulelist=.*/authmodulelist="authuserdb"/' /etc/courier/authdaemonrc
set +u -a
. /etc/courier/authdaemonrc
/usr/lib/courier/courier-authlib/authdaemond &
. /etc/courier/imapd
. /etc/courier/imapd-ssl
. /etc/courier/pop3d
. /etc/courier/pop3d-ssl
TLS_CERTFILE="$dir/server.pem" TLS_TRUSTCERTS='' TLS_CACHEFILE='' IMAP_TLS=1 POP3_TLS=1
set +a
listen() {
    "$tree/usr/sbin/couriertcpd" -address=127.0.0.1 -maxprocs=40 -maxperip=40 -nodnslookup -noidentlookup \
        "$1" "$tree/usr/bin/couriertls" -server -tcpd "$2" "$3" Maildir &
}
listen "$imaps" /usr/lib/courier/courier/imaplogin "$tree/usr/bin/imapd"
listen "$pop3s" /usr/lib/courier/courier/courierpop3login /usr/lib/courier/courier/courierpop3d
wait
INSIDE
}

courier_start() {
    local dir="$1" waited
    if [ ! -e "$dir/server.pem" ]; then
        IMAPS_PORT="$(dovecot_port)"
        POP3S_PORT="$(dovecot_port "$IMAPS_PORT")"
        dovecot_certificates "$dir" good || return 1
        cat "$dir/tls/good.key" "$dir/tls/good.pem" >"$dir/server.pem"
        courier_script >"$dir/inside.sh"
    fi
    # With the first process of its own pid namespace everything in it ends.
    unshare --mount --pid --fork --mount-proc --kill-child bash "$dir/inside.sh" \
        "$dir" "$(relocated_tree courier)" "$IMAPS_PORT" "$POP3S_PORT" &
    courier_shell=$!
    for ((waited = 0; waited < 200; waited++)); do
        dovecot_port_answers "$IMAPS_PORT" && dovecot_port_answers "$POP3S_PORT" && return 0
        sleep 0.05
    done
    cat "$dir/log" >&2
    return 1
}

courier_stop() {
    [ -n "${courier_shell:-}" ] || return 0
    kill -KILL "$courier_shell" 2>/dev/null || :
    wait "$courier_shell" 2>/dev/null || :
    courier_shell=''
}

courier_user() {
    local dir="$1" user="$2"
    mkdir -p "$dir/mail/$user/Maildir"/{cur,new,tmp}
    chown -R mail:mail "$dir/mail/$user"
    printf '%s\tuid=%s|gid=%s|home=%s|shell=/bin/sh|mail=%s/Maildir\n' "$user" "$(id -u mail)" "$(id -g mail)" \
        "$dir/mail/$user" "$dir/mail/$user" >>"$dir/users"
    printf '%s\tsystempw=%s\n' "$user" "$(openssl passwd -6 "secret-$user")" >>"$dir/passwords"
}

courier_files() {
    find "$1/mail" -type f \( -path '*/cur/*' -o -path '*/new/*' \)
}
