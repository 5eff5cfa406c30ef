#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bombs by the tools that people have, through the whole program with its sandbox and its limits: each is named for what
# it is, none ends a worker, and the mail beside them is scanned.
. "$(dirname "$0")/lib/flagpost.sh"

for tool in zip 7z xz tar jq; do
    command -v "$tool" >/dev/null || {
        echo "skip  no $tool"
        exit 77
    }
done

# A mail NAME.eml whose attachment is the file.
attach() {
    local name="${1##*/}"
    {
        printf '%s\r\n' 'From: anna@corp.example' 'To: bob@rival.example' "Subject: $name" 'MIME-Version: 1.0' \
            "Content-Type: application/octet-stream; name=$name" "Content-Disposition: attachment; filename=$name" \
            'Content-Transfer-Encoding: base64' ''
        base64 "$1" | sed 's/$/\r/'
    } >"$work/mail/$name.eml"
}

mkdir "$work/mail" "$work/make"
cd "$work/make"

head -c 64M /dev/zero >zeros
zip -q -9 flat.zip zeros
head -c 1M /dev/zero >0.dat
zip -q -9 level.zip 0.dat
for level in 1 2 3 4 5 6; do
    for copy in 0 1 2 3 4 5 6 7 8 9; do cp level.zip "$copy.zip"; done
    rm level.zip
    zip -q -9 level.zip [0-9].zip
done
mv level.zip nested.zip
# Four gigabytes: a compressed file may be put behind another.
head -c 64M /dev/zero | gzip -9 >zeros-64M
for copy in {1..64}; do cat zeros-64M; done >zeros-4G
gzip -9 <zeros-4G >zeros.gz
printf 'falcon' >plan.txt
{ tar -cz plan.txt && cat zeros-4G; } | gzip -9 >behind.tgz
head -c 128M /dev/zero | xz -0 | xz -0 >zeros.xz
7z a -bd -y -mx=1 zeros.7z zeros >/dev/null
truncate -s 8T hole
printf 'falcon' | dd of=hole bs=1 seek=8000000000000 conv=notrunc status=none
tar -cSf sparse.tar hole 2>/dev/null || :
cp 0.zip deep.zip
for level in 1 2 3 4 5 6 7 8 9 10; do
    mv deep.zip inner.zip
    zip -q deep.zip inner.zip
done
mkdir many
(cd many && seq -f 'd%.0f' 1 12000 | xargs mkdir)
tar -czf folders.tar.gz many
# A block that asks for a dictionary of 4 GiB - 1.
printf '%s' '/Td6WFoAAAD/EtlBAgAhASgAAADmoBGzAQAFZmFsY29uAA==' | base64 -d >dictionary.xz
for file in flat.zip nested.zip zeros.gz behind.tgz zeros.xz zeros.7z sparse.tar deep.zip folders.tar.gz dictionary.xz; do
    attach "$file"
done
cp "$FLAGPOST_SOURCE/tests/mail/plain.eml" "$work/mail/"

# Sanitizers need more address space than any limit leaves: theirs is set here, that of one block.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}max_allocation_size_mb=1024:allocator_may_return_null=1"
config '[limits]' 'seconds_per_message = 600' 'seconds_per_part = 600'
code=0
flagpost scan --json "$work/mail" >"$work/found" 2>"$work/err" || code=$?
# Outcome of the message, then whether a part has the outcome and a part has the fact, yes or no.
about() {
    jq -r --arg name "$1.eml" --arg outcome "$2" --arg fact "$3" 'select(.file | endswith($name)) |
        [.outcome, ([.parts[] | select(.outcome == $outcome)] | length > 0),
            ($fact == "" or ([.parts[].facts[] | select(. == $fact)] | length > 0))] | map(tostring) | join(" ")' "$work/found"
}
check 'all of them are told of' "$(wc -l <"$work/found")" 11
check 'the mail beside them is scanned' "$(jq -r 'select(.file | endswith("plain.eml")) | .outcome' "$work/found")" scanned
for file in flat.zip nested.zip zeros.gz behind.tgz zeros.xz zeros.7z sparse.tar folders.tar.gz dictionary.xz; do
    check "$file: a bomb" "$(about "$file" over-limit archive-bomb)" 'partial true true'
done
check 'deep.zip: too deep' "$(about deep.zip over-limit archive-too-deep)" 'partial true true'
check 'no worker ended on one' "$(grep -cE 'worker [0-9]+:' "$work/err" || :)" 0
