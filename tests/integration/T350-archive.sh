#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# archive: months that are over as tar, OpenPGP and ZIP files, opened by gpg, tar and 7z alone; their
# messages are still found, come back to the byte, and are proved against the ledger; weak passwords,
# altered files and wrong passwords are named.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"

# in_month MONTH: the program's clock stands in the middle of that month.
in_month() { printf '%s\n' "$(($(date -u -d "$1-15" +%s) - $(date +%s)))" >"$work/jump"; }

mail() { # WORD: one message
    printf '%s\n' 'From: anna@corp.example' 'To: bob@corp-mail.example' "Subject: $1" "Message-ID: <$1@corp.example>" \
        'Date: Sun, 22 Feb 2026 09:02:05 +0000' '' "the text of $1"
}
keep() { # MONTH WORD...: mail that is kept in that month
    local month="$1" word
    shift
    in_month "$month"
    for word in "$@"; do mail "$word" >"$work/$word.eml"; done
    flagpost -q import --name "$month" "${@/%/.eml}" >/dev/null
}
in_archive() { sha256sum "$work/$1/"*/*.eml | cut -d ' ' -f 1 | LC_ALL=C sort; }
digest() { sha256sum "$work/$1.eml" | cut -c 1-64; }

cd "$work"
keep 2026-02 tar-one tar-two
keep 2026-03 zip-one
keep 2026-04 gpg-one
keep 2026-05 key-one
in_month 2026-06
digests_kept | LC_ALL=C sort >"$work/before"

run_code archive create --month 2026-06
check 'a month that is not over' "$code" 64
run_code archive create --month 2026-13
check 'no month at all' "$code" 64
run_code archive create --month 2026-01
check 'a month without copies' "$code" 64

# ------------------------------------------------------------------------------------------------ tar
run_code archive create --month 2026-02
check 'a tar file' "$code" 0
check_text 'is named after its month' "$work/out" '^2026-02.tar.zst  2 messages'
mkdir "$work/tar"
zstd -qdc "$work/data/archives/2026-02.tar.zst" | tar -xf - -C "$work/tar"
check 'tar and zstd open it' "$(in_archive tar)" "$( (digest tar-one; digest tar-two) | LC_ALL=C sort)"
check 'its volume is gone' "$(find "$work/data/copies" -name '2026-02*' | wc -l)" 0
check 'the others are not' "$(find "$work/data/copies" -name '2026-0*.tar' | wc -l)" 3
run_code search --json '"text of tar-one"'
check 'its messages are found by their words' "$(wc -l <"$work/out")" 1
id="$(digest tar-one)"
run_code show "${id:0:12}"
check_text 'show says which archive' "$work/out" '^Archive +2026-02$'
check_text 'and that its copy is kept there' "$work/out" '^Copy +kept in its archive$'
run_code show --raw "${id:0:12}"
check 'the bytes are not at hand' "$code" 65
check_text 'and the mend is' "$work/err" 'flagpost archive restore 2026-02'
run_code redeliver "${id:0:12}" --to anna@corp.example --dry-run
check 'without [smtp] nothing is sent' "$code" 78
config '[smtp]' 'url = smtp://localhost:1' 'from = flagpost@corp.example'
run_code redeliver "${id:0:12}" --to anna@corp.example --dry-run
check 'what stands in an archive alone is not redelivered' "$code" 65
check_text 'and the mend is told' "$work/out" 'flagpost archive restore 2026-02'
run_code verify
check 'verify is content' "$code" 0
run_code archive create --month 2026-02
check 'once more there is nothing to archive' "$code" 64

# What is met again is kept anew, and that volume stays whatever is archived later.
run_code import --name again "$work/tar-two.eml"
check 'a message of an archive that is met again' "$code" 0
check 'is kept anew' "$(find "$work/data/copies" -name '2026-06*.tar' | wc -l)" 1
again="$(digest tar-two)"
run_code show --raw "${again:0:12}"
check 'so its bytes are at hand' "$(sha256sum <"$work/out" | cut -c 1-64)" "$again"

# A disk that is full while one is made: what is written meanwhile has no name, but a folder.
code=0
(ulimit -f 1 && flagpost archive create --month 2026-03 >"$work/out" 2>"$work/err") || code=$?
check 'nothing can be written' "$code" 74
check_text 'which is said with the folder' "$work/err" "$work/data.*: (File too large|disk I/O error)"
for how in 'pack zstd' 'unpack 1000000'; do
    code=0
    tar -cf - -C "$work" zip-one.eml |
        "${FLAGPOST_PROGRAM%/*}/flagpost-worker" ${how/ */} "${how/* /}" 1000000000 2>"$work/err" >/dev/full || code=$?
    check "a full disk below what a worker does: $how" "$code" 74
    check_text 'is told in the words of the system' "$work/err" 'Write error: No space left on device'
done

# ------------------------------------------------------------------------------------------------ zip
(umask 077 && printf 'short\n' >weak && printf 'Correct horse battery 7\n' >strong && printf 'Another horse battery 8\n' >other)
run_code archive create --month 2026-03 --form zip --secret-file "$work/weak"
check 'a weak password' "$code" 78
check_text 'is refused by its length' "$work/err" '/weak: the password is shorter than 12 characters'
check 'and no file is there' "$(find "$work/data/archives" -name '2026-03*' | wc -l)" 0
run_code archive create --month 2026-03 --form zip --secret-file "$work/strong" --min-length 30
check 'a longer one can be asked for' "$code" 78
if ldd "$FLAGPOST_PROGRAM" | grep -q libzxcvbn; then
    for guessed in Password1234 Winter-2026-11 Example-Corp-2026 Flagpost-Archive-1; do
        printf '%s\n' "$guessed" >weak
        run_code archive create --month 2026-03 --form zip --secret-file "$work/weak"
        check "what is soon guessed: $guessed" "$code" 78
        check_text 'is refused with the mend' "$work/err" 'guesses find it, and 2\^50 are wanted; .*: take more words'
        check 'and not repeated' "$(grep -c "$guessed" "$work/err" || :)" 0
    done
    run_code archive create --month 2026-03 --form zip --secret-file "$work/strong" --min-bits 120
    check 'one that is harder to guess can be asked for' "$code" 78
    config '[archive]' 'password_bits = 120'
    run_code archive create --month 2026-03 --form zip --secret-file "$work/strong"
    check 'also in the configuration' "$code" 78
    config '[archive]' 'password_bits = 201'
    run_code check
    check 'a number that is none' "$code" 78
    check_text 'is named at its place' "$work/err" 'flagpost.ini:[0-9]+:'
    config
else
    echo 'skip  guesses: this program was built without libzxcvbn'
fi
run_code archive create --month 2026-03 --form zip
check 'none at all' "$code" 78
run_code archive create --month 2026-03 --form zip --secret-file "$work/strong"
check 'a ZIP' "$code" 0
7z x -bd -y "-pCorrect horse battery 7" "-o$work/zip" "$work/data/archives/2026-03.zip" >"$work/7z.log"
check '7z opens it' "$(in_archive zip)" "$(digest zip-one)"
7z l -slt "$work/data/archives/2026-03.zip" >"$work/7z.log"
check_text 'it is AES-256' "$work/7z.log" '^Method = .*AES-256'
check 'without the password it stays closed' \
    "$(7z x -bd -y -pwrong "-o$work/none" "$work/data/archives/2026-03.zip" >/dev/null 2>&1 && echo open || echo closed)" closed

# ------------------------------------------------------------------------------------------------ OpenPGP
forms='tar, zip'
run_code archive create --month 2026-04 --form openpgp --secret-file "$work/strong"
if grep -q 'built without GPGME' "$work/err"; then
    echo 'skip  OpenPGP: this program was built without it'
else
    forms="$forms, openpgp"
    check 'OpenPGP with a password' "$code" 0
    export GNUPGHOME="$work/gnupg"
    mkdir -m 0700 "$GNUPGHOME"
    mkdir "$work/gpg" "$work/key"
    printf 'Correct horse battery 7' | gpg -q --batch --pinentry-mode loopback --passphrase-fd 0 \
        -d "$work/data/archives/2026-04.tar.zst.gpg" 2>"$work/gpg.log" | zstd -qdc | tar -xf - -C "$work/gpg"
    check 'gpg, zstd and tar open it' "$(in_archive gpg)" "$(digest gpg-one)"
    gpg -q --batch --passphrase '' --quick-gen-key officer@corp.example default default never 2>"$work/gpg.log"
    gpg -q --batch --armor --export officer@corp.example >"$work/officer.asc"
    run_code archive create --month 2026-05 --form openpgp --keys "$work/weak"
    check 'a file without keys' "$code" 78
    run_code archive create --month 2026-05 --form openpgp --keys "$work/nowhere.asc"
    check 'a file of keys that is not there' "$code" 78
    check_text 'is named' "$work/err" "$work/nowhere.asc: the public keys cannot be read: No such file"
    run_code archive create --month 2026-05 --form openpgp --keys "$work"
    check 'a folder is none' "$code" 78
    run_code archive create --month 2026-05 --form tar --keys "$work/officer.asc"
    check 'keys for a tar file' "$code" 78
    check_text 'have no use' "$work/err" 'a tar file has no password and no keys'
    run_code archive create --month 2026-05 --form openpgp --keys "$work/officer.asc"
    check 'OpenPGP for a public key' "$code" 0
    gpg -q --batch -d "$work/data/archives/2026-05.tar.zst.gpg" 2>"$work/gpg.log" | zstd -qdc | tar -xf - -C "$work/key"
    check 'the key opens it' "$(in_archive key)" "$(digest key-one)"
    run_code archive verify 2026-04 --secret-file "$work/strong"
    check_text 'verify reads every message of it' "$work/out" '^2026-04 +exact'
    run_code archive restore 2026-04 --secret-file "$work/other"
    check 'a wrong password' "$code" 77
    run_code archive restore 2026-04
    check 'and none' "$code" 77
    check_text 'which is told' "$work/err" 'a password is wanted and nobody could be asked: --secret-file'
    run_code archive restore 2026-04 --secret-file "$work/strong"
    check 'the right one brings it back' "$code" 0
    run_code archive restore 2026-05
    check 'the key does too' "$code" 0
    gpgconf --kill gpg-agent || :
fi

# ------------------------------------------------------------------------------------------------ proof and return
run_code show --raw "${again:0:12}"
check 'what was kept anew is there still' "$(sha256sum <"$work/out" | cut -c 1-64)" "$again"
run_code archive list
check_text 'the list has them' "$work/out" '^2026-02 +2 '
run_code archive verify
check 'they are what was recorded' "$code" 0
check_text 'a tar file was read again' "$work/out" '^2026-02 +exact'
check_text 'a ZIP is not opened without its password' "$work/out" '^2026-03 +unaltered'
run_code archive verify 2026-03 --secret-file "$work/strong"
check_text 'with it, it is' "$work/out" '^2026-03 +exact'
cp "$work/data/archives/2026-02.tar.zst" "$work/good"
printf 'x' | dd of="$work/data/archives/2026-02.tar.zst" bs=1 seek=40 conv=notrunc 2>/dev/null
run_code archive verify 2026-02
check 'an altered one' "$code" 1
check_text 'is named' "$work/out" 'it was altered'
run_code archive restore 2026-02
check 'and not opened' "$code" 65
rm "$work/data/archives/2026-02.tar.zst"
run_code archive verify 2026-02
check 'a missing one' "$code" 1
check_text 'is named' "$work/out" 'it is missing'
cp "$work/good" "$work/data/archives/2026-02.tar.zst"
run_code archive restore 2026-03 --secret-file "$work/other"
check 'a ZIP with a wrong password' "$code" 77
run_code archive restore 2026-02
check 'the tar file comes back' "$code" 0
run_code archive restore 2026-03 --secret-file "$work/strong"
check 'so does the ZIP' "$code" 0
run_code archive restore 2026-03 --secret-file "$work/strong"
check 'once is enough' "$code" 0
run_code show --raw "${id:0:12}"
check 'the bytes are at hand again' "$(sha256sum <"$work/out" | cut -c 1-64)" "$id"
run_code verify
check 'verify is content' "$code" 0
[ "$forms" = 'tar, zip' ] || {
    digests_kept | LC_ALL=C sort >"$work/after"
    check 'all copies are there, to the byte' "$(cmp "$work/before" "$work/after" && echo same)" same
}
run_code audit
check_text 'the ledger has the archive' "$work/out" 'archive .*2026-02.tar.zst sha256 .*: 2 messages'
check_text 'and that it was restored' "$work/out" 'archive-restore .*2026-02.tar.zst: 1 messages'

# What was restored lies in June, and June is over; so is all that is left.
in_month 2026-07
keep 2026-07 july-one
in_month 2026-08
run_code archive create --automatic
check 'all months that are over' "$code" 0
check 'each is an archive' "$(find "$work/data/archives" -name '2026-0[67]*.tar.zst' | wc -l)" 2
run_code archive create --automatic
check 'then there is nothing to do' "$code" 0
run_code verify
check 'verify is content' "$code" 0

# The service does so by itself, from the first of a month on.
in_month 2026-08
keep 2026-08 august-one
in_month 2026-09
mkdir -p "$work/quiet"
printf '[account.quiet]\nurl = eml://%s\npurpose = Test\n' "$work/quiet" >"$work/etc/accounts.d/quiet.ini"
config '[archive]' 'monthly = yes' 'form = zip' "password_file = $work/strong" 'password_length = 14'
run_code check
check 'the configuration is right' "$code" 0
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run >"$work/service.log" 2>&1 &
service=$!
for _ in $(seq 300); do
    flagpost archive list 2>/dev/null | grep -q '^2026-08' && break
    kill -0 "$service" || break
    sleep 0.1
done
run_code archive list
check_text 'the service archived the month that is over' "$work/out" '^2026-08 .*2026-08.zip'
kill "$service"
wait "$service" || :
run_code archive verify 2026-08
check_text 'its password is that of [archive]' "$work/out" '^2026-08 +exact'
run_code archive verify 2026-08 --secret-file "$work/other"
check_text 'another one says nothing against it' "$work/out" '^2026-08 +unaltered .*does not open it'
config '[archive]' 'form = zip'
run_code check
check 'a ZIP without a password' "$code" 78
check_text 'is named at its place' "$work/err" 'flagpost.ini:[0-9]+:.*a ZIP is locked with a password'
config '[archive]' 'form = tar' "password_file = $work/strong"
run_code check
check 'a tar file with one' "$code" 78
rm "$work/etc/accounts.d/quiet.ini"
config

# Copies that are damaged before they are archived leave no volume.
keep 2026-09 damaged
volume="$(find "$work/data/copies" -name '2026-09*.tar')"
printf 'x' | dd of="$volume" bs=1 seek=600 conv=notrunc 2>/dev/null
in_month 2026-10
run_code archive create --month 2026-09
check 'a copy that was altered' "$code" 65
check_text 'is named' "$work/err" 'the copy of .* was altered'
check 'its volume stays' "$(find "$work/data/copies" -name '2026-09*.tar' | wc -l)" 1
check 'and no archive is there' "$(find "$work/data/archives" -name '2026-09*' | wc -l)" 0

config '[person.bob]' 'mail = bob@corp.example' 'role = user'
run_code archive list --as bob
check 'a user has no archives' "$code" 77
run_code archive shred
check 'an unknown word' "$code" 64
run_code archive create
check 'no month said' "$code" 64
