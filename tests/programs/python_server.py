"""PORT FILE BYTES [PEM]: sends the file to the first client, its first BYTES by read and write, the rest with
socket.sendfile. PEM: by TLS, with this key and certificate."""

import signal
import socket
import ssl
import sys

port, path, by_copy = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with socket.create_server(("127.0.0.1", port)) as listener, open(path, "rb", buffering=0) as file:
    connection, _ = listener.accept()
    if len(sys.argv) > 4:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[4])
        connection = context.wrap_socket(connection, server_side=True)
    with connection:
        buffer = bytearray(64 << 10)
        while by_copy > 0:
            got = file.readinto(memoryview(buffer)[: min(len(buffer), by_copy)])
            connection.sendall(memoryview(buffer)[:got])
            by_copy -= got
        connection.sendfile(file, file.tell())
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pause()
