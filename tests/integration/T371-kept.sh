#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What each keep = leaves on the disk, lets search find and show tell; the space that status reckons, to the byte; and a
# database that is rebuilt while the service polls.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

cat >"$work/rules/codename.ini" <<'RULE'
[rule]
id = codename
title = A code name
severity = high
status = stable
description = A code name is told.
false_positives = A bird.
next_step = Ask.

[content.words]
type = words
where = body
words = nightjar
RULE
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"

mail() { # ACCOUNT WORD BODY
    mkdir -p "$work/$1"
    printf '%s\n' 'From: anna@corp.example' 'To: bob@other.example' "Subject: subject-$1-$2" "Message-ID: <$1.$2@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "$3 of $1" >"$work/$1/$2.eml"
    touch -d '2026-01-01' "$work/$1/$2.eml" # it lies still
}
for keep in all hits headers none; do
    mail "$keep" flagged 'a nightjar'
    mail "$keep" plain 'a blackbird'
    printf '[account.%s]\nurl = eml://%s\npurpose = Test\nkeep = %s\n' "$keep" "$work/$keep" "$keep" >"$work/etc/accounts.d/$keep.ini"
done
run_code poll
check 'four accounts, each with its keep =' "$code" 0

# ------------------------------------------------------------------------------------------ what is there
digest() { sha256sum "$work/$1/$2.eml" | cut -d ' ' -f 1; }
found() { flagpost search --json "$@" | jq -r .subject | LC_ALL=C sort | tr '\n' ' '; }
wanted() { for name in "$@"; do sha256sum "$work/$name.eml" | cut -d ' ' -f 1; done | LC_ALL=C sort; }
check 'copies: all of it, and what was flagged' "$(digests_kept)" "$(wanted all/flagged all/plain hits/flagged)"
check 'no other body stands anywhere' "$(grep -r -l -a -E 'blackbird of (hits|headers|none)' "$work/data" | wc -l)" 0
check 'rules judged every one' "$(flagpost search --json 'rule:codename' | jq -r .subject | LC_ALL=C sort | tr '\n' ' ')" \
    'subject-all-flagged subject-headers-flagged subject-hits-flagged subject-none-flagged '
check 'bodies are searched where there is a copy' "$(found blackbird) $(found nightjar)" \
    'subject-all-plain  subject-all-flagged subject-hits-flagged '
check 'people and subjects are, wherever these are kept' "$(found from:anna to:@other.example)" \
    'subject-all-flagged subject-all-plain subject-headers-flagged subject-headers-plain subject-hits-flagged subject-hits-plain subject-none-flagged '
run_code show "$(digest headers plain)"
check 'show tells of one without a copy' "$code $(grep -c 'subject-headers-plain' "$work/out")" '0 1'
for keep in hits headers none; do
    run_code show --raw "$(digest "$keep" plain)"
    check "its bytes are refused: keep = $keep" "$code" 65
    check_text 'and why is said' "$work/err" 'no copy of it was kept'
done
run_code show --raw "$(digest all plain)"
check 'those of a copy are exact' "$code $(cmp "$work/out" "$work/all/plain.eml" && echo same)" '0 same'
run_code poll
check 'once more: nothing new' "$code $(messages_known)" '0 8'

# ------------------------------------------------------------------------------------------ space
bytes() { cat "$@" | wc -c; }
say() { if [ "$1" -lt 1000 ]; then echo "$1 B"; else echo "$(((($1 + 50) / 100) / 10)).$(((($1 + 50) / 100) % 10)) kB"; fi; }
space() { flagpost status | grep '^space: '; }
seen="$(bytes "$work"/{all,hits,headers,none}/*.eml)"
kept="$(bytes "$work"/all/*.eml "$work/hits/flagged.eml")"
check 'bytes seen and kept' "$(space)" "space: 8 messages at 8 places, $(say "$seen"); copies of $(say "$kept") are kept"
mkdir "$work/again"
cp -p "$work/all/plain.eml" "$work/again/one.eml"
cp -p "$work/all/plain.eml" "$work/again/two.eml"
printf '[account.again]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/again" >"$work/etc/accounts.d/again.ini"
run_code poll
seen=$((seen + $(bytes "$work"/again/*.eml)))
check 'the same bytes twice more: seen again, kept once' "$(space)" \
    "space: 8 messages at 10 places, $(say "$seen"); copies of $(say "$kept") are kept"
run_code purge --message "$(digest hits flagged)" --reason 'request 1'
kept=$((kept - $(bytes "$work/hits/flagged.eml")))
check 'what was purged is kept no more' "$code $(space | grep -o 'copies of.*')" "0 copies of $(say "$kept") are kept, 1 messages were purged"

# ------------------------------------------------------------------------------------------ rebuilt beside the service
printf 'every = 5s\n' >>"$work/etc/accounts.d/all.ini"
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.log" 2>&1 &
service=$!
relays+=("$service")
await() { # WORD...: until so many messages are known
    for _ in $(seq 600); do
        [ "$(messages_known)" -lt "$1" ] || return 0
        sleep 0.1
    done
    return 1
}
for n in 1 2; do
    mail all "new-$n" 'a wagtail'
    python3 -c 'import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
database.execute("VACUUM")' "$work/data/flagpost.db" || echo failed >>"$work/vacuum"
    await $((8 + n)) || echo "message $n did not come" >>"$work/vacuum"
done
check 'VACUUM beside the service: it goes on, and so does the service' "$(cat "$work/vacuum" 2>/dev/null || :)" ''
kill "$service"
wait "$service" || :
check 'no pass failed' "$(grep -c -i -E 'error|locked' "$work/service.log" || :)" 0
run_code verify
check 'all is as it should be' "$code" 0
check 'and found' "$(found wagtail | wc -w)" 2
