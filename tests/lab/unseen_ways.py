"""Moves bytes in ways that no hook sees whole, and in ways that look like them, and prints what each must show.

unseen_ways.py FOLDER: on a file system that has O_DIRECT. Rows: the flow's ends and method, its bytes, how many of them
nothing explains, and why; with kernel TLS also how many bytes passed the cipher.
"""

import json
import mmap
import os
import socket
import struct
import sys
import threading

FOLDER = sys.argv[1]
SIZE = 256 << 10
SOURCE = os.path.join(FOLDER, "source")
TCP_ULP, SOL_TLS, TLS_TX, TLS_RX = 31, 282, 1, 2
TLS_1_2, TLS_1_3 = 0x303, 0x304


def tell(origin, to, method, count, unexplained=0, why="unseen", **more):
    print(json.dumps({"from": origin, "to": to, "method": method, "bytes": count, "unexplained": unexplained,
                      "why": why, **more}), flush=True)


def connection():
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()
    listener.close()
    return ours, theirs, "tcp 127.0.0.1:%d" % ours.getsockname()[1]


def swallow(theirs):
    def read():
        while theirs.recv(65536):
            pass

    reader = threading.Thread(target=read, daemon=True)  # a way that fails must not hang
    reader.start()
    return reader


def terminal():
    """A terminal's driver copies on its own, both ways."""
    ours, theirs = os.openpty()
    name = os.ttyname(theirs)
    os.write(theirs, b"t" * 300)
    tell("", name, "write", 300, 300)


def null():
    with open("/dev/null", "wb", buffering=0) as sink:
        sink.write(b"n" * 5000)
    tell("", "/dev/null", "write", 5000)


def direct_write():
    path = os.path.join(FOLDER, "direct")
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DIRECT)
    page = mmap.mmap(-1, 16384)
    page[:] = b"d" * 16384
    os.write(target, page)
    tell("", path, "direct_io", 16384)


def made_for_this():
    """sendfile of a file that has no pages: its text is copied into new ones first."""
    ours, theirs, name = connection()
    reader = swallow(theirs)
    source = os.open("/proc/meminfo", os.O_RDONLY)
    count = os.sendfile(ours.fileno(), source, 0, 4096)
    ours.close()
    reader.join()
    tell("/proc/meminfo", name, "sendfile", count, count)


def keys(version):
    """struct tls12_crypto_info_aes_gcm_128: iv, key, salt, sequence number."""
    return struct.pack("=HH8s16s4s8s", version, 51, b"i" * 8, b"k" * 16, b"s" * 4, b"\0" * 8)


def kernel_tls(version, send):
    """Through kernel TLS, and read with it."""
    ours, theirs, name = connection()
    try:
        for end, direction in ((ours, TLS_TX), (theirs, TLS_RX)):
            end.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
            end.setsockopt(SOL_TLS, direction, keys(version))
    except OSError:
        return
    reader = swallow(theirs)
    origin, method, count = send(ours)
    far_name = "tcp 127.0.0.1:%d" % theirs.getsockname()[1]
    ours.close()
    reader.join()
    # A record of TLS 1.3 has its type in it, which the cipher takes too.
    transformed = count + (count + 16383) // 16384 * (version == TLS_1_3)
    tell(origin, name, method, count, transformed=transformed)
    tell(far_name, "", "read", count, transformed=transformed)


def tls_sendfile():
    def send(ours):
        source = os.open(SOURCE, os.O_RDONLY)
        sent = 0
        while sent < SIZE:
            sent += os.sendfile(ours.fileno(), source, sent, 65536)
        return SOURCE, "sendfile", SIZE

    kernel_tls(TLS_1_3, send)


def tls_small_sends():
    """Gathered into records, some of which begin in one call and are encrypted in another."""
    def send(ours):
        for _ in range(1000):
            ours.send(b"s" * 100, socket.MSG_MORE)
        ours.send(b"end")
        return "", "write", 100003

    kernel_tls(TLS_1_2, send)


def short_read():
    """Five bytes are read, and their buffer is filled anew: nothing of the file is passed on."""
    path = os.path.join(FOLDER, "refilled")
    source, target = os.open(SOURCE, os.O_RDONLY), os.open(path, os.O_WRONLY | os.O_CREAT)
    buffer = bytearray(65536)
    with memoryview(buffer) as view:
        os.readv(source, [view[:5]])
        buffer[:] = b"\xff" * len(buffer)
        os.write(target, buffer)
    tell("", path, "write", 65536)


def peeked():
    """Looked at twice, read once."""
    left, right = socket.socketpair()
    left.send(b"p" * 1000)
    buffer = bytearray(4096)
    for _ in range(2):
        right.recv_into(buffer, 4096, socket.MSG_PEEK)
    count = right.recv_into(buffer)
    path = os.path.join(FOLDER, "peeked")
    target = os.open(path, os.O_WRONLY | os.O_CREAT)
    with memoryview(buffer)[:count] as view:
        os.write(target, view)
    tell("unix", path, "read_write", 1000)


def abstract_name():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\0zc")
    listener.listen()
    ours = socket.socket(socket.AF_UNIX)
    ours.connect("\0zc")
    theirs, _ = listener.accept()
    ours.send(b"a" * 700)
    tell("", "unix @zc", "write", 700)


def deep():
    folder = FOLDER
    for index in range(30):
        folder = os.path.join(folder, "d%d" % index)
    os.makedirs(folder)
    path = os.path.join(folder, "deep")
    target = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.write(target, b"e" * 600)
    tell("", "…" + path, "write", 600)


with open(SOURCE, "wb") as file:
    file.write(b"0123456789abcdef" * (SIZE // 16))
for way in (terminal, null, direct_write, made_for_this, tls_sendfile, tls_small_sends, short_read, peeked, abstract_name, deep):
    way()
