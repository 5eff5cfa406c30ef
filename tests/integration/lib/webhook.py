# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver of webhooks over TLS, which believes nobody without a right and fresh signature.

    webhook.py CERT KEY SECRET_FILE LOG REFUSALS

Prints its port. The first REFUSALS batches are answered with 503, those with a wrong signature with
403. LOG gets "STATUS BATCH SIGNATURE-STATE LINES" a request, LOG.body what was taken.
"""
import hashlib
import hmac
import http.server
import re
import ssl
import sys
import time

cert, key, secret_file, log, refusals = sys.argv[1:]
with open(secret_file, "rb") as file:
    secret = file.readline().strip()
left = [int(refusals)]


def is_signed(signature, body):
    found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", signature or "")
    if found is None or abs(time.time() - int(found.group(1))) > 300:
        return False
    wanted = hmac.new(secret, found.group(1).encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, found.group(2))


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        right = is_signed(self.headers["X-Flagpost-Signature"], body)
        status = 403
        if right:
            status = 503 if left[0] > 0 else 204
            left[0] -= 1
        if status == 204:
            with open(log + ".body", "ab") as out:
                out.write(body)
        with open(log, "a") as out:
            lines = body.count(b"\n")
            out.write(f"{status} {self.headers['X-Flagpost-Batch']} {right} {lines}\n")
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
