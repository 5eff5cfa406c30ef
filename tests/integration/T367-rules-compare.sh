#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Kept mail judged with the prefilter and without: alike; and a prefilter that is not that of the rules is found out.
. "$(dirname "$0")/lib/flagpost.sh"

rule() { # WORD
    mkdir -p "$work/rules"
    cat >"$work/rules/90-word.ini" <<INI
[rule]
id = a-word
title = A word of the test
severity = low
description = Flags a word.
[content.word]
type = regex
where = body
pattern.1 = \b$1[0-9]{3}\b
[test.1]
expect = flag
part = content.word
text = a $1123 it is
INI
}
config
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
mkdir -p "$work/mail"
for n in 1 2 3 4 5 6; do
    word="$([ $((n % 2)) = 0 ] && echo numbat || echo quokka)"
    printf 'From: Carl <carl@outside.example>\r\nTo: anna@corp.example\r\nSubject: Number %d\r\n\r\nIt is %s12%d.\r\n' \
        "$n" "$word" "$n" >"$work/mail/$n.eml"
done
compared() { jq -c '[.compared, .not_compared, .differences]' "$work/out"; }

rule quokka
run_code check --verbose
if ! grep -q 'prefiltered by Hyperscan' "$work/out"; then
    run_code rules compare
    check 'without a prefilter there is nothing to compare' "$code" 0
    printf 'skipped: this program was built without Hyperscan\n'
    exit 77
fi
run_code import --keep all "$work/mail"
check 'mail is there' "$code" 0
check 'and flagged' "$(flagpost search --json rule:a-word | grep -c sha256)" 3
run_code rules compare --json
check 'both ways say the same' "$code: $(compared)" '0: [6,0,0]'
run_code status
check_text 'status has it' "$work/out" '^rules: 6 messages are judged without the prefilter as with it'

# The fault: what was compiled for other rules lies where that of these is looked for, whole and with its digest.
mine="$(ls -t "$work/data/cache/"*.prefilter | head -1)"
rule numbat
before="$(ls "$work/data/cache")"
run_code check
other="$(comm -13 <(printf '%s\n' "$before" | sort) <(ls "$work/data/cache" | sort) | head -1)"
my_key="$(basename "$mine" .prefilter)"
tail -c +66 "$mine" | LC_ALL=C sed "s/$my_key/${other%.prefilter}/" >"$work/forged"
{ sha256sum <"$work/forged" | cut -d' ' -f1 && cat "$work/forged"; } >"$work/data/cache/$other"
run_code rules compare --json
check 'a prefilter that loses hits is found out' "$code: $(compared)" '1: [6,0,3]'
check 'and the rule is named' "$(jq -r .first "$work/out" | cut -d' ' -f2)" a-word
run_code status
check 'status ends with a gap' "$code" 2
check_text 'and says what to do' "$work/out" '3 of 6 messages are judged otherwise without the prefilter.*a-word: write .engine. prefilter = no'
# The service does so by itself, behind the day's verification, and its next report tells.
if [ -x "$helpers/clock/flagpost" ]; then
    ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
    rm "$work/data/compared"
    sed -e 's/^timezone = .*/timezone = UTC/' "$work/etc/flagpost.ini" >"$work/etc/service.ini"
    printf '[report.daily]\nat = 12:00\n[roles]\nstrangers = nobody\n' >>"$work/etc/service.ini"
    mkdir -p "$work/hq"
    cp "$work/mail/1.eml" "$work/hq/1.eml"
    touch -d '2026-01-01' "$work/hq/1.eml"
    mkdir -p "$work/etc/accounts.d"
    printf '[account.hq]\nurl = eml://%s\npurpose = Test\nkeep = all\nevery = 1h\n' "$work/hq" >"$work/etc/accounts.d/hq.ini"
    export FLAGPOST_TEST_JUMP="$work/jump"
    day="$(date -u +%F)"
    for before in 5 20 60; do
        printf '%s\n' $(($(date -ud "$day 12:00" +%s) + 86400 - before - $(date +%s))) >"$work/jump"
        "$helpers/clock/flagpost" --config "$work/etc/service.ini" run >"$work/service.log" 2>&1 &
        service=$!
        for _ in $(seq $((before * 10 + 300))); do
            ! grep -q 'judged in two ways' "$work/service.log" || break 2
            sleep 0.1
        done
        kill "$service"
        wait "$service" || :
    done
    check_text 'the service finds it' "$work/service.log" 'mail is judged in two ways with the prefilter and without'
    kill "$service"
    wait "$service" || :
    check 'and keeps what came of it' "$(cut -d' ' -f4 "$work/data/compared")" 3
    "$helpers/clock/flagpost" --config "$work/etc/flagpost.ini" report --date "$(date -ud "$day + 1 day" +%F)" \
        --format text >"$work/report" 2>"$work/err" || :
    check_text 'its report has it' "$work/report" 'mail is judged in two ways'
    unset FLAGPOST_TEST_JUMP
fi
sed -i '$a [engine]\nprefilter = no' "$work/etc/flagpost.ini"
run_code rules compare
check 'without it there is nothing to compare' "$code" 0
run_code rules compare --sample 0
check 'a sample of nothing' "$code" 64
