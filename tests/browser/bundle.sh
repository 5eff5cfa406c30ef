#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The page of an export in a real browser, opened from its folder, over mail that tries to break it.
# Skipped where Chromium or Python is missing.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/../integration/lib/flagpost.sh"

if ! command -v chromium >/dev/null || ! command -v python3 >/dev/null; then
    echo 'SKIP  chromium and python3 are needed (script/bootstrap --test)'
    exit 77
fi
mail() { # NUMBER SUBJECT FROM
    printf '%s\n' "From: $3" 'To: "<img src=x onerror=window.owned=1>" <eve@rival.example>' "Subject: $2" \
        "Date: Sun, 22 Nov 2026 09:0$1:05 +0000" '' "text $1" >"$work/box/$1.eml"
}
mkdir -p "$work/box"
mail 1 'Price list' anna@corp.example
mail 2 '</td><script>window.owned=1</script>' '"</table><script>window.owned=1</script>" <bob@corp.example>'
mail 3 '" onmouseover="window.owned=1" x="%2e%2e/%00?#' anna@corp.example
mail 4 "$(printf 'long%.0s' {1..200})" 'Kühn <k#?%@corp.example>'
find "$work/box" -type f -exec touch -d '2026-01-01' {} +
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/box" >"$work/etc/accounts.d/box.ini"
run_code poll
check 'a poll' "$code" 0
run_code export --out "$work/out of # the % way"
check 'an export' "$code" 0
python3 "$(dirname "$0")/bundle.py" "$work/out of # the % way/index.html" 4 || failed=1
