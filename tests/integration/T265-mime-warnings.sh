#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What was odd about a mail's form goes all the way: scan, the store, show, the report's page and its data say the same.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

config "rules_dir = $work/rules"
sed -i "0,/^rules_dir/{/^rules_dir/d}" "$work/etc/flagpost.ini"
cat >"$work/rules/10-falcon.ini" <<'INI'
[rule]
id = falcon
title = Falcon
severity = medium
description = Says falcon.
[content.falcon]
type = words
words = falcon
[test.1]
expect = flag
part = content.falcon
text = the falcon
INI

mkdir "$work/eml"
printf '%s\r\n' 'From: anna@corp.example' 'To: bob@rival.example' 'Subject: odd' 'Message-ID: <odd@corp.example>' \
    'Date: Sun, 22 Nov 2026 09:02:05 +0000' 'Content-Type: text/plain' 'Content-Type: text/html' \
    'Content-Transfer-Encoding: 7bit' 'Content-Transfer-Encoding: base64' '' 'the falcon' >"$work/eml/odd.eml"
printf '%s\r\n' 'From: anna@corp.example' 'To: bob@rival.example' 'Subject: plain' 'Message-ID: <plain@corp.example>' \
    'Date: Sun, 22 Nov 2026 09:02:06 +0000' '' 'the falcon' >"$work/eml/plain.eml"
find "$work/eml" -type f -exec touch -d '2026-01-01' {} +
printf '[account.odd]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/eml" >"$work/etc/accounts.d/odd.ini"

flagpost scan --json "$work/eml/odd.eml" >"$work/scanned" || :
check_text 'scan names both oddities' "$work/scanned" '"warnings":\[.*"two Content-Type headers","two Content-Transfer-Encoding headers",.*\]'
words="$(sed -n 's/.*"warnings":\[\(.*\)\].*/\1/p' "$work/scanned" | sed 's/","/; /g; s/"//g')"

run_code poll
check 'a poll' "$code" 0
digest="$(sha256sum "$work/eml/odd.eml" | cut -d ' ' -f 1)"
flagpost show "$digest" >"$work/shown"
check 'show says the same' "$(sed -n 's/^ *MIME:* *//p' "$work/shown")" "$words"
flagpost show --json "$digest" >"$work/shown.json"
check 'and as JSON' "$(grep -o '"warnings":\[[^]]*\]' "$work/shown.json")" "$(grep -o '"warnings":\[[^]]*\]' "$work/scanned")"
plain="$(sha256sum "$work/eml/plain.eml" | cut -d ' ' -f 1)"
flagpost show "$plain" >"$work/shown"
check 'an ordinary mail has none' "$(grep -c '^ *MIME' "$work/shown")" 0

flagpost report --from 2026-01-01 --to 2040-01-01 --format html,json --out "$work/report" >/dev/null
page="$(find "$work/report" -name '*.html' -exec grep -l falcon {} + | head -n 1)"
check_text "the report's card says it" "$page" "$words"
check 'and no other card does' "$(grep -c '>MIME<' "$page")" "$(grep -c "$words" "$page")"
exit "$failed"
