#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# As many flags as a page shows in rows, 5,000, in a real browser: 500 mails, each of which ten rules flag.
# Skipped where Chromium or Python is missing.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/../integration/lib/flagpost.sh"

if ! command -v chromium >/dev/null || ! command -v python3 >/dev/null; then
    echo 'SKIP  chromium and python3 are needed (script/bootstrap --test)'
    exit 77
fi

mkdir -p "$work/box"
for n in $(seq 500); do
    printf '%s\n' "From: Person $n <person$((n % 40))@corp.example>" "To: partner$n@rival$((n % 7)).example" \
        "Subject: Offer $n" 'Date: Sun, 22 Nov 2026 09:02:05 +0000' "Message-ID: <$n@corp.example>" '' \
        "Word $n of nightjar-$n." >"$work/box/$n.eml"
done
find "$work/box" -type f -exec touch -d '2026-01-01' {} +
for shipped in "$FLAGPOST_SOURCE"/rules.d/*.ini; do
    : >"$work/rules/$(basename "$shipped")" # an empty file masks it
done
severities=(low medium high)
for n in $(seq 10); do
    printf '%s\n' '[rule]' "id = bird-$n" "title = Bird $n" "severity = ${severities[n % 3]}" \
        'description = Detects a code name.' '[content.word]' 'type = regex' 'where = body' 'pattern.1 = nightjar-\d+' \
        >"$work/rules/10-bird-$n.ini"
done
printf '[account.box]\nurl = eml://%s\nkeep = none\npurpose = A test\n' "$work/box" >"$work/etc/accounts.d/box.ini"
config
sed -i "s|^rules_dir.*|rules_dir = $work/rules|" "$work/etc/flagpost.ini"
run_code poll
check 'a poll' "$code" 0
page="$(flagpost report --format html --out "$work/reports" 2>"$work/err")"
python3 "$(dirname "$0")/many.py" "$page" || failed=1
