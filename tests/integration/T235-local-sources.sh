#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A Maildir, an mbox and a folder of .eml as accounts: read by the fetcher, never written to, and
# counted as a server's mail is.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

local_account() { # NAME URL [LINE...]
    printf '[account.%s]\nurl = %s\npurpose = Test\nkeep = all\n' "$1" "$2" >"$work/etc/accounts.d/$1.ini"
    [ $# = 2 ] || printf '%s\n' "${@:3}" >>"$work/etc/accounts.d/$1.ini"
}

mail() { # WORD: one message
    printf '%s\n' 'From: anna@corp.example' 'To: bob@corp-mail.example' "Subject: $1" "Message-ID: <$1@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the text of $1"
}

# What stands where, by name, mode, size and time of change.
traces() { find "$work/box" "$work/journal" "$work/eml" -printf '%p %m %s %T@ %l\n' | LC_ALL=C sort | sha256sum; }

mkdir -p "$work/journal/cur" "$work/journal/new" "$work/journal/tmp" "$work/journal/.Sent/cur" "$work/journal/.Sent/new" "$work/eml/2025"
mail maildir-one >"$work/journal/new/1.a.host"
mail maildir-two >"$work/journal/cur/2.b.host:2,S"
mail maildir-sent >"$work/journal/.Sent/cur/3.c.host:2,S"
mail eml-one >"$work/eml/one.eml"
mail eml-two >"$work/eml/2025/two.eml"
mail eml-three >"$work/eml/2025/three.eml.part"
mail secret >"$work/secret"
ln -s "$work/secret" "$work/eml/link.eml"
mkfifo "$work/eml/pipe.eml"
for name in mbox-one mbox-two; do
    printf 'From anna@corp.example Sun Nov 22 09:02:05 2026\n'
    mail "$name"
    printf '\n'
done >"$work/box"
find "$work/eml" -type f -exec touch -d '2026-01-01' {} +

local_account journal "maildir://$work/journal"
local_account box "mbox://$work/box"
local_account archive "eml://$work/eml"

before="$(traces)"
run_code check --connect
check 'check --connect takes them' "$code" 0
run_code poll
check 'a poll' "$code" 0
check 'every message is there once' "$(messages_known)" 7
check 'nothing of them was touched' "$(traces)" "$before"
check 'the link was not followed' "$(flagpost search --json subject:secret 2>/dev/null | grep -c sha256)" 0
sha256sum "$work/journal/new/1.a.host" | cut -d ' ' -f 1 >"$work/wanted"
check 'the bytes are those of the file' "$(digests_kept | grep -c -F -f "$work/wanted")" 1
run_code poll
check 'a second poll' "$code" 0
check 'finds nothing new' "$(messages_known)" 7

# Somebody reads, deletes, and mail arrives.
mv "$work/journal/new/1.a.host" "$work/journal/cur/1.a.host:2,RS"
rm "$work/journal/cur/2.b.host:2,S"
mail maildir-three >"$work/journal/new/4.d.host"
{
    printf 'From anna@corp.example Sun Nov 22 10:02:05 2026\n'
    mail mbox-three
    printf '\n'
} >>"$work/box"
mail eml-one-changed >"$work/eml/one.eml"
touch -d '2026-02-01' "$work/eml/one.eml"
run_code poll
check 'after changes' "$code" 0
check 'what is new was read' "$(messages_known)" 10
run_code status
check_text 'status counts what is there and what is kept' "$work/out" 'journal .* 2 +3 +3 +0 +0 +ok'

# One that cannot be read now says so, and nothing of it is gone.
mv "$work/box" "$work/box.away"
touch "$work/eml/pipe.eml"
run_code poll
check 'a missing file is a gap' "$code" 2
run_code status
check_text 'status says which, and why' "$work/out" 'box +.*away.*No such file'
check_text 'and nothing of it is gone' "$work/out" 'box .* 3 +3 +0 '
mv "$work/box.away" "$work/box"

# What belongs to servers is refused.
local_account box "mbox://$work/box" 'user = anna'
run_code check
check 'a user for a file' "$code" 78
check_text 'is named' "$work/err" 'user does not belong to account .box.'
exit 0
