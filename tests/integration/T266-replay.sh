#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Changed rules over kept mail: what is new, lost and the same, what that does to what people decided; no flag is
# written, and the ledger says who replayed. What rules did so far, as numbers.
. "$(dirname "$0")/lib/flagpost.sh"

sed -i "s|^rules_dir.*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
# The rules that ship are masked, so that a flag is one of ours.
for rule in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/${rule##*/}"
done
rule() { # folder, id, pattern
    mkdir -p "$1"
    printf '[rule]\nid = %s\ntitle = T\nseverity = high\ndescription = D.\n[content.a]\ntype = regex\nwhere = body\npattern.1 = %s\n' \
        "$2" "$3" >"$1/$2.ini"
}
rule "$work/rules" codename 'NIGHTJAR-[0-9]+'
rule "$work/rules" heron heron

mkdir -p "$work/box"
n=0
for text in 'NIGHTJAR-1' 'NIGHTJAR-2' 'NIGHTJAR-30' 'NIGHTJAR-40 and a heron' 'a heron' 'a stork' 'nothing'; do
    n=$((n + 1))
    printf 'From: a@corp.example\nTo: b@rival.example\nSubject: mail %s\nMessage-ID: <%s@corp.example>\nDate: Sun, 01 Mar 2026 09:0%s:00 +0000\n\n%s\n' \
        "$n" "$n" "$n" "$text" >"$work/box/$n.eml"
done
find "$work/box" -type f -exec touch -d '2026-03-01' {} +
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/box" >"$work/etc/accounts.d/box.ini"
run_code poll
check 'a poll' "$code" 0
flag_of() { # mail, rule
    flagpost review --list --json | jq -r --arg m "$(sha256sum <"$work/box/$1.eml" | cut -d' ' -f1)" --arg r "$2" \
        'select(.sha256 == $m and .rule == $r) | .flag'
}
run_code review "$(flag_of 1 codename)" --as false-positive
check 'one flag is a false positive' "$code" 0
run_code review "$(flag_of 3 codename)" --as escalated
check 'another is escalated' "$code" 0
before="$(flagpost review --list --json | sha256sum)"

run_code replay --json
check 'the rules as they are: exit 0' "$code" 0
check 'nothing would change' "$(jq -c 'select(has("messages")) | [.messages, .replayed, .changed, .no_copy, .unread]' "$work/out")" '[7,7,0,0,0]'
check 'the false positive stays' "$(jq -c 'select(.rule == "codename") | [.new, .lost, .same, .same_false_positive]' "$work/out")" '[0,0,4,1]'

rule "$work/new" codename 'NIGHTJAR-[0-9]{2}'
rule "$work/new" stork stork
run_code replay --rules "$work/new" --json
check 'other rules: exit 0' "$code" 0
check 'one that asks for more loses the false positive' \
    "$(jq -c 'select(.rule == "codename" and has("same")) | [.new, .lost, .same, .lost_confirmed, .lost_false_positive]' "$work/out")" '[0,2,2,0,1]'
check 'one that is gone loses all' "$(jq -c 'select(.rule == "heron" and has("same")) | [.new, .lost, .same]' "$work/out")" '[0,2,0]'
check 'a new one finds its mail' "$(jq -c 'select(.rule == "stork" and has("same")) | [.new, .lost, .same]' "$work/out")" '[1,0,0]'
check 'each change is told' "$(jq -r 'select(.change) | .change + " " + .rule' "$work/out" | sort | uniq -c | awk '{ print $1, $2, $3 }' | paste -sd, -)" \
    '2 lost codename,2 lost heron,1 new stork'
check 'what was decided stands beside it' "$(jq -r 'select(.change == "lost" and .state == "false-positive") | .rule' "$work/out")" codename
rule "$work/worse" codename 'NIGHTJAR-4'
run_code replay --rules "$work/worse"
check_text 'a confirmed flag that would go is counted' "$work/out" '^codename +0 +3 +1 +1 +1 +0'
check_text 'and the sum is said' "$work/out" '^7 of 7 messages since .* replayed, '
check 'no flag was written' "$(flagpost review --list --json | sha256sum)" "$before"
check 'the ledger says who replayed' "$(flagpost audit --json | jq -r 'select(.what == "replay") | .what' | wc -l)" 3

# On a terminal it shows how far it is.
if command -v python3 >/dev/null; then
    python3 - "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" --verbose replay >"$work/screen" <<'END' || :
import pty, sys
pty.spawn(sys.argv[1:])
END
    check_text 'a terminal sees how far it is' "$work/screen" '[0-9]+%  \[[#.]+\]  [0-9]+ of 7'
fi

run_code replay --since 2099-01-01
check 'a time without mail' "$code" 0
check_text 'has none' "$work/out" '^0 of 0 messages'
run_code replay --since yesterdy
check 'a day that is none: exit 64' "$code" 64
printf '[rule]\nid = x\n' >"$work/new/broken.ini"
run_code replay --rules "$work/new"
check 'rules that do not load: exit 78' "$code" 78

rm "$work/new/broken.ini"
run_code rules measure --json
check 'what rules did so far: exit 0' "$code" 0
check 'flags, confirmed, false positives, open' \
    "$(jq -c 'select(.rule == "codename") | [.flags, .confirmed, .false_positives, .open, .precision_percent]' "$work/out")" '[4,1,1,2,50]'
check 'and which rule flags the same' "$(jq -c 'select(.rule == "heron") | [.overlaps_with, .shared]' "$work/out")" '["codename",1]'
run_code rules measure --rules "$work/new" --time 3
check 'what they cost: exit 0' "$code" 0
check_text 'is a column' "$work/out" '^RULE .*MS A MESSAGE'
check_text 'also of a rule that has flagged nothing yet' "$work/out" '^stork +0 +0 +0 +0 +0 +0 +- +[0-9]+[.][0-9]+ '
check_text 'and none of one that is not loaded' "$work/out" '^heron \(not loaded\) +2 .* - '
run_code rules measure --time 0x
check 'a number that is none: exit 64' "$code" 64

run_code rules new project-falcon
check 'a new rule: exit 0' "$code" 0
run_code rules test project-falcon
check 'it loads, and its tests pass as it is' "$code" 0
check_text 'both of them' "$work/out" '^2 tests passed, 0 failed'
run_code rules new project-falcon
check 'a file that is there is left alone: exit 64' "$code" 64
rule "$work/rules" petrel petrel
mv "$work/rules/petrel.ini" "$work/rules/10-petrel.ini"
run_code rules new petrel
check 'a rule of that name is there already: exit 64' "$code" 64
check_text 'and the file that would replace it is named' "$work/err" 'a file 10-petrel.ini of yours'
run_code rules new health-data
check_text 'the same of a pack that is off' "$work/err" 'a file packs/health/10-health-data.ini of yours'
run_code rules test
check 'so the rules still load' "$code" 0
run_code rules new 'Project Falcon'
check 'a name that is none: exit 64' "$code" 64
check 'on standard output it is the same' "$(flagpost rules new --print project-falcon | sha256sum)" \
    "$(sha256sum <"$work/rules/project-falcon.ini")"
