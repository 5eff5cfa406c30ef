# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A private Dovecot for the demo and the integration tests. To be sourced by bash.
#
#   dovecot_start   DIR [KEY=VALUE...]       start it, wait until it answers, write DIR/ports and DIR/ca.pem
#   dovecot_stop    DIR                      stop it and everything it started
#   dovecot_restart DIR [KEY=VALUE...]       stop and start; without KEY=VALUE the settings of the last start; same ports
#   dovecot_running DIR                      true while it runs
#   dovecot_user    DIR USER PASSWORD        add a user or change the password; any time
#   dovecot_add_user, dovecot_settle DIR     the same in two steps, for many users
#   dovecot_deliver DIR USER FOLDER FILE...  put messages into a Maildir folder; any time
#   dovecot_folder  DIR USER FOLDER          create (and subscribe) a folder, print its directory
#   dovecot_log     DIR                      print the log
#   dovecot_remove  DIR                      stop it and remove all that it kept
#
# DIR/ports holds IMAP_PORT, IMAPS_PORT, POP3_PORT and POP3S_PORT as shell assignments.
# Dovecot takes a client with its own address for secured and lets it log in without TLS, whatever it is told; who wants to
# see a login without TLS refused connects to STRICT_HOST, a second loopback address that the certificate names as well.
# A KEY=VALUE becomes a line of dovecot.conf (mail_location=sdbox:%h, pop3_uidl_format=%g, ...), but for
#   certificate=good|expired|stranger|wrong-name   what the server shows (stranger: not signed by DIR/ca.pem)
#   ssl=no                                     a server that knows no TLS; the ports of IMAPS and POP3S stay closed
#   imap_port=N imaps_port=N pop3_port=N pop3s_port=N   fixed ports instead of free ones
#
# Callers stop it in a trap: trap 'dovecot_stop "$dir"' EXIT
#
# Works as root and as any user. DIR/place names the directory of sockets and mail: DIR itself, or, where DIR has a
# path too long for sockets or lies in a directory that Dovecot's users may not enter, one of its own below /tmp.

dovecot_fail() {
    printf 'dovecot: %s\n' "$*" >&2
    return 1
}

# The directory of sockets, users and mail.
dovecot_place() {
    local dir="$1" place='' up old_umask
    if [ -s "$dir/place" ]; then
        place="$(cat "$dir/place")"
        if [ -d "$place" ]; then
            printf '%s\n' "$place"
            return 0
        fi
    fi
    mkdir -p "$dir"
    dir="$(cd "$dir" && pwd -P)"
    place="$dir"
    if [ "${#dir}" -gt 64 ]; then
        place=''
    elif [ "$(id -u)" = 0 ]; then
        up="$dir"
        while [ "$up" != / ]; do
            up="$(dirname "$up")"
            case "$(stat -c %A "$up")" in
                *x | *t) ;;
                *)
                    place=''
                    break
                    ;;
            esac
        done
    fi
    if [ -z "$place" ]; then
        place="$(mktemp -d "${TMPDIR:-/tmp}/flagpost-dovecot-XXXXXX")"
    fi
    chmod 0755 "$place"
    printf '%s\n' "$place" >"$dir/place"
    old_umask="$(umask)"
    umask 077
    mkdir -p "$place/mail"
    [ -e "$place/users" ] || : >"$place/users"
    umask "$old_umask"
    if [ "$(id -u)" = 0 ]; then
        chown dovecot "$place/users"
        chown mail:mail "$place/mail"
    fi
    printf '%s\n' "$place"
}

# ------------------------------------------------------------------------------------------------ certificates

# dovecot_certificate DIR NAME SUBJECT SAN CA [START END]
dovecot_certificate() {
    local dir="$1" name="$2" subject="$3" san="$4" ca="$5" start="${6:-}" end="${7:-}"
    local tls="$dir/tls"
    local -a dates=(-days 3650)
    if [ -n "$start" ]; then
        dates=(-startdate "$start" -enddate "$end")
    fi
    cat >"$tls/$name.cnf" <<CNF
[req]
prompt = no
distinguished_name = name
[name]
CN = $subject
[ca]
default_ca = own
[own]
new_certs_dir = $tls
database = $tls/$ca.db
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
x509_extensions = server
[any]
commonName = supplied
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = $san
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CNF
    : >>"$tls/$ca.db"
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config "$tls/$name.cnf" \
        -keyout "$tls/$name.key" -out "$tls/$name.csr"
    openssl ca -batch -notext -config "$tls/$name.cnf" -cert "$tls/$ca.pem" -keyfile "$tls/$ca.key" "${dates[@]}" \
        -in "$tls/$name.csr" -out "$tls/$name.pem"
}

dovecot_authority() {
    local tls="$1" name="$2" subject="$3"
    cat >"$tls/$name.cnf" <<CNF
[req]
prompt = no
distinguished_name = name
x509_extensions = authority
[name]
CN = $subject
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
CNF
    openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -config "$tls/$name.cnf" \
        -keyout "$tls/$name.key" -out "$tls/$name.pem"
}

dovecot_certificates_make() {
    local dir="$1" kind="$2" tls="$1/tls"
    local names='DNS:localhost, IP:127.0.0.1, IP:127.0.0.2'
    [ -s "$dir/ca.pem" ] || {
        dovecot_authority "$tls" ca 'Test authority' && cp "$tls/ca.pem" "$dir/ca.pem"
    } || return 1
    [ -s "$tls/$kind.pem" ] && return 0
    case "$kind" in
        good) dovecot_certificate "$dir" good localhost "$names" ca ;;
        expired) dovecot_certificate "$dir" expired localhost "$names" ca 20200101000000Z 20200201000000Z ;;
        wrong-name) dovecot_certificate "$dir" wrong-name elsewhere.example 'DNS:elsewhere.example' ca ;;
        stranger)
            dovecot_authority "$tls" other 'Other authority' &&
                dovecot_certificate "$dir" stranger localhost "$names" other
            ;;
        *) dovecot_fail "certificate=$kind: not one of good, expired, stranger, wrong-name" ;;
    esac
}

dovecot_certificates() {
    local dir="$1" kind="$2" old_umask
    old_umask="$(umask)"
    umask 077
    mkdir -p "$dir/tls"
    if ! dovecot_certificates_make "$dir" "$kind" >"$dir/tls/openssl.out" 2>&1; then
        umask "$old_umask"
        cat "$dir/tls/openssl.out" >&2
        dovecot_fail "no certificate could be made"
        return 1
    fi
    umask "$old_umask"
    chmod 0644 "$dir/ca.pem"
}

# ------------------------------------------------------------------------------------------------ ports and processes

dovecot_port_answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Below the range that the kernel hands out to clients, so that nothing takes the port between choice and use.
dovecot_port() {
    local port
    while :; do
        port=$((12000 + (RANDOM * 32768 + RANDOM) % 20000))
        case " $* " in *" $port "*) continue ;; esac
        dovecot_port_answers "$port" || break
    done
    printf '%s\n' "$port"
}

# The master's process id, if it is ours and alive.
dovecot_pid() {
    local place pid
    [ -s "$1/place" ] || return 1
    place="$(cat "$1/place")"
    [ -s "$place/run/master.pid" ] || return 1
    read -r pid <"$place/run/master.pid" || return 1
    tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$place/dovecot.conf" || return 1
    printf '%s\n' "$pid"
}

dovecot_running() {
    dovecot_pid "$1" >/dev/null
}

dovecot_children() {
    local stat line
    for stat in /proc/[0-9]*/stat; do
        { read -r line <"$stat"; } 2>/dev/null || continue
        # pid (name) state ppid ...; the name may hold blanks
        # shellcheck disable=SC2086
        set -- "$1" ${line##*) }
        if [ "${3:-}" = "$1" ]; then
            stat="${stat#/proc/}"
            printf '%s\n' "${stat%/stat}"
        fi
    done
}

dovecot_log() {
    local place
    place="$(cat "$1/place" 2>/dev/null)" || return 0
    cat "$place/dovecot.log" 2>/dev/null || :
}

# ------------------------------------------------------------------------------------------------ configuration

dovecot_configure() {
    local dir="$1" place="$2" kind="$3" user group login mail_user mail_group setting
    shift 3
    # shellcheck disable=SC1091
    . "$dir/ports"
    if [ "$(id -u)" = 0 ]; then
        user=dovecot group=dovecot login=dovenull mail_user=mail mail_group=mail
    else
        user="$(id -un)" group="$(id -gn)"
        login="$user" mail_user="$(id -u)" mail_group="$(id -g)"
    fi
    cat <<CONF
# Written by script/lib/dovecot.sh; a new start writes it anew.
base_dir = $place/run
state_dir = $place/state
log_path = $place/dovecot.log
log_timestamp = "%Y-%m-%d %H:%M:%S "
protocols = imap pop3
listen = 127.0.0.1, 127.0.0.2
instance_name = flagpost-${place##*/}

default_internal_user = $user
default_internal_group = $group
default_login_user = $login
first_valid_uid = 1
first_valid_gid = 1
default_process_limit = 400
default_client_limit = 2000
mail_max_userip_connections = 100
auth_cache_size = 0
auth_failure_delay = 0
login_greeting = ready
shutdown_clients = yes

ssl = required
ssl_min_protocol = TLSv1.2
ssl_cert = <$dir/tls/$kind.pem
ssl_key = <$dir/tls/$kind.key
disable_plaintext_auth = yes
auth_mechanisms = plain login

mail_location = maildir:%h
mail_fsync = never
lock_method = flock
passdb {
  driver = passwd-file
  args = username_format=%u $place/users
}
userdb {
  driver = static
  args = uid=$mail_user gid=$mail_group home=$place/mail/%u
}
namespace inbox {
  inbox = yes
}
service imap-login {
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {
    port = $IMAP_PORT
  }
  inet_listener imaps {
    port = $IMAPS_PORT
    ssl = yes
  }
}
service pop3-login {
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener pop3 {
    port = $POP3_PORT
  }
  inet_listener pop3s {
    port = $POP3S_PORT
    ssl = yes
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
CONF
    for setting in "$@"; do
        printf '%s = %s\n' "${setting%%=*}" "${setting#*=}"
    done
}

# ------------------------------------------------------------------------------------------------ start and stop

dovecot_start() {
    local dir="$1" place try kind=good tls=yes setting name port waited pid
    local imap='' imaps='' pop3='' pop3s=''
    local -a settings=()
    shift
    if ! command -v dovecot >/dev/null 2>&1 && [ ! -x /usr/sbin/dovecot ]; then
        dovecot_fail 'not installed; script/bootstrap installs it'
        return 1
    fi
    mkdir -p "$dir" || return 1
    dir="$(cd "$dir" && pwd -P)"
    if dovecot_running "$dir"; then
        dovecot_fail "already runs in $dir"
        return 1
    fi
    place="$(dovecot_place "$dir")" || return 1
    if [ -s "$dir/ports" ]; then # the ports of the last start, while they are free
        # shellcheck disable=SC1091
        . "$dir/ports"
        imap="$IMAP_PORT" imaps="$IMAPS_PORT" pop3="$POP3_PORT" pop3s="$POP3S_PORT"
        for port in "$imap" "$imaps" "$pop3" "$pop3s"; do
            if dovecot_port_answers "$port"; then
                imap='' imaps='' pop3='' pop3s=''
                break
            fi
        done
    fi
    : >"$dir/settings"
    for setting in "$@"; do
        printf '%s\n' "$setting" >>"$dir/settings"
        case "$setting" in
            certificate=*) kind="${setting#*=}" ;;
            imap_port=*) imap="${setting#*=}" ;;
            imaps_port=*) imaps="${setting#*=}" ;;
            pop3_port=*) pop3="${setting#*=}" ;;
            pop3s_port=*) pop3s="${setting#*=}" ;;
            ssl=no)
                tls=no
                settings+=("$setting")
                ;;
            *=*) settings+=("$setting") ;;
            *)
                dovecot_fail "$setting: not KEY=VALUE"
                return 1
                ;;
        esac
    done
    dovecot_certificates "$dir" "$kind" || return 1

    for try in 1 2 3 4 5; do
        : "${imap:=$(dovecot_port)}"
        : "${imaps:=$(dovecot_port "$imap")}"
        : "${pop3:=$(dovecot_port "$imap" "$imaps")}"
        : "${pop3s:=$(dovecot_port "$imap" "$imaps" "$pop3")}"
        printf 'IMAP_PORT=%s\nIMAPS_PORT=%s\nPOP3_PORT=%s\nPOP3S_PORT=%s\nSTRICT_HOST=127.0.0.2\n' \
            "$imap" "$imaps" "$pop3" "$pop3s" >"$dir/ports"
        dovecot_configure "$dir" "$place" "$kind" ${settings[@]+"${settings[@]}"} >"$place/dovecot.conf"
        rm -rf "$place/dovecot.log" "$place/run" # an old socket would be waited for
        # It must not inherit the caller's descriptors: a pipe held open would keep its reader waiting.
        if (
            for name in /proc/self/fd/*; do
                name="${name##*/}"
                [ "$name" -le 2 ] || eval "exec $name>&-" 2>/dev/null || :
            done
            cd / && PATH="$PATH:/usr/sbin:/sbin" exec dovecot -c "$place/dovecot.conf"
        ) </dev/null >"$place/start.out" 2>&1; then
            break
        fi
        if [ "$try" = 5 ] || ! grep -q 'Address already in use' "$place/start.out" "$place/dovecot.log" 2>/dev/null; then
            cat "$place/start.out" >&2
            dovecot_log "$dir" >&2
            dovecot_fail 'did not start'
            return 1
        fi
        imap='' imaps='' pop3='' pop3s=''
    done

    for ((waited = 0; waited < 100; waited++)); do
        if pid="$(dovecot_pid "$dir")" && dovecot_port_answers "$imap" && dovecot_port_answers "$pop3" &&
            { [ "$tls" = no ] || { dovecot_port_answers "$imaps" && dovecot_port_answers "$pop3s"; }; }; then
            printf '%s\n' "$pid" >"$dir/pid"
            return 0
        fi
        sleep 0.05
    done
    cat "$place/start.out" >&2
    dovecot_log "$dir" >&2
    dovecot_stop "$dir"
    dovecot_fail 'started, but its ports do not answer'
}

dovecot_stop() {
    local dir="$1" pid child waited alive
    local -a family
    pid="$(dovecot_pid "$dir")" || return 0
    mapfile -t family < <(dovecot_children "$pid")
    family+=("$pid")
    kill -TERM "$pid" 2>/dev/null || :
    for ((waited = 0; waited < 100; waited++)); do
        alive=no
        for child in "${family[@]}"; do
            if [ -d "/proc/$child" ] && ! grep -q '^State:[[:blank:]]*Z' "/proc/$child/status" 2>/dev/null; then
                alive=yes
                # After two seconds no more courtesy.
                [ "$waited" -lt 40 ] || kill -KILL "$child" 2>/dev/null || :
            fi
        done
        [ "$alive" = yes ] || break
        sleep 0.05
    done
    rm -f "$dir/pid"
    if [ "$alive" = yes ]; then
        dovecot_fail "some processes did not end: ${family[*]}"
        return 1
    fi
}

dovecot_restart() {
    local dir="$1"
    local -a settings=()
    shift
    if [ "$#" = 0 ] && [ -s "$dir/settings" ]; then
        mapfile -t settings <"$dir/settings"
        set -- "${settings[@]}"
    fi
    dovecot_stop "$dir" && dovecot_start "$dir" "$@"
}

dovecot_remove() {
    local dir="$1" place
    dovecot_stop "$dir" || return 1
    if [ -s "$dir/place" ]; then
        place="$(cat "$dir/place")"
        case "$place" in
            "$dir") ;;
            */flagpost-dovecot-??????) rm -rf -- "$place" ;;
        esac
    fi
    rm -rf -- "$dir"
}

# ------------------------------------------------------------------------------------------------ users and mail

dovecot_user() {
    dovecot_add_user "$@" && dovecot_settle "$1"
}

# The same, for many: to be followed by one dovecot_settle.
dovecot_add_user() {
    local dir="$1" user="$2" password place
    password="$(printf %s "$3" | base64 -w 0)" # a colon would end it
    place="$(dovecot_place "$dir")" || return 1
    # Written in place, so that owner and mode stay.
    {
        grep -v -- "^$user:" "$place/users" || :
        printf '%s:{PLAIN.b64}%s::::::\n' "$user" "$password"
    } >"$place/users.new"
    cat "$place/users.new" >"$place/users"
    rm -f "$place/users.new"
}

# Dovecot looks at its users once in a second of its clock: who logs in within the second in which they were added may not
# be known yet.
dovecot_settle() {
    if dovecot_running "$1"; then
        sleep "0.$(printf '%03d' $((1000 - 10#$(date +%N) / 1000000 - 1)))"
        sleep 0.02
    fi
}

# The folder's name as Maildir++ and IMAP want it: modified UTF-7 (RFC 3501, 5.1.3).
dovecot_utf7() {
    local rest="$1" out='' plain wide
    local LC_ALL=C
    while [ -n "$rest" ]; do
        plain="${rest%%[!\ -~]*}"
        out+="${plain//&/&-}"
        rest="${rest#"$plain"}"
        wide="${rest%%[\ -~]*}"
        if [ -n "$wide" ]; then
            rest="${rest#"$wide"}"
            wide="$(printf '%s' "$wide" | iconv -f UTF-8 -t UTF-16BE | base64 -w 0 | tr -d '=' | tr / ,)"
            out+="&$wide-"
        fi
    done
    printf '%s\n' "$out"
}

dovecot_folder() {
    local dir="$1" user="$2" folder="$3" place home name box
    place="$(dovecot_place "$dir")" || return 1
    home="$place/mail/$user"
    name="$(dovecot_utf7 "$folder")"
    if [ "$folder" = INBOX ]; then
        box="$home"
    else
        box="$home/.${name//\//.}"
    fi
    (
        umask 077
        mkdir -p "$home/cur" "$home/new" "$home/tmp" "$box/cur" "$box/new" "$box/tmp"
        [ "$box" = "$home" ] || : >>"$box/maildirfolder"
        : >>"$home/subscriptions"
        # The list of subscriptions uses the names of Maildir++, without its first dot.
        grep -qxF -- "${name//\//.}" "$home/subscriptions" || printf '%s\n' "${name//\//.}" >>"$home/subscriptions"
    ) || return 1
    if [ "$(id -u)" = 0 ]; then
        chown mail:mail "$home" "$home"/{cur,new,tmp} "$home/subscriptions" "$box" "$box"/{cur,new,tmp}
        [ "$box" = "$home" ] || chown mail:mail "$box/maildirfolder"
    fi
    printf '%s\n' "$box"
}

dovecot_deliver() {
    local dir="$1" user="$2" folder="$3" box file name
    local -a names=()
    shift 3
    [ "$#" -gt 0 ] || return 0
    box="$(dovecot_folder "$dir" "$user" "$folder")" || return 1
    # Names sort in order of delivery: a server that has not seen them yet numbers them in that order.
    if [ "$#" -ge 50 ] && [ "$(printf '%s\n' "${@##*/}" | LC_ALL=C sort -c -u 2>&1)" = '' ]; then
        # Many, and their own names are in order: one process for all instead of one for each.
        dovecot_delivery_name
        mkdir "$box/tmp/$name" && printf '%s\0' "$@" | xargs -0 cp -t "$box/tmp/$name" -- || return 1
        for file in "$@"; do
            names+=("${file##*/}")
        done
        (
            cd "$box/tmp/$name"
            printf '%s\0' "${names[@]}" |
                tar -cf - --null --verbatim-files-from --no-recursion -T - |
                tar -xf - -C .. --transform "s|^|${name%.flagpost}_|"
        ) || return 1
        rm -rf "${box:?}/tmp/$name"
        names=("$box/tmp/${name%.flagpost}_"*)
        dovecot_delivered_batch "$box" "${names[@]}"
        return
    fi
    for file in "$@"; do
        dovecot_delivery_name
        cp -- "$file" "$box/tmp/$name" || return 1
        names+=("$box/tmp/$name")
    done
    dovecot_delivered_batch "$box" "${names[@]}"
}

# Sets name to one that no other delivery has.
dovecot_delivery_name() {
    name="${EPOCHREALTIME//[!0-9]/}"
    dovecot_delivered=$((${dovecot_delivered:-0} + 1))
    name="${name%??????}.M${name: -6}P${BASHPID}Q$dovecot_delivered.flagpost"
}

# Mode, owner, and the move that makes them visible.
dovecot_delivered_batch() {
    local box="$1"
    shift
    printf '%s\0' "$@" | xargs -0 chmod 0600 -- || return 1
    if [ "$(id -u)" = 0 ]; then
        printf '%s\0' "$@" | xargs -0 chown mail:mail -- || return 1
    fi
    printf '%s\0' "$@" | xargs -0 mv -t "$box/new" --
}
