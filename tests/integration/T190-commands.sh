#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What officers type: search, show, explain, report, status; and what they see.
. "$(dirname "$0")/lib/flagpost.sh"

server
mailbox anna
demo="$FLAGPOST_SOURCE/tests/mail/demo"
for folder in INBOX Sent Drafts; do
    dovecot_deliver "$work/server" anna "$folder" "$demo/anna/$folder"/*.eml
done
account anna "imaps://localhost:$IMAPS_PORT" 'keep = hits'
run_code poll
check 'the poll is clean' "$code" 0
wanted="$(grep -cE '^anna/(INBOX|Sent|Drafts)/' "$demo/expected.csv")"
check 'every message is known' "$(messages_known)" "$wanted"
flagged="$(grep -E '^anna/(INBOX|Sent|Drafts)/[^,]*,.' "$demo/expected.csv" | wc -l)"
check 'flagged messages = truth' "$(flagpost search --json --limit 0 flagged:yes | wc -l)" "$flagged"
for rule in competitor-mail internal-terms freemail-outbound; do
    check "search rule:$rule" "$(flagpost search --json --limit 0 "rule:$rule" | wc -l)" \
        "$(grep -E '^anna/(INBOX|Sent|Drafts)/' "$demo/expected.csv" | grep -cE "[ ,]$rule( |\$)")"
done
run_code search --sort rank --json anna
check 'by rank among few is among all' "$code $(jq -s 'length > 1 and all(.exact)' "$work/out") $(grep -c 'by rank among' "$work/err" || :)" '0 true 0'
run_code search --sort exact-rank --json anna
check 'and the same as of all' "$code $(jq -s 'length > 1 and all(.exact)' "$work/out")" '0 true'
check 'by date there is no rank to be exact' "$(flagpost search --json anna | jq -s 'any(has("exact"))')" false
run_code search --sort best price
check 'an unknown order: exit 64' "$code" 64
check 'filters are joined by and' "$(flagpost search --json --limit 0 flagged:yes before:2000-01-01 | wc -l)" 0

id="$(flagpost search --json --limit 0 flagged:yes | head -n 1 | jq -r .sha256)"
flagpost show "${id:0:12}" --raw >"$work/raw"
check 'show --raw gives the exact bytes' "$(sha256sum <"$work/raw" | cut -d' ' -f1)" "$id"
run_code show "${id:0:12}"
check_text 'show names the flags' "$work/out" '[Ff]lag'
check 'show --headers ends before the body' "$(flagpost show "${id:0:12}" --headers | grep -c '^$')" 0
run_code show 00000000
check 'an unknown message: exit 64' "$code" 64
run_code explain "${id:0:12}"
check_text 'explain tells true from false' "$work/out" 'true'
check_text 'and of what is false why' "$work/out" '^    .* false .* does not hold|^    .* false .* no match in'
check 'explain --json has the tree' "$(flagpost explain --json "${id:0:12}" | jq '[.. | .depth? // empty] | max >= 2')" true
run_code explain "$FLAGPOST_SOURCE/tests/mail/plain.eml" competitor-attachment
check_text 'explain of a miss says so' "$work/out" '^no flag +competitor-attachment'
check_text 'which half of it held' "$work/out" '^ +parties\.rival +true +to bob@rival\.example'
check_text 'and which did not, and why' "$work/out" '^ +attachment\.document +false +nothing is attached'
mkdir -p "$work/runaway"
printf '[rule]\nid = runaway\ntitle = T\nseverity = low\ndescription = D\n[content.x]\ntype = regex\npattern.1 = (x+x+)+y\n' \
    >"$work/runaway/1.ini"
{
    printf 'From: anna@corp.example\nSubject: x\n\n'
    printf 'x%.0s' {1..3000}
    printf ' z y\n'
} >"$work/runaway.eml"
run_code scan --rules "$work/runaway" "$work/runaway.eml"
scanned="$code"
run_code explain --rules "$work/runaway" "$work/runaway.eml"
check 'explain says of a pattern that runs away what scan says' "$code" "$scanned"
run_code explain "$demo/README.md" no-such-rule
check 'explain of an unknown rule: exit 64' "$code" 64

flagpost report --format html,csv,json --out "$work/reports" >"$work/paths"
check 'three files are named' "$(grep -c "^$work/reports/" "$work/paths")" 3
check 'report --out - prints the same JSON' "$(flagpost report --format json --out - | jq .totals.messages)" "$wanted"
check 'but one format alone: exit 64' "$(flagpost report --out - >/dev/null 2>&1 || echo $?)" 64
month="$(TZ=Europe/Berlin date +%Y-%m-01)"
last="$(date -d "$month +1 month -1 day" +%F)"
check 'the report of a month is named by its first and last day' "$(flagpost report --month today --format json --out "$work/reports" 2>/dev/null)" \
    "$work/reports/${month:0:4}/${month:5:2}/$month--$last.json"
check 'and has its mail' "$(jq .totals.messages "$work/reports/${month:0:4}/${month:5:2}/$month--$last.json")" "$wanted"
check 'any day of it will do' "$(flagpost report --month "$last" --format json --out - | jq -c .totals)" \
    "$(flagpost report --month "$month" --format json --out - | jq -c .totals)"
check 'the month before has none' "$(flagpost report --month "$(date -d "$month -1 day" +%F)" --format json --out - | jq .totals.messages)" 0
check 'a month is a day that it has: exit 64' "$(flagpost report --month 2026-13 >/dev/null 2>&1 || echo $?)" 64
for day in 2026-02-30 7d 2026-11-22T09:00 ''; do # what is offered instead would be taken
    run_code report --date "$day"
    check "no day: '$day': exit 64" "$code" 64
    check_text 'which is said' "$work/err" "'$day' is not a day"
    check_text 'and days are offered' "$work/err" 'write 2026-11-22, today or yesterday$'
done
html="$(grep html "$work/paths")"
check 'the page asks for nothing outside' "$(grep -ciE '(src|href)="?(https?:)?//|@import' "$html")" 0
check 'and has one script, our own' "$(grep -c '<script' "$html")" 1
check_text 'it opens with the sum' "$html" 'kept'
csv="$(grep csv "$work/paths")"
check 'no cell begins a formula' "$(grep -cE '(^|,)"?[=+@-]' "$csv")" 0
trend() { sed -n '/<h2>Flags of thirty days/,/<[/]section>/p' "$work/reports/index.html"; }
trend >"$work/trend"
check_text 'the index draws all flags of thirty days' "$work/trend" "aria-label=\"Flags a day over 30 days: $(flagpost review --list --json | wc -l) in all"
for limits in '--date 2020-01-01' "--date $(date -d '3 days ago' +%F)" '--rule competitor-mail' '--account anna' '--month today'; do
    # shellcheck disable=SC2086 # options, each a word
    flagpost report $limits --out "$work/reports" >/dev/null 2>&1
    check "and as many after a report with $limits" "$(trend)" "$(cat "$work/trend")"
done
json="$(grep json "$work/paths")"
check 'the JSON counts the same messages' "$(jq .totals.messages "$json")" "$wanted"
check 'excerpts are masked' "$(jq -r '[.flags[].hits[].excerpt] | map(select(test("project falcon"))) | length' "$json")" 0
