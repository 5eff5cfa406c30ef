#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# export --attachments: decoded in a sandbox to the bytes that were recorded, under names that lead nowhere and that no
# click runs, in the tables and the sums; what could not be decoded is named, and a worker that ends costs files alone.
# shellcheck source=tests/integration/lib/flagpost.sh
. "$(dirname "$0")/lib/flagpost.sh"

mkdir -p "$work/hq" "$work/files"
python3 - "$work/hq" "$work/files" <<'PY'
import email.message, io, os, sys, zipfile
mails, files = sys.argv[1:]
def save(name, data):
    open(os.path.join(files, name), "wb").write(data)
    return data
def mail(number, subject):
    m = email.message.EmailMessage()
    m["From"], m["To"], m["Subject"] = "anna@corp.example", "bob@rival.example", subject
    m["Message-ID"], m["Date"] = "<%d@corp.example>" % number, "Sun, 22 Nov 2026 09:02:05 +0000"
    m.set_content("see the files")
    return m
def put(number, m):
    open(os.path.join(mails, "%d.eml" % number), "wb").write(m.as_bytes())
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as z:
    z.writestr("inner.txt", "inside the zip")
m = mail(1, "all kinds")
for name, data in (("plan.csv", b"a,b\r\n1,2\r\n"), ("invoice.exe", b"MZ" + b"\0" * 200), ("page.html", b"<html><script>alert(1)</script></html>"),
                   ("box.zip", packed.getvalue()), ("../../../../escape.csv", b"climbs\r\n"), ("a" * 300 + ".csv", b"long\r\n")):
    m.add_attachment(save("%03d" % len(os.listdir(files)), data), maintype="application", subtype="octet-stream", filename=name)
inner = mail(9, "the mail within")
inner.add_attachment(save("inner", b"within a mail\r\n"), maintype="application", subtype="octet-stream", filename="note.csv")
m.add_attachment(inner)
put(1, m)
m = mail(2, "too much")
m.add_attachment(b"x" * 3000000, maintype="application", subtype="octet-stream", filename="huge.bin")
put(2, m)
put(3, mail(3, "no file at all"))
PY
find "$work/hq" -type f -exec touch -d '2026-01-01' {} +
printf '[limits]\nunpacked = 1M\n' >>"$work/etc/flagpost.ini"
printf '[account.hq]\nurl = eml://%s\npurpose = Test\nkeep = all\n' "$work/hq" >"$work/etc/accounts.d/hq.ini"
run_code poll
check 'a poll' "$([ "$code" = 0 ] || [ "$code" = 2 ] && echo done)" 'done'

run_code export --out "$work/out1" --attachments
check 'what was not decoded is a gap' "$code" 2
check_text 'and is named' "$work/err" 'huge.bin: it was not read as a whole'
digests() { sed 's/ .*//' | LC_ALL=C sort; }
check 'each attachment, byte for byte, and nothing else' \
    "$(find "$work/out1" -path '*.files/*' -type f -exec sha256sum {} + | digests)" "$(sha256sum "$work/files"/* | digests)"
check 'nothing left the folder' "$(find "$work" -name 'escape*' -not -path '*.files/*' | wc -l)" 0
names="$(find "$work/out1" -path '*.files/*' -type f -printf '%f\n' | LC_ALL=C sort)"
check 'names that say what is in them' "$(grep -c -x -E '01 plan\.csv|04 box\.zip|05 escape\.csv|05 .*escape\.csv' <<<"$names")" 3
check 'a program does not open by a click' "$(grep -c -E '^02 invoice\.exe\.unsafe$' <<<"$names")" 1
check 'nor does a page' "$(grep -c -E '^03 page\.html\.unsafe$' <<<"$names")" 1
check 'a long name keeps its extension' "$(grep -c -E '^06 a{50,60}\.csv$' <<<"$names")" 1
check 'nothing is executable' "$(find "$work/out1" -type f -perm /077 -o -type f -perm /100 | wc -l)" 0
check 'the sums cover them' "$(grep -c '\.files/' "$work/out1/SHA256SUMS")" 7
check 'and hold' "$(cd "$work/out1" && sha256sum --check --quiet SHA256SUMS && echo right)" right
check 'the table has each, with its digest' "$(python3 - "$work/out1" <<'PY'
import csv, hashlib, os, sys
rows = list(csv.DictReader(open(os.path.join(sys.argv[1], "attachments.csv"), newline="")))
right = sum(1 for r in rows if r["file"] and hashlib.sha256(open(os.path.join(sys.argv[1], r["file"]), "rb").read()).hexdigest() == r["sha256"])
print(right, sorted(r["why_not"][:20] for r in rows if not r["file"]))
PY
)" "7 ['a mail within: it st', 'it was not read as a']"
check 'the page links to each' "$(grep -o 'href="[^"]*\.files/[^"]*"' "$work/out1/index.html" | wc -l)" 7
check_text 'and says what could not be decoded' "$work/out1/index.html" '<strong>1 could not be decoded'
check_text 'the instructions tell of them' "$work/out1/HOW-TO-CHECK.txt" 'folder .files'

# What was recorded counts: another worker's answer is no attachment.
run_code export --out "$work/out2" --attachments subject:'"no file"'
check 'a message without files' "$code" 0
check 'has no folder for them' "$(find "$work/out2" -name '*.files' | wc -l)" 0
run_code export --out "$work/out3" --attachments --volume-size 4.2M
check 'volumes' "$(find "$work/out3" -path '*.files/*' -type f | wc -l)" 7
run_code export --out "$work/out4"
check 'not asked for: none' "$(find "$work/out4" -name '*.files' -o -name 'attachments.csv' | wc -l)" 0
