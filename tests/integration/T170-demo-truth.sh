#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The demo's mail is flagged by exactly the rules that its truth table names.
. "$(dirname "$0")/lib/flagpost.sh"

demo="$FLAGPOST_SOURCE/tests/mail/demo"
cd "$demo"
find . -name '*.eml' | sed 's|^\./||' | LC_ALL=C sort >"$work/files"
code=0
: >"$work/out"
while read -r file; do
    draft=()
    case "$file" in */Drafts/*) draft=(--draft) ;; esac
    "$FLAGPOST_PROGRAM" scan --json --own-domains corp.example,corp-mail.example \
        --rules "$FLAGPOST_SOURCE/rules.d" "${draft[@]}" "$file" >>"$work/out" 2>>"$work/err" || code=$?
done <"$work/files"
jq -r '.file + "," + ([.flags[].rule] | sort | join(" "))' "$work/out" | LC_ALL=C sort >"$work/got"
tail -n +2 expected.csv | awk -F, '{ n = split($2, r, " "); for (i = 1; i < n; i++) for (j = i + 1; j <= n; j++)
    if (r[j] < r[i]) { t = r[i]; r[i] = r[j]; r[j] = t } out = ""; for (i = 1; i <= n; i++) out = out (i > 1 ? " " : "") r[i];
    print $1 "," out }' | LC_ALL=C sort >"$work/wanted"
diff "$work/wanted" "$work/got" >"$work/diff" || :
cat "$work/diff"
check 'every message was scanned' "$(wc -l <"$work/out")" "$(wc -l <"$work/files")"
check 'flags = truth' "$(grep -c '^[<>]' "$work/diff")" 0
check 'one run over the folder gives one line a message, in order' \
    "$("$FLAGPOST_PROGRAM" scan --json --own-domains corp.example,corp-mail.example anna bob clara david 2>/dev/null | jq -r .file | sha256sum)" \
    "$(sha256sum <"$work/files")"
