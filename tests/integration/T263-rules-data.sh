#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A table of customers becomes keyed hashes, and mail that shows two values of one row is flagged by sandboxed
# workers; what is wrong with table, set or key is said.
. "$(dirname "$0")/lib/flagpost.sh"

mkdir -m 0700 -p "$work/data" "$work/etc/rules.d"
printf '[general]\norganisation = Corp\nown_domains = corp.example\ndata_dir = %s\nrules_dir = %s\n' \
    "$work/data" "$work/etc/rules.d" >"$work/etc/flagpost.ini"
cat >"$work/customers.csv" <<'TABLE'
name;iban;birthday
Anna Muster;DE89 3704 0044 0532 0130 00;1980-01-02
"Groß, Jürgen";DE02120300000000202051;1975-12-24
TABLE
cat >"$work/etc/rules.d/10-customer.ini" <<'RULE'
[rule]
id = customer
title = Data of a customer
severity = high
description = Two values of one customer.
[content.row]
type = edm
data = customers
columns = name, iban, birthday
near_characters = 100
[test.1]
expect = flag
part = content.row
edm.customers = Eva Probe, GB29NWBK60161331926819, 1990-01-01
text = Eva Probe, born on 1990-01-01
[test.2]
expect = pass
part = content.row
edm.customers = Eva Probe, GB29NWBK60161331926819, 1990-01-01
text = Eva Probe alone
RULE
mail() { # name, text
    printf 'From: a@corp.example\nTo: b@rival.example\nSubject: x\nMessage-ID: <%s@corp.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n' \
        "$1" "$2" >"$work/$1.eml"
}
mail two 'Hello, JÜRGEN GROSS has DE02 1203 0000 0000 2020 51.'
mail reversed 'Groß, Jürgen: DE02 1203 0000 0000 2020 51'
mail mixed 'Anna Muster: DE02 1203 0000 0000 2020 51'

run_code check
check 'a set that nobody built: exit 78' "$code" 78
check_text 'with its place and the way to mend it' "$work/err" '10-customer.ini:8:8: .*no data set customers.edm'
check_text 'by a command' "$work/err" 'flagpost rules edm build TABLE.csv --name customers'

run_code rules edm build "$work/customers.csv"
check 'a table is built' "$code" 0
check_text 'what it holds is told' "$work/out" '^2 rows in .*customers.edm'
set="$work/etc/rules.d/data"
check 'its key is nobody else'"'"'s' "$(stat -c %a "$set/customers.key")" 600
check 'no value is in clear' "$(grep -ac 'Muster\|muster\|3704\|1980' "$set/customers.edm" || :)" 0
check 'no value is in the key file either' "$(tr -d '0-9a-f\n' <"$set/customers.key" | wc -c)" 0
check 'the set is listed' "$(flagpost rules edm list --json | jq -c '[.data, .rows, .columns]')" \
    '["customers",2,["name","iban","birthday"]]'
run_code check
check 'the rule loads, and its tests pass' "$code" 0

for row in 'two 0' 'reversed 1' 'mixed 0'; do
    read -r name flags <<<"$row"
    run_code scan --json "$work/$name.eml"
    check "mail $name" "$(jq -c '[.flags[] | select(.rule == "customer")] | length' "$work/out")" "$flags"
done
run_code scan "$work/reversed.eml"
check 'a flag shows no value in clear' "$(grep -c '2020 51' "$work/out" || :)" 0
run_code explain "$work/reversed.eml" customer
check_text 'explain names row and columns' "$work/out" 'data set customers, row 2: name, iban'

key="$(cat "$set/customers.key")"
printf 'name,iban,birthday\nEva Probe,GB29NWBK60161331926819,1990-01-01\n' |
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" rules edm build --name customers - >"$work/out"
check 'a new table keeps the key' "$(cat "$set/customers.key")" "$key"
run_code scan --json "$work/reversed.eml"
check 'and the old rows are gone' "$(jq -c '[.flags[] | select(.rule == "customer")] | length' "$work/out")" 0

chmod 0644 "$set/customers.key"
run_code check
check 'a key that others can read is refused' "$code" 78
check_text 'and how to mend it' "$work/err" 'chmod 0600'
chmod 0600 "$set/customers.key"
printf 'x' | dd of="$set/customers.edm" bs=1 seek=200 conv=notrunc 2>/dev/null
run_code check
check 'a set that was changed is refused' "$code" 78
check_text 'as that' "$work/err" 'its bytes are not those that were written; build it anew'

printf 'name,iban\nAnna Muster\n' >"$work/short.csv"
run_code rules edm build "$work/short.csv"
check 'a table that is broken: exit 65' "$code" 65
check_text 'with its line' "$work/err" 'short.csv:2: 1 cells, and the head has 2'
run_code rules edm build --columns nam "$work/customers.csv"
check 'a column that is not there: exit 64' "$code" 64
check_text 'did you mean' "$work/err" 'did you mean name'
run_code rules edm biuld "$work/customers.csv"
check_text 'a verb that is misspelt' "$work/err" 'did you mean: flagpost rules edm build'
run_code rules edm remove customers
check 'a set is removed' "$code" 0
check 'with its key' "$(find "$set" -type f | wc -l)" 0
