#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Roles, tried from outside: what an officer, an officer of one account, a user and an administrator see by
# each command, who may act for whom, and what the ledger says of it.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

mail() { # TO WORD: one message
    printf '%s\n' 'From: Anna <anna@corp.example>' "To: $1" "Subject: about $2" "Message-ID: <$2@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the body of $2 with a falcon"
}

mkdir -p "$work/hq" "$work/branch"
mail dora@corp.example apple >"$work/hq/1.eml"
mail bob@rival.example banana >"$work/hq/2.eml"
mail carl@rival.example cherry >"$work/branch/3.eml"
find "$work/hq" "$work/branch" -type f -exec touch -d '2026-01-01' {} +
for name in hq branch; do
    printf '[account.%s]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$name" "$work/$name" >"$work/etc/accounts.d/$name.ini"
done
self="${SUDO_USER:-$(id -un)}"
people() { # ROLE OF THE LOGIN: the persons, and what the login is (none: no person)
    cat <<END
[person.chief]
mail = chief@corp.example
[person.local]
mail = local@corp.example
accounts = branch
[person.dora]
mail = dora@corp.example
role = user
[person.root-admin]
mail = admin@corp.example
role = administrator
login = ${1:-nobody-here}
END
}
base="$(cat "$work/etc/flagpost.ini")"
{ printf '%s\n' "$base" && people; } >"$work/etc/flagpost.ini"

run_code poll
check 'a poll' "$code" 0
as() { # PERSON COMMAND...: the words of the three messages that show up
    local person="$1"
    shift
    flagpost --as "$person" "$@" 2>/dev/null | grep -o -w -E 'apple|banana|cherry' | sort -u | tr '\n' ' ' || :
}
id() { sha256sum "$1" | cut -c 1-16; }

check 'an officer searches all' "$(as chief search)" 'apple banana cherry '
check 'an officer of one account' "$(as local search)" 'cherry '
check 'a user what she received' "$(as dora search)" 'apple '
check 'a word is no way around' "$(as dora search banana)" ''
check 'nor is what a body has' "$(as dora search falcon)" 'apple '
check 'nor a count' "$(flagpost --as dora search falcon --count)" 1
check 'nor the name of an account' "$(as dora search account:hq)" ''
check 'an administrator reads none' "$(as root-admin search)" ''
for how in '' --raw --text --headers --json; do
    # shellcheck disable=SC2086
    run_code --as dora show $how "$(id "$work/hq/2.eml")"
    check "a user does not open another's mail ${how:-}" "$code" 64
    check "and learns nothing of it ${how:-}" "$(grep -c -i banana "$work/out" || :)" 0
done
run_code --as dora show --raw "$(id "$work/hq/1.eml")"
check 'but her own, byte for byte' "$(cmp "$work/out" "$work/hq/1.eml" && echo same)" same
run_code --as root-admin show "$(id "$work/hq/1.eml")"
check 'an administrator opens none' "$code" 64
run_code --as dora explain "$(id "$work/hq/2.eml")"
check 'explain is no way around' "$([ "$code" != 0 ] && ! grep -q -i banana "$work/out" && echo none)" none
check 'a report has nothing of others' "$(as dora report --date today --format json --out - | grep -c -E 'banana|cherry' || :)" 0
run_code --as dora export --out "$work/bundle"
check 'an export has what its person may see' "$(cat "$work/bundle"/*/*.eml | grep -o -w -E 'apple|banana|cherry' | sort -u)" apple
check 'and nothing of the ledger' "$(cd "$work/bundle" && find . -name 'ledger.json' -o -name 'looks.csv' -o -name 'flags.csv' | wc -l)" 0
run_code --as dora audit
check 'the ledger is not for users' "$code" 77
run_code --as local verify
check 'verify is for who sees all' "$code" 77
run_code --as nobody search
check 'a person that is none' "$code" 64
check_text 'is named' "$work/err" 'no \[person.nobody\]'
flagpost audit --who '*as dora' --json >"$work/out"
check 'the ledger names both' "$(jq -r .who "$work/out" | sort -u)" "$self as dora"

# The login is an administrator: it does not become an officer by a word.
{ printf '%s\n' "$base" && people "$self"; } >"$work/etc/flagpost.ini"
run_code search --json
check 'the login is an administrator' "$(wc -l <"$work/out")" 0
run_code --as chief search
check 'and may not act as an officer' "$code" 77
{ printf '%s\n' "$base" && people "$self" && printf '[roles]\nadministrators_read = yes\n'; } >"$work/etc/flagpost.ini"
run_code search --json
check 'unless [roles] lets it read' "$(wc -l <"$work/out")" 3

# Whoever opens mail says why.
{ printf '%s\n' "$base" && printf '[roles]\nreasons = required\n'; } >"$work/etc/flagpost.ini"
run_code show --raw "$(id "$work/hq/1.eml")"
check 'no reason' "$code" 64
run_code show --raw --reason 'case 4711' "$(id "$work/hq/1.eml")"
check 'a reason' "$code" 0
check 'stands in the ledger' "$(flagpost audit --what show --about 'case 4711' --json | wc -l)" 1
run_code show "$(id "$work/hq/1.eml")"
check 'a masked summary needs none' "$code" 0

# Who stands nowhere sees nothing, where [roles] says so.
{ printf '%s\n' "$base" && printf '[roles]\nstrangers = nobody\n'; } >"$work/etc/flagpost.ini"
run_code search --json
check 'a stranger' "$(wc -l <"$work/out")" 0
{ printf '%s\n' "$base" && printf '[person.x]\nmail = x@corp.example\nrole = boss\n'; } >"$work/etc/flagpost.ini"
run_code check
check 'an unknown role' "$code" 78
