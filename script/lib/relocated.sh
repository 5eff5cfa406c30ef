# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Debian packages unpacked below build/servers instead of installed: mail servers that conflict with one another,
# and a directory that would be started.
# To be sourced by bash.
#
#   relocated_fetch NAME PACKAGE...   download and unpack, unless it is there
#   relocated_tree  NAME              print the directory; false when it is not there
#   relocated_cyrus, relocated_courier, relocated_ldap   what each of them is made of

relocated_place="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/servers"

relocated_cyrus=(cyrus-common cyrus-imapd cyrus-pop3d sasl2-bin libxapian30 libical3)
relocated_courier=(
    courier-base courier-imap courier-pop courier-mta courier-authdaemon courier-authlib courier-authlib-userdb
    libcourier-unicode4 libgamin0 gamin
)

relocated_ldap=(slapd ldap-utils libodbc2)

relocated_tree() {
    [ -e "$relocated_place/$1/complete" ] && printf '%s\n' "$relocated_place/$1"
}

relocated_fetch() {
    local name="$1" package
    shift
    ! relocated_tree "$name" >/dev/null || return 0
    rm -rf "${relocated_place:?}/$name"
    mkdir -p "$relocated_place/$name/packages"
    (
        cd "$relocated_place/$name/packages"
        [ "$(id -u)" != 0 ] || chmod 0777 . # apt-get downloads as a user of its own
        apt-get -q download "$@"
        for package in *.deb; do
            dpkg-deb -x "$package" ..
        done
    ) && rm -rf "$relocated_place/$name/packages" && : >"$relocated_place/$name/complete"
}
