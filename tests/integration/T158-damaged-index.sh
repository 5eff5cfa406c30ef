#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the search's index holds is other bytes than were written: verify names it, a purge does not end, all else goes on;
# and the way of flagpost(1), DAMAGE, brings it back with every mail, those that came since the backup too.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

command -v python3 >/dev/null || { echo 'skipped: needs python3' && exit 77; }
mkdir "$work/box"
put() { # WORD
    printf '%s\n' 'From: anna@corp.example' 'To: bob@rival.example' "Subject: about $1" "Message-ID: <$1@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the text of $1" >"$work/box/$1.eml"
    touch -d '2026-01-01' "$work/box/$1.eml"
}
digest() { sha256sum <"$work/box/$1.eml" | cut -c 1-64; }
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/box" >"$work/etc/accounts.d/box.ini"
for word in kestrel merlin plover curlew dunlin; do put "$word"; done
run_code poll
check 'a poll' "$code" 0
mkdir "$work/heads"
put grebe
mv "$work/box/grebe.eml" "$work/heads/"
printf '[account.heads]\nurl = eml://%s\npurpose = Test\nkeep = headers\n' "$work/heads" >"$work/etc/accounts.d/heads.ini"
run_code poll
check 'one without a copy' "$code $(digests_kept | grep -c "$(sha256sum <"$work/heads/grebe.eml" | cut -c 1-64)")" '0 0'
run_code verify
check 'all is as it was written' "$code" 0
mkdir "$work/backup"
python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))' \
    "$work/data/flagpost.db" "$work/backup/flagpost.db"
put wombat
run_code poll
check 'mail that the backup does not know' "$code $(flagpost search --count wombat)" '0 1'

python3 - "$work/data/flagpost.db" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('UPDATE term_page SET data = zeroblob(length(data))')
db.commit()
PY
run_code verify
check 'verify: a deviation' "$code" 1
check_text 'verify: names what is damaged' "$work/out" '^damaged +table term_page'
check 'verify: and nothing else' "$(grep -cE '^(altered|missing|shortened|unreadable|extra|stranger|ledger|damaged)' "$work/out")" 1
run_code purge --message "$(digest kestrel)" --reason 'request 1'
check 'a purge cannot take the words out' "$code" 74
check_text 'and says where the way back is told' "$work/err" 'flagpost\(1\) says under DAMAGE'
check 'and has done nothing by halves' "$(grep -racl 'text of kestrel' "$work/data/copies" | wc -l)" 1
put osprey
run_code poll
check 'mail is kept all the same' "$code $(flagpost show --raw "$(digest osprey)" | sha256sum | cut -c 1-64)" "0 $(digest osprey)"
cp -p "$work/heads/grebe.eml" "$work/box/"
run_code poll
check 'a late copy of what stands in a damaged block' "$code $(flagpost show --raw "$(digest grebe)" | sha256sum | cut -c 1-64)" \
    "0 $(digest grebe)"
check_text 'is told' "$work/err" 'damaged in block .*not found until flagpost index rebuild'
run_code status
check 'status says it' "$code $(grep -c 'search: the index is damaged' "$work/out")" '2 1'
run_code hold add case --query text --note Court
check 'who would go on with less waits' "$code" 75
run_code report --from 2000-01-01 --to 2038-01-01 --format json --out -
check 'the report has all of it' "$code $(jq .totals.messages "$work/out")" '0 8'
check 'and says it too' "$(jq -r '.. | .word? // empty' "$work/out" | grep -c index-damaged)" 1
run_code export --from 2000-01-01 --to 2038-01-01 --out "$work/bundle"
check 'and an export too' "$code $(find "$work/bundle" -name '*.eml' | wc -l)" '0 8'

# As flagpost(1) says.
mkdir "$work/damaged"
for file in flagpost.db flagpost.db-wal flagpost.db-shm; do
    [ ! -e "$work/data/$file" ] || mv "$work/data/$file" "$work/damaged/"
done
(umask 077 && cp "$work/backup/flagpost.db" "$work/data/")
run_code poll
check 'the backup is back' "$code" 0
for word in merlin plover curlew dunlin wombat osprey grebe; do
    check "$word is found, and kept once" "$(flagpost search --count "$word") $(digests_kept | grep -c "$(digest "$word")")" '1 1'
done
check 'nothing waits beside' "$(find "$work/data/copies/aside" -type f 2>/dev/null | wc -l)" 0
run_code purge --message "$(digest kestrel)" --reason 'request 1'
check 'the purge that the backup does not know of, once more: now it ends' "$code $(flagpost search --count kestrel)" '0 0'
run_code verify
check 'and all is as it was written' "$code" 0
