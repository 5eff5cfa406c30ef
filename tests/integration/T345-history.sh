#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What only earlier mail can answer: an address that is new, somebody outside in a thread of own people, what
# follows something encrypted; over two polls, and explained afterwards.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

box="$work/box"
mkdir -p "$box/cur" "$box/new" "$box/tmp" "$work/rules"
printf '[account.box]\nurl = maildir://%s\npurpose = Test\nkeep = all\n' "$box" >"$work/etc/accounts.d/box.ini"
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
grep -q '^rules_dir' "$work/etc/flagpost.ini" || sed -i "s|^\[general\]|&\nrules_dir = $work/rules|" "$work/etc/flagpost.ini"

rule() { # ID SECTION
    printf '[rule]\nid = %s\ntitle = T\nseverity = low\ndescription = D\n%s\n' "$1" "$2" >"$work/rules/$1.ini"
}
rule new-address $'[parties.x]\nwho = any_recipient\ndomain_not_in = local\nfirst_seen = yes'
rule joined $'[message.x]\noutsider_joined = yes'
rule follows $'[message.x]\nafter_encrypted = yes'

mail() { # ID FROM TO [HEADER]
    printf 'From: %s\nTo: %s\nSubject: %s\nMessage-ID: <%s@corp.example>\nDate: Sun, 22 Nov 2026 09:02:05 +0000\n' \
        "$2" "$3" "$1" "$1"
    [ $# = 3 ] || printf '%s\n' "$4"
    printf '\nText of %s.\n' "$1"
}
deliver() { # ID ...: into the Maildir
    n=$((${n:-0} + 1))
    mail "$@" >"$box/new/$n.x.host"
}
flagged() { flagpost search --json --limit 0 "rule:$1" 2>/dev/null | jq -r .subject | sort | tr '\n' ' '; }

deliver one anna@corp.example bob@rival.example
deliver two anna@corp.example bob@rival.example
deliver three anna@corp.example carl@corp.example
run_code poll
check 'a first poll' "$([ "$code" = 0 ] || [ "$code" = 1 ] && echo fine)" fine
check 'the first mail to an address, and no other' "$(flagged new-address)" 'one '

deliver four anna@corp.example 'Bob@Rival.example, dora@client.example'
deliver five carl@corp.example 'anna@corp.example, bob@rival.example' 'In-Reply-To: <three@corp.example>'
deliver six carl@corp.example anna@corp.example 'In-Reply-To: <three@corp.example>'
deliver seven anna@corp.example bob@rival.example 'In-Reply-To: <one@corp.example>'
run_code poll
check 'who was recorded is known to the next poll' "$(flagged new-address)" 'four one '
check 'somebody outside joined' "$(flagged joined)" 'five '

# A ZIP file whose one member is encrypted: by its flag.
{
    mail locked anna@corp.example bob@rival.example $'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b' | sed '$d'
    printf -- '--b\nContent-Type: text/plain\n\nHere.\n--b\nContent-Type: application/zip; name=plan.zip\n'
    printf 'Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=plan.zip\n\n'
    python3 - <<'PY'
import base64, struct, zlib
data = bytes(12) + b"secret"
name = b"plan.txt"
local = struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, 1, 0, 0, 0x21, zlib.crc32(b"secret"), len(data), 6, len(name), 0) + name + data
central = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 20, 20, 1, 0, 0, 0x21, zlib.crc32(b"secret"), len(data), 6, len(name), 0, 0, 0, 0, 0, 0) + name
end = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, 1, 1, len(central), len(local), 0)
print(base64.encodebytes(local + central + end).decode())
PY
    printf -- '--b--\n'
} >"$box/new/locked.x.host"
run_code poll
deliver password anna@corp.example bob@rival.example
deliver elsewhere anna@corp.example dora@client.example
run_code poll
check 'what follows something encrypted, to the same one' "$(flagged follows)" 'password '

id="$(flagpost search --json subject:password | jq -r .sha256)"
run_code explain "${id:0:12}" follows
check_text 'explain of a stored message knows it' "$work/out" 'message\.x +true'
check 'a message from a file has no history' "$(flagpost scan --json "$box/new/1.x.host" 2>/dev/null | jq '[.flags[].rule | select(. == "new-address")] | length')" 0
