#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# archive create and archive rewrite, killed at many instants: after each kill every message is in a volume or in an
# archive that is proved; a later run ends what was begun, in another form as well, and no file is left that nothing names.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"

in_month() { printf '%s\n' "$(($(date -u -d "$1-15" +%s) - $(date +%s)))" >"$work/jump"; }
files() { find "$work/data/archives" -type f ! -name lock -printf '%f\n' | LC_ALL=C sort | tr '\n' ' '; }
named() { flagpost archive list --json | jq -r .file | LC_ALL=C sort | tr '\n' ' '; }
killed() { # SECONDS ARG...: the command, killed after so long
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" "${@:2}" >/dev/null 2>&1 &
    local pid=$!
    sleep "$1"
    if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
    wait "$pid" 2>/dev/null || :
}
whole() { # counts what is neither in a volume nor in an archive as it should be
    run_code verify --quiet
    grep -E '^(altered|missing|locked|shortened|unreadable)' "$work/out" >>"$work/bad" || :
    run_code archive verify --quiet --secret-file "$work/secret"
    grep -v -E ' (exact|unaltered|unfinished) ' "$work/out" >>"$work/bad" || :
}

cd "$work"
(umask 077 && printf 'Correct-Horse-Battery-7\n' >secret)
for month in 01 02 03 04 05 06 07 08; do
    in_month "2026-$month"
    for n in 1 2 3; do
        printf '%s\n' 'From: anna@corp.example' 'To: bob@corp-mail.example' "Subject: $month $n" "Message-ID: <$month.$n@corp.example>" \
            'Date: Sun, 22 Feb 2026 09:02:05 +0000' '' "the text of $month $n" >"$month-$n.eml"
    done
    flagpost -q import --name "$month" "$month"-*.eml >/dev/null
done
digests_kept | LC_ALL=C sort >before
check 'kept' "$(wc -l <before)" 24
in_month 2026-09
: >bad
kills=0

# ------------------------------------------------------------------------------------------ create
# A step short of what one whole run takes, so that the kills fall into all of it.
for n in $(seq 30); do
    form=tar
    [ $((n % 2)) = 0 ] || form=zip
    set -- archive create --automatic --form "$form"
    [ "$form" = tar ] || set -- "$@" --secret-file "$work/secret"
    killed "$(printf '0.%03d' $((60 + n * 13)))" "$@"
    [ $((n % 3)) != 0 ] || whole
done
printf '%s kills\n' "$kills"
check 'after no kill a message was away' "$(cat bad)" ''
run_code archive create --automatic
check 'a later run ends it' "$code $(find data/copies -name '*.tar' | wc -l)" '0 0'
check 'every file is one that the store names' "$(files)" "$(named)"
whole
check 'and all of them are proved' "$(cat bad)" ''

# ------------------------------------------------------------------------------------------ rewrite
for month in 01 02 03 04 05 06; do
    run_code purge --message "$(sha256sum "$month-1.eml" | cut -c 1-64)" --reason 'request 1'
done
for n in $(seq 20); do
    killed "$(printf '0.%03d' $((60 + n * 13)))" archive rewrite --secret-file "$work/secret"
    [ $((n % 4)) != 0 ] || whole
done
printf '%s kills\n' "$kills"
check 'after no kill an archive was away' "$(cat bad)" ''
run_code archive rewrite --secret-file "$work/secret"
check 'a later run ends it' "$code" 0
check 'every file is one that the store names' "$(files)" "$(named)"
for name in $(flagpost archive list --json | jq -r .archive); do
    run_code archive restore "$name" --secret-file "$work/secret"
    check "restored: $name" "$code" 0
done
digests_kept | LC_ALL=C sort >after
sha256sum 0[1-6]-1.eml | cut -c 1-64 | LC_ALL=C sort >purged
check 'all that was not purged is back, to the byte' "$(comm -23 before purged | cmp - after && echo same)" same
run_code verify
check 'verify finds all as it should be' "$code" 0
run_code audit verify
check 'and the chain holds' "$code" 0

# ------------------------------------------------------------------------------------------ the instants by name
in_month 2026-10
run_code archive create --month 2026-09
check 'once more an archive of all' "$code $(files | grep -o '2026-09[^ ]*')" '0 2026-09.tar.zst'
mv data/archives/2026-09.tar.zst data/archives/2026-09.tar.zst.partial
# Of the form that August's archive has not: tar and zip took turns.
other=zip
[ -e data/archives/2026-08.tar.zst ] || other=tar.zst
printf 'the text of nobody' >"data/archives/2026-08.$other.partial"
printf 'what somebody left here' >data/archives/notes.txt
run_code archive verify --json
check 'what lies beside is named for what it is' "$code $(jq -r 'select(.archive == null) | .file + ":" + .state' "$work/out" | tr '\n' ' ')" \
    "1 2026-08.$other.partial:unfinished notes.txt:stranger "
rm data/archives/notes.txt
run_code archive verify 2026-09
check 'recorded, but without its name: it is proved' "$code $(grep -c ' exact ' "$work/out")" '0 1'
run_code archive create --automatic
# August has the form of the create above that got through: tar and zip took turns.
check 'it gets its name, and what was not recorded is removed' \
    "$code $(files | grep -o '2026-0[89][^ ]*' | sed -E 's/^(2026-08)[.](tar[.]zst|zip)$/\1/' | tr '\n' ' ')" \
    '0 2026-08 2026-09.tar.zst '
keep_again() { # a message of a month whose archive's name is taken by a file that nobody knows
    in_month 2026-11
    printf 'Subject: last\nMessage-ID: <last@corp.example>\n\nlast\n' >last.eml
    flagpost -q import --name last last.eml >/dev/null
    in_month 2026-12
}
keep_again
printf 'from elsewhere' >data/archives/2026-11.tar.zst
run_code archive create --automatic
check 'a file of that name that is no archive of the store is not touched' "$code $(cat data/archives/2026-11.tar.zst)" '65 from elsewhere'
check_text 'but named' "$work/err" '2026-11.tar.zst: the store knows of no archive in this file: move it elsewhere'
check 'the copy stays in its volume' "$(find data/copies -name '2026-11*.tar' | wc -l)" 1
rm data/archives/2026-11.tar.zst
run_code archive create --automatic
check 'moved, it is made' "$code $(flagpost archive list --json | jq -r .file | grep -c 2026-11)" '0 1'

# ------------------------------------------------------------------------------------------ purged
printf 'the text of somebody' >data/archives/2026-12.tar.zst.partial
run_code purge --message "$(sha256sum 07-1.eml | cut -c 1-64)" --reason 'request 2' --dry-run
check 'a list of what would be purged changes nothing' "$code $(files | grep -c partial)" '0 1'
run_code purge --message "$(sha256sum 07-1.eml | cut -c 1-64)" --reason 'request 2'
check 'a purge leaves no file behind that nothing names' "$code $(files | grep -c partial)" '0 0'
