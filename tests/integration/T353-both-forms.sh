#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One life of kept mail, twice: with plain copies and with encrypted ones. Four eyes, subject access, flags with their
# copies, redelivery, erasure with a hold, archive and restore, an altered byte: each comes to the same.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

# The same program with a clock that can be set; the worker lies beside it.
FLAGPOST_PROGRAM="$helpers/clock/flagpost"
ln -sf ../../flagpost-worker "$helpers/clock/flagpost-worker"
export FLAGPOST_TEST_JUMP="$work/jump"

mkdir "$work/box"
put() { # NAME FROM TO TEXT: with an attachment of the same text
    printf '%s\r\n' "From: $2" "To: $3" "Subject: about $1" "Message-ID: <$1@corp.example>" 'Date: Sun, 22 Nov 2026 09:02:05 +0000' \
        'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary=b' '' '--b' 'Content-Type: text/plain' '' "the text of $1: $4" '--b' \
        'Content-Type: text/plain; name=a.txt' "Content-Disposition: attachment; filename=$1.txt" 'Content-Transfer-Encoding: base64' '' \
        "$(printf 'the file of %s\n' "$1" | base64)" '--b--' >"$work/box/$1.eml"
    touch -d '2026-01-01' "$work/box/$1.eml"
}
put kestrel anna@corp.example dora@rival.example 'strictly confidential, account 4111 1111 1111 1111'
put merlin dora@rival.example anna@corp.example 'an answer'
put plover anna@corp.example bob@corp.example 'lunch'
put dunlin carl@corp.example bob@corp.example 'more lunch'
digest() { sha256sum <"$work/box/$1.eml" | cut -c 1-64; }
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/box" >"$work/etc/accounts.d/box.ini"
flagpost copies key "$work/key" 2>/dev/null

in_copies() { # WORD: how many files of copies have it in clear
    grep -racl "the text of $1" "$work/data/copies" | wc -l
}
entries() { find "$work/data/copies" -name '*.tar' -exec tar -tf {} \; | sed -E 's/.*\.(eml.*|purged)$/\1/' | sort | uniq -c | tr -s ' \n' ' '; }
is_mail() { # FOLDER NAME...: these and no others lie there, byte for byte
    local folder="$1" name
    shift
    check "$form: ${folder##*/} has its mails, byte for byte" \
        "$(find "$folder" -name '*.eml' -exec sha256sum {} + | cut -c 1-64 | LC_ALL=C sort | tr '\n' ' ')" \
        "$(for name in "$@"; do digest "$name"; done | LC_ALL=C sort | tr '\n' ' ')"
}
run() { # WANTED COMMAND...: ends so
    local wanted="$1"
    shift
    run_code "$@"
    check "$form: $(printf '%s ' "${@/$work/}" | cut -c 1-60)" "$code" "$wanted"
}
settings() { # LINE...: behind those of the form
    local general=()
    [ "$form" = plain ] || general=('encrypt_copies = yes' "copies_key_file = $work/key")
    config "${general[@]}" "$@"
}

life() { # FORM
    form="$1"
    local suffix='' other one
    [ "$form" = plain ] || suffix=.sealed
    rm -rf "$work/data" "$work/jump" "$work/out".*
    settings
    run 0 poll
    check "$form: is the form of every copy" "$(entries)" " 4 eml$suffix "
    check "$form: in clear or not" "$(in_copies kestrel)" "$([ "$form" = plain ] && echo 1 || echo 0)"
    run 0 verify

    # Subject access: all of one person, with what was attached; flags with their copies.
    run 0 export --person dora@rival.example --attachments --out "$work/out.dora" --reason 'request 5'
    is_mail "$work/out.dora" kestrel merlin
    check "$form: attachments decoded" "$(grep -rlE '^the file of (kestrel|merlin)$' "$work/out.dora" | wc -l)" 2
    check "$form: its sums" "$(cd "$work/out.dora" && sha256sum --check --quiet SHA256SUMS && echo right)" right
    one="$(flagpost review --list --json | jq -r --arg sha "$(digest kestrel)" 'select(.sha256 == $sha) | .flag' | head -n 1)"
    run 0 export --flag "$one" --out "$work/out.flag" --reason 'case 1'
    is_mail "$work/out.flag" kestrel
    run 0 report --from 2000-01-01 --to 2038-01-01 --with-copies --reason 'case 1' --format json --out "$work/out.report"
    is_mail "$work/out.report" kestrel merlin
    run 0 explain "$(digest kestrel)"

    # Redelivery reads the copy; only the server is away.
    settings '[smtp]' 'url = smtps://127.0.0.1:1' 'from = flagpost@corp.example'
    run 69 redeliver "$(digest merlin)" --to officer@corp.example

    # Four eyes.
    settings '[smtp]' 'url = smtps://127.0.0.1:1' 'from = flagpost@corp.example' '[roles]' 'four_eyes = yes'
    run 77 show --raw "$(digest kestrel)"
    run 77 show --text "$(digest kestrel)"
    run 77 export --person dora@rival.example --out "$work/out.refused"
    run 77 redeliver "$(digest kestrel)" --to officer@corp.example
    run 0 consent ask "$(digest kestrel)" --reason 'case 4711'
    other="$(grep -o 'request [0-9]*' "$work/out" | cut -d ' ' -f 2)"
    if [ "$(id -u)" = 0 ] && [ -z "${SUDO_USER:-}" ] && no_login; then
        SUDO_USER=second flagpost consent give "$other" >"$work/out"
        run 0 show --raw "$(digest kestrel)"
        check "$form: opened by two, byte for byte" "$(cmp "$work/out" "$work/box/kestrel.eml" 2>&1)" ''
        run 69 redeliver "$(digest kestrel)" --to officer@corp.example
        run 77 show --raw "$(digest merlin)"
    fi

    # Erasure of a person, against a hold, and without it.
    settings
    run 0 hold add case-9 --query subject:merlin --note 'a court asked'
    run 0 purge --person dora@rival.example --reason 'request 6' --json
    check "$form: what is held stays" "$(jq -c '[.purged, .held]' "$work/out")" '[1,1]'
    check "$form: and can be read" "$(flagpost show --raw "$(digest merlin)" | sha256sum | cut -c 1-64)" "$(digest merlin)"
    run 65 show --raw "$(digest kestrel)"
    check "$form: a tombstone in place of the other" "$(entries)" " 3 eml$suffix 1 purged "
    run 0 export --person dora@rival.example --out "$work/out.rest" --reason 'request 7'
    is_mail "$work/out.rest" merlin
    run 0 hold release case-9 --note 'it is over'
    run 0 purge --person dora@rival.example --reason 'request 6' --json
    check "$form: nothing of the person is left but what the ledger says of the orders" \
        "$(grep -raclE 'text of (kestrel|merlin)' "$work/data" | wc -l) $(flagpost search --count 'about')" '0 2'
    run 0 verify

    # An archive, and back.
    printf '%s\n' $((70 * 86400)) >"$work/jump"
    run 0 archive create --automatic
    check "$form: out of the copies" "$(find "$work/data/copies" -name '*.tar' | wc -l)" 0
    run 65 show --raw "$(digest plover)"
    run 0 archive restore "$(flagpost archive list --json | jq -r .archive)"
    run 0 verify
    check "$form: it came back in its form" "$(entries)" " 2 eml$suffix "
    run 0 export --out "$work/out.all" lunch
    is_mail "$work/out.all" plover dunlin

    # A byte of a copy is another one: of the last in the volume, before its padding.
    python3 - "$work/data/copies" <<'PY'
import pathlib, sys, tarfile
(volume,) = pathlib.Path(sys.argv[1]).rglob('*.tar')
with tarfile.open(volume) as tar:
    last = [member for member in tar if '.eml' in member.name][-1]
with open(volume, 'r+b') as file:
    file.seek(last.offset_data + last.size // 2)
    byte = file.read(1)
    file.seek(-1, 1)
    file.write(bytes([byte[0] ^ 1]))
PY
    run 1 verify
    check "$form: it is named" "$(grep -c '^altered' "$work/out")" 1
    run 2 export --out "$work/out.altered" lunch
    check "$form: a gap, and the other one" "$(find "$work/out.altered" -name '*.eml' | wc -l)" 1
}
life plain
life sealed
