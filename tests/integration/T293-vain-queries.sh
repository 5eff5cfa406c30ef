#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A query of which nothing is left that filters would be all mail: no command acts on it. What is passed over in others, or
# looked for otherwise than it was written, is told by whoever acts on what they find.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"
mkdir -p "$work/hq"
for word in kestrel merlin plover; do
    printf '%s\n' 'From: Anna <anna@corp.example>' 'To: dora@rival.example' "Subject: about $word" "Message-ID: <$word@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the text of $word, strictly confidential" >"$work/hq/$word.eml"
done
# In more words than a part may stand for.
printf '%s\n' 'From: Anna <anna@corp.example>' 'To: dora@rival.example' 'Subject: many' 'Message-ID: <many@corp.example>' \
    'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "$(seq -f 'falcon%g' 250 | tr '\n' ' ')" >"$work/hq/many.eml"
find "$work/hq" -type f -exec touch -d '2026-01-01' {} +
printf '[account.hq]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/hq" >"$work/etc/accounts.d/hq.ini"
config '[retention.plain]' 'keep = 30d'
run_code poll
check 'a poll' "$code" 0
run_code search --count
check 'no query is all mail' "$code $(cat "$work/out")" '0 4'
run_code search --count ''
check 'so is an empty one' "$code $(cat "$work/out")" '0 4'

n=0
for query in OR AND NOT '(' '( )' 'OR OR' '-""' '-.' '-()' '-from:.' '(OR) ( )' '-. OR -""'; do
    n=$((n + 1))
    for command in 'search' 'search --json' 'search --count' "export --out $work/x$n" 'hold add case --note Court --query' \
        'consent ask --reason case-7 --query' 'review --as resolved --note seen --query'; do
        case "$command" in
        search* | export*)
            # shellcheck disable=SC2086
            run_code $command -- "$query"
            ;;
        *)
            # shellcheck disable=SC2086
            run_code $command "$query"
            ;;
        esac
        check "refused: ${command%%--out*} $query" "$code $(wc -c <"$work/out") $(grep -c 'nothing to look for in' "$work/err")" '64 0 1'
    done
done
check 'nothing was written' "$(find "$work" -maxdepth 1 -name 'x*' | wc -l)" 0
check 'nothing is held' "$(flagpost hold list --all --json 2>/dev/null | wc -l)" 0
check 'nothing was reviewed' "$(flagpost review --list --json | jq -r .state | sort -u)" new
for command in 'hold add case --note Court' 'consent ask --reason case-7' 'review --as resolved'; do
    for query in '' '  '; do
        # shellcheck disable=SC2086
        run_code $command --query "$query"
        check "an empty query is refused: $command" "$code $(grep -c 'says nothing' "$work/err")" '64 1'
    done
done

# Where something is left.
run_code search --json 'kestrel OR'
check 'a search goes on' "$code $(wc -l <"$work/out")" '0 1'
check_text 'and says what it passed over' "$work/err" "^flagpost search: 'OR' has nothing on one side of it and was passed over$"
run_code export --out "$work/y1" 'kestrel OR -.'
check 'an export of what is left' "$code $(find "$work/y1" -name '*.eml' | wc -l)" '0 1'
check_text 'says it too' "$work/err" "^flagpost export: '-\.' leaves no message out and was passed over$"
run_code review --as resolved --note seen --query 'kestrel ( )'
check_text 'so does a review' "$work/err" "^flagpost review: '\( \)' has nothing in it and was passed over$"
run_code consent ask --reason case-7 --query 'kestrel AND'
check_text 'and a request' "$work/err" "^flagpost consent: 'AND' has nothing on one side of it and was passed over$"
run_code export --out "$work/y2" .
check_text 'and who exports nothing, by signs' "$work/err" "^flagpost export: '\.' has no letter and no digit: nothing is found by it$"
run_code export --out "$work/y3" '*alco*'
check_text 'and by a part of too many words' "$work/err" "^flagpost export: 'alco' is in more than 200 words: it was looked for as a whole"

# A query is text, and what `search` makes of it, for whoever takes one by an option.
for query in "it's" '"' "'" '";--' 'subject:"about kestrel" OR "merlin' '\'; do
    wanted="$(flagpost search --count -- "$query" 2>/dev/null)"
    run_code review --dry-run --as in-review --query "$query"
    check "a review by $query" "$code $(tail -n 1 "$work/err" | sed 's/.* of \([0-9]*\) flags.*/\1/')" \
        "0 $(flagpost search --json -- "$query" 2>/dev/null | jq -s 'map(.flags) | add // 0')"
    run_code consent ask --reason case-7 --query "$query"
    if [ "$wanted" = 0 ]; then
        check "a request by $query" "$code $(grep -c '^flagpost consent: 0 messages' "$work/err")" '64 1'
    else
        check "a request by $query" "$code $(cut -d ' ' -f 3-4 "$work/out")" "0 $wanted messages"
    fi
done

# A hold has to hold what it says, now and later.
for query in 'kestrel OR' . '*alco*'; do
    run_code hold add case --query "$query" --note Court
    check "no hold by: $query" "$code $(grep -c 'cannot be asked as it is written' "$work/err")" '64 1'
done
run_code hold add case --query kestrel --note Court
check 'a hold' "$code" 0
printf '%s\n' $((31 * 86400)) >"$work/jump"
python3 -c 'import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("UPDATE hold SET query = ?", [sys.argv[2]])
base.commit()' "$work/data/flagpost.db" 'plover OR' # as one that was made when that was let through
run_code purge
check 'a hold that cannot be asked is no reason to purge' "$code $(flagpost search --json --limit 0 | jq -r 'select(.purged)' | wc -l)" '64 0'
check_text 'and is named' "$work/err" '^flagpost purge: hold case: its query cannot be asked as it is written'
run_code hold release case --note over
run_code purge --json
check 'released, it stops nothing' "$code $(jq -c .purged "$work/out")" '0 4'
