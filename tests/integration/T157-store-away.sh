#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The evidence store on a disk that takes nothing, with a database that somebody holds (for longer than is waited: half a
# minute) or that is gone: each is named, a poll ends before it fetches what it cannot keep, and afterwards all is there once.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

leave() {
    local status=$?
    if mountpoint -q "$work/data"; then umount -l "$work/data"; fi
    (exit "$status")
    finish
}
trap leave EXIT

server
mailbox anna
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
mkdir -m 0700 "$work/data"
mounted=no
if mount -t tmpfs -o size=200M,mode=0700 tmpfs "$work/data" 2>/dev/null; then mounted=yes; fi
fill anna INBOX 20
run_code poll
check 'polled' "$code $(messages_known)" '0 20'
is_whole() { # LABEL
    run_code poll
    check "$1: the poll after it is clean" "$code" 0
    check "$1: all is kept, each once" "$(digests_kept)" "$(digests_on_server anna | LC_ALL=C sort -u)"
    run_code verify
    check "$1: and as it should be" "$code" 0
}

# ------------------------------------------------------------------------------------------ a disk that takes nothing
if [ "$mounted" = yes ]; then
    fill anna INBOX 5 4 2
    mount -o remount,ro "$work/data"
    run_code poll
    check 'a disk that takes nothing: no poll begins' "$code" 78
    check_text 'and why is said' "$work/err" 'data_dir: Read-only file system'
    for what in verify 'search x' 'show 0' 'report --format text' 'export --out here'; do
        # shellcheck disable=SC2086
        run_code $what
        check "a disk that takes nothing: $what, of which the ledger could not tell" "$code" 74
        check_text 'and why is said' "$work/err" 'flagpost.db: the disk is read-only'
    done
    mount -o remount,rw "$work/data"
    is_whole 'a disk that takes nothing'
else
    echo 'skip  a disk that takes nothing: no file system can be mounted here'
fi

# ------------------------------------------------------------------------------------------ a database that somebody holds
hold_database() { # until $work/release is there
    rm -f "$work/held" "$work/release"
    python3 - "$work/data/flagpost.db" "$work/held" "$work/release" <<'PY' &
import os, sqlite3, sys, time
path, held, release = sys.argv[1:]
database = sqlite3.connect(path, isolation_level=None, timeout=30)
database.execute("BEGIN IMMEDIATE")
open(held, "w").close()
while not os.path.exists(release):
    time.sleep(0.05)
database.execute("ROLLBACK")
PY
    holder=$!
    relays+=("$holder")
    for _ in $(seq 300); do
        [ ! -e "$work/held" ] || break
        sleep 0.1
    done
}
fill anna INBOX 5 4 3
hold_database
run_code poll
check 'held for longer than is waited: try again' "$code" 75
check_text 'and why is said' "$work/err" 'database is locked; another program holds it'
touch "$work/release"
wait "$holder"
is_whole 'a database that somebody held'

fill anna INBOX 5 4 4
hold_database
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/out" 2>"$work/err" &
poll=$!
touch "$work/release"
wait "$poll" && code=0 || code=$?
check 'held for a moment: it is waited for' "$code $(messages_known)" "0 $(digests_kept | wc -l)"
wait "$holder"

# ------------------------------------------------------------------------------------------ the database is gone
before="$(digests_kept)"
mkdir "$work/away"
mv "$work/data/"flagpost.db* "$work/away/"
run_code poll
check 'the database is gone: all is fetched again' "$code" 0
check 'and each copy is there, once at least' "$(digests_kept | LC_ALL=C sort -u)" "$(printf '%s\n' "$before" | LC_ALL=C sort -u)"
check 'nothing is left aside, since all is kept once more' "$(find "$work/data/copies/aside" -type f | wc -l)" 0
run_code verify
check 'and it is as it should be' "$code" 0
