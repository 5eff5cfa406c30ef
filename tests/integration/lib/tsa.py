# SPDX-License-Identifier: GPL-3.0-or-later
#
# A time stamping authority by `openssl ts`, on a port of this machine that is written to FOLDER/port: python3 tsa.py
# FOLDER. What it does with each request stands in FOLDER/mode: good, or a way to be wrong.
import http.server
import os
import subprocess
import sys

folder = sys.argv[1]


def openssl(*arguments):
    subprocess.run(("openssl",) + arguments, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def reply(signer, query="query.tsq"):
    openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", query, "-signer", signer + ".pem", "-inkey", signer + ".key",
            "-chain", "ca.pem", "-out", "reply.tsr")
    return open(os.path.join(folder, "reply.tsr"), "rb").read()


def asked(*digest):
    openssl("ts", "-query", "-sha256", "-cert", "-out", "other.tsq", *digest)
    return reply("tsa", "other.tsq")


def digest():
    text = subprocess.run(("openssl", "asn1parse", "-inform", "DER", "-in", "query.tsq"), cwd=folder, check=True, stdout=subprocess.PIPE).stdout
    return text.decode().split("[HEX DUMP]:")[1].split()[0].lower()


class Authority(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        with open(os.path.join(folder, "query.tsq"), "wb") as out:
            out.write(query)
        with open(os.path.join(folder, "mode")) as text:
            mode = text.read().strip()
        if self.headers["Content-Type"] != "application/timestamp-query":
            mode = "refuse"
        status, body = 200, b""
        if mode == "good":
            body = reply("tsa")
        elif mode == "other-digest":
            body = asked("-digest", "00" * 32)
        elif mode == "other-nonce":
            body = asked("-digest", digest())
        elif mode == "unknown-signer":
            body = reply("stranger")
        elif mode == "expired":
            body = reply("expired")
        elif mode == "no-time-stamper":
            body = reply("tsa")[:-1] + b"\x00"
        elif mode == "garbage":
            body = b"<html>sign in</html>"
        elif mode == "huge":
            body = b"x" * 1000000
        elif mode == "busy":
            status = 503
        else:
            status = 403
        self.send_response(status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            pass

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Authority)
with open(os.path.join(folder, "port.new"), "w") as out:
    out.write(str(server.server_port))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
server.serve_forever()
