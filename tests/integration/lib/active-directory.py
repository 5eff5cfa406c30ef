#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory that answers as Active Directory does, as far as its documents say (MS-ADTS, RFC 4511, RFC 2696).

    active-directory.py PORT CERTIFICATE KEY LOG

It evaluates filters, among them memberOf by LDAP_MATCHING_RULE_IN_CHAIN (1.2.840.113556.1.4.1941), gives two entries a page,
refuses more than a page to who asks for none, and shows the members of a group in pieces only (member;range=0-1). Each search is
a line of LOG. While LOG.refuse exists, it does not know the rule.
"""
import os
import socket
import ssl
import sys
import threading

PORT, CERTIFICATE, KEY, LOG = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
IN_CHAIN, PAGED, CAPABLE = "1.2.840.113556.1.4.1941", "1.2.840.113556.1.4.319", "1.2.840.113556.1.4.800"
PAGE = 2
BASE = "DC=corp,DC=example"


def person(name, mail=(), **more):
    attributes = {"objectClass": ["top", "person", "user"], "cn": [name], "mail": list(mail)}
    attributes.update({key: list(value) for key, value in more.items()})
    return f"CN={name},OU=People,{BASE}", attributes


def group(name, *members):
    attributes = {"objectClass": ["top", "group"], "cn": [name], "member": list(members)}
    return f"CN={name},OU=Groups,{BASE}", attributes


def who(name):
    return f"CN={name},OU=People,{BASE}"


def team(name):
    return f"CN={name},OU=Groups,{BASE}"


ENTRIES = dict([
    person("scanner"),
    person("Anna", ["Anna@corp.example"], proxyAddresses=["SMTP:anna@corp.example", "smtp:a.muster@corp.example", "X500:/o=Corp"]),
    person("Bert", ["bert@corp.example"], l=["Berlin"]),
    person("Carl", ["carl@corp.example"], l=["Berlin"]),
    person("Dora", ["dora@corp.example"]),
    person("Emil"),
    person("Fred", ["fred@corp.example"]),
    # Three deep, in a circle, with a name that a filter has to escape.
    group("Board", who("Anna"), team("Council (West)")),
    group("Council (West)", who("Bert"), who("Emil"), team("Staff*")),
    group("Staff*", who("Carl"), who("Dora"), team("Board")),
    group("Nobody"),
])
# A group that takes mail itself is nobody's mailbox.
ENTRIES[team("Council (West)")]["mail"] = ["council@corp.example"]


def groups_of(name):
    return [key for key, entry in ENTRIES.items() if name.lower() in (m.lower() for m in entry.get("member", []))]


def in_chain(name, wanted, seen):
    for above in groups_of(name):
        if above.lower() == wanted.lower():
            return True
        if above not in seen and in_chain(above, wanted, seen | {above}):
            return True
    return False


# --- BER (X.690) ---

def element(data, at):
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(data[at:at + size], "big"), at + size
    return tag, data[at:at + length], at + length


def elements(data):
    at, out = 0, []
    while at < len(data):
        tag, value, at = element(data, at)
        out.append((tag, value))
    return out


def put(tag, *parts):
    value = b"".join(parts)
    size = len(value)
    length = bytes([size]) if size < 128 else bytes([0x84]) + size.to_bytes(4, "big")
    return bytes([tag]) + length + value


def text(value):
    return put(0x04, value.encode() if isinstance(value, str) else value)


def number(tag, value):
    return put(tag, value.to_bytes(max(1, (value.bit_length() + 8) // 8), "big"))


# --- filters (RFC 4511 section 4.5.1.7) ---

class Unknown(Exception):
    pass


def holds(tag, value, name, entry):
    parts = elements(value) if tag & 0x20 else []
    if tag == 0xA0:
        return all(holds(*part, name, entry) for part in parts)
    if tag == 0xA1:
        return any(holds(*part, name, entry) for part in parts)
    if tag == 0xA2:
        return not holds(*parts[0], name, entry)
    if tag == 0x87:
        return value.decode().lower() == "objectclass" or bool(entry.get(value.decode()))
    if tag == 0xA3:
        kind, wanted = parts[0][1].decode(), parts[1][1].decode()
        values = groups_of(name) if kind.lower() == "memberof" else next(
            (all_ for key, all_ in entry.items() if key.lower() == kind.lower()), [])
        return wanted.lower() in (one.lower() for one in values)
    if tag == 0xA9:
        match = {part: inner.decode() for part, inner in parts}
        if match.get(0x81) != IN_CHAIN or os.path.exists(LOG + ".refuse"):
            raise Unknown(match.get(0x81))
        return match.get(0x82, "").lower() == "memberof" and in_chain(name, match[0x83], frozenset())
    raise Unknown(hex(tag))


def words(tag, value):
    parts = elements(value) if tag & 0x20 else []
    if tag in (0xA0, 0xA1, 0xA2):
        return "(" + {0xA0: "&", 0xA1: "|", 0xA2: "!"}[tag] + "".join(words(*part) for part in parts) + ")"
    if tag == 0xA9:
        return "(" + " ".join(inner.decode() for _, inner in parts) + ")"
    return "(" + "=".join([inner.decode() for _, inner in parts] or [value.decode()]) + ")"


# --- a connection ---

def result(kind, code, what=""):
    return put(kind, number(0x0A, code), text(""), text(what))


def shown(name, entry, wanted):
    rows = []
    for key, values in entry.items():
        if values and (not wanted or key.lower() in wanted):
            cut = key == "member"
            rows.append(put(0x30, text("member;range=0-1" if cut else key), put(0x31, *map(text, values[:2] if cut else values))))
    return put(0x64, text(name), put(0x30, *rows))


def found(base, scope, filter_):
    if scope == 0 and base == "":
        root = {"objectClass": ["top"], "supportedCapabilities": [CAPABLE]}
        return [("", root)]
    if scope == 0:
        return [(key, entry) for key, entry in ENTRIES.items() if key.lower() == base.lower() and holds(*filter_, key, entry)]
    return [(key, entry) for key, entry in ENTRIES.items() if key.lower().endswith(base.lower()) and holds(*filter_, key, entry)]


def search(body, page):
    fields = elements(body)
    base, scope, filter_ = fields[0][1].decode(), fields[1][1][0], fields[6]
    wanted = [inner.decode().lower() for _, inner in elements(fields[7][1])]
    with open(LOG, "a", encoding="utf-8") as log:
        log.write(f"{scope} {base} {words(*filter_)} {'page' if page is not None else 'whole'}\n")
    try:
        rows = found(base, scope, filter_)
    except Unknown as unknown:
        return [result(0x65, 18, f"inappropriate matching: {unknown}")], None
    if scope == 0 and not rows and base.lower() not in (key.lower() for key in ENTRIES):
        return [result(0x65, 32, "no such object")], None
    first = int(page or b"0") if page is not None else 0
    some = rows[first:first + PAGE]
    code = 4 if page is None and len(rows) > PAGE else 0
    rest = str(first + PAGE).encode() if first + PAGE < len(rows) else b""
    return [shown(key, entry, wanted) for key, entry in some] + [result(0x65, code)], rest if page is not None else None


def cookie_of(controls):
    for _, control in controls:
        fields = elements(control)
        if fields[0][1].decode() == PAGED:
            return elements(elements(fields[-1][1])[0][1])[1][1]
    return None


def answer(stream, message):
    fields = elements(message)
    ident, (tag, body) = put(0x02, fields[0][1]), fields[1]
    page = cookie_of(elements(fields[2][1])) if len(fields) > 2 else None
    if tag == 0x42:
        return False
    if tag == 0x60:
        bind = elements(body)
        right = (bind[1][1].decode(), bind[2][1]) == (who("scanner"), b"secret-scanner")
        stream.sendall(put(0x30, ident, result(0x61, 0 if right else 49)))
    elif tag == 0x63:
        answers, rest = search(body, page)
        for one in answers[:-1]:
            stream.sendall(put(0x30, ident, one))
        control = b""
        if rest is not None:
            control = put(0xA0, put(0x30, text(PAGED), text(put(0x30, number(0x02, 0), text(rest)))))
        stream.sendall(put(0x30, ident, answers[-1], control))
    return True


def serve(stream):
    buffer = b""
    with stream:
        while True:
            more = stream.recv(65536)
            if not more:
                return
            buffer += more
            while len(buffer) > 6:
                _, value, end = element(buffer, 0)
                if end > len(buffer):
                    break
                buffer = buffer[end:]
                if not answer(stream, value):
                    return


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    with socket.create_server(("127.0.0.1", PORT)) as server:
        while True:
            client, _ = server.accept()
            try:
                stream = context.wrap_socket(client, server_side=True)
            except OSError:
                continue
            threading.Thread(target=serve, args=(stream,), daemon=True).start()


main()
