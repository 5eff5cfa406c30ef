# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What is asked of every real server, over IMAP and POP3: 2,000 messages, folders with names that are traps, growth and
# expunging during the poll, ten restarts in mid-poll. In the end the digests kept are those on the server. To be sourced
# behind flagpost.sh, with these defined:
#
#   real_start, real_stop   set or keep IMAPS_PORT and POP3S_PORT; $work/server/ca.pem
#   real_prefix             what a folder's name begins with there, where it has to
#   real_files              the files of all messages that it has

# say USER FOLDER COMMAND...: IMAP commands of a user of the server's; empty folder: none selected.
say() {
    local user="$1" folder="$2" command
    local -a words=()
    shift 2
    for command in "$@"; do
        [ "${#words[@]}" = 0 ] || words+=(--next)
        words+=(-sS --cacert "$work/server/ca.pem" -u "$user:secret-$user"
            "imaps://localhost:$IMAPS_PORT/$folder" -X "$command")
    done
    curl "${words[@]}"
}

# append USER FOLDER COUNT SEED: by the server's own APPEND, over one connection. FOLDER as in a URL.
append() {
    local user="$1" folder="$2"
    rm -rf "$work/generated"
    "$helpers/helper-mailgen" "$work/generated" "$3" 3 "$4"
    find "$work/generated" -type f -exec sed -i 's/\r*$/\r/' {} +
    find "$work/generated" -type f | "$helpers/helper-digests" >>"$work/sent.digests"
    find "$work/generated" -type f -printf "upload-file = \"%p\"\nurl = \"imaps://localhost:$IMAPS_PORT/${folder//%/%%}\"\n" |
        curl -sS --cacert "$work/server/ca.pem" -u "$user:secret-$user" -K - >/dev/null
}

real_traps=(
    '"Gesendet &- mehr"' '"Entw&APw-rfe"' '"retry 9000"' '"NIL"' '"(klammern)"' '"{5}"' '"a'"'"'b"' '"Sent"' '"INBOX2"'
    '"OK done"' '"1:*"'
)

# real_fetching SIGNAL: to the poll and its fetchers. A server that is stopped lets what it has begun go on for seconds, in
# which a quick poll would be over; halted, it has still to fetch what the server no longer gives.
real_fetching() {
    local pid
    for pid in "$poll" $(pgrep -P "$poll" -f '^flagpost fetcher$'); do
        kill "-$1" "$pid" 2>/dev/null || :
    done
}

# Bytes of copies.
real_kept() {
    find "$work/data/copies" -name '*.tar' -printf '%s ' 2>/dev/null || :
}

real_server_body() {
    local trap made=0 broken='' n folder kept
    append anna INBOX 1390 1
    append pop INBOX 500 2
    for trap in "${real_traps[@]}"; do
        trap="\"${real_prefix:-}${trap#\"}"
        if say anna '' "CREATE $trap" >/dev/null 2>&1; then
            made=$((made + 1))
            folder="$(jq -rn --arg name "$trap" '$name | ltrimstr("\"") | rtrimstr("\"") | @uri')"
            # curl writes a name in modified UTF-7 as it stands
            append anna "$folder" 10 $((100 + made))
        fi
    done
    check 'folders with odd names were made' "$([ "$made" -ge 8 ] && echo yes)" yes
    check 'the server has what was sent' \
        "$(real_files | wc -l)" "$((1890 + 10 * made))"
    # A child of a server that was ended may keep a connection open and say nothing for ever.
    config '[limits]' 'seconds_of_silence = 15'
    account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
    account pop "pop3s://localhost:$POP3S_PORT" 'keep = all'

    for n in 1 2 3 4 5 6 7 8 9 10; do
        append anna INBOX 20 $((200 + n))
        append pop INBOX 10 $((300 + n))
        kept="$(real_kept)"
        "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/out" 2>"$work/err" &
        poll=$!
        # Amid it: when something of it is kept; every second time at a moment of its beginning.
        for _ in $(seq 1500); do
            if ! kill -0 "$poll" 2>/dev/null || [ "$(real_kept)" != "$kept" ]; then break; fi
            if [ $((n % 2)) = 0 ] && pgrep -P "$poll" -f '^flagpost fetcher$' >/dev/null; then
                sleep "0.0$n"
                break
            fi
            sleep 0.02
        done
        real_fetching STOP
        real_stop
        real_start
        real_fetching CONT
        wait "$poll" || broken+=" $n"
    done
    printf 'polls broken by a restart:%s\n' "$broken"
    check 'restarts broke polls' "$([ -n "$broken" ] && echo yes)" yes

    append anna INBOX 20 900
    flagpost poll >"$work/out" 2>"$work/err" &
    poll=$!
    append anna INBOX 20 901
    append pop INBOX 20 902
    say anna INBOX 'STORE 100:149 +FLAGS.SILENT (\Deleted)' 'EXPUNGE' >/dev/null
    wait "$poll" || :
    run_code poll
    run_code poll
    check 'the last poll is clean' "$code" 0
    real_files | "$helpers/helper-digests" | LC_ALL=C sort -u >"$work/server.digests"
    LC_ALL=C sort -u "$work/sent.digests" >"$work/sent.sorted"
    digests_kept >"$work/kept.digests"
    check 'no message on the server that is not kept' \
        "$(LC_ALL=C comm -23 "$work/server.digests" "$work/kept.digests" | wc -l)" 0
    check 'nothing is kept that was not sent' \
        "$(LC_ALL=C comm -13 "$work/sent.sorted" "$work/kept.digests" | wc -l)" 0
    check 'no copy twice' "$(uniq -d "$work/kept.digests" | wc -l)" 0
    run_code status --json
    check 'server = kept, and nothing failed, in every folder' \
        "$(jq -s -c '[.[].folders[]? | select(.server != .kept or .failed != 0)]' "$work/out")" '[]'
    check 'every folder was read' "$(jq -s '[.[].folders[]? | select(.server > 0)] | length' "$work/out")" $((made + 2))
}
