#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `export --volume-size 650M` of more than one disc: no volume is larger, each is whole in itself, no message is parted
# or missing. The workers are those without sanitizers, which take minutes for so many bytes; the export is not.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

if [ "$(df --output=avail -k "$work" | tail -n 1)" -lt 3000000 ]; then
    echo 'skipped: needs 3 GB'
    exit 77
fi
mkdir "$work/quick" "$work/box"
cp "$FLAGPOST_PROGRAM" "$work/quick/flagpost"
cp "$helpers/frail/flagpost-worker" "$work/quick/"
FLAGPOST_PROGRAM="$work/quick/flagpost"

# Eight of 94 MB, six of which fit on a disc; two of them of one day, and a small one on each.
head -c 69000000 /dev/zero | base64 >"$work/zeros"
for n in 1 2 3 4 5 6 7 8; do
    {
        printf '%s\n' 'From: anna@corp.example' 'To: x@rival.example' "Subject: large $n" "Message-ID: <l$n@corp.example>" \
            "Date: Tue, 0$(((n + 1) / 2)) Jun 2010 10:0$n:05 +0000" 'MIME-Version: 1.0' 'Content-Type: application/octet-stream' \
            'Content-Transfer-Encoding: base64' ''
        cat "$work/zeros"
    } >"$work/box/large-$n.eml"
    printf '%s\n' 'From: anna@corp.example' 'To: x@rival.example' "Subject: small $n" "Message-ID: <s$n@corp.example>" \
        "Date: Tue, 0$(((n + 1) / 2)) Jun 2010 11:0$n:05 +0000" '' 'words' >"$work/box/small-$n.eml"
done
rm "$work/zeros"
find "$work/box" -type f -exec touch -d '2026-01-01' {} +
(cd "$work/box" && sha256sum -- *.eml | cut -d ' ' -f 1 | LC_ALL=C sort) >"$work/sums"
printf '[account.box]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/box" >"$work/etc/accounts.d/box.ini"
config '[limits]' 'seconds_per_message = 60' 'seconds_per_part = 60'
run_code poll
check 'a poll' "$code" 0
check 'more than a disc holds is kept' "$(find "$work/data/copies" -name '*.tar' -printf '%s\n' | awk '{ n += $1 } END { print (n > 700000000 ? "yes" : n) }')" yes
rm -r "$work/box"

run_code export --out "$work/discs" --volume-size 650M
check 'an export' "$code" 0
check 'two volumes' "$(find "$work/discs" -maxdepth 1 -name 'volume-*' | wc -l)" 2
check 'none is larger than it may be' "$(find "$work/discs" -maxdepth 1 -name 'volume-*' -exec du -sb {} + | awk '$1 > 650000000' | wc -l)" 0
check 'nor than a disc of 650 MiB on its blocks' "$(find "$work/discs" -maxdepth 1 -name 'volume-*' -exec du -sB 2048 {} + | awk '$1 * 2048 > 650 * 1048576' | wc -l)" 0
check 'the first holds what it can' "$(find "$work/discs/volume-001" -name '*large*.eml' | wc -l)" 6
for volume in "$work"/discs/volume-*; do
    label="${volume##*/}"
    check "$label: its sums are right" "$(cd "$volume" && sha256sum --check --quiet SHA256SUMS && echo right)" right
    check "$label: and are of all that is there" "$(grep -c . "$volume/SHA256SUMS")" "$(find "$volume" -type f ! -name SHA256SUMS | wc -l)"
    check "$label: whole in itself" "$(cd "$volume" && find . -maxdepth 1 -type f | LC_ALL=C sort | tr -d './\n')" \
        "HOW-TO-CHECKtxtSHA256SUMSauthenticationcsvdkim-keyscsvdkim-resultscsvflagscsvindexhtml$([ "$label" != volume-001 ] || echo ledgerjson)lookscsvmanifestcsv"
    check "$label: its table and its page have what lies there, and no more" \
        "$(grep -c 'corp.example' "$volume/manifest.csv") $(grep -o 'href="[^"]*[.]eml"' "$volume/index.html" | wc -l)" \
        "$(find "$volume" -name '*.eml' | wc -l) $(find "$volume" -name '*.eml' | wc -l)"
    sed -n 's/^    //p' "$volume/HOW-TO-CHECK.txt" >"$work/commands"
    check "$label: the commands that it tells are right" "$(cd "$volume" && bash -e "$work/commands" >"$work/told" 2>&1 && echo right)" right
done
check 'a sum over the sums' "$(cd "$work/discs" && sha256sum --check --quiet SHA256SUMS && echo right)" right
check 'every message is there once, byte for byte' \
    "$(find "$work/discs" -name '*.eml' -exec sha256sum {} + | cut -d ' ' -f 1 | LC_ALL=C sort | cmp - "$work/sums" 2>&1)" ''
