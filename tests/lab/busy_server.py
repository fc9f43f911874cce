"""FILE...: serves the files to clients of its own until its standard input ends, then says "ok" or what went wrong.

Even ones by read and write, odd ones by sendfile, each over connections of their own, all at the same time.
"""

import os
import socket
import sys
import threading

FILES = sys.argv[1:]
listener = socket.create_server(("127.0.0.1", 0))
wrong = []


def fetch(index):
    with open(FILES[index], "rb") as file:
        expected = file.read()
    while True:
        with socket.create_connection(listener.getsockname()) as connection:
            connection.sendall(b"%d\n" % index)
            got = b"".join(iter(lambda: connection.recv(65536), b""))
        if got != expected:
            wrong.append(f"{FILES[index]}: {len(got)} of {len(expected)} bytes, or others")


def serve(connection):
    with connection, connection.makefile("rb") as request:
        index = int(request.readline())
        with open(FILES[index], "rb", buffering=0) as file:
            size, sent = os.fstat(file.fileno()).st_size, 0
            while sent < size:
                if index % 2:
                    sent += os.sendfile(connection.fileno(), file.fileno(), sent, size - sent)
                else:
                    piece = file.read(16384)
                    connection.sendall(piece)
                    sent += len(piece)


def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


for work in [accept] + [lambda index=index: fetch(index) for index in range(len(FILES))]:
    threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
print("\n".join(wrong) or "ok", flush=True)
os._exit(0)
