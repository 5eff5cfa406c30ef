#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A hundred and more servers that misbehave, each in its own way, polled at once: every account comes
# to its named outcome, in time and in bounded memory; and the next poll, of the same servers honest
# again, has every message once.
. "$(dirname "$0")/lib/flagpost.sh"

# What is freed counts again.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=8"
mkdir -p "$work/server"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=hostile \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/server/key.pem" -out "$work/server/cert.pem" 2>/dev/null
cp "$work/server/cert.pem" "$work/server/ca.pem"
mkfifo "$work/days"
"$helpers/helper-hostile" serve "$work/server" <"$work/days" &
relays+=($!)
exec {days}>"$work/days"
until [ -s "$work/server/rows" ]; do
    kill -0 "${relays[0]}"
    sleep 0.02
done
day() {
    printf '%s\n' "$1" >&"$days"
    sleep 0.2
}

# times CONNECT SILENCE TRICKLE: in seconds.
times() {
    config '[limits]' "seconds_to_connect = $1" "seconds_of_silence = $2" "seconds_of_trickle = $3" \
        'connections_at_once = 1000'
}
times 20 12 40
known=() floods=() others=()
while IFS=$'\t' read -r name url kind _; do
    account "$name" "$url" 'keep = all'
    case "$kind" in
        known) known+=("$name") others+=("$name") ;;
        flood) floods+=("$name") ;;
        *) others+=("$name") ;;
    esac
done <"$work/server/rows"

# --------------------------------------------------------------------------- some were polled before
day before
run_code poll "${known[@]}"
check 'before: all is well' "$code" 0

# ----------------------------------------------------------------------------------- the hostile day
# hostile NAME...: polls them; adds to poll.json what comes of it, and looks at the memory meanwhile.
peak=0
hostile() {
    local pid rss
    setsid "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll --json "$@" >>"$work/poll.json" 2>"$work/err" &
    poll=$!
    begun=$SECONDS
    while kill -0 "$poll" 2>/dev/null; do
        for pid in "$poll" $(pgrep -P "$poll" -f '^flagpost fetcher$'); do
            rss="$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || :)"
            if [ "${rss:-0}" -gt "$peak" ]; then peak="$rss"; fi
        done
        sleep 0.1
    done
    code=0
    wait "$poll" || code=$?
    printf '%s servers: %s s, at most %s MiB in a process\n' "$#" "$((SECONDS - begun))" "$((peak / 1024))"
    check 'hostile: done with gaps' "$code" 2
    check 'hostile: all servers together take less than two minutes' \
        "$([ $((SECONDS - begun)) -lt 120 ] && echo yes)" yes
}
day hostile
hostile "${floods[@]}"
times 10 4 20
hostile "${others[@]}"
room=200
if ldd "$FLAGPOST_PROGRAM" | grep -q libasan; then room=600; fi
check "hostile: no process takes $room MiB" "$([ "$peak" -lt $((room * 1024)) ] && echo yes)" yes

# What is said of each account, a line for each thing: in the output of poll, in status, in the report.
said() {
    flagpost status --json >"$work/status.json" || :
    flagpost report --from "$(date -d yesterday +%F)" --to "$(date -d tomorrow +%F)" --format json \
        --out - >"$work/report.json"
    jq -r '"\(.account)\tpoll \(.state) \(.text)"' "$work/poll.json"
    jq -r '.account as $a | .folders[] | "\($a)\tfolder \(.text)"' "$work/status.json"
    jq -r '.notes[] | "\(.account)\tnote \(.word) \(.text)"' "$work/report.json"
    jq -r '.gaps[] | "\(.account)\tgap \(.kind) \(.word) \(.what) \(.detail)"' "$work/report.json"
}
said >"$work/said"
while IFS=$'\t' read -r name _ _ state says stake; do
    awk -F '\t' -v name="$name" '$1 == name { print $2 }' "$work/said" >"$work/said.one"
    check "$name: $stake" "$(jq -r "select(.account == \"$name\").state" "$work/poll.json")" "$state"
    check_text "$name: it is said" "$work/said.one" "$says"
done <"$work/server/rows"

# ----------------------------------------------------------------------------------- honest once more
day honest
"$helpers/helper-hostile" digests >"$work/digests"
run_code poll --json
check 'honest: no gaps' "$code" 0
cp "$work/out" "$work/poll.json"
digests_kept >"$work/kept.digests"
flagpost status --json >"$work/status.json" || :
while IFS=$'\t' read -r name _; do
    check "$name: read as if nothing had been" \
        "$(jq -r "select(.account == \"$name\") | \"\(.state) \(.server - .kept) \(.failed)\"" "$work/status.json")" 'ok 0 0'
    check "$name: every message is kept" "$(
        awk -F '\t' -v name="$name" '$1 == name { print $2 }' "$work/digests" |
            LC_ALL=C sort | LC_ALL=C comm -23 - "$work/kept.digests" | wc -l
    )" 0
done <"$work/server/rows"
check 'no copy twice' "$(uniq -d "$work/kept.digests" | wc -l)" 0
exec {days}>&-
