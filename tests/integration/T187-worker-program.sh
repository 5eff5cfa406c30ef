#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The program of the workers: found beside the program, through links and without it; and the program that the
# parent and the fetcher run links no parser.
. "$(dirname "$0")/lib/flagpost.sh"

mail="$FLAGPOST_SOURCE/tests/mail/plain.eml"
mkdir "$work/link" "$work/alone"
ln -s "$FLAGPOST_PROGRAM" "$work/link/flagpost"
check 'through a link' "$("$work/link/flagpost" scan --json "$mail" 2>"$work/err" | jq -r .outcome)" scanned

cp "$FLAGPOST_PROGRAM" "$work/alone/flagpost"
code=0
timeout 60 "$work/alone/flagpost" scan --json "$mail" >"$work/out" 2>"$work/err" || code=$?
installed="$(sed -n 's/.*flagpost-worker: neither beside the program nor in \([^:]*\):.*/\1/p' "$work/err" | head -n 1)"
if [ -z "$installed" ] && [ "$code" -le 2 ]; then
    echo 'skip  without its worker: one is installed'
else
    check 'without its worker: not done' "$code" 70
    check_text 'without its worker: it says what is missing' "$work/err" 'flagpost-worker: neither beside the program nor in /'
    cp "$(dirname "$FLAGPOST_PROGRAM")/flagpost-worker" "$work/alone/"
    check 'both copied: it works' "$("$work/alone/flagpost" scan --json "$mail" 2>"$work/err" | jq -r .outcome)" scanned
fi

ldd "$FLAGPOST_PROGRAM" >"$work/libraries"
for parser in libarchive libmagic libpoppler libgsf; do
    check "the program does not link $parser" "$(grep -c "$parser" "$work/libraries")" 0
done
