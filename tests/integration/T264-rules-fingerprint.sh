#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Documents become fingerprints, read by sandboxed workers: a copy, a part and an edited copy are found in body and
# attachment with their share, a blank form is subtracted, a locked document is said.
. "$(dirname "$0")/lib/flagpost.sh"

mkdir -m 0700 -p "$work/data" "$work/etc/rules.d" "$work/contracts/old"
printf '[general]\norganisation = Corp\nown_domains = corp.example\ndata_dir = %s\nrules_dir = %s\n' \
    "$work/data" "$work/etc/rules.d" >"$work/etc/flagpost.ini"

words() { # from, to: a text that no other text has
    awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i <= to; i++) printf "w%dx%d%s", i, i * 7 % 11, i % 12 ? " " : "\n" }'
}
words 1 400 >"$work/contracts/lease.txt"
{ echo '<html><body><p>' && words 2000 2300 && echo '</p></body></html>'; } >"$work/contracts/old/offer.html"
: >"$work/contracts/empty.txt"

run_code rules fingerprint add "$work/contracts"
check 'an empty file among them: done with gaps' "$code" 2
check_text 'which it was' "$work/err" 'empty.txt: left out: no six words side by side'
check_text 'the others are kept' "$work/out" '^2 documents added, 2 in .*contracts.prints'
set="$work/etc/rules.d/data"
check 'the key is nobody else'"'"'s' "$(stat -c %a "$set/contracts.key")" 600
check 'no word is in clear' "$(grep -ac 'w10x\|w2010x' "$set/contracts.prints" || :)" 0
check 'the documents are listed' "$(flagpost rules fingerprint list --json | jq -r .document | tr '\n' ' ')" \
    'lease.txt old/offer.html '

cat >"$work/etc/rules.d/10-contract.ini" <<'RULE'
[rule]
id = contract
title = Part of a contract
severity = high
description = A third of a contract, or a text that is one.
[content.copy]
type = fingerprint
data = contracts
min_share = 33
min_copied = 70
[test.1]
expect = flag
part = content.copy
fingerprint.contracts = the tenant pays the rent on the first of each month
text = Please note: the tenant pays the rent, on the first of each month!
[test.2]
expect = pass
part = content.copy
fingerprint.contracts = the tenant pays the rent on the first of each month
text = Please note that nobody pays any rent here
RULE
run_code check
check 'the rule loads, and its tests pass' "$code" 0

mail() { # name, file with the body
    { printf 'From: a@corp.example\nTo: b@rival.example\nSubject: x\nMessage-ID: <%s@corp.example>\n\n' "$1" && cat "$2"; } >"$work/$1.eml"
}
attach() { # name, file
    printf 'From: a@corp.example\nTo: b@rival.example\nSubject: x\nMessage-ID: <%s@corp.example>\nMIME-Version: 1.0\nContent-Type: application/octet-stream; name=%s\nContent-Disposition: attachment; filename=%s\nContent-Transfer-Encoding: base64\n\n%s\n' \
        "$1" "$1" "$1" "$(base64 "$2")" >"$work/$1.eml"
}
attach whole.txt "$work/contracts/lease.txt"
attach offer.html "$work/contracts/old/offer.html"
{ words 9000 9400 && words 100 299 && words 9500 9900; } >"$work/body" && mail half "$work/body"
words 50 120 >"$work/body" && mail page "$work/body"
{ words 9000 9400 && words 50 80; } >"$work/body" && mail little "$work/body"
sed 's/w[0-9]*[13579]5x[0-9]* /edited /g' "$work/contracts/lease.txt" >"$work/body" && mail edited "$work/body"
words 7000 7400 >"$work/body" && mail other "$work/body"

excerpt() { # of the first hit, or -
    flagpost scan --json "$work/$1.eml" 2>>"$work/err" | jq -r '[.flags[] | select(.rule == "contract") | .hits[0].excerpt] | .[0] // "-"' || :
}
check 'a whole copy as an attachment' "$(excerpt whole.txt)" '100 % of lease.txt (data set contracts), which is 100 % of this text'
check_text 'another form of file' <(excerpt offer.html) '^100 % of old/offer.html '
check_text 'half of it within a long body' <(excerpt half) '^[45][0-9] % of lease.txt .* which is [12][0-9] % of this text'
check_text 'a page of it alone' <(excerpt page) '^1[0-9] % of lease.txt .* which is 100 % of this text'
check_text 'an edited copy' <(excerpt edited) '^[4-8][0-9] % of lease.txt'
check 'little of it within another text' "$(excerpt little)" '-'
check 'another text' "$(excerpt other)" '-'

words 1 300 >"$work/blank.txt"
run_code rules fingerprint add --name forms --subtract "$work/blank.txt" "$work/contracts/lease.txt"
check 'a form without its blank' "$code" 0
sed -i 's/^data = contracts/data = forms/; s/fingerprint[.]contracts/fingerprint.forms/' "$work/etc/rules.d/10-contract.ini"
attach blank.txt "$work/blank.txt"
check 'a blank form is no match' "$(excerpt blank.txt)" '-'
check_text 'one that was filled in is' <(excerpt whole.txt) '^(9[0-9]|100) % of lease.txt'

run_code rules fingerprint remove contracts lease.txt
check 'a document is removed' "$code $(flagpost rules fingerprint list --json | jq -r 'select(.data == "contracts") | .document')" '0 old/offer.html'
run_code rules fingerprint remove contracts lease.txt
check 'one that is not there: exit 64' "$code" 64
run_code rules fingerprint remove contracts
check 'the set is removed with its key' "$code $(find "$set" -name 'contracts*' | wc -l)" '0 0'
run_code rules fingerprint add "$work/nowhere"
check 'a path that is not there: exit 74' "$code" 74
check 'and no key stays' "$(find "$set" -name 'nowhere*' | wc -l)" 0
run_code rules fingerprint ade "$work/contracts"
check_text 'a verb that is misspelt' "$work/err" 'did you mean: flagpost rules fingerprint add'
