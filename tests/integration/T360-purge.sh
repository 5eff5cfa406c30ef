#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Retention, holds and erasure from the command line: what is listed is what goes, what is held stays,
# a tombstone tells what is gone, and a purge that is killed again and again ends whole.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"

mail() { # FROM TO WORD: one message
    printf '%s\n' "From: $1" "To: $2" "Subject: about $3" "Message-ID: <$3@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the text of $3"
}
account() { # NAME: a Maildir of its own
    mkdir -p "$work/$1/cur" "$work/$1/new" "$work/$1/tmp"
    printf '[account.%s]\nurl = maildir://%s\npurpose = Test\nkeep = all\n' "$1" "$work/$1" >"$work/etc/accounts.d/$1.ini"
}
# A file's name is its number in the store, which stays: so it is none of the words that must go.
put() { # FROM TO WORD
    mail "$@" >"$work/journal/new/$(cksum <<<"$3" | cut -d ' ' -f 1)"
}
id() { # WORD: of the message about it, from its bytes
    sha256sum <"$work/journal/new/$(cksum <<<"$1" | cut -d ' ' -f 1)" | cut -c 1-64
}
config '[retention.plain]' 'keep = 30d' 'accounts = journal' 'severity = none, low'
account journal
account legal
for word in kestrel merlin plover curlew; do
    put anna@corp.example bob@corp-mail.example "$word"
done
put carl@corp.example dora@corp-mail.example dunlin
mail anna@corp.example bob@corp-mail.example curlew >"$work/legal/new/1" # no rule names that account
run_code poll
check 'polled' "$code" 0

# ------------------------------------------------------------------------------------------ retention
run_code purge --dry-run --json
check 'nothing has had its time' "$code $(wc -l <"$work/out")" '0 0'
printf '%s\n' $((31 * 86400)) >"$work/jump"
run_code purge --dry-run
check 'a month later four have, and one lies elsewhere too' "$code $(tail -n 1 "$work/out" | cut -d ' ' -f 1)" '0 4'
run_code hold add case-7 --query subject:merlin --note 'a court asked'
check_text 'a hold' "$work/out" '^case-7 holds 1 message'
run_code hold add dora --person dora@corp-mail.example --note 'request 5'
run_code purge --dry-run --json
check 'the list says what is held, and by whom' \
    "$(jq -r '.held // empty' "$work/out" | LC_ALL=C sort | tr '\n' ' ')" 'case-7 dora '
run_code purge --json
check 'a purge' "$code $(jq -c '[.purged, .held, .waiting]' "$work/out")" '0 [2,2,0]'
check 'no byte of the two is in any file' "$(grep -raclE 'kestrel|plover' "$work/data" | wc -l)" 0
check 'what is held is there' "$(flagpost show --raw "$(id merlin)" | sha256sum | cut -c 1-64)" "$(id merlin)"
check 'and so is what lies elsewhere too' "$(flagpost search --count curlew)" 1
run_code verify
check 'verify finds all as it should be' "$code" 0
find "$work/data/copies" -name '*.tar' -exec tar -tf {} \; >"$work/entries"
check 'the volume is a tar file, whose entries say what was purged' "$(grep -c '\.purged$' "$work/entries")" 2

# ------------------------------------------------------------------------------------------ the tombstone
run_code show "$(id kestrel)"
check_text 'show says that it was purged' "$work/out" '^Copy +purged 20'
run_code show --raw "$(id kestrel)"
check 'and has no bytes to show' "$code" 65
check_text 'since they were purged' "$work/err" 'it was purged at 20'
check 'search does too' "$(flagpost search --json --limit 0 | jq -r 'select(.purged) | .sha256' | LC_ALL=C sort | tr '\n' ' ')" \
    "$(printf '%s\n' "$(id kestrel)" "$(id plover)" | LC_ALL=C sort | tr '\n' ' ')"
check 'the ledger has digest and rule' "$(flagpost audit --json | grep -c "$(id kestrel).*retention.plain")" 1
check 'and who looked at the list' "$(flagpost audit --json | grep -c 'purge-list')" 3
run_code audit verify
check 'and its chain holds' "$code" 0
run_code poll
check 'what is still on its server is not kept again' "$code $(grep -raclE 'kestrel|plover' "$work/data" | wc -l)" '0 0'

run_code status
check_text 'status counts it' "$work/out" '^space: 5 messages at 6 places, .*; copies of .* are kept, 2 messages were purged'

# ------------------------------------------------------------------------------------------ erasure
run_code purge --person dora@corp-mail.example
check 'an order needs a reason' "$code" 64
run_code purge --person dora@corp-mail.example --reason 'request 6' --json
check 'a hold is stronger than an order' "$(jq -c '[.purged, .held]' "$work/out")" '[0,1]'
run_code hold release dora --note 'request 5 is answered'
run_code purge --person dora@corp-mail.example --reason 'request 6' --json
check 'released, it goes' "$(jq -c '[.purged, .held]' "$work/out")" '[1,0]'
check 'with all of the person' "$(grep -racl dora@corp-mail.example "$work/data" | wc -l)" 1 # the ledger tells of the hold
run_code hold list --all --json
check 'holds are listed with their end' "$(jq -r 'select(.released) | .name' "$work/out")" dora

# ------------------------------------------------------------------------------------------ mistakes
for mistake in 'hold' 'hold add' 'hold add x --note y' 'hold add x --query a --person b --note y' 'hold add x --query a' \
    'hold keep x' 'hold list x' 'hold release nobody --note y' 'purge --person a --message b --reason c' 'purge --all'; do
    # shellcheck disable=SC2086
    run_code $mistake
    check "refused: $mistake" "$code $(wc -l <"$work/out")" '64 0'
done
config
run_code purge
check 'without retention nothing has had its time' "$code" 64
check_text 'and the way to it is told' "$work/err" '\[retention\.NAME\]'
config '[retention.x]' 'keep = soon'
run_code check
check 'a time that is none is refused' "$code" 78

# ------------------------------------------------------------------------------------------ killed
rm -rf "$work/data"
rm "$work/jump"
config '[retention.plain]' 'keep = 30d'
for n in $(seq 400); do
    put anna@corp.example bob@corp-mail.example "redshank$n"
done
put anna@corp.example bob@corp-mail.example whimbrel
run_code poll
check 'polled anew' "$code" 0
printf '%s\n' $((31 * 86400)) >"$work/jump"
flagpost hold add keep --query subject:whimbrel --note 'one of them'
kills=0
for n in $(seq 40); do
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" purge >"$work/out" 2>"$work/err" &
    pid=$!
    sleep "$(printf '0.%03d' $((n * 9)))"
    if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
    wait "$pid" 2>/dev/null || :
done
printf '%s kills\n' "$kills"
run_code purge --json
check 'the purge after the kills ends' "$code" 0
check 'everything went but what is held' "$(flagpost search --json --limit 0 | jq -r 'select(.purged == null) | .subject')" 'about whimbrel'
check 'no byte of the others is left' "$(grep -racl redshank "$work/data" | wc -l)" 0
run_code verify
check 'and all is whole' "$code" 0
