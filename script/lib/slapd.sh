# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A private OpenLDAP server from relocated packages, for the integration tests. To be sourced by bash, behind dovecot.sh
# (certificates, free ports) and relocated.sh.
#
#   slapd_start DIR [CERTIFICATE]   start it for dc=corp,dc=example; DIR/ca.pem, LDAPS_PORT, LDAP_PORT; the same ports
#                                   each time. The manager's password is "secret-manager".
#   slapd_stop  DIR
#   slapd_load  DIR <LDIF           adds entries, or changes them

slapd_run() {
    local tree
    tree="$(relocated_tree ldap)" || return 1
    LD_LIBRARY_PATH="$tree/usr/lib/x86_64-linux-gnu" "$tree/usr/$@"
}

slapd_configure() {
    local dir="$1" tree
    tree="$(relocated_tree ldap)" || return 1
    mkdir -p "$dir/base"
    dovecot_certificates "$dir" "${2:-good}" || return 1
    cat >"$dir/root.ldif" <<'LDIF'
dn:
supportedCapabilities: 1.2.840.113556.1.4.1670
LDIF
    cat >"$dir/slapd.conf" <<CONF
include $tree/etc/ldap/schema/core.schema
include $tree/etc/ldap/schema/cosine.schema
include $tree/etc/ldap/schema/nis.schema
include $tree/etc/ldap/schema/inetorgperson.schema
attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.99999.1.1 NAME 'mailUser' SUP top AUXILIARY MAY proxyAddresses )
attributetype ( 1.3.6.1.4.1.99999.1.2 NAME 'supportedCapabilities' EQUALITY objectIdentifierMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )
modulepath $tree/usr/lib/ldap
moduleload back_mdb
pidfile $dir/pid
rootDSE $dir/root.ldif
sizelimit size.soft=3 size.hard=soft size.prtotal=unlimited
TLSCACertificateFile $dir/ca.pem
TLSCertificateFile $dir/tls/${2:-good}.pem
TLSCertificateKeyFile $dir/tls/${2:-good}.key
database mdb
maxsize 67108864
dbnosync
suffix dc=corp,dc=example
rootdn cn=manager,dc=corp,dc=example
rootpw secret-manager
directory $dir/base
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous auth
CONF
}

slapd_start() {
    local dir="$1" waited
    if [ ! -e "$dir/slapd.conf" ]; then
        LDAPS_PORT="$(dovecot_port)"
        LDAP_PORT="$(dovecot_port "$LDAPS_PORT")"
        slapd_configure "$@" || return 1
    fi
    slapd_run sbin/slapd -f "$dir/slapd.conf" -d none \
        -h "ldaps://127.0.0.1:$LDAPS_PORT ldap://127.0.0.1:$LDAP_PORT" >>"$dir/log" 2>&1 </dev/null &
    slapd_shell=$!
    for ((waited = 0; waited < 400; waited++)); do
        dovecot_port_answers "$LDAPS_PORT" && dovecot_port_answers "$LDAP_PORT" && return 0
        sleep 0.05
    done
    cat "$dir/log" >&2
    return 1
}

slapd_stop() {
    local pid
    pid="$(cat "$1/pid" 2>/dev/null)" || return 0
    kill "$pid" 2>/dev/null || :
    wait "$slapd_shell" 2>/dev/null || :
}

slapd_load() {
    slapd_run bin/ldapmodify -x -c -a -H "ldap://127.0.0.1:$LDAP_PORT" -D cn=manager,dc=corp,dc=example \
        -w secret-manager >/dev/null
}
