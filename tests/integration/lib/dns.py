# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server for tests, on loopback: dns.py ZONE LOG.

Prints its port (UDP and TCP). ZONE is read anew for each question, one line a name:

    name<TAB>txt<TAB>string<TAB>string ...    a TXT record of these strings; a second line, a second record
    name<TAB>big<TAB>4000                     a record of so many bytes, which UDP does not take
    name<TAB>servfail | silent | garbage | nodata

A name that is not there is NXDOMAIN. LOG gets a line for each question.
"""
import socket
import socketserver
import struct
import sys
import threading

zone_path, log_path = sys.argv[1], sys.argv[2]
lock = threading.Lock()


def zone(name):
    with open(zone_path, encoding="ascii") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    return [row[1:] for row in rows if row and row[0] == name]


def question_of(data):
    at, labels = 12, []
    while data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode("ascii").lower())
        at += data[at] + 1
    return ".".join(labels), data[12 : at + 5]


def strings(row):
    if row[0] == "big":
        return [b"p" * 250] * (int(row[1]) // 250)
    return [word.encode("ascii") for word in row[1:]]


def answer(data, most, way):
    name, question = question_of(data)
    rows = zone(name)
    kind = rows[0][0] if rows else "none"
    with lock, open(log_path, "a", encoding="ascii") as log:
        log.write(f"{way} {name}\n")
    if kind == "silent":
        return None
    if kind == "garbage":
        return data[:2] + b"\x81\x80" + b"\xff" * 40
    code = {"none": 3, "servfail": 2}.get(kind, 0)
    records = b""
    count = 0
    for row in rows:
        if row[0] in ("txt", "big"):
            body = b"".join(bytes([len(text)]) + text for text in strings(row))
            records += b"\xc0\x0c" + struct.pack(">HHIH", 16, 1, 60, len(body)) + body
            count += 1
    flags = 0x8180 | code
    if len(records) > most:
        flags, records, count = flags | 0x0200, b"", 0
    return data[:2] + struct.pack(">HHHHH", flags, 1, count, 0, 0) + question + records


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        data, here = self.request
        out = answer(data, 1100, "udp")
        if out is not None:
            here.sendto(out, self.client_address)


class Stream(socketserver.BaseRequestHandler):
    def handle(self):
        head = self.request.recv(2, socket.MSG_WAITALL)
        if len(head) < 2:
            return
        data = self.request.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL)
        out = answer(data, 65000, "tcp")
        if out is not None:
            self.request.sendall(struct.pack(">H", len(out)) + out)


class Streams(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


# One port for both: another program may have it of the second kind.
while True:
    streams = Streams(("127.0.0.1", 0), Stream)
    try:
        datagrams = socketserver.UDPServer(("127.0.0.1", streams.server_address[1]), Datagram)
        break
    except OSError:
        streams.server_close()
threading.Thread(target=streams.serve_forever, daemon=True).start()
print(streams.server_address[1], flush=True)
datagrams.serve_forever()
