#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The random sample: what is drawn and kept, what a person at the terminal sees of it, what is decided
# and written down, and what a mail can do to the screen: nothing.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

sed -i "s|^rules_dir.*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
for rule in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/${rule##*/}"
done
cat >"$work/rules/codename.ini" <<'INI'
[rule]
id = codename
title = Codename leaves the company
severity = high
description = The codename stands in mail.
[content.codename]
type = regex
where = subject, body
pattern.1 = NIGHTJAR-[0-9]+
INI
mail() { # SUBJECT TEXT
    printf '%s\n' 'From: anna@corp.example' 'To: bob@rival.example' "Subject: $1" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' 'Content-Type: text/plain; charset=utf-8' '' "$2"
}
box() { # ACCOUNT KEEP
    mkdir -p "$work/$1"
    printf '[account.%s]\nurl = eml://%s\npurpose = Test\nkeep = %s\n' "$1" "$work/$1" "$2" >"$work/etc/accounts.d/$1.ini"
}
box hits hits
box none none
mail 'Offer' 'about NIGHTJAR-77' >"$work/hits/1.eml"
mail 'Card 4111111111111111' 'my card is 4111 1111 1111 1111, call me' >"$work/hits/2.eml"
mail $'Evil \033[2J\033]0;title\007' $'harmless \033[31mred \u202e' >"$work/hits/3.eml"
{ mail 'Long' 'begins here' && seq -f 'line %g' 1 60 && echo 'ends here'; } >"$work/hits/4.eml"
mail 'Private' 'nobody may look' >"$work/none/5.eml"
find "$work/hits" "$work/none" -type f -exec touch -d '2026-01-01' {} +

run_code review --sample --list
check 'before anything is polled there is nothing to review' "$code" 78
printf '[review]\nsample = 100 %%\n' >>"$work/etc/flagpost.ini"
run_code poll
check 'a poll' "$code" 0
listed() { flagpost review --sample --list --json; }
check 'drawn is what has no flag and may be kept' "$(listed | wc -l)" 3
check 'its copies are kept, so that there is something to look at' "$(listed | jq -r .copy | sort -u)" true
check 'the list names no subject' "$(listed | jq -r 'has("subject")' | sort -u)" false
check 'the key of the draw is for the owner alone' "$(stat -c %a "$work/data/sample.key")" 600
cp -p "$work/data/sample.key" "$work/sample.key"
echo 0123 >"$work/data/sample.key"
run_code check
check 'check refuses a key that is none' "$code" 78
check_text 'by its name' "$work/err" '\[review\] sample: sample.key: .*not a key of 64'
cp -p "$work/sample.key" "$work/data/sample.key"
run_code check
check 'and takes the one that was made' "$code" 0
before="$(listed)"
run_code poll
check 'another poll draws nothing anew' "$(listed)" "$before"
run_code verify
check 'and the store is whole' "$code" 0

one="$(flagpost search --json subject:Card | jq -r .sha256)"
if ! command -v script >/dev/null; then
    echo 'SKIP  script(1) is missing: no terminal'
else
    on_terminal() { # KEYS [OPTION...]
        local keys="$1"
        shift
        printf '%b' "$keys" | script -qec "'$FLAGPOST_PROGRAM' --config '$work/etc/flagpost.ini' review --sample $*" /dev/null >"$work/screen" 2>&1
    }
    on_terminal 'nnq'
    check_text 'the text is shown' "$work/screen" 'call me'
    check 'numbers are masked, in text and subject' "$(grep -cE '4111 ?1111' "$work/screen")" 0
    check 'no escape sequence of a mail comes through' "$(grep -cE $'\033\\[2J\033\\]|\033\\[31m|\007|\u202e' "$work/screen")" 0
    check_text 'but is shown as text' "$work/screen" 'u\{1B\}'
    check_text 'a long mail says how much there is' "$work/screen" 'more lines: t'
    check 'and does not end on the first screen' "$(grep -c 'ends here' "$work/screen")" 0
    check 'all of it can be read' "$(on_terminal 'tttntttnttt' && grep -q 'ends here' "$work/screen" && echo yes)" yes
    check 'each opening stands in the ledger' \
        "$(flagpost audit --json | jq -r 'select(.what == "review-look") | .object' | grep -c "^sample ${one:0:16}")" 2
    on_terminal 'xmcodenam\n\nnq'
    check_text 'a rule that is not there is refused' "$work/screen" "no rule 'codenam'"
    check 'one is decided' "$(listed | jq -r .state | sort | uniq -c | tr -s ' \n' ' ')" ' 1 nothing-to-see 2 open '
    on_terminal 'mcodename\na new word\nxq'
    check_text 'the last one is said to be the last' "$work/screen" 'No more mail of the sample'
    check 'all are decided' "$(listed | jq -r .state | sort | uniq -c | tr -s ' \n' ' ')" ' 1 missed 2 nothing-to-see '
    check 'by whom, by which rule and why' \
        "$(listed | jq -r 'select(.state == "missed") | .rule + ", " + .note + ", " + (.reviewer | tostring | if . == "" then "nobody" else "somebody" end)')" \
        'codename, a new word, somebody'
fi

# By name, several at once; the order of the draw is another in each installation.
mapfile -t drawn < <(listed | jq -r .sha256)
run_code review --sample "${drawn[@]}" --as nothing-to-see
check 'three are decided by name' "$code:$(listed | jq -r .state | sort -u)" 0:nothing-to-see
long="$(flagpost search --json subject:Long | jq -r .sha256)"
run_code review --sample "$long" --as missed --rule codename
run_code review --sample "${one:0:12}" --as open
check 'a verdict is taken back' "$(listed | jq -r "select(.sha256 == \"$one\") | .state")" open
run_code review --sample "${one:0:12}" --as missed --rule codename --note 'cards'
check 'and given anew' "$code:$(listed | jq -r "select(.sha256 == \"$one\") | .state + \" \" + .rule")" '0:missed codename'
check_text 'it stands in the ledger' <(flagpost audit --json | jq -r 'select(.what == "review") | .object') "^sample ${one:0:16}: missed by codename, note "
check 'without the words of the note' "$(flagpost audit --json | grep -c 'cards')" 0

# What it says of all mail: in the measure of rules and in the report.
run_code rules measure
check_text 'the rule that missed it has a count' "$work/out" '^codename +1 +0 +0 +1 +0 +2 '
check_text 'all rules together have an estimate' "$work/out" '^Random sample: 3 were looked at and 2 missed by the rules: 66\.7 percent, .* between 20\.8 and 93\.9; of 3 messages'
check 'also for programs' "$(flagpost rules measure --json | tail -1 | jq -c .sample)" \
    '{"eligible":3,"let_go":0,"open":0,"nothing_to_see":1,"missed":2,"missed_ppm":666667,"missed_ppm_low":207660,"missed_ppm_high":938508}'
run_code review --sample "${one:0:12}" --as open
run_code report --date today --format html,json,text,prometheus,csv --out "$work/out.d"
check 'a report' "$code" 0
page="$(find "$work/out.d" -name '2*.html')"
check 'the page has it behind what is still open' \
    "$(grep -oE '<section id="(decide|open|sample|rules)"' "$page" | tr -dc 'a-z\n' | sed 's/sectionid//' | tr '\n' ' ')" 'decide open sample rules '
check_text 'with what was drawn' "$page" 'In this period 3 of 3 messages without a flag were drawn: 2 looked at, 1 missed by the rules, 1 open'
check_text 'what is left to look at' "$page" "<code>${one:0:12}</code>"
check 'and no subject of it' "$(grep -c 'Card 4111' "$page")" 0
check_text 'the text has it' "${page%.html}.txt" 'Over thirty days 2 were looked at and 1 missed'
check 'the document for programs' "$(jq -c '.sample.period | [.open, .nothing_to_see, .missed]' "${page%.html}.json")" '[1,1,1]'
check_text 'metrics' "${page%.html}.prom" '^flagpost_sample_messages{state="missed"} 1$'
check 'the table has flags alone' "$(grep -c '' "${page%.html}.csv")" 2
run_code report --date today --rule codename --format html --out "$work/out.d"
check 'a report on one rule says nothing of it' "$(grep -c 'id="sample"' "$work"/out.d/*/*/*rule-codename.html)" 0
run_code review --sample "${one:0:12}" --as missed --rule codename

while read -r wrong; do
    # shellcheck disable=SC2086
    run_code review $wrong </dev/null
    check "review $wrong: exit 64" "$code" 64
done <<WRONG
--sample
--sample $one
--sample $one --as resolved
--sample --as missed
--sample $one --as missed --rule nonsense
--sample $one --as nothing-to-see --rule codename
--sample ffffffffffff --as missed
--sample --list $one
--sample --list --query x
--sample --assign anna
--sample $one --note why
flag-1 --rule codename
WRONG
run_code review --sample "$one" --as mised
check_text 'what was meant is asked' "$work/err" 'did you mean missed'

# What has had its time goes, with what was said of it.
run_code purge --message "${one:0:12}" --reason 'erased on request'
check 'purged' "$code" 0
check 'with what was said' "$(listed | grep -c "$one")" 0
