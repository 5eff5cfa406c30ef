#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A volume of copies is missing, cut short or altered: polling goes on, nothing that is left is
# written over, and whoever asks - status, the report, show - is told.
. "$(dirname "$0")/lib/flagpost.sh"

server
mailbox anna
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'

# begin: a store of three messages, all in today's volume; sets $volume (a path) and $name.
begin() {
    rm -rf "$work/data" "$work/server/mail/anna"
    find "$(dovecot_place "$work/server")/mail/anna" -type f -path '*/cur/*' -delete 2>/dev/null || :
    find "$(dovecot_place "$work/server")/mail/anna" -type f -path '*/new/*' -delete 2>/dev/null || :
    fill anna INBOX 3 4 "$1"
    run_code poll
    check "$2: polled before" "$code" 0
    volume="$(find "$work/data/copies" -name '*.tar')"
    name="$(basename "$(dirname "$volume")")/$(basename "$volume")"
    first="$(flagpost search --json --limit 0 | jq -r .sha256 | head -n 1)"
}

# goes_on LABEL WORD: what is asked of each case; the volume is amiss already.
goes_on() {
    local before
    before="$(sha256sum "$volume" 2>/dev/null || :)"
    fill anna INBOX 2 4 "$((RANDOM + 100))"
    run_code poll --json
    check "$1: polling goes on" "$code $(jq -r .new "$work/out")" '0 2'
    check_text "$1: the log names it" "$work/err" "$name"
    check "$1: what is left is not touched" "$(sha256sum "$volume" 2>/dev/null || :)" "$before"
    check "$1: what came is kept elsewhere" "$(tar -tf "${volume%.tar}-2.tar" | wc -l)" 2
    run_code status
    check "$1: status is no good news" "$code" 2
    check_text "$1: status names it" "$work/out" "^copies: $name $3; 3 messages"
    run_code status --json
    check "$1: and so does its JSON" \
        "$(jq -r 'select(.volume) | "\(.volume) \(.state) \(.messages)"' "$work/out")" "$name $2 3"
    flagpost report --date today --format json --out - >"$work/report.json"
    check "$1: the report lists it as not checked" "$(jq -r '.gaps[] | select(.kind == "copies") |
        "\(.word) \(.what)"' "$work/report.json") $(jq .everything_checked "$work/report.json")" "$2 $name false"
    check "$1: and notes it once" "$(jq -r ".notes[] | select(.word == \"volume-$2\").word" "$work/report.json" | wc -l)" 1
    run_code poll
    check "$1: the next poll goes on, too" "$code" 0
    check "$1: and is not noted again" "$(flagpost report --date today --format json --out - |
        jq -r ".notes[] | select(.word == \"volume-$2\").word" | wc -l)" 1
    run_code show --raw "$first"
    check "$1: whose copy is gone is told" "$code" 65
    check_text "$1: by the name of the volume" "$work/err" "$name: "
}

# ------------------------------------------------------------------------------------------ missing
begin 1 missing
cp "$volume" "$work/aside.tar"
rm "$volume"
goes_on missing missing 'is missing'
cp "$work/aside.tar" "$volume"
chmod 600 "$volume"
run_code status
check 'put back: status is good again' "$code" 0
run_code show --raw "$first"
check 'put back: the copy is there' "$code $(sha256sum <"$work/out" | cut -d ' ' -f 1)" "0 $first"
fill anna INBOX 1 4 77
run_code poll
check 'put back: and the day goes on in it' "$code $(tar -tf "$volume" | wc -l)" '0 4'

# ------------------------------------------------------------------------------------------ cut short
begin 2 short
truncate -s 700 "$volume"
goes_on short shortened 'is shorter than it was committed'

begin 3 empty
: >"$volume"
goes_on empty shortened 'is shorter than it was committed'

# ------------------------------------------------------------------------------------------ altered
begin 4 altered
printf 'X' | dd of="$volume" bs=1 seek=512 conv=notrunc 2>/dev/null
first="$(tar -tf "$volume" | head -n 1 | sed 's/.*-\(.*\)\.eml/\1/')"
fill anna INBOX 2 4 99
run_code poll --json
check 'altered: polling goes on' "$code $(jq -r .new "$work/out")" '0 2'
run_code show --raw "$first"
check 'altered: who asks for that copy is told' "$code" 65
check_text 'altered: its digest is not what it was' "$work/err" 'was altered: its digest is now'
other="$(tar -tf "$volume" | sed -n '2s/.*-\(.*\)\.eml/\1/p')"
run_code show --raw "$other"
check 'altered: the others are whole' "$code $(sha256sum <"$work/out" | cut -d ' ' -f 1)" "0 $other"

# ------------------------------------------------------------------------------------------ a directory
begin 5 replaced
rm "$volume"
ln -s /etc/hostname "$volume"
run_code poll
check 'a link in its place: polling goes on, and the link is not followed' "$code" 0
check_text 'a link in its place: it is named' "$work/err" "$name"
