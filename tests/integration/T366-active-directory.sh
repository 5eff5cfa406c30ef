#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Groups of a directory that calls itself Active Directory and knows its rule for groups in groups: a server of our own that
# evaluates the filter as it comes over the line, in pages, and shows the members of a group in pieces alone.
. "$(dirname "$0")/lib/flagpost.sh"
. "$FLAGPOST_SOURCE/script/lib/dovecot.sh"

if ! command -v python3 >/dev/null; then
    printf 'skipped: needs python3\n'
    exit 77
fi
mkdir -p "$work/ad"
dovecot_certificates "$work/ad" good
port="$(dovecot_port)"
python3 "$FLAGPOST_SOURCE/tests/integration/lib/active-directory.py" \
    "$port" "$work/ad/tls/good.pem" "$work/ad/tls/good.key" "$work/searches" 2>"$work/ad/err" &
relays+=($!)
for _ in {1..300}; do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    sleep 0.1
done

mkdir -p "$work/box"
printf '[account.box]\nurl = eml://%s\npurpose = Test\n' "$work/box" >"$work/etc/accounts.d/box.ini"
(umask 077 && printf 'secret-scanner\n' >"$work/secrets/directory")
directory() { # GROUP-LINE...
    : >"$work/searches"
    config '[directory.corp]' "url = ldaps://127.0.0.1:$port" 'user = CN=scanner,OU=People,DC=corp,DC=example' \
        "password_file = $work/secrets/directory" "ca_file = $work/ad/ca.pem" 'base = DC=corp,DC=example' \
        '[group.board]' 'directory = corp' "$@"
}
kept() { sed -n '6,$p' "$work/data/groups/board.members" 2>/dev/null | tr '\n' ' '; }
asked() { # LABEL CODE MEMBERS
    run_code check --connect
    check "$1" "$code: $(kept)" "$2: $3"
}
chain() { grep -c '1.2.840.113556.1.4.1941 memberOf' "$work/searches" || :; }
everybody='a.muster@corp.example anna@corp.example bert@corp.example carl@corp.example dora@corp.example '

directory 'ldap_group = CN=Board,OU=Groups,DC=corp,DC=example'
asked 'three groups deep and in a circle: all people, and not the address of a group' 0 "$everybody"
check_text 'who has no address is said' "$work/out" '1 people have no'
: >"$work/searches" # a group that was never had is asked for when rules are read, and again for the look
run_code check --connect
check 'by its own rule, two entries a page' "$(chain)" 3
check 'each of them asked for in pages' "$(grep 1941 "$work/searches" | grep -c 'page$')" 3
check_text 'for this group and for no groups' "$work/searches" \
    '^2 DC=corp,DC=example .&.1[.]2[.]840[.]113556[.]1[.]4[.]1941 memberOf CN=Board,OU=Groups,DC=corp,DC=example.*.!.objectClass=group'
check 'no group is asked for its members' "$(grep -c 'groupOfNames' "$work/searches" || :)" 0

directory 'ldap_group = CN=Council (West),OU=Groups,DC=corp,DC=example'
asked 'a name with brackets' 0 "$everybody"
directory 'ldap_group = CN=Staff*,OU=Groups,DC=corp,DC=example'
asked 'and one with a star' 0 "$everybody"
directory 'ldap_group = CN=Board,OU=Groups,DC=corp,DC=example' 'filter = (l=Berlin)'
asked 'some of the members' 0 'bert@corp.example carl@corp.example '

# Without the rule the group would be asked for its members, of which this server shows a part: refused, the old ones stay.
directory 'ldap_group = CN=Board,OU=Groups,DC=corp,DC=example'
asked 'the whole group again' 0 "$everybody"
: >"$work/searches.refuse"
run_code check --connect
check 'a server that refuses its rule: the old members stay' "$(kept)" "$everybody"
check_text 'and it is said why' "$work/err" 'nappropriate matching'
rm "$work/searches.refuse"
directory 'ldap_group = CN=Nobody,OU=Groups,DC=corp,DC=example'
run_code check --connect
check 'a group without anybody in it' "$code: $(kept)" '0: '
directory 'ldap_group = CN=Bored,OU=Groups,DC=corp,DC=example'
run_code check --connect
check_text 'one that is not there is not an empty one' "$work/err" "there is no 'CN=Bored,"
