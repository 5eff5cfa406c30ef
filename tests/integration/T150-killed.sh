#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 at twenty random moments of a poll - the program and all that it started -, then a clean
# poll: every message is kept exactly once, the volumes are whole, the sums agree.
. "$(dirname "$0")/lib/flagpost.sh"

server
mailbox anna
mailbox pop
fill anna INBOX 2500 10 1
fill pop INBOX 800 10 2
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
account pop "pop3s://localhost:$POP3S_PORT" 'keep = all'

seed="${FLAGPOST_SEED:-$RANDOM}"
printf 'seed %s (FLAGPOST_SEED repeats it)\n' "$seed"
RANDOM=$seed
killed=0
for n in $(seq 20); do
    setsid "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/out" 2>"$work/err" &
    pid=$!
    sleep "0.$(printf '%03d' $((RANDOM % 900 + 50)))"
    # Now the whole group, now the parent alone: then fetcher and workers must notice and end.
    victim="$pid"
    [ $((n % 2)) = 0 ] || victim="-$pid"
    if kill -9 -- "$victim" 2>/dev/null; then
        killed=$((killed + 1))
    fi
    wait "$pid" 2>/dev/null || :
done
printf '%s polls killed\n' "$killed"
run_code poll
check 'the clean poll is clean' "$code" 0
{
    digests_on_server anna
    digests_on_server pop
} | LC_ALL=C sort -u >"$work/server.digests"
digests_kept >"$work/kept.digests"
check 'digests on the server = digests kept' "$(sha256sum <"$work/kept.digests")" "$(sha256sum <"$work/server.digests")"
check 'no copy twice' "$(uniq -d "$work/kept.digests" | wc -l)" 0
check 'each message stands in the list once' "$(messages_known)" "$(wc -l <"$work/server.digests")"
run_code status --json
check 'server = kept in each folder' \
    "$(jq -s -c '[.[].folders[]? | [.server, .kept, .failed]]' "$work/out")" '[[2500,2500,0],[800,800,0]]'
find "$work/data/copies" -name '*.tar' | while read -r volume; do
    mkdir -p "$work/unpacked"
    tar -xf "$volume" -C "$work/unpacked"
done
check 'every copy unpacks to the bytes of its name' \
    "$(cd "$work/unpacked" && sha256sum -- * | awk '{ name = $2; sub(/.*-/, "", name); sub(/\.eml$/, "", name); if (name != $1) print }' | wc -l)" 0
