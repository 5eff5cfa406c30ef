#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Groups of a directory, by a real slapd: pages, groups within groups and in a circle, prefixes of addresses, TLS that is
# not right, a directory that is away, and a service that follows.
. "$(dirname "$0")/lib/flagpost.sh"
. "$FLAGPOST_SOURCE/script/lib/relocated.sh"
. "$FLAGPOST_SOURCE/script/lib/slapd.sh"

if ! relocated_tree ldap >/dev/null; then
    printf 'skipped: needs script/bootstrap --test\n'
    exit 77
fi
leave() {
    local status=$?
    slapd_stop "$work/ldap"
    (exit "$status")
    finish
}
trap leave EXIT

mkdir -p "$work/ldap"
slapd_start "$work/ldap"
person() { # NAME LINE...
    printf 'dn: uid=%s,ou=people,dc=corp,dc=example\nobjectClass: inetOrgPerson\nobjectClass: mailUser\ncn: %s\nsn: %s\nuid: %s\n' \
        "$1" "$1" "$1" "$1"
    shift
    [ $# = 0 ] || printf '%s\n' "$@"
    printf '\n'
}
group() { # NAME MEMBER...
    printf 'dn: cn=%s,ou=groups,dc=corp,dc=example\nobjectClass: groupOfNames\ncn: %s\n' "$1" "$1"
    shift
    printf 'member: %s,dc=corp,dc=example\n' "$@"
    printf '\n'
}
{
    printf 'dn: dc=corp,dc=example\nobjectClass: dcObject\nobjectClass: organization\no: Corp\ndc: corp\n\n'
    printf 'dn: ou=people,dc=corp,dc=example\nobjectClass: organizationalUnit\nou: people\n\n'
    printf 'dn: ou=groups,dc=corp,dc=example\nobjectClass: organizationalUnit\nou: groups\n\n'
    person anna 'mail: Anna@corp.example' 'proxyAddresses: SMTP:anna@corp.example' \
        'proxyAddresses: smtp:a.muster@corp.example' 'proxyAddresses: sip:anna@voice.example' 'proxyAddresses: X500:/o=Corp'
    person bert 'mail: bert@corp.example' 'l: Berlin'
    person carl 'mail: carl@corp.example' 'l: Berlin'
    person dora
    for n in {1..600}; do person "n$n" "mail: n$n@corp.example" 'l: Nantes'; done
    person scanner 'userPassword: secret-scanner'
    group board uid=anna,ou=people cn=council,ou=groups uid=dora,ou=people uid=gone,ou=people
    group council uid=bert,ou=people cn=board,ou=groups
    printf 'dn: cn=unix,ou=groups,dc=corp,dc=example\nobjectClass: posixGroup\ncn: unix\ngidNumber: 7\nmemberUid: carl\nmemberUid: nobody\n\n'
} | slapd_load "$work/ldap"

(umask 077 && printf 'secret-scanner\n' >"$work/secrets/directory")
directory() { # URL GROUP-LINE...
    local url="$1"
    shift
    config "[directory.corp]" "url = $url" 'user = uid=scanner,ou=people,dc=corp,dc=example' \
        "password_file = $work/secrets/directory" "ca_file = $work/ldap/ca.pem" 'base = dc=corp,dc=example' \
        ${more+"$more"} '[group.board]' 'directory = corp' "$@"
}
# Not "localhost": libldap holds a certificate against the name of the machine then.
ldaps="ldaps://127.0.0.1:$LDAPS_PORT"
board='ldap_group = cn=board,ou=groups,dc=corp,dc=example'
kept() { sed -n '6,$p' "$work/data/groups/board.members" 2>/dev/null | tr '\n' ' '; }
asked() { # LABEL CODE MEMBERS: a check that asks
    run_code check --connect
    check "$1" "$code: $(kept)" "$2: $3"
}

server
mailbox anna
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'

directory "$ldaps" "$board"
run_code check
check 'a group that was never had is an error' "$code" 78
check_text 'and says how to have it' "$work/err" "group 'board': directory 'corp' was never asked"
asked 'groups within groups, in a circle; people alone, by their addresses' 0 \
    'a.muster@corp.example anna@corp.example bert@corp.example '
check_text 'who is not there and who has no address is said' "$work/out" '1 members are not in this .*; 1 people have no'
check 'the copy is for us alone' "$(stat -c %a "$work/data/groups/board.members")" 600
directory "ldap://127.0.0.1:$LDAP_PORT" "$board" 'filter = (l=Berlin)'
asked 'STARTTLS; some of the members' 0 'bert@corp.example '
directory "$ldaps" 'filter = (l=Nantes)'
run_code check --connect
check 'more than the server gives at once (3), and than a page holds: pages' "$code: $(kept | wc -w)" '0: 600'
directory "$ldaps" 'ldap_group = cn=unix,ou=groups,dc=corp,dc=example'
asked 'members by their login names' 0 'carl@corp.example '

directory "$ldaps" "$board"
asked 'the first group again' 0 'a.muster@corp.example anna@corp.example bert@corp.example '
sed -i 's/1670/800/' "$work/ldap/root.ldif"
slapd_stop "$work/ldap" && slapd_start "$work/ldap"
asked 'one that calls itself Active Directory, and finds nobody by its rule' 0 \
    'a.muster@corp.example anna@corp.example bert@corp.example '

before="$(kept)"
refused() { # LABEL CODE PATTERN
    run_code check --connect
    check "$1" "$code: $(kept)" "$2: $before"
    check_text "$1: why" "$work/err" "$3"
}
(umask 077 && printf 'wrong-password\n' >"$work/secrets/directory")
refused 'a wrong password' 77 "log in: Invalid credentials"
check 'is not shown' "$(grep -c wrong-password "$work/err" || :)" 0
(umask 077 && printf 'secret-scanner\n' >"$work/secrets/directory")
printf '[limits]\ndirectory_entries = 2\n' >>"$work/etc/flagpost.ini"
refused 'more entries than the limit' 65 'directory_entries'
directory "ldaps://127.0.0.2:$LDAPS_PORT" "$board"
before=
rm "$work/data/groups/board.members"
refused 'no server, and no copy' 78 "127.0.0.2"
directory "$ldaps" 'ldap_group = cn=bored,ou=groups,dc=corp,dc=example'
refused 'a group that is not there is not an empty one' 78 "there is no 'cn=bored,"
sed -i "s|^ca_file = .*|ca_file = /etc/ssl/certs/ca-certificates.crt|" "$work/etc/flagpost.ini"
refused 'a certificate of somebody else' 78 '127.0.0.1:[0-9]*: '

# A rule about the group, and a service that learns who joined.
cat >"$work/rules/90-board.ini" <<'INI'
[rule]
id = board-mail
title = Mail of the board
severity = low
description = Somebody of the board takes part.
[parties.board]
who = any_party
group = board
[test.1]
expect = pass
message = anybody.eml
INI
printf 'From: x@corp.example\r\nTo: y@corp.example\r\nSubject: z\r\n\r\nz\r\n' >"$work/rules/anybody.eml"
more='every = 1m'
directory "$ldaps" "$board"
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
mail() { # SUBJECT FROM
    printf 'From: %s@corp.example\r\nTo: anna2@corp.example\r\nSubject: %s\r\n\r\nText.\r\n' "$2" "$1" >"$work/$1.eml"
    dovecot_deliver "$work/server" anna INBOX "$work/$1.eml"
}
wait_until() { # SECONDS COMMAND...
    local n limit="$1"
    shift
    for n in $(seq $((limit * 10))); do
        ! "$@" || return 0
        sleep 0.1
    done
    return 1
}
mail one bert
mail two carl
run_code poll --quiet
check 'poll asks first' "$code: $(flagpost search --json rule:board-mail | jq -r .subject)" '0: one'

slapd_stop "$work/ldap"
run_code status --json
check 'the copy counts while the directory is away' \
    "$code: $(jq -rc 'select(.group) | [.group, .members, .stale]' "$work/out")" '0: ["board",3,false]'
more=$'every = 1m\nstale = 1m'
directory "$ldaps" "$board"
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
# Two minutes older: the time of asking is the third line, and the digest in front is made anew.
age() {
    local asked text="$work/data/groups/board.members"
    asked="$(sed -n 4p "$text")"
    sed -n '2,$p' "$text" | sed "3s/.*/$((asked - 120000000))/" >"$work/older"
    { sha256sum <"$work/older" | cut -d' ' -f1 && cat "$work/older"; } >"$text"
}
age
run_code status
check 'one that is old is a gap' "$code" 2
check_text 'status says how old' "$work/out" "group 'board': 3 addresses of directory 'corp', asked 2 min ago"
run_code poll
check_text 'poll says that the directory is away' "$work/err" 'the members of last time count'
flagpost report --format text >"$work/report" 2>/dev/null
check_text 'and so does the report' "$work/report" "group 'board': .*rules go by the old members"
printf 'x' >>"$work/data/groups/board.members"
run_code check
check_text 'a copy that somebody wrote in is none' "$work/err" 'not as it was written'

slapd_start "$work/ldap"
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/log" &
service=$!
relays+=("$service")
said() { grep -qE -- "$1" "$work/log" 2>/dev/null; }
check 'back again: the service begins with what the directory says' "$(wait_until 60 said 'watching 1' && kept)" "$(
    printf '%s ' a.muster@corp.example anna@corp.example bert@corp.example
)"
printf 'dn: cn=council,ou=groups,dc=corp,dc=example\nchangetype: modify\nadd: member\nmember: uid=carl,ou=people,dc=corp,dc=example\n' |
    slapd_load "$work/ldap"
age
check 'it asks when the time has come' "$(wait_until 60 said 'group=board .*other members than before, 4 addresses' && echo yes)" yes
check 'and reads its rules again' "$(wait_until 60 said 'configuration and rules are read again' && echo yes)" yes
mail three carl
newcomer() { [ "$(flagpost search --json rule:board-mail 2>/dev/null | jq -r .subject | sort | tail -1)" = three ]; }
kill -HUP "$service"
check 'mail of who joined is flagged' "$(wait_until 60 newcomer && echo yes)" yes
kill "$service"
wait "$service" || :
