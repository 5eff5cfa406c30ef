#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# An index that verify calls damaged is made anew from rows and copies: then verify names nothing, and a search finds what it found.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

flagpost copies key "$work/secrets/copies" 2>/dev/null
config 'encrypt_copies = yes' "copies_key_file = $work/secrets/copies"

mail() { # NUMBER WORD
    printf '%s\r\n' "From: anna$1@corp.example" "To: bob@rival$(($1 % 3)).example" "Subject: note $1" "Message-ID: <$1@corp.example>" \
        "Date: Sun, 22 Nov 2026 09:$(printf '%02d' $(($1 % 60))):05 +0000" 'MIME-Version: 1.0' \
        'Content-Type: multipart/mixed; boundary=b' '' '--b' 'Content-Type: text/plain' '' "$2 in the text of $1" '--b' \
        "Content-Type: text/plain; name=list$1.txt" "Content-Disposition: attachment; filename=list$1.txt" '' 'within: osprey' '--b--'
}
mkdir "$work/eml"
for n in $(seq 40); do
    mail "$n" "$([ $((n % 4)) = 0 ] && echo falcon || echo heron)" >"$work/eml/$n.eml"
    touch -d '2026-01-01' "$work/eml/$n.eml"
done
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/eml" >"$work/etc/accounts.d/box.ini"
run_code poll
check 'mail is kept' "$code" 0
search() {
    local query
    for query in falcon heron osprey 'filename:list7*' from:anna3@corp.example to:@rival1.example 'subject:"note 12"' 'al*' '*osp*' \
        'has:attachment' 'folder:*' 'outcome:complete' '"in the text"' '-falcon'; do
        printf '%s: %s\n' "$query" "$(flagpost search --limit 0 --json -- "$query" 2>/dev/null | jq -r .sha256 | sort | sha256sum)"
    done
}
search >"$work/before"
check 'and found' "$(flagpost search --count falcon)" 10

sql() {
    python3 -c 'import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.executescript(sys.argv[2])
base.commit()' "$work/data/flagpost.db" "$1"
}
named() { flagpost verify 2>&1 | grep -c -E 'term_|word_|party_|table tag' || :; }
check 'nothing is amiss' "$(named)" 0
for harm in 'UPDATE term_page SET data = zeroblob(length(data))' 'UPDATE term_block SET docs = zeroblob(length(docs))' \
    'UPDATE word_new SET data = zeroblob(length(data))'; do
    sql "$harm"
    check "verify names it: ${harm%% SET*}" "$(($(named) > 0))" 1
    run_code index rebuild --json
    check 'it is made anew' "$code $(jq -r '"\(.messages) \(.texts) \(.unread) \(.resumed)"' "$work/out")" '0 40 40 0 false'
    check 'then verify names nothing' "$(named)" 0
    search >"$work/after"
    check 'and what was found is found' "$(cmp "$work/before" "$work/after" && echo same)" same
done
check 'the ledger says who did it' "$(flagpost audit --json | grep -c 'rebuild: done, 40 messages')" 3

# ------------------------------------------------------------------------------------------ ended in the middle
sql 'UPDATE message SET indexed = 0 WHERE id % 2 = 0; UPDATE search_state SET rebuild = 1' # as one that was killed
run_code search --count falcon
check 'a search says what is not there' "$code $(grep -c '20 messages are not found yet' "$work/err")" '0 1'
run_code hold add case --query from:anna3@corp.example --note Court
check 'a hold by a query waits' "$code" 75
run_code export --from 2026-01-01 --to 2027-01-01 --out "$work/bundle"
check 'an export too' "$code" 75
run_code index rebuild --anew
check 'it begins again' "$code" 0
search >"$work/after"
check 'and all is found' "$(cmp "$work/before" "$work/after" && echo same)" same

# ------------------------------------------------------------------------------------------ who may not
python3 - "$work/data/lock" >"$work/locked" <<'PY' &
import fcntl, struct, sys, time
file = open(sys.argv[1], "r+b")
fcntl.fcntl(file, 37, struct.pack("hhllhh", fcntl.F_WRLCK, 0, 0, 0, 0, 0))  # F_OFD_SETLK, as the service holds it
print("held", flush=True)
time.sleep(600)
PY
holder=$!
relays+=("$holder")
until [ -s "$work/locked" ]; do sleep 0.1; done
run_code index rebuild
check 'not beside a poll' "$code" 75
kill "$holder"
wait "$holder" || :
run_code search --count falcon
check 'which takes nothing away' "$(cat "$work/out")" 10
volume="$(find "$work/data/copies" -name '*.tar')"
mv "$volume" "$work/away.tar"
run_code index rebuild --json
check 'copies that are away are named' "$code $(jq -r '"\(.messages) \(.texts) \(.unread)"' "$work/out")" '2 40 0 40'
run_code search --count note
check 'and fields are found' "$(cat "$work/out")" 40

# ------------------------------------------------------------------------------------------ pages that SQLite cannot read
spoil() { # TABLE: the first page of its tree
    python3 -c 'import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
root = base.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [sys.argv[2]]).fetchone()[0]
size = base.execute("PRAGMA page_size").fetchone()[0]
base.close()
with open(sys.argv[1], "r+b") as file:
    file.seek((root - 1) * size)
    file.write(bytes(range(7, 247)) * (size // 240))' "$work/data/flagpost.db" "$1"
}
mv "$work/away.tar" "$volume"
for table in term_page tagged word_new; do
    spoil "$table"
    check "verify names pages of $table" "$(($(named) > 0))" 1
    run_code index rebuild --json
    check 'the index is made anew' "$code $(jq -r '"\(.messages) \(.texts) \(.unread) \(.resumed)"' "$work/out")" '0 40 40 0 false'
    run_code verify
    check 'then verify names nothing' "$code" 0
    search >"$work/after"
    check 'and what was found is found' "$(cmp "$work/before" "$work/after" && echo same)" same
done
check 'no file is left' "$(find "$work/data" -name '*anew*' | wc -l)" 0
spoil tagged
spoil canary
run_code index rebuild
check 'damaged pages of another table' "$code" 74
check_text 'it says that it did nothing, and why' "$work/err" 'nothing was changed: more is damaged than the index: table canary'
check_text 'and what to do' "$work/err" 'a backup of the database is wanted, or a new one: .*flagpost\(1\), DAMAGE'
check 'nor did it' "$(flagpost show --json "$(flagpost search --json --limit 1 note 2>/dev/null | jq -r .sha256)" | jq -r .outcome)" scanned
run_code index
check 'no word' "$code" 64
run_code index make
check 'a wrong word' "$code" 64
exit "$failed"
