# SPDX-License-Identifier: GPL-3.0-or-later
# An IMAP server with one empty INBOX for everybody, which says of each connection whether its TLS session was resumed.
#
#   imap-sessions.py CERTIFICATE KEY    prints the port, then "full" or "resumed" and the version, a line each connection
import socket
import ssl
import sys
import threading

ANSWERS = {
    b'CAPABILITY': b'* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n',
    b'LIST': b'* LIST () "/" INBOX\r\n',
    b'EXAMINE': b'* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 1] x\r\n',
    b'UID': b'* SEARCH\r\n',
    b'LOGOUT': b'* BYE\r\n',
}


def serve(context, connection):
    try:
        with context.wrap_socket(connection, server_side=True) as secured:
            print('resumed' if secured.session_reused else 'full', secured.version(), flush=True)
            secured.sendall(b'* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n')
            for line in secured.makefile('rb'):
                tag, command = line.split()[:2]
                secured.sendall(ANSWERS.get(command.upper(), b'') + tag + b' OK done\r\n')
                if command.upper() == b'LOGOUT':
                    return
    except OSError:
        pass  # the other side ends a connection as it likes


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    listener = socket.create_server(('127.0.0.1', 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(context, connection), daemon=True).start()


main()
