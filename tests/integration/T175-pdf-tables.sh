#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Within its sandbox a worker has every table of poppler-data, though poppler opens them by name.
. "$(dirname "$0")/lib/flagpost.sh"

"$FLAGPOST_PROGRAM" scan --json --own-domains corp.example --rules "$FLAGPOST_SOURCE/rules.d" \
    "$FLAGPOST_SOURCE/tests/mail/pdf-tables.eml" >"$work/out" 2>"$work/err" || :
check 'each PDF was read' "$(jq -r '[.parts[1:][].outcome] | join(" ")' "$work/out")" \
    'read read read read read read'
check 'the message was scanned as a whole' "$(jq -r .outcome "$work/out")" scanned
