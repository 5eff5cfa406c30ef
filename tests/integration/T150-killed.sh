#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 at a hundred random moments of a poll - its group, the program alone, the fetcher or a
# worker -, then a clean poll: every message is kept exactly once, the volumes are whole, the sums agree.
. "$(dirname "$0")/lib/flagpost.sh"

server
mailbox anna
mailbox pop
fill anna INBOX 400 6 1
fill pop INBOX 150 6 2
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
account pop "pop3s://localhost:$POP3S_PORT" 'keep = all'

seed="${FLAGPOST_SEED:-$RANDOM}"
printf 'seed %s (FLAGPOST_SEED repeats it)\n' "$seed"
RANDOM=$seed

# How long a poll of everything takes here: the moments lie within. On a busy machine they lie in its
# beginning, so that a hundred are not more than a few minutes.
begun="$(date +%s%3N)"
run_code poll
whole=$(($(date +%s%3N) - begun))
if [ "$whole" -gt 2500 ]; then whole=2500; fi
check 'a poll that nobody kills is clean' "$code" 0

# victim KIND: the process, or the group, that is to be killed; nothing when there is none now.
victim() {
    case "$1" in
        group) printf -- '-%s\n' "$pid" ;;
        parent) printf '%s\n' "$pid" ;;
        fetcher) pgrep -P "$pid" -f '^flagpost fetcher$' || : ;;
        worker) pgrep -P "$pid" -f '^flagpost worker$' | shuf -n 1 --random-source=<(yes "$RANDOM") || : ;;
    esac
}

# Each kind is to be met ten times, however long a busy machine lets one live.
lacks() {
    local kind
    for kind in parent fetcher worker; do
        if [ "${killed[$kind]}" -lt 10 ]; then return 0; fi
    done
    return 1
}

declare -A killed=([group]=0 [parent]=0 [fetcher]=0 [worker]=0)
kinds=(group parent fetcher worker)
total=0
for n in $(seq 400); do
    [ "$total" -lt 100 ] || lacks || break
    kind="${kinds[$((n % 4))]}"
    # A store that has everything has nothing to lose, and needs no worker: one in ten polls begins with none, and so do
    # those that are to lose a worker when all is there.
    if [ $((n % 10)) = 1 ] || { [ "$kind" = worker ] && [ "$(messages_known)" = 550 ]; }; then
        rm -rf "$work/data"
    fi
    setsid "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/out" 2>"$work/err" &
    pid=$!
    sleep "$(printf '%d.%03d' $((RANDOM * whole / 32768 / 1000)) $((RANDOM * whole / 32768 % 1000)))"
    target="$(victim "$kind")"
    if [ -n "$target" ] && kill -9 -- "$target" 2>/dev/null; then
        killed[$kind]=$((killed[$kind] + 1))
        total=$((total + 1))
        # Two of three go on by themselves; the instant is what counts, not how that ends.
        if [ "$kind" = fetcher ] || [ "$kind" = worker ]; then kill -9 -- "-$pid" 2>/dev/null || :; fi
    fi
    wait "$pid" 2>/dev/null || :
done
printf 'killed: %s groups, %s programs alone, %s fetchers, %s workers\n' \
    "${killed[group]}" "${killed[parent]}" "${killed[fetcher]}" "${killed[worker]}"
check 'a hundred were killed' "$([ "$total" -ge 100 ] && echo yes)" yes
check 'and some of each kind' "$([ "${killed[parent]}" -gt 9 ] && [ "${killed[fetcher]}" -gt 9 ] &&
    [ "${killed[worker]}" -gt 9 ] && echo yes)" yes
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
    "$(jq -s -c '[.[].folders[]? | [.server, .kept, .failed]]' "$work/out")" '[[400,400,0],[150,150,0]]'
find "$work/data/copies" -name '*.tar' | while read -r volume; do
    mkdir -p "$work/unpacked"
    tar -xf "$volume" -C "$work/unpacked"
done
check 'every copy unpacks to the bytes of its name' \
    "$(cd "$work/unpacked" && sha256sum -- * | awk '{ name = $2; sub(/.*-/, "", name); sub(/\.eml$/, "", name); if (name != $1) print }' | wc -l)" 0
