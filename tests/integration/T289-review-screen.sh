#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# An incident with more matches, people, places and attachments than a screen holds: no screen of
# `flagpost review` is longer than the terminal, what is left out is counted, `m` shows all of it.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

if ! command -v script >/dev/null; then
    echo 'SKIP  script(1) is missing: no terminal'
    exit 77
fi

sed -i "s|^rules_dir.*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
# The rules that ship are masked, so that a flag is one of ours.
for rule in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/${rule##*/}"
done
cat >"$work/rules/codename.ini" <<'INI'
[rule]
id = codename
title = Codename leaves the company
severity = high
description = The codename stands in mail to an outside recipient.
false_positives = The press office writes about the bird of that name, in the weekly letter to the friends of the museum, and its old letters.
next_step = Ask the author whether the partner has signed, and if nobody answers within the day, ask the head of the department and note it here.
[content.codename]
type = regex
where = subject, body
pattern.1 = NIGHTJAR-[0-9]+
INI

people="$(for n in $(seq -w 30); do printf 'partner%s@rival.example, ' "$n"; done)last@rival.example"
mkdir -p "$work/box1"
{
    printf '%s\n' 'From: anna@corp.example' "To: $people" 'Subject: The offer' 'Date: Sun, 22 Nov 2026 09:02:05 +0000' \
        'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary=b' '' '--b' 'Content-Type: text/plain; charset=utf-8' ''
    for n in $(seq 30); do
        printf 'Here is what we know of the thing that is called NIGHTJAR-%s in the house, and what it is to cost.\n' "$n"
    done
    for n in $(seq 12); do
        printf '%s\n' '--b' 'Content-Type: text/csv' "Content-Disposition: attachment; filename=prices-$n.csv" '' "a,b,$n"
    done
    printf '%s\n' '--b--'
} >"$work/box1/1.eml"
for n in $(seq 12); do
    [ "$n" = 1 ] || mkdir "$work/box$n"
    # Half of them are the same bytes in several places, the others messages of the same incident.
    [ "$n" -lt 7 ] || printf 'Received: from a by b%s; Sun, 22 Nov 2026 09:02:06 +0000\n' "$n" >"$work/box$n/1.eml"
    [ "$n" = 1 ] || cat "$work/box1/1.eml" >>"$work/box$n/1.eml"
    touch -d '2026-01-01' "$work/box$n/1.eml"
    printf '[account.box%s]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$n" "$work/box$n" >"$work/etc/accounts.d/box$n.ini"
done
run_code poll
check 'a poll' "$code" 0

on_terminal() { # ROWS COLUMNS KEYS
    printf '%b' "$3" | TERM=dumb script -qec "stty rows $1 cols $2; '$FLAGPOST_PROGRAM' --config '$work/etc/flagpost.ini' review" /dev/null |
        tr -d '\r' >"$work/screen"
}
# The rows that each screen takes, the one with the keys included; an ellipsis is all that is not ASCII.
heights() { # COLUMNS
    awk -v columns="$1" '
        { while (i = index($0, "\033[2J")) { if (n) print rows; n++; rows = 0; $0 = substr($0, i + 4) } }
        { gsub(/\033\[[0-9]*[mH]/, ""); gsub("…", ".");  rows += length == 0 ? 1 : int((length + columns - 1) / columns)
          if (/quit >/) { print rows; n = 0 } }' "$work/screen"
}
tallest() { { echo 0; heights "$1"; } | sort -n | tail -n 1; }
matches() { grep -c 'content.codename in' "$work/screen"; }

for size in '24 80' '25 80' '30 80' '50 80' '24 132' '24 40' '12 80'; do
    rows="${size% *}" columns="${size#* }"
    on_terminal "$rows" "$columns" q
    check "$rows rows of $columns: no screen is longer" "$(($(tallest "$columns") <= rows))" 1
    on_terminal "$rows" "$columns" mmmmmmmmmmmmmmmmmmmmq
    check "$rows rows of $columns: nor one that m shows" "$(($(tallest "$columns") <= rows))" 1
done

on_terminal 24 80 q
low="$(matches)"
check 'on 24 rows there is a match to see' "$((low >= 1))" 1
check_text 'matches that are left out are counted' "$work/screen" "rule codename, $low of 30 matches"
check_text 'people are counted' "$work/screen" '^To .*partner01@rival.example.* and [0-9]+ more'
check_text 'places are counted' "$work/screen" 'box[0-9]+ / .* and [0-9]+ more'
check_text 'attachments are counted' "$work/screen" 'prices-[0-9]+.csv.* and [0-9]+ more'
check_text 'other flags are counted' "$work/screen" 'same incident: flag-.* and [0-9]+ more'
check_text 'what is harmless stays' "$work/screen" '^Harmless if'
check_text 'and what is to be done' "$work/screen" '^Next step'
check_text 'a key has the rest' "$work/screen" 'm shows it whole, [0-9]+ rows'

on_terminal 50 80 q
check 'on 50 rows there is more' "$(($(matches) > low))" 1

looks() { flagpost audit --json | jq -r 'select(.what == "review-look") | .row' | wc -l; }
before="$(looks)"
on_terminal 24 80 mmmmmmmmq
check 'one look is one row of the ledger' "$(($(looks) - before))" 1
check 'm shows the last person' "$(grep -c 'last@rival.example' "$work/screen" | awk '{ print ($1 > 0) }')" 1
check 'every attachment' "$(grep -o 'prices-[0-9]*.csv' "$work/screen" | sort -u | wc -l)" 12
check 'every place' "$(grep -o 'box[0-9]* / ' "$work/screen" | sort -u | wc -l)" 6
check 'every flag' "$(grep -o 'flag-[0-9]*' "$work/screen" | sort -u | wc -l)" 7
check 'every match' "$(($(matches) >= 30))" 1
check 'but none in clear' "$(grep -c 'NIGHTJAR-[0-9]' "$work/screen")" 0

# An exception that is offered is longer than what is left of the screen.
on_terminal 24 80 fq
check_text 'it is all there at the end' "$work/screen" '^\[except.flag-[0-9]+\]$'
