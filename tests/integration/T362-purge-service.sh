#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The service purges by [retention.NAME] once a day, behind its verification of copies, in its own name whatever the
# roles say; the report counts it; what is held stays, and nothing is purged where nothing says how long mail is kept.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"
at() { # SECONDS DATE: so long before noon
    printf '%s\n' $(($(date -ud "$2 12:00" +%s) - $1 - $(date +%s))) >"$work/jump.new"
    mv "$work/jump.new" "$work/jump"
}
# The service, from shortly before noon of a day until its report is written; a machine that is slow gets more time.
service=
noon() { # DATE
    local before
    for before in 5 20 60; do
        at "$before" "$1"
        "$FLAGPOST_PROGRAM" --config "$work/etc/service.ini" run >"$work/service.log" 2>&1 &
        service=$!
        for _ in $(seq $((before * 10 + 50))); do
            ! grep -q 'the daily report is written' "$work/service.log" || return 0
            sleep 0.1
        done
        end
    done
    return 1
}
end() {
    kill "$service"
    wait "$service" || :
}
purged() { flagpost --quiet audit --what purge --json | wc -l; }

mkdir -p "$work/hq"
for word in kestrel merlin; do
    printf '%s\n' 'From: anna@corp.example' 'To: bob@corp.example' "Subject: about $word" "Message-ID: <$word@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the text of $word" >"$work/hq/${#word}.eml" # its name is its number in the store, which stays
done
find "$work/hq" -type f -exec touch -d '2026-01-01' {} +
printf '[account.hq]\nurl = eml://%s\npurpose = Test\nkeep = all\nevery = 1h\n' "$work/hq" >"$work/etc/accounts.d/hq.ini"
sed -i 's/^timezone = .*/timezone = UTC/' "$work/etc/flagpost.ini"
# To the service's configuration this login is nobody: its own work does not depend on who may read.
{ cat "$work/etc/flagpost.ini" && printf '[report.daily]\nat = 12:00\n[roles]\nstrangers = nobody\n'; } >"$work/etc/service.ini"
at 0 2026-11-22
run_code poll
check 'a poll' "$code" 0
run_code hold add case-7 --query subject:merlin --note 'a court asked'
check 'one is held' "$code" 0

noon 2027-01-10
check 'without [retention] nothing is purged' "$? $(purged)" '0 0'
end

printf '[retention.plain]\nkeep = 30d\n' >>"$work/etc/service.ini"
noon 2027-01-11
for _ in $(seq 600); do
    [ "$(purged)" = 0 ] || break
    sleep 0.1
done
check 'what has had its time is purged, what is held is not' "$(purged)" 1
check 'by the service' "$(flagpost audit --what purge --json | jq -r .who)" service
end
check 'no byte of it is left' "$(grep -raclF kestrel "$work/data" | wc -l)" 0
check 'the held one opens' \
    "$(flagpost show --raw "$(sha256sum "$work/hq/6.eml" | cut -c 1-64)" | cmp - "$work/hq/6.eml" && echo same)" same
run_code report --date 2027-01-11 --format text
check_text 'the report counts it' "$work/out" '1 messages that have had their time'
run_code report --date 2027-01-11 --format json --out -
check 'to programs too' "$(jq -c '[.totals.purged, (.totals.purged_bytes > 0)]' "$work/out")" '[1,true]'
run_code report --date 2027-01-11 --out "$work/reports"
check 'and on the page' "$(find "$work/reports" -name '2027-01-11.html' -exec grep -c 'Purged in this period' {} +)" 1
run_code purge --automatic --person anna@corp.example --reason 'erasure 7'
check '--automatic is no way to purge by order' "$code" 64
run_code audit verify
check 'the ledger is whole' "$code" 0
