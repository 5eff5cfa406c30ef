#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The clock is set a day back and a day forward, between passes and while they run: no message is lost
# or kept twice, the service neither polls without end nor sleeps for a day, and what is kept by day
# and in order stays readable and whole.
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"
jump() {
    printf '%s\n' "$1" >"$work/jump.new"
    mv "$work/jump.new" "$work/jump"
}
readonly day=86400

server
mailbox anna

# is_whole LABEL: what the server has is kept, each once; every volume unpacks to what its names say.
is_whole() {
    digests_on_server anna | sort -u >"$work/server.digests"
    digests_kept >"$work/kept.digests"
    check "$1: digests on the server = digests kept, each once" \
        "$(sha256sum <"$work/kept.digests")" "$(LC_ALL=C sort "$work/server.digests" | sha256sum)"
    check "$1: each message stands in the list once" "$(messages_known)" "$(wc -l <"$work/server.digests")"
    rm -rf "$work/unpacked"
    mkdir "$work/unpacked"
    find "$work/data/copies" -name '*.tar' -exec tar --warning=no-timestamp -xf {} -C "$work/unpacked" \;
    check "$1: every copy has the bytes of its name" "$(cd "$work/unpacked" && sha256sum -- * |
        awk '{ name = $2; sub(/.*-/, "", name); sub(/\.eml$/, "", name); if (name != $1) print }' | wc -l)" 0
}
volumes() {
    find "$work/data/copies" -name '*.tar' -printf '%f\n' | sort | tr '\n' ' '
}
day_of() {
    TZ=Europe/Berlin date -d "@$(($(date +%s) + $1))" +%F
}

# ------------------------------------------------------------------------------------ between passes
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
seed=1
for offset in 0 -$day $day 0 -$day; do
    jump "$offset"
    fill anna INBOX 30 4 "$seed"
    run_code poll --json
    check "between passes, $offset s: all that is new comes, once" "$code $(jq -r .new "$work/out")" '0 30'
    seed=$((seed + 1))
done
is_whole 'between passes'
check 'between passes: a volume for each of the three days, and no other' \
    "$(volumes)" "$(day_of -$day).tar $(day_of 0).tar $(day_of $day).tar "
jump 0
run_code status --json
check 'between passes: the sum holds' "$(jq -c '[.server, .kept, .failed]' "$work/out")" '[150,150,0]'
flagpost report --from "$(day_of -$((2 * day)))" --to "$(day_of $((2 * day)))" --format json --out - >"$work/report.json"
check 'between passes: the reports of these days hold them all' "$(jq .totals.messages "$work/report.json")" 150

# ------------------------------------------------------------------------------------ amid one
for offset in $day -$day; do
    rm -rf "$work/data"
    jump 0
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll --json >"$work/out" 2>"$work/err" &
    poll=$!
    while kill -0 "$poll" 2>/dev/null && [ "$(find "$work/data/copies" -name '*.tar' -size +4k 2>/dev/null | wc -l)" = 0 ]; do
        sleep 0.01
    done
    jump "$offset"
    code=0
    wait "$poll" || code=$?
    check "amid a pass, $offset s: it ends as if nothing had been" "$code $(jq -r .new "$work/out")" '0 150'
    is_whole "amid a pass, $offset s"
done

# ------------------------------------------------------------------------------------ the service
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 10s'
rm -rf "$work/data"
jump 0
setsid "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/err" &
service=$!
relays+=("$service")
# kept COUNT: within three intervals.
kept() {
    local n
    for n in $(seq 300); do
        [ "$(digests_kept 2>/dev/null | wc -l)" = "$1" ] && break
        sleep 0.1
    done
    digests_kept | wc -l
}
check 'the service: reads what is there' "$(kept 150)" 150
passes() {
    jq -r .polled "$work/status.json"
}
total=150
for offset in -$day 0 $day 0; do
    jump "$offset"
    total=$((total + 5))
    fill anna INBOX 5 4 "$seed"
    seed=$((seed + 1))
    check "the service, $offset s: neither sleeps nor stops" "$(kept "$total") $(kill -0 "$service" && echo alive)" "$total alive"
done
ticks="$(awk '{ print $14 + $15 }' "/proc/$service/stat")"
sleep 2
spent=$(($(awk '{ print $14 + $15 }' "/proc/$service/stat") - ticks))
check 'the service: nor runs without end' "$([ "$spent" -lt 100 ] && echo yes)" yes
kill -TERM "$service"
wait "$service" || :
is_whole 'the service'
