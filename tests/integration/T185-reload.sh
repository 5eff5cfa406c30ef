#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SIGHUP: `run` goes on by new rules and accounts when all is right, else by the old ones; no message is lost
# or doubled, also when passes are under way.
. "$(dirname "$0")/lib/flagpost.sh"

masters="$work/masters"
printf 'scanner:{PLAIN}secret-scanner::::::\n' >"$masters"
chmod 0644 "$masters"
chmod 0755 "$work"
server "auth_master_user_separator = *
passdb {
  driver = passwd-file
  master = yes
  args = $masters
}"
mailbox anna
mailbox bert
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 5s'
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"

rule() { # FILE ID WORD TEXT: flags WORD; its own test says that TEXT is flagged
    cat >"$work/rules/$1" <<INI
[rule]
id = $2
title = A word of the test
severity = low
description = Flags the word $3.
[content.word]
type = words
where = subject, body
words = $3
[test.1]
expect = flag
part = content.word
text = $4
INI
}
mail() { # USER WORD
    mails=$((${mails:-0} + 1))
    printf 'From: Carl <carl@outside.example>\r\nTo: %s@corp.example\r\nSubject: Number %d\r\n\r\nThe word is %s.\r\n' \
        "$1" "$mails" "$2" >"$work/$mails.eml"
    dovecot_deliver "$work/server" "$1" INBOX "$work/$mails.eml"
}
wait_until() { # SECONDS COMMAND...
    local n limit="$1"
    shift
    for n in $(seq $((limit * 10))); do
        ! "$@" || return 0
        sleep 0.1
    done
    return 1
}
kept() { [ "$(digests_kept 2>/dev/null | wc -l)" -ge "$1" ]; }
said() { [ "$(grep -cE -- "$2" "$work/log")" -ge "$1" ]; }
hang_up() { # COUNT PATTERN: until the log says it for the COUNTth time
    kill -HUP "$service"
    wait_until 40 said "$1" "$2"
}
flagged() { flagpost search --json --limit 0 "rule:$1" 2>/dev/null | wc -l; }
taken='SIGHUP: configuration and rules are read again'
refused='SIGHUP: not taken'

mail anna quokka
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/log" &
service=$!
relays+=("$service")
check 'the first pass keeps what is there' "$(wait_until 40 kept 1 && echo yes)" yes
check 'and no rule of ours is there yet' "$(flagged reload-quokka)" 0

rule 90-quokka.ini reload-quokka quokka 'a quokka it is'
check 'a rule added: taken' "$(hang_up 1 "$taken" && echo yes)" yes
mail anna quokka
check 'the pass after it' "$(wait_until 40 kept 2 && echo yes)" yes
check 'new mail is flagged by the new rule' "$(flagged reload-quokka)" 1

rule 91-broken.ini reload-broken numbat 'a numbat it is'
sed -i 's/^severity = low$/severity = lou/' "$work/rules/91-broken.ini"
check 'a broken rule: not taken' "$(hang_up 1 "$refused" && echo yes)" yes
check_text 'the log names file and line' "$work/log" '91-broken\.ini:4:[0-9]+: '
mail anna quokka
check 'the service goes on' "$(wait_until 40 kept 3 && echo yes)" yes
check 'by the rules it had' "$(flagged reload-quokka)" 2

rule 91-broken.ini reload-broken numbat 'no such animal'
check 'a rule that fails its own test: not taken' "$(hang_up 2 "$refused" && echo yes)" yes
check_text 'the log names file, line and test' "$work/log" '91-broken\.ini:10: test\.1 of reload-broken failed: '
flagpost report --format json --out - >"$work/report.json" 2>/dev/null
check_text 'the report says that the old rules stay' "$work/report.json" 'reload-refused'
check_text 'in a sentence' "$work/report.json" 'the service goes on with what it has'
sed -i 's/^timezone = .*/timezone = Europe\/Nowhere/' "$work/etc/flagpost.ini"
rm "$work/rules/91-broken.ini"
check 'a broken configuration: not taken' "$(hang_up 3 "$refused" && echo yes)" yes
check_text 'the log names it' "$work/log" 'flagpost\.ini:[0-9]+:[0-9]+: .*Nowhere'
mail anna quokka
check 'the service still goes on' "$(wait_until 40 kept 4 && echo yes)" yes

sed -i 's/^timezone = .*/timezone = Europe\/Berlin/' "$work/etc/flagpost.ini"
check 'by the rules it had at first' "$(flagged reload-quokka)" 3
account bert "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 5s'
mail bert quokka
check 'an account added: taken' "$(hang_up 2 "$taken" && echo yes)" yes
check 'it is polled' "$(wait_until 40 kept 5 && echo yes)" yes
check 'and flagged' "$(flagged reload-quokka)" 4

# A list of mailboxes: a line more is a mailbox more, a line less one less.
mailbox carl
mailbox dora
mail carl quokka
mail dora quokka
account scanner "imaps://localhost:$IMAPS_PORT" 'keep = all' 'every = 5s'
printf '[mailboxes.sales]\naccount = scanner\nfile = ../sales.txt\ngroup = sales\n' >>"$work/etc/accounts.d/scanner.ini"
printf 'carl\n' >"$work/etc/sales.txt"
check 'a list of mailboxes added: taken' "$(hang_up 3 "$taken" && echo yes)" yes
check 'its mailbox is polled' "$(wait_until 40 kept 6 && echo yes)" yes
printf 'carl\ndora\n' >"$work/etc/sales.txt"
check 'a line more: taken' "$(hang_up 4 "$taken" && echo yes)" yes
check 'and is polled' "$(wait_until 40 kept 7 && echo yes)" yes
printf 'dora\n' >"$work/etc/sales.txt"
check 'a line less: taken' "$(hang_up 5 "$taken" && echo yes)" yes
dovecot_log "$work/server" | grep -c 'Login: user=<carl>' >"$work/carl"
dora="account=scanner/dora state=ok"
passes="$(grep -c -- "$dora" "$work/log")"
check 'the other one goes on' "$(wait_until 40 said $((passes + 2)) "$dora" && echo yes)" yes
check 'and nobody asks for the one that was taken out' \
    "$(dovecot_log "$work/server" | grep -c 'Login: user=<carl>')" "$(cat "$work/carl")"
printf 'carl; dora\n' >"$work/etc/sales.txt"
check 'a broken line: not taken' "$(hang_up 4 "$refused" && echo yes)" yes
check_text 'the log names it' "$work/log" 'sales\.txt:1'
printf 'dora\n' >"$work/etc/sales.txt"

# The command asks for the same, waits, and says what came of it; the ledger keeps what changed.
rule 92-numbat.ini reload-numbat numbat 'a numbat it is'
rule 90-quokka.ini reload-quokka quokka 'one quokka more'
run_code reload
check 'reload: taken' "$code" 0
check_text 'and says so' "$work/out" '^configuration and rules are read again: [0-9]+ rules, [0-9]+ accounts$'
flagpost audit --json >"$work/audit"
check_text 'the ledger names what was added and changed' "$work/audit" \
    'ruleset-change.*added reload-numbat .92-numbat.ini.; changed reload-quokka .90-quokka.ini.'
row="$(jq -r 'select(.what == "ruleset-change") | .row' "$work/audit" | tail -1)"
flagpost audit diff "$row" >"$work/changes"
check 'its diff is one that patch takes: the file as it was comes back' "$(
    mkdir -p "$work/patched" && cp "$work/rules/9"[02]-*.ini "$work/patched" &&
        patch -s -R -p1 -d "$work/patched" <"$work/changes" &&
        grep -h '^text' "$work/patched"/*
)" 'text = a quokka it is'
run_code audit diff 1
check 'a row that is no change' "$code" 64

# Not rules alone: a list, a group and a detector decide what is flagged, a message of a test what a rule is said to do.
last_change() { flagpost audit --json | jq -r 'select(.what == "ruleset-change") | .row' | tail -1; }
changed() { # LABEL WORDS LINE: the row says it, and its diff has the line
    run_code reload
    check "$1: taken" "$code" 0
    check_text "$1: the ledger says so" <(flagpost audit --json | jq -r 'select(.what == "ruleset-change") | .object' | tail -1) "$2"
    check "$1: line for line" "$(flagpost audit diff "$(last_change)" | grep -cxF -- "$3")" 1
}
mkdir -p "$work/rules/lists" "$work/rules/detectors" "$work/rules/tests"
printf 'rival.example\n' >"$work/rules/lists/site-rivals.txt"
changed 'a list' 'added lists/site-rivals[.]txt; diff' '+rival.example'
printf 'rival.example\nother.example\n' >"$work/rules/lists/site-rivals.txt"
changed 'an entry of it' 'changed lists/site-rivals[.]txt; diff' '+other.example'
printf '[group.leads]\nmembers = anna@corp.example\n' >>"$work/etc/flagpost.ini"
changed 'a group' 'added groups/leads; diff' '+anna@corp.example'
printf '[detector]\nid = site-code\ntitle = Code\npattern.1 = QX[0-9]{4}\n' >"$work/rules/detectors/site.ini"
changed 'a detector' 'added detectors/site[.]ini; diff' '+pattern.1 = QX[0-9]{4}'
printf 'From: a@corp.example\nTo: b@corp.example\nSubject: x\n\na quokka\n' >"$work/rules/tests/quokka.eml"
printf '[test.2]\nexpect = flag\nmessage = tests/quokka.eml\n' >>"$work/rules/90-quokka.ini"
changed 'the message of a test' 'added tests/quokka[.]eml; diff' '+a quokka'
sed -i 's/^a quokka$/a grey quokka/' "$work/rules/tests/quokka.eml"
changed 'that message, and nothing that judges mail' '^changed tests/quokka[.]eml; diff' '+a grey quokka'
check 'the chain holds' "$(flagpost audit verify >/dev/null 2>&1 && echo yes)" yes
rule 92-numbat.ini reload-numbat numbat 'no such animal'
run_code reload
check 'reload, a rule that fails its own test: not asked for' "$code" 65
check_text 'and the test is named' "$work/err" '92-numbat\.ini:10: failed: test\.1 of reload-numbat'
sed -i 's/^severity = low$/severity = lou/' "$work/rules/92-numbat.ini"
run_code reload
check 'reload, a broken rule: not asked for' "$code" 78
check_text 'and its place is named' "$work/err" '92-numbat\.ini:4:[0-9]+: '
check 'the service heard nothing of either' "$(grep -c -- "$refused" "$work/log")" 4
rm "$work/rules/92-numbat.ini"
run_code reload too much
check 'reload takes no arguments' "$code" 64

# What cannot be opened leaves the service as it was.
sed -i "s|^data_dir = .*|data_dir = $work/other|" "$work/etc/flagpost.ini"
mkdir -m 700 "$work/other"
printf 'no database\n' >"$work/other/flagpost.db"
check 'a store that does not open: not taken' "$(hang_up 1 'SIGHUP: .*goes on with what it had' && echo yes)" yes
sed -i "s|^data_dir = .*|data_dir = $work/data|" "$work/etc/flagpost.ini"

fill anna INBOX 600 8 7
fill bert INBOX 600 8 8
for _ in 1 2 3 4 5; do
    sleep 1
    kill -HUP "$service"
done
check 'passes under way: taken all the same' "$(wait_until 40 said 7 "$taken" && echo yes)" yes
check 'all comes in' "$(wait_until 120 kept 1207 && echo yes)" yes
kill -TERM "$service"
code=0
wait "$service" || code=$?
check 'SIGTERM: a clean stop' "$code" 0
run_code reload
check 'reload without a service' "$code" 69
run_code poll
check 'a poll after it is clean' "$code" 0
check 'every message is kept once' "$(digests_kept | wc -l)" 1207
check 'the very bytes' "$(digests_kept | uniq | sha256sum)" \
    "$( (digests_on_server anna && digests_on_server bert && digests_on_server carl && digests_on_server dora) | LC_ALL=C sort | sha256sum)"
check 'status knows no failing account' \
    "$(flagpost status --json | jq -r 'select(.failing_since != null) | .account' | wc -l)" 0

# Where no rules run that could stay, those that fail their tests are used, and it is said.
rule 92-numbat.ini reload-numbat numbat 'no such animal'
run_code poll
check 'rules that fail a test of theirs: a poll goes on' "$code" 0
check_text 'and names the test' "$work/err" '92-numbat\.ini:10: failed: test\.1 of reload-numbat'
report_says() {
    flagpost report --format json --out - 2>/dev/null | grep -c 'rules-fail-tests' || :
}
check 'the report says it' "$(report_says)" 1
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/log" &
service=$!
relays+=("$service")
check 'a service starts with them as well' "$(wait_until 40 said 1 'watching [0-9]+ accounts' && echo yes)" yes
check_text 'and names the test' "$work/log" '92-numbat\.ini:10: test\.1 of reload-numbat failed: '
kill -TERM "$service"
code=0
wait "$service" || code=$?
check 'and stops as asked' "$code" 0
# What it had begun of its daily work goes on without it, and writes.
for _ in $(seq 600); do
    pgrep -f -- "--config $work/etc/flagpost.ini" >/dev/null || break
    sleep 0.1
done
check 'what it left running ends' "$(pgrep -f -- "--config $work/etc/flagpost.ini" | wc -l)" 0
