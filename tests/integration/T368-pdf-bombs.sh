#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# PDFs that are small and become gigabytes, or hold a million of something, through the whole program with its sandbox
# and its limits: none takes ten seconds of work or ends a worker by memory, each is told for what it is, and the mail
# beside them is scanned.
. "$(dirname "$0")/lib/flagpost.sh"

for tool in python3 jq; do
    command -v "$tool" >/dev/null || {
        echo "skip  no $tool"
        exit 77
    }
done

sanitized=no
! grep -q __asan_init "$(dirname "$FLAGPOST_PROGRAM")/flagpost-worker" || sanitized=yes
# Sanitizers need more address space than any limit leaves.
if [ "$sanitized" = no ]; then memory='worker_memory = 256M'; else memory='worker_memory = 1G'; fi
config '[limits]' "$memory" 'seconds_per_part = 3'

mkdir "$work/mail"
python3 "$FLAGPOST_SOURCE/tests/integration/lib/pdf-bombs.py" "$work/mail"
cp "$FLAGPOST_SOURCE/tests/mail/plain.eml" "$work/mail/"
made="$(find "$work/mail" -name '*.eml' | wc -l)"

code=0
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" scan --json "$work/mail" >"$work/found" 2>"$work/err" || code=$?
# Outcome of the message, and of the parts that say anything but read.
about() {
    jq -r --arg name "$1.eml" 'select(.file | endswith($name)) |
        "\(.outcome), \([.parts[].outcome] | unique | join(" "))"' "$work/found"
}
check 'all of them are told of' "$(wc -l <"$work/found")" "$made"
check 'the mail beside them is scanned' "$(about plain)" 'scanned, read'
# What the reader asks for piece by piece ends at a limit of size; what it unpacks from a few bytes in one go ends by the
# clock. On a slow machine the clock may end any of them, and the second try as well, which the log then says.
bounded() { # NAME LABEL OUTCOME...: one of these, or one of the clock's
    local name="$1" label="$2" got outcome
    got="$(about "$name")"
    shift 2
    for outcome in 'partial, timeout' "${@/#/partial, }"; do
        [ "$got" != "$outcome" ] || got=bounded
    done
    [ "$got" != 'unscannable, ' ] || ! grep -q ': time; trying its raw bytes' "$work/err" || got=bounded
    check "$name: $label" "$got" bounded
}
for name in blank words font metadata form script stamp file-twice file; do
    bounded "$name" 'gigabytes of one stream' over-limit
done
for name in nested nested-3 filters; do bounded "$name" 'packed again and again' over-limit; done
for name in pages notes stamps; do bounded "$name" 'hundreds of thousands' over-limit; done
bounded laughs 'within one another' over-limit
# What nothing shows costs the reader little: a fast machine has gone through all of it in time.
for name in objects levels; do
    if [ "$(about "$name")" = 'scanned, read' ]; then
        check "$name: gone through in time" "$(about "$name")" 'scanned, read'
    else
        bounded "$name" 'a million of them' over-limit
    fi
done
for name in table claims; do bounded "$name" 'a table of objects' over-limit broken; done
check 'none ended a worker but by time' "$(grep -cE 'scan worker ended.*: (crash|memory|protocol)' "$work/err" || :)" 0
