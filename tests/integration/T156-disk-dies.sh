#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A disk that goes away in the middle of a poll, one that its kernel makes read-only there, and one that fills up: ext4 in
# a file, in mounts of this test alone. Each is named and ends the poll; what was recorded is whole once the disk is back
# (its journal replayed, as after a power cut), and the next poll fetches the rest.
if [ -z "${FLAGPOST_OWN_MOUNTS:-}" ]; then
    if ! unshare -m true 2>/dev/null; then
        echo 'skip  no mounts of its own can be had here'
        exit 77
    fi
    FLAGPOST_OWN_MOUNTS=1 exec unshare -m bash "$0"
fi
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

leave() {
    local status=$?
    if mountpoint -q "$work/data"; then umount -l "$work/data"; fi
    (exit "$status")
    finish
}
trap leave EXIT

# disk SIZE [OPTION...]: an empty one below data_dir.
disk() {
    local size="$1"
    shift
    mkdir -p -m 0700 "$work/data"
    rm -f "$work/disk"
    truncate -s "$size" "$work/disk" && mkfs.ext4 -q -F -m 0 "$work/disk" && put_in "$@" && chmod 0700 "$work/data"
}
put_in() {
    mount -o "loop,errors=remount-ro${1:+,$1}" "$work/disk" "$work/data"
}
if ! disk 96M 2>"$work/err"; then
    echo "skip  no disk can be made of a file here: $(tail -n 1 "$work/err")"
    exit 77
fi

# As a disk that is pulled out: nothing more is read or written. FLAG 0: what was on its way comes to it, 2: not even that.
pull_out() {
    python3 - "$work/data" "$1" <<'PY'
import fcntl, os, struct, sys
EXT4_IOC_SHUTDOWN = 0x8004587D
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), EXT4_IOC_SHUTDOWN, struct.pack("I", int(sys.argv[2])))
PY
}
put_back() {
    umount "$work/data"
    e2fsck -f -p "$work/disk" >"$work/fsck" 2>&1 || [ $? -lt 4 ] || {
        cat "$work/fsck"
        failed=1
    }
    put_in
}

server
mailbox anna
relay --to "$IMAPS_PORT" --delay 10 --rate 10 # so that there is a middle
account anna "imaps://localhost:$relay_port" 'keep = all'
seed=0
more_mail() {
    seed=$((seed + 1))
    fill anna INBOX 600 6 "$seed"
    digests_on_server anna | LC_ALL=C sort -u >"$work/server.digests"
    total="$(wc -l <"$work/server.digests")"
}

kept_bytes() {
    find "$work/data/copies" -name '*.tar' -printf '%s\n' 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'
}
# amid COMMAND BYTES: a poll, or the service, that has kept so much more, and stands still there.
amid() {
    local wanted
    wanted=$(($(kept_bytes) + $2))
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" "$1" >"$work/out" 2>"$work/err" &
    poll=$!
    while kill -0 "$poll" 2>/dev/null && [ "$(kept_bytes)" -lt "$wanted" ]; do sleep 0.01; done
    kill -STOP "$poll" 2>/dev/null || :
}
ended() { # LABEL COMMAND PATTERN
    code=0
    kill -CONT "$poll" 2>/dev/null || :
    wait "$poll" || code=$?
    check "$1: it ends" "$code" 74
    check_text "$1: and why is said" "$work/err" "flagpost $2: .*($3)"
    check "$1: no damage is said that there is not" "$(grep -c 'DAMAGE' "$work/err")" 0
}
refused() { # LABEL PATTERN COMMAND...
    local label="$1" pattern="$2"
    shift 2
    for what in "$@"; do
        # shellcheck disable=SC2086
        run_code $what
        check "$label: $what ends" "$([ "$code" = 74 ] || [ "$code" = 78 ] && echo yes)" yes
        check_text "$label: and says why" "$work/err" "$pattern"
    done
}
is_whole() { # LABEL
    run_code verify
    # Bytes of a batch that was not committed may lie behind a volume's end: the next poll puts them aside.
    check "$1: what was recorded is there, to the byte" \
        "$(grep -cE '^(missing|shortened|altered|renamed|unreadable|ledger|damaged)' "$work/out")" 0
    before="$(messages_known)"
    check "$1: it ended in the middle" "$([ "$before" -lt "$total" ] && echo yes)" yes
    run_code poll --json
    check "$1: the next poll is clean" "$code" 0
    check "$1: and fetches what was not recorded, nothing else" "$(jq -r .new "$work/out")" "$((total - before))"
    digests_kept >"$work/kept.digests"
    check "$1: digests on the server = digests kept, each once" \
        "$(sha256sum <"$work/kept.digests")" "$(sha256sum <"$work/server.digests")"
    run_code verify
    check "$1: all of it as it should be" "$code" 0
}

# ------------------------------------------------------------------------------------------ pulled out
label='pulled out'
more_mail
amid poll 700000
pull_out 2
ended "$label" poll 'Input/output error'
refused "$label" 'Input/output error' poll status 'search x'
put_back
is_whole "$label"

label='pulled out under the service'
more_mail
amid run 700000
pull_out 0
ended "$label" run 'Input/output error'
put_back
is_whole "$label"

# ------------------------------------------------------------------------------------------ its kernel lets nobody write
fault="/sys/fs/ext4/$(basename "$(findmnt -n -o SOURCE "$work/data")")/trigger_fs_error"
label='read-only in the middle'
more_mail
amid poll 700000
if echo 'found by a test' >"$fault" 2>/dev/null; then
    # A sync that was on its way when the kernel gave the file system up is told of an I/O error, by it and by us.
    ended "$label" poll 'Read-only file system|readonly|Input/output error'
    refused "$label" '[Rr]ead-only' poll 'search x'
    put_back
    is_whole "$label"
else
    echo "skip  $label: the kernel does not let it happen"
    kill -CONT "$poll" 2>/dev/null || :
    wait "$poll" || :
fi

# ------------------------------------------------------------------------------------------ full, with a journal
label='full'
more_mail
free="$(df --output=avail -B1 "$work/data" | tail -n 1)"
head -c "$((free - 2000000))" /dev/zero >"$work/data/balloon"
amid poll 100000000
ended "$label" poll 'No space left on device|is full'
refused "$label" 'No space left on device|is full' poll
rm "$work/data/balloon"
is_whole "$label"
