#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The program of the workers: found beside the program, through links and without it; the program that the parent and
# the fetcher run links no parser; and check says what confines a worker here.
. "$(dirname "$0")/lib/flagpost.sh"

mail="$FLAGPOST_SOURCE/tests/mail/plain.eml"
mkdir "$work/link" "$work/alone"
ln -s "$FLAGPOST_PROGRAM" "$work/link/flagpost"
check 'through a link' "$("$work/link/flagpost" scan --json "$mail" 2>"$work/err" | jq -r .outcome)" scanned

cp "$FLAGPOST_PROGRAM" "$work/alone/flagpost"
code=0
timeout 60 "$work/alone/flagpost" scan --json "$mail" >"$work/out" 2>"$work/err" || code=$?
installed="$(sed -n 's/.*flagpost-worker: neither beside the program nor in \([^:]*\):.*/\1/p' "$work/err" | head -n 1)"
if [ -z "$installed" ] && [ "$code" -le 2 ]; then
    echo 'skip  without its worker: one is installed'
else
    check 'without its worker: not done' "$code" 70
    check_text 'without its worker: it says what is missing' "$work/err" 'flagpost-worker: neither beside the program nor in /'
    cp "$(dirname "$FLAGPOST_PROGRAM")/flagpost-worker" "$work/alone/"
    check 'both copied: it works' "$("$work/alone/flagpost" scan --json "$mail" 2>"$work/err" | jq -r .outcome)" scanned
fi

ldd "$FLAGPOST_PROGRAM" >"$work/libraries"
for parser in libarchive libmagic libpoppler libgsf; do
    check "the program does not link $parser" "$(grep -c "$parser" "$work/libraries")" 0
done

# check names what confines a worker on this kernel, and what does not.
run_code check
layers="$(sed -n 's/^workers: //p' "$work/out")"
layer() { # PATTERN: is there such a layer?
    tr ',' '\n' <<<"$layers" | sed 's/^ //' | grep -qxE "$1" && echo yes || echo no
}
for always in no-new-privileges no-dump no-descriptors own-session; do
    check "check: $always" "$(layer "$always")" yes
done
if grep -q __asan_init "$(dirname "$FLAGPOST_PROGRAM")/flagpost-worker"; then
    check 'check: a build with sanitizers says what it lacks' "$(layer 'no seccomp and no landlock under sanitizers')" yes
    check 'check: limits, and which one cannot be set then' "$(layer 'limits but of memory')" yes
else
    check 'check: limits' "$(layer limits)" yes
    gives="$(grep -q '^Seccomp:' /proc/self/status && echo yes || echo no)"
    check 'check: seccomp where the kernel has it' "$(layer seccomp)" "$gives"
    check 'check: Landlock with its version, or its lack' "$(layer 'landlock [1-9][0-9]*|no landlock in this kernel')" yes
    if [ -r /sys/kernel/security/lsm ]; then
        gives="$(grep -q landlock /sys/kernel/security/lsm && echo yes || echo no)"
        check 'check: as the kernel says of itself' "$(layer 'landlock [1-9][0-9]*')" "$gives"
    fi
fi

# A parser that was taken over asks for a socket: its worker dies, the log names the call, the message is recorded for
# what it is with its copy kept, and the others are scanned.
mkdir "$work/odd"
cp "$FLAGPOST_PROGRAM" "$work/odd/flagpost"
cp "$helpers/forbidden/flagpost-worker" "$work/odd/"
FLAGPOST_PROGRAM="$work/odd/flagpost"
server
mailbox anna
fill anna INBOX 3
printf '%s\r\n' 'From: anna@corp.example' 'To: bob@rival.example' 'Subject: taken over' 'X-Test: takes over the parser' \
    '' 'words' >"$work/odd.eml"
dovecot_deliver "$work/server" anna INBOX "$work/odd.eml"
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'
run_code check
if ! grep -q 'seccomp' "$work/out" "$work/err" || grep -q 'no seccomp' "$work/out" "$work/err"; then
    echo 'skip  a parser taken over: no seccomp in this kernel'
else
    run_code poll
    check 'taken over: done with gaps' "$code" 2
    check 'taken over: the log names the call, for each worker that died' \
        "$(grep -c 'forbidden system call: socket' "$work/err")" 2
    check_text 'taken over: and that it was a worker' "$work/err" 'worker [0-9]+: asked for a system call that the sandbox forbids'
    flagpost search --json --limit 0 >"$work/found"
    check 'taken over: it alone is unscannable' "$(jq -r .outcome "$work/found" | grep -c '^unscannable$')" 1
    check 'taken over: the others are recorded' "$(jq -r .outcome "$work/found" | grep -cv '^unscannable$')" 3
    id="$(jq -r 'select(.outcome == "unscannable") | .sha256' "$work/found")"
    check_text 'taken over: it is told why' <(flagpost show "${id:0:12}") 'crash'
    check 'taken over: all copies are kept' "$(digests_kept)" "$(digests_on_server anna)"
fi
