#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Thirty folders in which nothing happened: polled again they cost one line each, nothing is opened, and yet whatever
# happens in one of them - mail, an expunge, a move, another UIDVALIDITY - is found by the next poll.
. "$(dirname "$0")/lib/flagpost.sh"

server 'imap_logout_format=in=%i out=%o'
mailbox anna
for i in $(seq 1 30); do
    fill anna "Folder$i" 3 1 "$i"
done
account anna "imaps://localhost:$IMAPS_PORT" 'keep = all'

# The bytes of the last session, as the server counts them; its line comes when the session has ended there as well.
polls=0
poll() {
    local waited=0
    run_code poll
    polls=$((polls + 1))
    until [ "$(grep -c 'in=[0-9]* out=[0-9]*' "$log")" -ge "$polls" ] || [ "$waited" -ge 200 ]; do
        sleep 0.05
        waited=$((waited + 1))
    done
    bytes="$(grep -o 'in=[0-9]* out=[0-9]*' "$log" | tail -n 1)"
    in="${bytes#in=}"
    in="${in%% *}"
    out="${bytes##*out=}"
}
log="$(dovecot_place "$work/server")/dovecot.log"

poll
check 'the first poll is clean' "$code" 0
check 'all is kept' "$(messages_known)" 90
poll
asked="$in"
printf '      nothing new in 31 folders: %s bytes sent, %s received, %s a folder\n' "$in" "$out" "$(((in + out) / 31))"
check 'nothing new: clean' "$code" 0
check 'under 200 bytes a folder, both ways' "$(((in + out) / 31 < 200))" 1
check 'what is sent does not grow with the folders' "$((in < 250))" 1

expunged="$(find "$(dovecot_place "$work/server")/mail/anna" -path '*Folder7/*' -type f \( -path '*/cur/*' -o -path '*/new/*' \) | head -n 1)"
rm "$expunged"
fill anna Folder9 1 1 99
poll
check 'one gone, one new: clean' "$code" 0
run_code status --json
check 'the sums of both folders' \
    "$(jq -s -c '[.[].folders[]? | select(.folder == "Folder7" or .folder == "Folder9") | [.server, .kept]] | sort' "$work/out")" \
    '[[2,2],[4,4]]'
check 'what came is kept' "$(messages_known)" 91
# A Maildir's change of this second may be told once more in the next one. What is opened shows in what is asked; the
# length of the server's answers varies with the times that it names in them.
for _ in 1 2 3; do
    poll
    [ "$in" -gt "$asked" ] || break
done
check 'then nothing is opened again' "$((in <= asked))" 1
