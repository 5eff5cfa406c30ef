#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# poll --plan: how much there is before anything is fetched, what of it is kept, how long the rest takes at the budget;
# nothing is fetched, nothing written, and it runs beside the service's store.
. "$(dirname "$0")/lib/flagpost.sh"

server
mailbox anna
fill anna INBOX 40 40 1
fill anna Sent 10 40 2
fill anna Empty 1 4 3
rm -f "$(dovecot_place "$work/server")"/mail/anna/.Empty/*/* 2>/dev/null || :
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all' 'bytes_a_day = 1M'
mailbox bert
fill bert INBOX 5 4 4
account bert "pop3s://localhost:$POP3S_PORT" 'keep = all'
account down 'imaps://localhost:1'

of() { jq -s -c ".[] | select(.account == \"$1\") | $2" "$work/out"; }
# As the server counts them: every line ends with CR LF.
bytes_of() {
    find "$(dovecot_place "$work/server")/mail/$1" \( -path '*/cur/*' -o -path '*/new/*' \) -type f -exec cat {} + |
        LC_ALL=C awk '{ n += length($0) + 1 + !/\r$/ } END { print n }'
}

# Before anybody is asked: also of an account that is away.
run_code poll --plan --assume 20M
check 'assumed: nobody is asked' "$code" 0
check_text 'assumed: at the budget' "$work/out" '^anna: 21.0 MB, about 20 days at 1.0 MB a day$'
check_text 'assumed: at the line' "$work/out" '^down: 21.0 MB, about 10 s at 2.1 MB a second .assumed.$'
run_code poll --plan --assume 1.5M --json anna
check 'assumed: for programs' "$(of anna '[.to_fetch, .bytes_to_fetch, .days]')" '[0,1572864,2]'
for wrong in 20X G '' -5M 0 1e40 nan; do
    run_code poll --plan --assume "$wrong"
    check "assumed: '$wrong' is no size" "$code" 64
done
run_code poll --assume 20G
check 'assumed: without a plan' "$code" 64

run_code poll --plan --json
check 'an account that is away is a gap' "$code" 2
check 'named, with why' "$(of down '[.state, (.text | length > 0)]')" '["away",true]'
check 'nothing was written' "$(test -e "$work/data/flagpost.db" && echo yes || echo no)" no
check 'all is to be fetched' "$(of anna '[.messages, .to_fetch]')" '[50,50]'
check 'its size to the byte, where the server says it' "$(of anna .bytes)" "$(bytes_of anna)"
check 'in the order of fetching' "$(of anna '[.folders[].folder]' | cut -c1-15)" '["Sent","INBOX"'
days="$((($(bytes_of anna) + 1048575) / 1048576))"
check 'so many days at the budget' "$(of anna '[.bytes_a_day, .days]')" "[1048576,$days]"
check 'POP3 by STAT' "$(of bert '[.messages, .to_fetch]')" '[5,5]'

rm "$work/etc/accounts.d/down.ini"
run_code poll --plan anna
check 'clean' "$code" 0
check_text 'in a sentence' "$work/out" "^anna: 50 messages, .*about $days days at 1.0 MB a day"
check 'one account alone' "$(grep -c '^bert' "$work/out")" 0
run_code poll --plan nobody
check 'an account that is not there' "$code" 64

run_code poll bert
run_code poll
fetched="$(flagpost status --json | jq -s '.[] | select(.account == "anna") | .kept')"
run_code poll --plan --json
check 'what is kept is not counted again' "$(of anna '[.messages, .to_fetch]')" "[50,$((50 - fetched))]"
check 'nothing is left of the other' "$(of bert '[.to_fetch, .bytes_to_fetch]')" '[0,0]'
check 'and nothing was fetched by asking' "$(flagpost status --json | jq -s '.[] | select(.account == "anna") | .kept')" "$fetched"

# Mail on this machine.
mkdir -p "$work/mails" && printf 'Subject: a\n\nb\n' >"$work/mails/1.eml"
touch -d '1 hour ago' "$work/mails/1.eml"
printf '[account.box]\nurl = eml://%s/mails\npurpose = Test\n' "$work" >"$work/etc/accounts.d/box.ini"
run_code poll --plan --json box
check 'files' "$(of box '[.messages, .bytes]')" '[1,14]'
