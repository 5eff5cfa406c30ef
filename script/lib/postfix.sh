# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A private Postfix on loopback for the integration tests. Delivers mail for officer, chief and flagpost@corp.example
# into Maildirs and refuses all other. To be sourced by bash, behind dovecot.sh, whose certificates and whose checking
# of passwords it uses. Needs root.
#
#   postfix_usable                         true, or says on stderr why not
#   postfix_start  DIR [KEY=VALUE...]      start it, wait until it answers, write DIR/smtp-ports and DIR/ca.pem
#   postfix_set    DIR KEY=VALUE...        change settings of main.cf while it runs
#   postfix_stop   DIR                     stop it
#   postfix_remove DIR                     stop it and remove everything it left
#   postfix_user   DIR USER PASSWORD       somebody who may log in
#   postfix_mails  DIR NAME [COUNT]        the files delivered to NAME@corp.example; waits for COUNT of them, 10 s
#   postfix_log    DIR
#
# DIR/smtp-ports sets SMTP_PORT (STARTTLS), SMTPS_PORT (TLS from the first byte) and LOGIN_PORT (STARTTLS; takes mail
# from those who logged in). The system's own Postfix, if there is one, is left alone.

postfix_fail() {
    printf 'postfix: %s\n' "$*" >&2
    return 1
}

postfix_usable() {
    if [ "$(id -u)" != 0 ]; then
        postfix_fail 'needs root'
    elif [ ! -x /usr/sbin/postfix ]; then
        postfix_fail 'not installed; script/bootstrap --test installs it'
    fi
}

# Its processes run as a user of their own, so it lies where everybody may pass.
postfix_place() {
    local dir="$1"
    mkdir -p "$dir"
    if [ ! -s "$dir/postfix-place" ]; then
        mktemp -d "${TMPDIR:-/tmp}/flagpost-postfix-XXXXXX" >"$dir/postfix-place"
        chmod 0755 "$(cat "$dir/postfix-place")"
    fi
    cat "$dir/postfix-place"
}

postfix_configure() {
    local dir="$1" place="$2" setting
    shift 2
    cat >"$place/etc/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $place/queue
data_directory = $place/data
maillog_file = $place/log/mail
maillog_file_prefixes = $place
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
relay_domains =
message_size_limit = 102400000
virtual_mailbox_domains = corp.example
virtual_mailbox_base = $place/mail
virtual_mailbox_maps = texthash:$place/etc/mailboxes
virtual_mailbox_limit = 0
virtual_minimum_uid = 1
virtual_uid_maps = static:$(id -u mail)
virtual_gid_maps = static:$(id -g mail)
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_tls_cert_file = $place/etc/server.pem
smtpd_tls_key_file = $place/etc/server.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $place/auth/socket
CONF
    for setting in "$@"; do
        printf '%s = %s\n' "${setting%%=*}" "${setting#*=}"
    done >>"$place/etc/main.cf"
    printf '%s@corp.example %s/\n' officer officer chief chief flagpost flagpost >"$place/etc/mailboxes"
    cat >"$place/etc/master.cf" <<CONF
127.0.0.1:$SMTP_PORT inet n - n - - smtpd
127.0.0.1:$SMTPS_PORT inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
127.0.0.1:$LOGIN_PORT inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
CONF
    cat >"$place/auth/dovecot.conf" <<CONF
base_dir = $place/auth/run
log_path = $place/auth/log
protocols =
ssl = no
auth_mechanisms = plain login
passdb {
  driver = passwd-file
  args = $place/auth/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=/nonexistent
}
service auth {
  unix_listener $place/auth/socket {
    mode = 0666
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
CONF
}

postfix_start() {
    local dir="$1" place waited
    shift
    postfix_usable || return 1
    place="$(postfix_place "$dir")" || return 1
    mkdir -p "$place"/{etc,queue,data,log,mail,auth/run}
    chown postfix "$place/data"
    chown mail:mail "$place/mail"
    [ -e "$place/auth/users" ] || (umask 027 && : >"$place/auth/users" && chgrp dovecot "$place/auth/users")
    dovecot_certificates "$dir" good || return 1
    (umask 077 && cp "$dir/tls/good.pem" "$place/etc/server.pem" && cp "$dir/tls/good.key" "$place/etc/server.key")
    if [ ! -s "$dir/smtp-ports" ]; then
        SMTP_PORT="$(dovecot_port)"
        SMTPS_PORT="$(dovecot_port "$SMTP_PORT")"
        LOGIN_PORT="$(dovecot_port "$SMTP_PORT" "$SMTPS_PORT")"
        printf 'SMTP_PORT=%s\nSMTPS_PORT=%s\nLOGIN_PORT=%s\n' "$SMTP_PORT" "$SMTPS_PORT" "$LOGIN_PORT" >"$dir/smtp-ports"
    fi
    # shellcheck disable=SC1091
    . "$dir/smtp-ports"
    postfix_configure "$dir" "$place" "$@"
    if ! dovecot -c "$place/auth/dovecot.conf" >"$place/start.out" 2>&1 </dev/null ||
        ! postfix -c "$place/etc" start >>"$place/start.out" 2>&1 </dev/null; then
        cat "$place/start.out" >&2
        postfix_log "$dir" >&2
        postfix_stop "$dir"
        postfix_fail 'did not start'
        return 1
    fi
    for ((waited = 0; waited < 100; waited++)); do
        if dovecot_port_answers "$SMTP_PORT" && dovecot_port_answers "$SMTPS_PORT" &&
            dovecot_port_answers "$LOGIN_PORT"; then
            return 0
        fi
        sleep 0.05
    done
    postfix_log "$dir" >&2
    postfix_stop "$dir"
    postfix_fail 'started, but its ports do not answer'
}

postfix_set() {
    local place
    place="$(postfix_place "$1")"
    shift
    postconf -c "$place/etc" -e "$@" && postfix -c "$place/etc" reload >/dev/null 2>&1
}

postfix_stop() {
    local place
    [ -s "$1/postfix-place" ] || return 0
    place="$(cat "$1/postfix-place")"
    postfix -c "$place/etc" stop >/dev/null 2>&1 </dev/null || :
    doveadm -c "$place/auth/dovecot.conf" stop >/dev/null 2>&1 || :
}

postfix_remove() {
    local place
    [ -s "$1/postfix-place" ] || return 0
    postfix_stop "$1"
    place="$(cat "$1/postfix-place")"
    case "$place" in
        */flagpost-postfix-??????) rm -rf -- "$place" ;;
    esac
    rm -f "$1/postfix-place"
}

postfix_user() {
    local place password
    place="$(postfix_place "$1")"
    password="$(printf %s "$3" | base64 -w 0)" # a colon would end it
    printf '%s:{PLAIN.b64}%s::::::\n' "$2" "$password" >>"$place/auth/users"
}

postfix_mails() {
    local folder waited
    folder="$(postfix_place "$1")/mail/$2/new"
    for ((waited = 0; waited < 100; waited++)); do
        [ "$(find "$folder" -type f 2>/dev/null | wc -l)" -lt "${3:-0}" ] || break
        sleep 0.1
    done
    find "$folder" -type f 2>/dev/null | LC_ALL=C sort
}

postfix_log() {
    local place
    place="$(postfix_place "$1")"
    cat "$place/log/mail" "$place/auth/log" 2>/dev/null || :
}
