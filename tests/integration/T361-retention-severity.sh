#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Retention by severity: the highest flag of a message decides, one that an exception took back counts for nothing, a
# severity that no section names stays for good, and the longest of several sections holds. What is listed is what goes.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"

config '[retention.plain]' 'keep = 10d' 'severity = none, low' '[retention.middle]' 'keep = 20d' 'severity = medium' \
    '[retention.junk]' 'keep = 15d' 'severity = low, medium' 'folders = Junk' '[retention.case]' 'keep = 40d' \
    'severity = none, low, medium' 'folders = Case*'
sed -i "s|^rules_dir = .*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
for shipped in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/${shipped##*/}"
done
for severity in low medium high; do
    printf '[rule]\nid = word-%s\ntitle = T\nseverity = %s\ndescription = D.\n[content.word]\ntype = words\nwhere = body\nwords = %s\n' \
        "$severity" "$severity" "grade$severity" >"$work/rules/$severity.ini"
done
printf '[except.known]\nreason = Agreed\napproved_by = legal@corp.example\nexpires = 2099-01-01\nsenders = known@corp.example\n' >>"$work/rules/high.ini"

mkdir -p "$work/box"/{,.Junk/,.Case.Nine/}{cur,new,tmp}
printf '[account.box]\nurl = maildir://%s\npurpose = Test\nkeep = all\n' "$work/box" >"$work/etc/accounts.d/box.ini"
put() { # NAME FOLDER TEXT [SENDER]
    printf '%s\n' "From: ${4:-anna}@corp.example" 'To: bob@corp.example' "Subject: $1" "Message-ID: <$1@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "$3 for $1" >"$work/box/$2/new/$1"
}
put unflagged . nothing
put low . gradelow
put medium . grademedium
put high . gradehigh
put several . 'gradelow gradehigh grademedium'
put known . gradehigh known
put both . 'gradelow gradehigh' known
put court . gradelow
put junk-low .Junk gradelow
put junk-medium .Junk grademedium
put case-none .Case.Nine nothing
put case-medium .Case.Nine grademedium
put case-high .Case.Nine gradehigh
put twice . gradelow
cp "$work/box/new/twice" "$work/box/.Case.Nine/new/twice"
find "$work/box" -type f -exec sha256sum {} + | sed -E 's|^([0-9a-f]*) .*/|\1 |' | jq -R 'split(" ") | {(.[0]): .[1]}' | jq -s add >"$work/names"
run_code poll
check 'polled' "$code" 0
check 'flagged as it is written' "$(flagpost review --list --json | jq -r .rule | sort | uniq -c | tr -s ' \n' ' ')" ' 3 word-high 6 word-low 4 word-medium '
run_code hold add case-1 --query subject:court --note 'a court asked'

left() { flagpost search --json --limit 0 | jq -r 'select(.purged | not) | .subject' | LC_ALL=C sort | tr '\n' ' '; }
round() { # DAYS SECTION:MESSAGE...: so many days later just these are listed, each by its section; and go
    local days="$1" list
    shift
    printf '%s\n' $((days * 86400)) >"$work/jump"
    before="$(left)"
    run_code purge --dry-run --json
    list="$(jq -r --slurpfile name "$work/names" 'select(.sha256) | (.why | sub(".*retention[.](?<n>[a-z]*).*"; "\(.n)")) +
        ":" + $name[0][.sha256] + (if .held then ":held" else "" end)' "$work/out" | LC_ALL=C sort | tr '\n' ' ')"
    check "day $days: the list" "$code $list" "0 $(printf '%s\n' "$@" | LC_ALL=C sort | sed '/^$/d' | tr '\n' ' ')"
    check "day $days: which changes nothing" "$(left)" "$before"
    run_code purge --json
    check "day $days: so many go, what is held stays" "$code $(jq -c '[.purged, .held, .waiting]' "$work/out")" \
        "0 [$(printf '%s\n' "$@" | grep -vc ':held$\|^$'),$(printf '%s\n' "$@" | grep -c ':held$'),0]"
}
round 9
round 11 plain:unflagged plain:low plain:known plain:both plain:court:held
check 'of the flags that an exception took back none counts, a low one beside it does' "$(left)" \
    'case-high case-medium case-none court high junk-low junk-medium medium several twice '
round 16 junk:junk-low plain:court:held
round 21 middle:medium middle:junk-medium plain:court:held
check 'what lies in a case as well stays as long as that' "$(left)" 'case-high case-medium case-none court high several twice '
run_code hold release case-1 --note 'it is over'
round 22 plain:court
round 41 case:case-none case:case-medium case:twice
round 4000
check 'what no section names stays for good, whatever else flagged it' "$(left)" 'case-high high several '
check 'no byte of the others is left' "$(grep -raclE 'for (unflagged|low|medium|known|both|court|junk-|case-none|case-medium|twice)' "$work/data" | wc -l)" 0
check 'the ledger names the section for each' "$(flagpost audit --json | grep -oE 'retention[.][a-z]+' | sort | uniq -c | tr -s ' \n' ' ')" \
    ' 3 retention.case 1 retention.junk 2 retention.middle 5 retention.plain '
run_code verify
check 'verify finds all as it should be' "$code" 0
