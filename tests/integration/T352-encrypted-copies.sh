#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Copies encrypted at rest through their whole life: kept, shown, searched, exported, replayed, redelivered, archived,
# purged, verified; the key changed, mislaid and wrong; a rewriting that is killed; old volumes packed.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"

mkdir -p "$work/journal/cur" "$work/journal/new" "$work/journal/tmp"
printf '[account.journal]\nurl = maildir://%s\npurpose = Test\nkeep = all\n' "$work/journal" >"$work/etc/accounts.d/journal.ini"
put() { # WORD: one message about it
    printf '%s\n' 'From: anna@corp.example' 'To: bob@rival.example' "Subject: about $1" "Message-ID: <$1@corp.example>" \
        'Date: Sun, 22 Nov 2026 09:02:05 +0000' '' "the text of $1, which is longer than its headers: $1 $1 $1" \
        >"$work/journal/new/$1"
}
id() { # WORD
    sha256sum <"$work/journal/new/$1" | cut -c 1-64
}
reads() { # LABEL WORD...: each is shown, byte for byte
    local label="$1" word
    shift
    for word in "$@"; do
        check "$label: $word is read" "$(flagpost show --raw "$(id "$word")" | sha256sum | cut -c 1-64)" "$(id "$word")"
    done
}
forms() { # of all volumes, as `copies list` has them, without names of keys
    flagpost copies list --json | jq -r .forms | sed 's/sealed [0-9a-f]*/sealed/g' | sort -u | tr '\n' ' '
}
in_clear() { # WORD: how many files of copies hold it
    grep -racl "text of $1" "$work/data/copies" | wc -l
}
at() { # DAYS: the clock stands so many days ahead
    printf '%s\n' $(($1 * 86400)) >"$work/jump"
}

# ------------------------------------------------------------------------------------------ keys
key="$work/key-1"
run_code copies key "$key"
check 'a key is made' "$code $(stat -c %a "$key") $(grep -cE '^[0-9a-f]{64}$' "$key")" '0 600 1'
before="$(cat "$key")"
run_code copies key "$key"
check 'never over another' "$code $(cat "$key")" "64 $before"
for mistake in copies 'copies list x' 'copies key' 'copies lose' 'copies list --dry-run'; do
    # shellcheck disable=SC2086
    run_code $mistake
    check "refused: $mistake" "$code $(wc -l <"$work/out")" '64 0'
done

# ------------------------------------------------------------------------------------------ a plain store becomes an encrypted one
put kestrel
put merlin
config
run_code poll
check 'polled' "$code $(forms)" '0 plain '
check 'a plain copy stands in clear' "$(in_clear kestrel)" 1

config 'encrypt_copies = yes'
run_code check
check 'encryption wants a key' "$code" 78
check_text 'and how to make one is told' "$work/err" 'copies_key_file = PATH'
config 'encrypt_copies = yes' "copies_key_file = $work/none"
run_code poll
check 'a key that is not there: nothing is polled' "$code" 78
config 'encrypt_copies = yes' "copies_key_file = $key"
put plover
run_code poll
check 'a day with both' "$code $(forms)" '0 plain, sealed '
check 'the new copy is not in clear, the old one is' "$(in_clear plover) $(in_clear kestrel)" '0 1'
reads 'both' kestrel merlin plover
volume="$(find "$work/data/copies" -name '*.tar')"
check 'tar lists the volume' "$(tar -tf "$volume" | sed 's/.*\.eml/.eml/' | sort | uniq -c | tr -s ' \n' ' ')" ' 2 .eml 1 .eml.sealed '

run_code copies rewrite --dry-run
check 'what is to be rewritten' "$code $(grep -c 'plain, sealed' "$work/out")" '0 1'
run_code copies rewrite
check 'rewritten, today as well since nobody polls' "$code $(cat "$work/out") $(forms)" \
    '0 1 of 1 volumes rewritten, 3 copies sealed '
check 'nothing stands in clear any more' "$(in_clear kestrel) $(in_clear merlin) $(in_clear plover)" '0 0 0'
reads 'rewritten' kestrel merlin plover
run_code copies rewrite
check 'nothing is left' "$code $(cat "$work/out")" '0 0 of 0 volumes rewritten, 0 copies'
check 'the ledger tells of it' "$(flagpost audit --json | grep -c copies-rewrite)" 1
run_code verify
check 'verify finds all as it should be' "$code" 0

# ------------------------------------------------------------------------------------------ everything works on it
check 'search' "$(flagpost search --count merlin)" 1
run_code show --text "$(id merlin)"
check_text 'show --text' "$work/out" 'the text of merlin'
run_code export --from 2026-01-01 --to 2027-12-31 --out "$work/export"
check 'export' "$code $(find "$work/export" -name '*.eml' -exec cat {} + | grep -c 'the text of')" '0 3'
run_code replay
check 'replay' "$code" 0
run_code redeliver "$(id merlin)" --original --dry-run
check 'redeliver is refused for want of a server alone' "$code $(grep -ci 'smtp' "$work/err")" '78 1'
run_code purge --message "$(id plover)" --reason 'request 1'
check 'purge' "$code $(tar -tf "$(find "$work/data/copies" -name '*.tar')" | grep -c '\.purged$')" '0 1'
run_code verify
check 'verify' "$code" 0

# ------------------------------------------------------------------------------------------ without the key
config
run_code poll
check 'no key at all: nothing is polled' "$code" 78
check_text 'the key is named' "$work/err" 'encrypted with the key [0-9a-f]{32}, which is not here'
run_code show --raw "$(id merlin)"
check 'a copy is refused' "$code" 77
check_text 'by the name of the key' "$work/err" 'key [0-9a-f]{32}, which is not here'
check 'what needs no copy works' "$(flagpost search --count merlin)" 1
run_code verify
check 'verify says locked' "$code $(grep -c '^locked' "$work/out")" '1 2'
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" copies key "$work/key-2" 2>/dev/null
config 'encrypt_copies = yes' "copies_key_file = $work/key-2"
put dunlin
run_code poll
check 'the wrong key: nothing is polled' "$code $(flagpost search --count dunlin)" '78 0'
chmod 644 "$work/key-2"
run_code poll
check 'a key that all can read is refused' "$code" 78
chmod 600 "$work/key-2"

# ------------------------------------------------------------------------------------------ another key
config 'encrypt_copies = yes' "copies_key_file = $work/key-2" "copies_old_keys = $key"
run_code poll
check 'old key and new' "$code" 0
reads 'two keys' kestrel merlin dunlin
run_code copies rewrite
check 'all under the new key' "$code $(flagpost copies list --json | jq -r .forms | sort -u | wc -l)" '0 1'
config 'encrypt_copies = yes' "copies_key_file = $work/key-2"
run_code poll
check 'the old one is needed no more' "$code" 0
reads 'one key' kestrel merlin dunlin

# A credential of systemd in place of a file.
mkdir "$work/credentials"
cp "$work/key-2" "$work/credentials/copies"
config 'encrypt_copies = yes' 'copies_credential = copies'
export CREDENTIALS_DIRECTORY="$work/credentials"
run_code poll
check 'a credential' "$code" 0
reads 'a credential' merlin
unset CREDENTIALS_DIRECTORY
config 'encrypt_copies = yes' "copies_key_file = $work/key-2"

# ------------------------------------------------------------------------------------------ altered
volume="$(find "$work/data/copies" -name '*.tar' | LC_ALL=C sort | head -n 1)"
cp "$volume" "$work/whole.tar"
printf 'X' | dd of="$volume" bs=1 seek=700 conv=notrunc 2>/dev/null
run_code verify
check 'an altered byte is found' "$code $(grep -c '^altered' "$work/out")" '1 1'
run_code copies rewrite
config 'encrypt_copies = yes' "copies_key_file = $key" "copies_old_keys = $work/key-2"
run_code copies rewrite
check 'a damaged volume is left as it is' "$code $(grep -c 'altered' "$work/err")" '65 1'
cat "$work/whole.tar" >"$volume"

# ------------------------------------------------------------------------------------------ killed
for n in $(seq 12); do
    at "$n"
    put "wader-$n"
    run_code poll
done
at 14
for ms in 05 10 20 30 40 60 80 10 20 40; do
    timeout -s KILL "0.$ms" "$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" copies rewrite >/dev/null 2>&1 || :
    run_code verify --quiet
    grep -E '^(altered|missing|locked|shortened|unreadable)' "$work/out" >>"$work/bad" || :
done
check 'however often it is killed no copy is lost' "$(wc -l <"$work/bad")" 0
run_code copies rewrite
check 'and it ends whole' "$code" 0
run_code poll
check 'what was left over is cleared by the next poll' "$code $(find "$work/data/copies/aside" -type f 2>/dev/null | wc -l)" '0 0'
run_code verify
check 'all is as it should be' "$code" 0
config 'encrypt_copies = yes' "copies_key_file = $key"
run_code poll
check 'under one key' "$code" 0
reads 'after it all' kestrel merlin dunlin wader-1 wader-12

# ------------------------------------------------------------------------------------------ plain again, and packed when old
config "copies_old_keys = $key" 'compress_after = 10d'
run_code copies rewrite
check 'unsealed: old ones packed, others plain' "$code $(forms)" '0 packed plain '
config 'compress_after = 10d'
run_code poll
check 'no key is needed any more' "$code" 0
reads 'packed' kestrel merlin wader-1 wader-12
old="$(flagpost copies list --json | jq -r 'select(.forms == "packed").volume' | head -n 1)"
check 'zstd opens an entry' "$(tar -xOf "$work/data/copies/$old" --wildcards '*.eml.zst' | zstd -dc | grep -c '^the text of')" \
    "$(tar -tf "$work/data/copies/$old" | grep -c 'eml.zst')"
run_code verify
check 'verify reads packed ones' "$code" 0
run_code purge --message "$(id wader-1)" --reason 'request 2'
check 'a packed copy is purged' "$code" 0
at 45
run_code archive create --automatic
check 'packed ones are archived' "$code $(grep -c 'messages' "$work/out")" "0 $(find "$work/data/archives" -name '*.tar.zst' | wc -l)"
archive="$(flagpost archive list --json | jq -r .archive | head -n 1)"
run_code archive verify
check 'archives are proved' "$code" 0
run_code archive restore "$archive"
check 'and come back' "$code" 0
reads 'restored' merlin
run_code verify
check 'all is as it should be at the end' "$code" 0

# ------------------------------------------------------------------------------------------ the service does it by itself
check 'some stand as they came' "$(forms | grep -c plain)" 1
at 60
"$FLAGPOST_PROGRAM" --config "$work/etc/flagpost.ini" run 2>"$work/log" &
service=$!
for _ in $(seq 150); do
    [ "$(forms)" != 'packed ' ] || break
    sleep 0.2
done
kill -TERM "$service"
wait "$service" || :
check 'once a day the service packs what is old' "$(forms)" 'packed '
run_code verify
check 'and all is as it should be' "$code" 0

# ------------------------------------------------------------------------------------------ archives of encrypted copies
config 'encrypt_copies = yes' "copies_key_file = $key"
run_code copies rewrite
sealed() { # forms of volumes with copies in them: one whose last copy was purged stays as it is
    flagpost copies list --json | jq -r 'select(.copies > 0) | .forms' | sed 's/sealed [0-9a-f]*/sealed/g' | sort -u | tr '\n' ' '
}
check 'all are encrypted once more' "$code $(sealed)" '0 sealed '
at 95
run_code archive create --automatic
check 'their months are archived' "$code" 0
archive="$(flagpost archive list --json | jq -r 'select(.restored | not) | .archive' | LC_ALL=C sort | tail -n 1)"
mkdir "$work/opened"
zstd -qdc "$work/data/archives/$archive.tar.zst" | tar -xmf - -C "$work/opened"
check 'an archive has the exact bytes, which tar and zstd open' \
    "$(find "$work/opened" -name '*.eml' -exec sha256sum {} + | while read -r sum name; do [[ $name == *"$sum"* ]] || echo "$name"; done | wc -l)" 0
gone="$(find "$work/opened" -name '*.eml' -printf '%f\n' | LC_ALL=C sort | head -n 1 | sed 's/.*-//; s/\.eml//')"
run_code show --raw "$gone"
check 'a message of it is refused with the way back' "$code $(grep -c "archive restore $archive" "$work/err")" '65 1'
run_code purge --message "$gone" --reason 'request 3'
run_code archive rewrite
check 'what is purged leaves the archive' "$code $(flagpost archive list --json | jq -r .archive | grep -c "^$archive\$")" '0 0'
for archive in $(flagpost archive list --json | jq -r .archive); do
    run_code archive restore "$archive"
    check "restored: $archive" "$code" 0
done
check 'what comes back is encrypted' "$(sealed)" 'sealed '
run_code verify
check 'and all is as it should be' "$code" 0
