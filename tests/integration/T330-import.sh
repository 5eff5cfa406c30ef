#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# import: an mbox, a Maildir, folders, single files, archives and a volume of our own, each message
# once and to the byte; a second import finds nothing new, one that was killed goes on; what cannot be
# read is named, and the sum holds.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

mail() { # WORD: one message
    printf '%s\n' 'From: anna@corp.example' 'To: bob@rival.example' "Subject: $1" "Message-ID: <$1@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the text of $1"
}

in_store() { sha256sum "$1" | cut -d ' ' -f 1 >"$work/wanted"; digests_kept | grep -c -x -F -f "$work/wanted"; }

mkdir -p "$work/Maildir/cur" "$work/Maildir/new" "$work/Maildir/tmp" "$work/Maildir/.Sent/cur" "$work/Maildir/.Sent/new" "$work/dump/2025"
mail maildir-one >"$work/Maildir/new/1.a.host"
mail maildir-sent >"$work/Maildir/.Sent/cur/3.c.host:2,S"
mail dump-one >"$work/dump/one.eml"
mail dump-two >"$work/dump/2025/17"
printf 'no mail\n' >"$work/dump/readme.txt"
for name in mbox-one mbox-two; do
    printf 'From anna@corp.example Sun Nov 22 09:02:05 2026\n'
    mail "$name"
    printf '\n'
done >"$work/box"
cp "$work/box" "$work/dump/old-inbox"
mail single >"$work/single.eml"

run_code import --json "$work/box"
check 'an mbox' "$code" 0
check_text 'the sum holds' "$work/out" '"source":2,"kept":2,"failed":0,"new":2.*"complete":true'
run_code import --json "$work/box"
check 'once more' "$code" 0
check_text 'finds nothing new' "$work/out" '"source":2,"kept":2,"failed":0,"new":0'
check 'and keeps no copy twice' "$(digests_kept | wc -l)" 2

run_code import "$work/Maildir"
check 'a Maildir' "$code" 0
check_text 'with its folders' "$work/out" 'in the source 2 = kept 2 [+] failed 0; new 2'
rm "$work/Maildir/new/1.a.host"
run_code import "$work/Maildir"
check 'what is not there any more' "$code" 0
check_text 'was not deleted by anybody' "$work/out" 'in the source 2 = kept 2 [+] failed 0; new 0'

run_code import --json "$work/dump"
check 'a folder with messages and an mbox in it' "$code" 0
check 'is two sources' "$(grep -c '"complete":true' "$work/out")" 2
check 'a text file is no mail' "$(flagpost search --json subject:readme 2>/dev/null | grep -c sha256)" 0
check 'bytes known already are kept once' "$(digests_kept | sort | uniq -d | wc -l)" 0
check 'a message without an ending' "$(in_store "$work/dump/2025/17")" 1

run_code import "$work/single.eml"
check 'a single file' "$code" 0
check 'to the byte' "$(in_store "$work/single.eml")" 1

# A journal report: blind copies and members of lists are found as real recipients.
run_code import "$FLAGPOST_SOURCE/tests/mail/journal.eml"
for filter in to:eve@rival.example to:carol@corp.example to:sales@corp.example from:anna@corp.example; do
    run_code search --count "$filter" subject:offer
    check "a journal report is found by $filter" "$(cat "$work/out")" 1
done

# Archives are opened by a worker in its sandbox.
mkdir -p "$work/pack/mail"
mail zip-one >"$work/pack/mail/zip-one.eml"
mail zip-two >"$work/pack/mail/zip-two.eml"
printf '<html>' >"$work/pack/index.html"
(cd "$work/pack" && zip -q -r ../pack.zip mail index.html && tar -czf ../pack.tgz mail)
run_code import --name takeout "$work/pack.zip"
check 'a zip' "$code" 0
check_text 'as the account that was asked for' "$work/out" '^import/takeout +2 +2 +0 +2 '
check_text 'says what it left out' "$work/err" '1 members are no messages'
check 'to the byte' "$(in_store "$work/pack/mail/zip-two.eml")" 1
check 'nothing stays behind' "$(find "$work/data/import" -type f | wc -l)" 0
run_code import --name tgz "$work/pack.tgz"
check 'a packed tar' "$code" 0
check_text 'has them too' "$work/out" '^import/tgz +2 +2 +0 +2 '
(cd "$work/pack" && 7z a -bd -psecret -mem=AES256 ../locked.zip mail >"$work/7z.log")
run_code import "$work/locked.zip"
check 'a zip with a password is a gap' "$code" 2
check_text 'and named' "$work/err" '2 members need a password'
head -c 300 "$work/pack.zip" >"$work/cut.zip"
run_code import "$work/cut.zip"
check 'so is one that is cut' "$code" 2
check_text 'which is named' "$work/err" 'cut.zip: '
cp "$work/box" "$work/pack/box"
(cd "$work/pack" && zip -q ../boxed.zip box)
run_code import "$work/boxed.zip"
check 'an mbox within is not passed in silence' "$code" 2
check_text 'but named with the mend' "$work/err" 'mailbox files or archives: unpack them'

# A volume of copies into an empty store.
volume="$(find "$work/data/copies" -name '*.tar' | head -n 1)"
cp "$volume" "$work/volume.tar"
count="$(tar -tf "$volume" | wc -l)"
digests_kept | LC_ALL=C sort >"$work/before"
rm -rf "$work/data"
run_code import --name volume "$work/volume.tar"
check 'a volume of our own' "$code" 0
check 'has all its messages' "$(digests_kept | wc -l)" "$count"
digests_kept | LC_ALL=C sort >"$work/after"
check 'to the byte' "$(cmp "$work/before" "$work/after" && echo same)" same
run_code verify
check 'and is what was recorded' "$code" 0
run_code audit
check_text 'the ledger says who imported what' "$work/out" 'import.*volume.tar as import/volume'
run_code status
check 'status is whole' "$code" 0
check_text 'and knows them as imported' "$work/out" 'import/volume.*imported'

# Killed at some moment, again and again: the next one goes on.
"$helpers/helper-mailgen" "$work/many" 150 2 7
find "$work/many" -type f -exec sh -c 'mv "$1" "$1.eml"' _ {} \;
rm -rf "$work/data"
wanted="$(find "$work/many" -type f -exec sha256sum {} + | cut -d ' ' -f 1 | LC_ALL=C sort -u | wc -l)"
for _ in 1 2 3; do
    "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" -q import --name many "$work/many" >/dev/null 2>&1 &
    import=$!
    before="$(digests_kept 2>/dev/null | wc -l)"
    for _ in $(seq 200); do
        [ "$(digests_kept 2>/dev/null | wc -l)" = "$before" ] || break
        kill -0 "$import" 2>/dev/null || break
        sleep 0.02
    done
    kill -9 "$import" 2>/dev/null || :
    wait "$import" 2>/dev/null || :
done
run_code import --name many "$work/many"
check 'after three kills' "$code" 0
check_text 'the sum holds' "$work/out" 'in the source 150 = kept 150 [+] failed 0'
check 'each is kept once' "$(digests_kept | wc -l)" "$wanted"
check 'in all' "$(digests_kept | sort -u | wc -l)" "$wanted"

# Wrong input.
run_code import
check 'without a path' "$code" 64
run_code import --name '../x' "$work/box"
check 'a name that is a path' "$code" 64
run_code import --keep some "$work/box"
check 'an unknown --keep' "$code" 64
run_code import "$work/missing"
check 'a path that is not there' "$code" 65
check_text 'is named' "$work/err" 'missing: No such file'
