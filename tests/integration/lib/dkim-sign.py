#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# dkim-sign.py KEY TAGS <MESSAGE >SIGNED: puts a DKIM-Signature before a message (CRLF), with the tags as they are given, which
# need not make sense; bh= and b= are computed (RFC 6376 section 3.7, RFC 8463). KEY: a private key in PEM, for openssl.
import base64, re, subprocess, sys, tempfile

key, tags = sys.argv[1], sys.argv[2]
message = sys.stdin.buffer.read()
given = dict(part.strip().split("=", 1) for part in tags.split(";") if part.strip())
header, _, body = message.partition(b"\r\n\r\n")
fields = [f + b"\r\n" for f in re.split(rb"\r\n(?![ \t])", header)]
forms = (given.get("c", "simple").split("/") + ["simple"])[:2]
digest = "sha1" if given["a"].endswith("sha1") else "sha256"


def relaxed(text):
    return re.sub(rb"[ \t]+", b" ", text)


def canon_body(text):
    lines = text.split(b"\r\n")
    if forms[1] == "relaxed":
        lines = [relaxed(line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines) or (b"" if forms[1] == "relaxed" else b"\r\n")


def canon_field(field):
    if forms[0] != "relaxed":
        return field
    name, _, value = field.partition(b":")
    return name.strip(b" \t").lower() + b":" + relaxed(value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def openssl(*arguments, data):
    return subprocess.run(["openssl", *arguments], input=data, stdout=subprocess.PIPE, check=True).stdout


text = canon_body(body)
if given.get("l", "").isdigit():
    text = text[: int(given["l"])]
hashed = base64.b64encode(openssl("dgst", "-" + digest, "-binary", data=text)).decode()
own = ("DKIM-Signature: v=1; " + tags.rstrip("; ") + ";\r\n\tbh=" + given.get("bh", hashed) + ";\r\n\tb=").encode()
signed, used = b"", {}
for name in given["h"].split(":"):
    name = name.strip().lower().encode()
    same = [f for f in fields if f.partition(b":")[0].strip(b" \t").lower() == name]
    at = used.get(name, 0)
    used[name] = at + 1
    if at < len(same):
        signed += canon_field(same[len(same) - 1 - at])
signed += canon_field(own + b"\r\n")[:-2]
if given["a"].startswith("ed25519"):
    with tempfile.NamedTemporaryFile() as file:
        file.write(openssl("dgst", "-sha256", "-binary", data=signed))
        file.flush()
        value = openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", file.name, data=b"")
else:
    value = openssl("dgst", "-" + digest, "-sign", key, data=signed)
sys.stdout.buffer.write(own + base64.b64encode(value) + b"\r\n" + message)
