#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The rule set as it is loaded: rules, packs, detectors, tests; and what a wrong word is answered with.
. "$(dirname "$0")/lib/flagpost.sh"

config() { # general lines
    printf '[general]\norganisation = Corp\nown_domains = corp.example\ndata_dir = %s\n%s\n' "$work/data" "$1" >"$work/etc/flagpost.ini"
}
mkdir -m 0700 -p "$work/data" "$work/etc"
config ''

run_code rules list
check 'the rules that ship are listed' "$code" 0
check_text 'by their ids' "$work/out" '^payment-cards '
check 'no rule of a pack is on' "$(flagpost rules list --json | jq -r 'select(.pack != "") | .rule' | wc -l)" 0
check 'packs are off' "$(flagpost rules list --packs --json 2>/dev/null | jq -r 'select(.on) | .pack' | wc -l)" 0
check 'and hold rules' "$(flagpost rules list --packs --json 2>/dev/null | jq -s 'map(.count) | add >= 50')" true
run_code check
check_text 'check names the packs that are off' "$work/out" '^packs off: .*secrets'

config 'packs = secrets, privacy-de'
check 'two packs are on' "$(flagpost rules list --packs --json 2>/dev/null | jq -r 'select(.on) | .pack' | sort | tr '\n' ' ')" 'privacy-de secrets '
check 'their rules are loaded' "$(flagpost rules list --json | jq -r 'select(.pack != "") | .pack' | sort -u | tr '\n' ' ')" 'privacy-de secrets '
run_code check
check 'check runs their tests' "$code" 0
config 'packs = secerts'
run_code check
check 'a pack that is not there: exit 78' "$code" 78
check_text 'with file, line and the mend' "$work/err" "flagpost.ini:5: .*there is no pack 'secerts'"
check_text 'did you mean' "$work/err" 'did you mean secrets'
config ''

run_code rules test --with-packs all
check 'all tests of all packs pass' "$code" 0
check_text 'and are counted' "$work/out" ' tests passed, 0 failed'
run_code rules test --with-packs customer-data
check 'a pack whose data set nobody has built, asked for by name: exit 78' "$code" 78
check_text 'with the mend' "$work/err" 'flagpost rules edm build TABLE.csv --name customers'
printf 'From: a@corp.example\nTo: b@x.example\nSubject: x\n\nBert Beispiel: DE02 1203 0000 0000 2020 51\n\n' >"$work/row.eml"
run_code scan --with-packs all "$work/row.eml"
check_text 'among all packs it is a warning' "$work/err" 'customer-rows.ini:[0-9]+:8: warning: there is no data set customers.edm yet'
mkdir -p "$work/etc/rules.d"
config "rules_dir = $work/etc/rules.d
packs = customer-data, company-documents"
printf 'name,iban\nBert Beispiel,DE02120300000000202051\n' >"$work/table.csv"
printf 'a text of seven words or more that nobody else has written in this way before\n' >"$work/paper.txt"
run_code rules edm build "$work/table.csv" --name customers
run_code rules fingerprint add "$work/paper.txt" --name documents
run_code check
check 'with their data sets both packs are on' "$code" 0
{ printf 'From: a@corp.example\nTo: b@x.example\nSubject: x\n\n' && cat "$work/paper.txt"; } >"$work/copy.eml"
check 'a row of the table is found' "$(flagpost scan --json "$work/row.eml" 2>/dev/null | jq -r '.flags[].rule')" customer-rows
check 'a copy of the document is found' "$(flagpost scan --json "$work/copy.eml" 2>/dev/null | jq -r '.flags[] | .rule + " " + .severity')" 'document-copies high'
config ''
run_code rules test payment-cards
check 'the tests of one rule' "$code" 0
check_text 'are fewer' "$work/out" '^6 tests passed'
run_code rules show payment-cards
check_text 'show gives the next step' "$work/out" '^Next step'
check_text 'and the text' "$work/out" '^\[content.cards\]'
check 'show --json' "$(flagpost rules show payment-cards --json | jq -r .severity)" medium
check 'more than a hundred detectors' "$(flagpost rules detectors --json | jq -s 'length > 100')" true
check 'keys of forty services' "$(flagpost rules detectors --json | jq -s 'map(select(.detector | startswith("token-"))) | length >= 40')" true
check 'validators name their sources' "$(flagpost rules detectors --validators --json | jq -r 'select(.validator == "iban") | .help')" \
    "bank accounts: ISO 13616 with each country's form"
printf 'From: a@corp.example\nTo: b@x.example\nSubject: x\n\nSteuer-ID 86 095 742 719\n' >"$work/tax.eml"
check 'scan takes packs for one call' \
    "$(flagpost scan --json --with-packs privacy-de "$work/tax.eml" 2>/dev/null | jq -r '.flags[].rule')" personal-ids-de
check 'and without them is quiet' "$(flagpost scan --json "$work/tax.eml" 2>/dev/null | jq '.flags | length')" 0

mkdir -p "$work/etc/rules.d"
config "rules_dir = $work/etc/rules.d
[group.sales]
members = anna@corp.example
[account.hq]
url = eml://$work
purpose = Test"
cat >"$work/etc/rules.d/90-scope.ini" <<'RULE'
[rule]
id = scope
title = T
severity = low
description = D
[scope]
accounts = hq*, hp
groups = sales, saels, freemail
[message.a]
draft = yes
RULE
run_code check
check_text 'a scope of an account that is not there would pass everything' "$work/err" '90-scope.ini:7:[0-9]+: warning: there is no account .hp.'
check_text 'so would one of a group' "$work/err" "90-scope.ini:8:[0-9]+: warning: there is no group, list or account with the group 'saels'"
check 'those that are there are no matter' "$(grep -c '90-scope.ini:[78]:.*warning' "$work/err")" 2
rm "$work/etc/rules.d/90-scope.ini"
config ''

while read -r wanted words; do
    # shellcheck disable=SC2086
    run_code rules $words
    check "rules $words: exit $wanted" "$code" "$wanted"
done <<'END'
64
64 lits
64 list payment-cards
64 show
64 show no-such-rule
64 test no-such-rule
64 detectors payment-card
64 list --validators
64 show payment-cards --packs
64 list --no-such-option
78 list --with-packs nope
END
run_code rules show payment-card
check_text 'a near miss is helped' "$work/err" 'did you mean payment-cards'
