#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is purged leaves monthly archives as well: purge names them, archive rewrite writes them anew without it, in
# the same form and with the same password; what cannot be opened is named, in the ledger too. Of OpenPGP archives
# those with a password are written anew, and those for keys by who has one; others are named.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"

in_month() { printf '%s\n' "$(($(date -u -d "$1-15" +%s) - $(date +%s)))" >"$work/jump"; }
keep() { # MONTH WORD...: mail that is kept in that month
    local month="$1" word
    shift
    in_month "$month"
    for word in "$@"; do
        printf '%s\n' 'From: anna@corp.example' 'To: bob@corp-mail.example' "Subject: $word" "Message-ID: <$word@corp.example>" \
            'Date: Sun, 22 Feb 2026 09:02:05 +0000' '' "the text of $word" >"$work/$word.eml"
    done
    flagpost -q import --name "$month" "${@/%/.eml}" >/dev/null
}
id() { sha256sum "$work/$1.eml" | cut -c 1-64; }
archives() { find "$work/data/archives" -type f ! -name lock -printf '%f\n' | LC_ALL=C sort | tr '\n' ' '; }

cd "$work"
printf 'Correct-Horse-Battery-7\n' >secret
chmod 600 secret
keep 2026-02 kestrel merlin
keep 2026-03 plover curlew
keep 2026-04 dunlin
keep 2026-05 snipe
in_month 2026-06
run_code archive create --month 2026-02
run_code archive create --month 2026-03 --form zip --secret-file secret
run_code archive create --month 2026-04
run_code archive create --month 2026-05
run_code archive restore 2026-05
check 'archives of four months, one restored' "$code $(archives)" '0 2026-02.tar.zst 2026-03.zip 2026-04.tar.zst 2026-05.tar.zst '
run_code archive rewrite 2026-02
check 'nothing was purged: nothing is rewritten' "$code $(archives | wc -w)" '64 4'

for word in kestrel plover dunlin; do
    run_code purge --message "$(id "$word")" --reason 'request 1'
    check "purge $word" "$code" 0
    check_text "$word: it names archives" "$work/out" '^1 of them still stand in archives: flagpost archive rewrite$'
done
check 'the ledger says in which' "$(flagpost audit --json | grep -c "$(id kestrel).*still in the archive 2026-02")" 1
check 'and they do' "$(tar --zstd -xOf data/archives/2026-02.tar.zst | grep -c '^the text of')" 2

run_code archive rewrite
check 'without the password of one' "$code" 77
check_text 'which is named' "$work/err" '2026-03.zip: its password is needed'
check 'in the ledger too' "$(flagpost audit --json | grep -c '2026-03.zip: what was purged is still in it: its password is needed')" 1
check 'the others are done: one anew, one removed for nothing was left, one that was restored' \
    "$(archives)" '2026-02-2.tar.zst 2026-03.zip '
check 'what was purged is not in it' "$(tar --zstd -xOf data/archives/2026-02-2.tar.zst | grep '^the text of')" 'the text of merlin'
check 'and what stays has its old name' "$(tar --zstd -tf data/archives/2026-02-2.tar.zst | grep -cE "^2026-02-15/[0-9]{6}-$(id merlin)\.eml$")" 1
printf 'Wrong-Horse-77\n' >other
chmod 600 other
run_code archive rewrite --secret-file other
check 'a wrong password changes nothing' "$code $(archives)" '77 2026-02-2.tar.zst 2026-03.zip '
run_code archive rewrite 2026-03 --secret-file secret
check 'the right one' "$code $(archives)" '0 2026-02-2.tar.zst 2026-03-2.zip '
check '7-Zip opens it with the same password' "$(7z t -pCorrect-Horse-Battery-7 data/archives/2026-03-2.zip 2>&1 | grep -c '^Everything is Ok')" 1
check 'with one message' "$(7z l -pCorrect-Horse-Battery-7 data/archives/2026-03-2.zip | grep -c '\.eml$')" 1
run_code archive rewrite
check 'nothing is left to do' "$code $(wc -c <"$work/out")" '0 0'

run_code archive verify --secret-file secret
check 'the ledger proves the new ones' "$code $(grep -c ' exact ' "$work/out")" '0 2'
run_code audit verify
check 'and its chain holds' "$code" 0
run_code show "$(id merlin)"
check_text 'show says where it stands' "$work/out" '2026-02-2'
run_code archive restore 2026-02-2
check 'and it comes back' "$code $(flagpost show --raw "$(id merlin)" | sha256sum | cut -c 1-64)" "0 $(id merlin)"
check 'what stood in the restored one is there' "$(flagpost show --raw "$(id snipe)" | sha256sum | cut -c 1-64)" "$(id snipe)"
run_code verify
check 'verify finds all as it should be' "$code" 0

# Killed behind the commit: the old file is still there, its row says that it is empty.
keep 2026-07 ruff knot
in_month 2026-08
run_code archive create --month 2026-07
cp data/archives/2026-07.tar.zst old
run_code purge --message "$(id ruff)" --reason 'request 2'
chattr +i data/archives/2026-07.tar.zst 2>/dev/null && {
    run_code archive rewrite 2026-07
    check 'the old file cannot be removed' "$code" 77
    chattr -i data/archives/2026-07.tar.zst
    check 'it is still to be done' "$(archives)" '2026-02-2.tar.zst 2026-03-2.zip 2026-07-2.tar.zst 2026-07.tar.zst '
}
run_code archive rewrite
check 'the next one ends it' "$code $(archives)" '0 2026-03-2.zip 2026-07-2.tar.zst '

# OpenPGP: with a password, and for public keys.
keep 2026-09 brambling siskin
keep 2026-10 linnet twite
in_month 2026-11
run_code archive create --month 2026-09 --form openpgp --secret-file secret
if grep -q 'built without GPGME' err; then
    echo 'skip  OpenPGP: this program was built without it'
    exit 0
fi
check 'OpenPGP with a password' "$code" 0
export GNUPGHOME="$work/gnupg"
mkdir -m 0700 "$GNUPGHOME"
gpg -q --batch --passphrase '' --quick-gen-key officer@corp.example default default never 2>gpg.log
gpg -q --batch --armor --export officer@corp.example >officer.asc
run_code archive create --month 2026-10 --form openpgp --keys officer.asc
check 'and for a key' "$code" 0
for word in brambling linnet; do
    run_code purge --message "$(id "$word")" --reason 'request 3'
    check "purge $word" "$code" 0
done
mv "$GNUPGHOME" "$work/officer" # the officer's key is not on this machine
mkdir -m 0700 "$GNUPGHOME"
run_code archive rewrite
check 'without password and key' "$code" 77
for month in 2026-09 2026-10; do
    check_text "$month is named, with what it wants" err "$month.tar.zst.gpg: it is locked: --secret-file F .*--keys F"
    check 'in the ledger too' "$(flagpost audit --json | grep -c "$month.tar.zst.gpg: what was purged is still in it: it is locked")" 1
done
run_code archive rewrite 2026-09 --secret-file other
check 'a wrong password changes nothing' "$code $(archives | grep -o '2026-09[^ ]*')" '77 2026-09.tar.zst.gpg'
run_code archive rewrite 2026-09 --secret-file secret
check 'the right one' "$code $(archives | grep -o '2026-09[^ ]*')" '0 2026-09-2.tar.zst.gpg'
check 'gpg, zstd and tar open it with the same password: one message' \
    "$(printf 'Correct-Horse-Battery-7' | gpg -q --batch --pinentry-mode loopback --passphrase-fd 0 -d data/archives/2026-09-2.tar.zst.gpg 2>gpg.log |
        zstd -qdc | tar -xOf - | grep '^the text of')" 'the text of siskin'
run_code archive verify 2026-09-2 --secret-file secret
check 'and the ledger proves it' "$code $(grep -c '^2026-09-2 *exact' "$work/out")" '0 1'
run_code archive restore 2026-09-2 --secret-file secret
check 'and it comes back' "$code $(flagpost show --raw "$(id siskin)" | sha256sum | cut -c 1-64)" "0 $(id siskin)"
run_code archive rewrite 2026-10 --keys officer.asc
check 'public keys alone open nothing' "$code $(archives | grep -o '2026-10[^ ]*')" '77 2026-10.tar.zst.gpg'
gpgconf --kill gpg-agent || :
rm -rf "$GNUPGHOME"
mv "$work/officer" "$GNUPGHOME"
run_code archive rewrite 2026-10 --keys officer.asc
check 'who has the key writes it anew' "$code $(archives | grep -o '2026-10[^ ]*')" '0 2026-10-2.tar.zst.gpg'
check 'and the key opens it: one message' \
    "$(gpg -q --batch -d data/archives/2026-10-2.tar.zst.gpg 2>gpg.log | zstd -qdc | tar -xOf - | grep '^the text of')" 'the text of twite'
run_code audit verify
check 'the chain holds' "$code" 0
gpgconf --kill gpg-agent || :
