# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What the integration tests share: a folder of their own, a private mail server, the program
# under test, and checks that say what they saw. To be sourced by bash.
#
#   server KEY=VALUE...        start the private server in $work/server; sets IMAPS_PORT and so on
#   mailbox USER...            users with the passwords "secret-USER"
#   fill USER FOLDER COUNT [MEAN_KB [SEED]]   messages of our own making
#   account NAME URL [LINE...] writes accounts.d/NAME.ini with a password file
#   flagpost ARG...            runs the program with the test's configuration
#   run_code ARG...            the same, but sets $code, $work/out and $work/err
#   check LABEL GOT WANTED     both equal, or the test fails
#   check_text LABEL FILE PATTERN   the file holds a line that matches
#   digests_on_server USER     sorted SHA-256 of every message as IMAP and POP3 show it
#   no_login                   SUDO_USER says who root is
#   digests_kept               sorted SHA-256 of every copy in the volumes
set -eu

: "${FLAGPOST_SOURCE:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)}"
: "${FLAGPOST_PROGRAM:=$FLAGPOST_SOURCE/build/flagpost}"
helpers="$(dirname "$FLAGPOST_PROGRAM")/tests"

# shellcheck source=script/lib/dovecot.sh
. "$FLAGPOST_SOURCE/script/lib/dovecot.sh"

work="$(mktemp -d "${TMPDIR:-/tmp}/flagpost-test-XXXXXX")"
failed=0
relays=()

finish() {
    local status=$?
    local pid
    for pid in ${relays[@]+"${relays[@]}"}; do
        kill "$pid" 2>/dev/null || :
    done
    [ ! -e "$work/server/place" ] || dovecot_remove "$work/server"
    if [ "$status" != 0 ] || [ "$failed" != 0 ]; then
        [ ! -s "$work/err" ] || { printf -- '--- last messages\n' && tail -n 20 "$work/err"; } >&2
    fi
    rm -rf "$work"
    [ "$failed" = 0 ] || exit 1
    exit "$status"
}
trap finish EXIT

server() {
    dovecot_start "$work/server" "$@"
    # shellcheck source=/dev/null
    . "$work/server/ports"
}

mailbox() {
    local user
    for user in "$@"; do
        dovecot_add_user "$work/server" "$user" "secret-$user"
    done
    dovecot_settle "$work/server"
}

# Files go straight into the Maildir; one with a fresh name each time, so that it can be called again.
fill() {
    local user="$1" folder="$2" count="$3" mean="${4:-4}" seed="${5:-1}"
    rm -rf "$work/generated"
    "$helpers/helper-mailgen" "$work/generated" "$count" "$mean" "$seed"
    find "$work/generated" -type f | LC_ALL=C sort >"$work/generated.list"
    xargs -n 500 bash -c '. "$0"; dovecot_deliver "$@"' "$FLAGPOST_SOURCE/script/lib/dovecot.sh" \
        "$work/server" "$user" "$folder" <"$work/generated.list"
    rm -rf "$work/generated"
}

# Whether the kernel saw nobody log in here, so that SUDO_USER says who root is.
no_login() {
    [ "$(cat /proc/self/loginuid 2>/dev/null || echo 4294967295)" = 4294967295 ]
}

mkdir -p "$work/etc/accounts.d" "$work/secrets" "$work/rules"

# The rules that ship, so that what a test sees is what users see.
config() {
    cat >"$work/etc/flagpost.ini" <<INI
[general]
organisation = Example Corp
own_domains = corp.example, corp-mail.example
timezone = Europe/Berlin
data_dir = $work/data
rules_dir = $FLAGPOST_SOURCE/rules.d
INI
    [ $# = 0 ] || printf '%s\n' "$@" >>"$work/etc/flagpost.ini"
}
config

account() {
    local name="$1" url="$2"
    shift 2
    (umask 077 && printf 'secret-%s\n' "$name" >"$work/secrets/$name")
    {
        printf '[account.%s]\nurl = %s\nuser = %s\n' "$name" "$url" "$name"
        printf 'password_file = %s\nca_file = %s\n' "$work/secrets/$name" "$work/server/ca.pem"
        printf 'purpose = Test\n'
        [ $# = 0 ] || printf '%s\n' "$@"
    } >"$work/etc/accounts.d/$name.ini"
}

flagpost() {
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" "$@"
}

run_code() {
    code=0
    flagpost "$@" >"$work/out" 2>"$work/err" || code=$?
}

check() {
    if [ "$2" = "$3" ]; then
        printf 'ok    %s\n' "$1"
    else
        printf 'FAIL  %s: got "%s", wanted "%s"\n' "$1" "$2" "$3"
        failed=1
    fi
}

check_text() {
    if grep -Eq -- "$3" "$2"; then
        printf 'ok    %s\n' "$1"
    else
        printf 'FAIL  %s: no line like "%s" in:\n' "$1" "$3"
        head -n 30 "$2"
        failed=1
    fi
}

digests_on_server() {
    find "$(dovecot_place "$work/server")/mail/$1" \( -path '*/cur/*' -o -path '*/new/*' \) -type f |
        "$helpers/helper-digests" | LC_ALL=C sort
}

digests_kept() {
    local volume
    find "$work/data/copies" -name '*.tar' | while read -r volume; do
        tar -tf "$volume"
    done | sed -n 's/.*-\([0-9a-f]\{64\}\)\.eml$/\1/p' | LC_ALL=C sort
}

messages_known() {
    flagpost search --json --limit 0 | grep -c '"sha256"' || :
}

# relay [ARG...]: a line with faults to a port; sets $relay_port.
relay() {
    local fifo
    fifo="$(mktemp -u "$work/relay-XXXXXX")"
    mkfifo "$fifo"
    # Its input stays open until the test ends; then it ends as well.
    "$helpers/helper-delay" "$@" <"$fifo" >"$fifo.port" &
    relays+=($!)
    exec {relay_fd}>"$fifo"
    until [ -s "$fifo.port" ]; do sleep 0.02; done
    relay_port="$(cat "$fifo.port")"
}
