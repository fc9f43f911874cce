"""Moves bytes in ways that no hook sees whole, and in ways that look like them, and prints what each must show.

unseen_ways.py FOLDER: on a file system that has O_DIRECT. Rows: the flow's ends and method, its bytes, how many of them
nothing explains, and why.
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
TCP_ULP, SOL_TLS, TLS_TX = 31, 282, 1


def tell(origin, to, method, count, unexplained=0, why="unseen"):
    print(json.dumps({"from": origin, "to": to, "method": method, "bytes": count, "unexplained": unexplained,
                      "why": why}), flush=True)


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


def kernel_tls():
    ours, theirs, name = connection()
    try:
        ours.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
    except OSError:
        return
    # struct tls12_crypto_info_aes_gcm_128: TLS 1.2; iv, key, salt, sequence number
    ours.setsockopt(SOL_TLS, TLS_TX, struct.pack("=HH8s16s4s8s", 0x303, 51, b"i" * 8, b"k" * 16, b"s" * 4, b"\0" * 8))
    reader = swallow(theirs)
    source = os.open(SOURCE, os.O_RDONLY)
    sent = 0
    while sent < SIZE:
        sent += os.sendfile(ours.fileno(), source, sent, 65536)
    ours.close()
    reader.join()
    tell(SOURCE, name, "sendfile", SIZE, SIZE, "kernel_tls")


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
for way in (terminal, null, direct_write, made_for_this, kernel_tls, short_read, peeked, abstract_name, deep):
    way()
