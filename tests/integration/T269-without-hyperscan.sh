#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The programs without Hyperscan, as -DFLAGPOST_HYPERSCAN=OFF builds them: every mail of ours is judged by every rule of
# ours, packs too, as by those with it; and so is mail that was kept by the others.
. "$(dirname "$0")/lib/flagpost.sh"

plain="$helpers/plain/flagpost"
for program in "$plain" "$helpers/plain/flagpost-worker"; do
    check "no Hyperscan: ${program##*/}" "$(ldd "$program" | grep -c libhs)" 0
done
judge() { # PROGRAM: every mail, one line each
    "$1" --config "$work/etc/flagpost.ini" scan --json --with-packs all "$FLAGPOST_SOURCE/tests/mail" 2>"$work/err"
}
judge "$FLAGPOST_PROGRAM" >"$work/with" || :
judge "$plain" >"$work/without" || :
check 'many mails' "$([ "$(wc -l <"$work/with")" -gt 150 ] && echo yes)" yes
check 'with flags' "$([ "$(jq '.flags[].rule' "$work/with" | wc -l)" -gt 100 ] && echo yes)" yes
check 'the same is said of each, to the byte' "$(cmp "$work/with" "$work/without" 2>&1)" ''

run_code import --keep all "$FLAGPOST_SOURCE/tests/mail/demo"
check 'mail is kept' "$code" 0
FLAGPOST_PROGRAM="$plain"
run_code check --verbose
check 'check: runs every test of every rule' "$code" 0
check_text 'check: and says what is missing' "$work/out" '^patterns: .*built without Hyperscan'
run_code replay --since 2000-01-01 --json
check 'replay: done' "$code" 0
check 'replay: nothing would be flagged otherwise' "$(jq -c 'select(has("messages")) | [.messages == .replayed, .changed]' "$work/out")" '[true,0]'
run_code rules compare
check 'there is nothing to compare' "$code" 0
