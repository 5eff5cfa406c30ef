#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SIGHUP while workers are forked, while the process they are forked from starts, stands still or is killed: every mail
# is judged by the rules of before or by those of after, as a whole. Each rule set has two rules, which flag every mail.
. "$(dirname "$0")/lib/flagpost.sh"

command -v python3 >/dev/null || { echo 'skipped: needs python3' && exit 77; }
mkdir "$work/box" "$work/drop"
config 'workers = 3' '[limits]' 'messages_per_worker = 1'
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
for shipped in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/${shipped##*/}"
done
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\nevery = 5s\n' "$work/box" >"$work/etc/accounts.d/box.ini"

generation=0
next_rules() {
    local letter
    generation=$((generation + 1))
    for letter in a z; do
        printf '[rule]\nid = %s-%s\ntitle = T\nseverity = low\ndescription = D.\n[content.word]\ntype = words\nwhere = body\nwords = quokka\n' \
            "$letter" "$generation" >"$work/rules/$letter.ini"
    done
}
mails=0
drop() { # COUNT: mails that come when the rules of now are in force
    local n
    for n in $(seq "$1"); do
        mails=$((mails + 1))
        printf 'From: carl@outside.example\r\nTo: anna@corp.example\r\nSubject: %d of %d\r\n\r\nA quokka, number %d.\r\n' \
            "$mails" "$generation" "$mails" >"$work/drop/$mails.eml"
    done
    mv "$work/drop"/*.eml "$work/box/"
}
wait_until() { # SECONDS COMMAND...
    local n limit="$1"
    shift
    for n in $(seq $((limit * 20))); do
        ! "$@" || return 0
        sleep 0.05
    done
    return 1
}
of() { pgrep -P "$service" -f "^flagpost $1\$" || :; }
works() { [ -n "$(of worker)" ]; }
kept() { [ "$(digests_kept 2>/dev/null | wc -l)" -ge "$1" ]; }
reload() { # LABEL
    run_code reload
    check "$1: taken" "$code" 0
}
another() { # PID: there is one to fork from, and it is not this one
    zygote="$(of zygote | tail -n 1)"
    [ -n "$zygote" ] && [ "$zygote" != "$1" ]
}

next_rules
drop 20
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.out" 2>"$work/log" &
service=$!
relays+=("$service")
check 'the first pass' "$(wait_until 60 kept 20 && echo yes)" yes

# A fork for each mail: whenever SIGHUP comes, somebody is being forked.
for round in 1 2; do
    drop 30
    check "round $round: workers are at it" "$(wait_until 60 kept $((mails - 29)) && echo yes)" yes
    next_rules
    reload "round $round, while workers are forked"
done

# The next rules come while what those of before them shall be judged by is starting.
for how in goes stopped killed; do
    before="$(of zygote | tail -n 1)"
    drop 10
    next_rules
    flagpost reload >"$work/first" 2>&1 &
    first=$!
    wait_until 60 another "$before" || zygote=none
    check "$how: another one starts" "$([ "$zygote" != none ] && echo yes)" yes
    case "$how" in
        stopped) kill -STOP "$zygote" ;;
        killed) kill -KILL "$zygote" ;;
    esac 2>/dev/null || :
    next_rules
    kill -HUP "$service"
    [ "$how" != stopped ] || { sleep 1 && kill -CONT "$zygote"; } 2>/dev/null || :
    code=0
    wait "$first" || code=$?
    check "$how: the first is answered" "$code" 0
    reload "$how: and what came on top"
    drop 10
    check "$how: all comes in" "$(wait_until 60 kept "$mails" && echo yes)" yes
done
check_text 'the one that was killed was missed' "$work/log" 'the process that scan workers are forked from ended while (starting|idle): '
check 'nothing was refused' "$(grep -c 'not taken\|goes on with what it had' "$work/log")" 0
kill -TERM "$service"
code=0
wait "$service" || code=$?
check 'a clean stop' "$code" 0

# Of each mail: which rules flagged it, by which rule set, and which rules were in force when it came.
python3 - "$work/data/flagpost.db" >"$work/judged" <<'PY'
import collections, sqlite3, sys
db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)
flags, sets = collections.defaultdict(list), {}
for message, rule in db.execute('SELECT message, rule FROM flag'):
    flags[message].append(rule)
for message, subject, ruleset in db.execute('SELECT id, subject, ruleset FROM message'):
    rules = sorted(flags[message])
    came = int(subject.split()[-1])
    whole = len(rules) == 2 and rules[0][:2] + rules[1][:2] == 'a-z-' and rules[0][2:] == rules[1][2:]
    generation = int(rules[0][2:]) if whole else 0
    one = sets.setdefault(ruleset, generation) == generation
    print('whole' if whole else rules, 'one-set' if one else ruleset, 'in-force' if generation >= came else (came, generation))
print(len(set(sets.values())) == len(sets), len(sets) > 4)
PY
check 'every mail: both rules of one set, that set on record, and none that was out of force when it came' \
    "$(grep -c '^whole one-set in-force$' "$work/judged")" "$mails"
grep -v '^whole one-set in-force$' "$work/judged" | head -n 5
check 'a rule set is one digest; several were in force' "$(tail -n 1 "$work/judged")" 'True True'
