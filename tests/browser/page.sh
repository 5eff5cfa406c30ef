#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The report's page in a real browser, over mail that tries to break it. Pictures of it stay in
# tests/browser of the build folder. Skipped where Chromium or Python is missing.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/../integration/lib/flagpost.sh"

if ! command -v chromium >/dev/null || ! command -v python3 >/dev/null; then
    echo 'SKIP  chromium and python3 are needed (script/bootstrap --test)'
    exit 77
fi
artefacts="$(dirname "$FLAGPOST_PROGRAM")/tests/browser"

hostile() { # NUMBER SUBJECT FROM NAME TEXT
    printf '%s\n' "From: $3" 'To: "<img src=x onerror=window.owned=1>" <eve@rival.example>' "Subject: $2" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' 'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary=b' '' \
        '--b' 'Content-Type: text/html; charset=utf-8' '' "$5" \
        '--b' "Content-Type: application/octet-stream; name=\"$4\"" "Content-Disposition: attachment; filename=\"$4\"" '' \
        'MZ' '--b--' >"$work/box/$1.eml"
}
mkdir -p "$work/box"
cp "$FLAGPOST_SOURCE"/tests/mail/demo/anna/*/*.eml "$work/box/"
hostile h1 '<script>window.owned=1</script> confidential' anna@corp.example '</title><script>window.owned=1</script>.exe' \
    '<p>strictly confidential <script>window.owned=1</script>'
hostile h2 '" onmouseover="window.owned=1" x="' '"</style><script>window.owned=1</script>" <anna@corp.example>' \
    'javascript:window.owned=1.scr' 'strictly confidential'
hostile h3 $'\u202egpj.exe \u0007 =cmd|calc &lt;b&gt;' anna@corp.example $'a\u202etxt.exe' 'strictly confidential'
hostile h4 "$(printf 'long%.0s' {1..200})" anna@corp.example "$(printf 'n%.0s' {1..200}).exe" 'strictly confidential'
find "$work/box" -type f -exec touch -d '2026-01-01' {} +
printf '[account.box]\nurl = eml://%s\npurpose = <script>window.owned=1</script>\nkeep = all\n' "$work/box" \
    >"$work/etc/accounts.d/box.ini"
cat >>"$work/etc/flagpost.ini" <<INI
[list.internal-terms]
file = $FLAGPOST_SOURCE/tests/mail/demo/lists/internal-terms.txt
[list.freemail]
file = $FLAGPOST_SOURCE/tests/mail/demo/lists/freemail.txt
INI
printf '[review]\nsample = 100 %%\n' >>"$work/etc/flagpost.ini"
run_code poll
check 'a poll' "$code" 0
first="$(flagpost review --list --json | jq -r .flag | head -n 1)"
flagpost review "$first" --as escalated --note '<script>window.owned=1</script>' >/dev/null 2>&1
page="$(flagpost report --format html --people --out "$work/reports" 2>"$work/err")"
# A day without a flag, and the page over all days, are pages as well.
quiet="$(flagpost report --date 2020-01-01 --format html --out "$work/reports" 2>"$work/err")"
: "${FLAGPOST_AXE:=$FLAGPOST_SOURCE/build/axe/node_modules/axe-core/axe.min.js}"
export FLAGPOST_AXE
python3 "$(dirname "$0")/pages.py" "$page" "$artefacts" "$quiet" "$work/reports/index.html" || failed=1
