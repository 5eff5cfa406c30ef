#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What officers decide: by name, in bulk, on a terminal key by key; what stays of it, and what a mail
# can do to the terminal: nothing.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

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
next_step = Ask the author.
[content.codename]
type = regex
where = subject, body
pattern.1 = NIGHTJAR-[0-9]+
INI

mail() { # SUBJECT TO TEXT
    printf '%s\n' 'From: anna@corp.example' "To: $2" "Subject: $1" 'Date: Sun, 22 Nov 2026 09:02:05 +0000' \
        'Content-Type: text/plain; charset=utf-8' '' "$3"
}
mkdir -p "$work/sent" "$work/inbox"
mail 'Offer' bob@rival.example 'about NIGHTJAR-77' >"$work/sent/1.eml"
{ printf 'Received: from a by b; Sun, 22 Nov 2026 09:02:06 +0000\n' && mail 'Offer' bob@rival.example 'about NIGHTJAR-77'; } \
    >"$work/inbox/1.eml"
mail $'Evil \033[2J\033]0;title\007' eve@rival.example $'NIGHTJAR-88 \033[31mred \u202e' >"$work/sent/2.eml"
mail 'Third' carl@rival.example 'about NIGHTJAR-99' >"$work/sent/3.eml"
for box in sent inbox; do
    find "$work/$box" -type f -exec touch -d '2026-01-01' {} +
    printf '[account.%s]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$box" "$work/$box" >"$work/etc/accounts.d/$box.ini"
done
printf '[person.legal]\nmail = legal@corp.example\nrole = officer\n' >>"$work/etc/flagpost.ini"
run_code poll
check 'a poll' "$code" 0

state() { flagpost review "$1" --json | jq -r .state; }

check 'four flags are open' "$(flagpost review --list --json | wc -l)" 4
check 'the same mail in two mailboxes is one incident' \
    "$(flagpost review --list --json | jq -r .incident | sort -u | wc -l)" 3

# By name.
pair="$(flagpost review --list --json | jq -r '[.incident] | @tsv' | sort | uniq -d)"
run_code review "I-$pair" --assign legl
check 'nothing is assigned to nobody' "$code" 64
check_text 'and who was meant is asked' "$work/err" 'did you mean legal'
run_code review "I-$pair" --as in-review --assign legal --note 'asked her'
check 'an incident is taken up' "$code" 0
check 'its flags are one mail: one change is enough' "$(grep -c 'new to in-review' "$work/out")" 1
check 'and holds for both' "$(flagpost review "I-$pair" --json | jq -r .state | sort -u)" in-review
run_code review "I-$pair"
check_text 'the history says who and what' "$work/out" 'new to in-review, for legal: asked her'
run_code review "I-$pair" --as resolved --dry-run
check_text 'a trial names what would change' "$work/out" 'in-review to resolved \(not done\)'
check 'and changes nothing' "$(flagpost review "I-$pair" --json | jq -r .state | sort -u)" in-review

# In bulk, and the exception that comes with it.
run_code review --query 'to:carl' --as false-positive
check 'by a query' "$code" 0
check_text 'a false positive offers an exception' "$work/out" '^\[except\.flag-[0-9]+\]$'
check_text 'for these people' "$work/out" '^recipient_domains = rival.example$'
check_text 'and its test' "$work/out" '^expect = pass$'
check 'two incidents are left' "$(flagpost review --list --json | jq -r .incident | sort -u | wc -l)" 2

# What was pasted is taken by the rules.
third="$(flagpost search --json to:carl | jq -r .sha256)"
mkdir -p "$work/rules/tests"
flagpost show "${third:0:12}" --raw >"$work/rules/tests/$(sed -n 's|^message = tests/||p' "$work/out")"
{ printf '\n' && sed -n '/^\[except/,$p' "$work/out" | sed 's/^\[test\.N\]/[test.1]/'; } >>"$work/rules/codename.ini"
run_code check
check 'exception and test pass the check' "$code" 0

# A verdict survives that everything is fetched and scanned anew, under another name.
mv "$work/sent/3.eml" "$work/inbox/33.eml"
{ printf 'X-Other: bytes\n' && cat "$work/inbox/33.eml"; } >"$work/inbox/34.eml"
touch -d '2026-01-01' "$work/inbox/34.eml"
sed -i '/^\[except/,$d' "$work/rules/codename.ini"
run_code poll
check 'another poll' "$code" 0
check 'nothing is new' "$(flagpost review --list --json | jq -r .incident | sort -u | wc -l)" 2

# On a terminal. `e` is for the first, a note for the second, then the input ends.
if ! command -v script >/dev/null; then
    echo 'SKIP  script(1) is missing: no terminal'
else
    on_terminal() { # KEYS
        printf '%b' "$1" | script -qec "'$FLAGPOST_PROGRAM' --config '$work/etc/flagpost.ini' review" /dev/null >"$work/screen" 2>&1
    }
    on_terminal 'q'
    check_text 'a screen has the keys' "$work/screen" 'f false positive  r resolved'
    check 'within 80 characters' "$(tr -d '\r' <"$work/screen" | grep -E 'false positive  r|quit >' | awk 'length > 80' | wc -l)" 0
    check 'matches are masked' "$(grep -c 'NIGHTJAR-[0-9]' "$work/screen")" 0
    on_terminal 'nq'
    check 'no escape sequence of a mail comes through' "$(grep -cE $'\033\\[2J\033\\]|\033\\[31m|\007|\u202e' "$work/screen")" 0
    check_text 'but is shown as text' "$work/screen" 'u\{1B\}'
    check_text 'q leaves' "$work/screen" 'quit'
    on_terminal 'e'
    check 'e escalates, and the end of the input leaves' "$(flagpost review --list --json | jq -r .state | sort -u | tr '\n' ' ')" 'escalated new '
    on_terminal 'tby telephone\nrnq'
    check 'a note, and resolved' "$(flagpost review --list --json | jq -r .incident | sort -u | wc -l)" 1
    check 'n and p walk' "$(on_terminal 'pnq' && echo yes)" yes
fi

for wrong in '--as maybe 1' '--as resolved' '--list 1' '--dry-run 1' 'flag-999' 'nonsense' '--query nofilter:x --as new' ''; do
    # shellcheck disable=SC2086
    run_code review $wrong </dev/null
    check "review $wrong: exit 64" "$code" 64
done
check_text 'the message says what to do' "$work/err" 'needs a terminal'
