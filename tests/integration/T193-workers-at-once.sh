#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# As many workers at once as there are processors, or as `workers` says, and never more: seen with workers that go on
# only when so many have a mail in hand. While they stand there: each of them, forked as it was, has its limits, its
# filter, its session; and what they are forked from has never seen a byte of mail.
. "$(dirname "$0")/lib/flagpost.sh"

marker='QUOLL-7319-in-every-mail'
mkdir "$work/together" "$work/box"
for n in $(seq 12); do
    printf '%s\n' 'From: anna@corp.example' 'To: bob@rival.example' "Subject: number $n" "Message-ID: <$n@corp.example>" \
        'Date: Mon, 02 Mar 2026 09:02:00 +0000' '' "This is $marker, number $n." >"$work/box/$n.eml"
done
find "$work/box" -type f -exec touch -d '2026-03-02' {} +
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/box" >"$work/etc/accounts.d/box.ini"
run_code poll
check 'a poll keeps the mail' "$code" 0

cp "$FLAGPOST_PROGRAM" "$work/together/flagpost"
cp "$helpers/together/flagpost-worker" "$work/together/"
FLAGPOST_PROGRAM="$work/together/flagpost"

# --- replay: as many as it may have

printf '[rule]\nid = quoll\ntitle = T\nseverity = high\ndescription = D.\n[content.a]\ntype = regex\nwhere = body\npattern.1 = QUOLL\n' \
    >"$work/rules/quoll.ini"
# All that the store holds, row for row, but for the ledger: whoever replays stands there.
stored() {
    python3 - "$work/data/flagpost.db" <<'PY'
import hashlib, sqlite3, sys
db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)
for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'ledger%' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name").fetchall():
    rows = sorted(repr(row) for row in db.execute(f'SELECT * FROM "{name}"'))
    print(name, len(rows), hashlib.sha256('\n'.join(rows).encode()).hexdigest())
PY
}
stored >"$work/before"
replay() { # LABEL WANTED [COMMAND...]: 12 mails, each of which waits until WANTED are in hand
    TZ="$2" "${@:3}" "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" replay --rules "$work/rules" --json \
        >"$work/out" 2>"$work/err" && code=0 || code=$?
    check "$1: replayed" "$code" 0
    check "$1: all, and each is flagged anew" "$(jq -c 'select(has("messages")) | [.messages, .replayed, .changed, .unread]' "$work/out")" \
        '[12,12,12,0]'
    check "$1: nobody crashed, since there were never more" "$(grep -c 'worker ended' "$work/err")" 0
}
limits=('[limits]' 'seconds_per_message = 100')
config "${limits[@]}"
cores="$(env -u OMP_THREAD_LIMIT -u OMP_NUM_THREADS nproc)"
most=$((cores < 12 ? cores : 12)) # of 12 mails
replay "unasked, $most of $cores processors" "$most"
replay 'one processor' 1 taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')"
for n in 1 5 12; do
    config "workers = $n" "${limits[@]}"
    replay "workers = $n" "$n"
done
stored >"$work/after"
check 'the store is row for row as it was' "$(diff "$work/before" "$work/after")" ''
check 'but the ledger says who replayed' "$(flagpost audit --json | jq -r 'select(.what == "replay") | .what' | wc -l)" 5

# --- what each of them is, while it has a mail in hand

[ "$(id -u)" = 0 ] || { echo 'skip  what a worker is: only root may look' && exit 0; }
config 'workers = 4' 'keep = all' "${limits[@]}" 'unpacked = 64M' 'worker_memory = 700M' 'messages_per_worker = 7'
# Rules without tests: at its start a poll runs them in one worker, which would wait for three others. An empty file turns
# off the one of that name that ships.
for file in "$FLAGPOST_SOURCE"/rules.d/*.ini; do : >"$work/rules/${file##*/}"; done
sed -i -e '/^keep = all$/d' -e "s#^rules_dir = .*#rules_dir = $work/rules#" "$work/etc/flagpost.ini"
rm -rf "$work/data"
TZ=5 "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" poll >"$work/out" 2>"$work/err" &
poll=$!
relays+=("$poll")
of() { pgrep -P "$poll" -f "^flagpost $1\$" || :; }
holds() { # PID: a mail, besides the socket
    find "/proc/$1/fd" -mindepth 1 -printf '%f %l\n' 2>/dev/null | grep -Eq '^([4-9]|[1-9][0-9]+) '
}
busy() {
    local pid n=0
    for pid in $(of worker); do
        ! holds "$pid" || n=$((n + 1))
    done
    [ "$n" = "$1" ]
}
for _ in $(seq 600); do
    ! busy 4 || break
    sleep 0.1
done
check 'four have a mail in hand' "$(busy 4 && echo yes)" yes
mapfile -t workers < <(of worker)
zygote="$(of zygote)"
check 'four workers, and one that they are forked from' "${#workers[@]} $(wc -w <<<"$zygote")" '4 1'

bound() { # PID NAME: soft and hard
    sed -n "s/^$2  *\([^ ]*\)  *\([^ ]*\).*/\1 \2/p" "/proc/$1/limits"
}
state() { # PID FIELD of status
    awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status"
}
for pid in "${workers[@]}"; do
    check 'worker: a child of the poll' "$(state "$pid" PPid)" "$poll"
    check 'worker: memory' "$(bound "$pid" 'Max address space')" "$((700 * 1048576)) $((700 * 1048576))"
    check 'worker: processes' "$(bound "$pid" 'Max processes')" '0 0'
    check 'worker: descriptors' "$(bound "$pid" 'Max open files')" '64 64'
    check 'worker: no core dump' "$(bound "$pid" 'Max core file size')" '0 0'
    check 'worker: file size' "$(bound "$pid" 'Max file size')" "$((80 * 1048576)) $((80 * 1048576))"
    check 'worker: processor time' "$(bound "$pid" 'Max cpu time')" '760 770'
    check 'worker: no new privileges' "$(state "$pid" NoNewPrivs)" 1
    check 'worker: a filter of system calls, where the kernel has them' "$(state "$pid" Seccomp)" \
        "$(grep -q '^Seccomp:' /proc/self/status && echo 2)"
    check 'worker: a session of its own' "$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f4)" "$pid"
    check 'worker: one thread' "$(state "$pid" Threads)" 1
    check 'worker: nothing open but three times /dev/null or the log, its socket, and one mail' \
        "$(find "/proc/$pid/fd" -mindepth 1 -printf '%f %l\n' | sort -n | sed 's/ .*memfd.*/ mail/; s/ socket:.*/ socket/' |
            sed -n '4,$p' | tr '\n' ' ')" '3 socket 4 mail '
done
check 'no two of them share a session' "$(for pid in "${workers[@]}"; do sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f4; done | sort -u | wc -l)" 4
check 'the one they are forked from: a socket to be asked over, and no mail' \
    "$(find "/proc/$zygote/fd" -mindepth 1 -printf '%f %l\n' | sort -n | sed 's/ socket:.*/ socket/' | sed -n '4,$p' | tr '\n' ' ')" '3 socket '

# Its memory, byte for byte; and that of a worker, which shows that one would have found it.
remembers() { # PID: yes or no
    python3 - "$1" "$marker" <<'PY'
import sys
pid, marker = sys.argv[1], sys.argv[2].encode()
found = False
with open(f'/proc/{pid}/maps') as maps, open(f'/proc/{pid}/mem', 'rb', 0) as memory:
    for line in maps:
        where, mode = line.split()[:2]
        if mode[0] != 'r' or '[v' in line:
            continue
        begin, end = (int(part, 16) for part in where.split('-'))
        memory.seek(begin)
        rest = b''
        while begin < end and not found:
            try:
                piece = memory.read(min(1 << 20, end - begin))
            except OSError:
                break
            if not piece:
                break
            begin += len(piece)
            found = marker in rest + piece
            rest = piece[-len(marker):]
print('yes' if found else 'no')
PY
}
if ! remembers "$zygote" >/dev/null 2>&1; then
    echo 'skip  what lies in memory: this system lets nobody look'
else
    for pid in "${workers[@]}"; do
        check 'worker: its mail is in its memory' "$(remembers "$pid")" yes
    done
    check 'the one they are forked from: not a byte of any' "$(remembers "$zygote")" no
fi

# They end with the poll, however it ends.
kill -KILL "$poll"
wait "$poll" 2>/dev/null || :
gone() {
    local pid
    for pid in "${workers[@]}" $zygote; do
        [ ! -e "/proc/$pid" ] || grep -q '^State:.*Z' "/proc/$pid/status" 2>/dev/null || return 1
    done
}
for _ in $(seq 300); do
    ! gone || break
    sleep 0.1
done
check 'they end with it' "$(gone && echo yes)" yes
