"""Moves bytes in the ways that are easily missed, and in some that no hook sees, and prints what each must show.

unseen_ways.py FOLDER [BTRFS]: on a file system that has O_DIRECT; one on btrfs. Rows: the flow's ends and method, its
bytes, how many of them nothing explains, and why; how many were copied and passed on by reference, where that is asked
for ("both": the sum of the two); with kernel TLS how many bytes passed the cipher.
"""

import json
import mmap
import os
import socket
import struct
import subprocess
import sys
import threading

import fuse_file

FOLDER = sys.argv[1]
SIZE = 256 << 10
SOURCE = os.path.join(FOLDER, "source")
TCP_ULP, SOL_TLS, TLS_TX, TLS_RX, IPPROTO_MPTCP = 31, 282, 1, 2, 262
TLS_1_2, TLS_1_3 = 0x303, 0x304


def tell(origin, to, method, count, unexplained=0, why="unseen", **moved):
    print(json.dumps({"from": origin, "to": to, "method": method, "bytes": count, "unexplained": unexplained,
                      "why": why, **moved}), flush=True)


def new_file(name):
    path = os.path.join(FOLDER, name)
    return path, os.open(path, os.O_WRONLY | os.O_CREAT)


def pass_on(read, target, count):
    """Through one buffer, as much at a time as there is."""
    buffer = bytearray(65536)
    with memoryview(buffer) as view:
        while count > 0:
            got = read(view)
            os.write(target, view[:got])
            count -= got


def reader_of(source):
    return lambda view: os.readv(source, [view])


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
    """Written, a pseudo-terminal's bytes are copied to the driver and on to the other side's buffer; read, they are
    copied to a small buffer and on to the program."""
    ours, theirs = os.openpty()
    os.write(theirs, b"t" * 300)
    tell("", os.ttyname(theirs), "write", 300, copied=600, bound="terminal")
    path, target = new_file("typed")
    pass_on(reader_of(ours), target, 300)
    tell("/dev/ptmx", path, "read_write", 300, copied=900, bound="terminal")


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
    """sendfile of files that have no pages: their text is copied into new ones first."""
    for source in ("/proc/meminfo", "/sys/kernel/btf/vmlinux"):
        ours, theirs, name = connection()
        reader = swallow(theirs)
        count = os.sendfile(ours.fileno(), os.open(source, os.O_RDONLY), 0, 4096)
        ours.close()
        reader.join()
        tell(source, name, "sendfile", count, copied=count, passed_on=count)


def kernfs():
    path, target = new_file("types")
    pass_on(reader_of(os.open("/sys/kernel/btf/vmlinux", os.O_RDONLY)), target, 4096)
    tell("/sys/kernel/btf/vmlinux", path, "read_write", 4096, copied=8192)


def datagrams():
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for size in (700, 40000):  # in one piece, and in page fragments
            ours, theirs = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
            theirs.bind((address, 0))
            ours.connect(theirs.getsockname()[:2])
            path, target = new_file("datagrams%d.%d" % (family, size))
            for _ in range(5):
                ours.send(b"u" * size)
                pass_on(theirs.recv_into, target, size)
            name = "udp %s:%d" % (address if family == socket.AF_INET else "[::1]", theirs.getsockname()[1])
            tell(name, path, "read_write", 5 * size, copied=10 * size)
            ours.send(b"u" * size)
            theirs.recv_into(bytearray(100), 100, socket.MSG_TRUNC)  # returns them all
            tell(name, "", "read", 100, copied=100)


def out_of_unix_socket():
    """The linear part of its buffers is copied into the pipe, the rest is passed on; small ones are linear."""
    for size, moved in ((1000, {"copied": 2000}), (100000, {"both": 200000})):
        ours, theirs = socket.socketpair()
        source, sink = os.pipe()
        path, target = new_file("spliced%d" % size)
        ours.send(b"x" * size)
        left = size
        while left:
            in_pipe = os.splice(theirs.fileno(), sink, left)
            left -= in_pipe
            while in_pipe:
                in_pipe -= os.splice(source, target, in_pipe)
        tell("unix", path, "splice", size, **moved)


def into_unix_socket():
    ours, theirs = socket.socketpair()
    reader = swallow(theirs)
    sent = os.sendfile(ours.fileno(), os.open(SOURCE, os.O_RDONLY), 0, 65536)
    ours.close()
    reader.join()
    tell(SOURCE, "unix", "sendfile", sent, copied=0, passed_on=sent)


def multipath():
    """It copies what is passed on too."""
    try:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    except OSError:
        return
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    ours = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    ours.connect(listener.getsockname())
    name = "tcp 127.0.0.1:%d" % ours.getsockname()[1]
    reader = swallow(listener.accept()[0])
    ours.sendall(b"m" * 65536)
    sent = os.sendfile(ours.fileno(), os.open(SOURCE, os.O_RDONLY), 0, 65536)
    ours.close()
    reader.join()
    tell("", name, "write", 65536, copied=65536)
    tell(SOURCE, name, "sendfile", sent, copied=sent)


def huge_pages():
    folder = "/run/zctrace-huge"
    os.makedirs(folder)
    with open("/proc/sys/vm/nr_hugepages", "w") as number:
        number.write("1")
    subprocess.run(["mount", "-t", "hugetlbfs", "none", folder], check=True)
    source = os.path.join(folder, "huge")
    file = os.open(source, os.O_RDWR | os.O_CREAT)
    os.ftruncate(file, 2 << 20)
    mmap.mmap(file, 2 << 20)[:] = b"h" * (2 << 20)
    path, target = new_file("from-huge")
    pass_on(reader_of(file), target, 131072)
    tell(source, path, "read_write", 131072, copied=262144)


def zeros():
    """Written by the processor, copied from nowhere: never no copies."""
    path, target = new_file("zeros")
    pass_on(reader_of(os.open("/dev/zero", os.O_RDONLY)), target, 65536)
    tell("/dev/zero", path, "read_write", 65536, 65536)


def direct_sendfile():
    path, target = new_file("direct-source")
    os.write(target, b"D" * SIZE)
    os.fsync(target)
    ours, theirs, name = connection()
    reader = swallow(theirs)
    source = os.open(path, os.O_RDONLY | os.O_DIRECT)
    sent = 0
    while sent < SIZE:
        sent += os.sendfile(ours.fileno(), source, sent, 65536)
    ours.close()
    reader.join()
    tell(path, name, "sendfile", SIZE, copied=0, passed_on=SIZE)


def direct_on_tmpfs():
    """It takes the flag since 6.6, and buffers all the same."""
    source = "/dev/shm/direct"
    with open(source, "wb") as file:
        file.write(b"s" * 65536)
    try:
        file = os.open(source, os.O_RDONLY | os.O_DIRECT)
    except OSError:
        return
    path, target = new_file("from-tmpfs")
    buffer = mmap.mmap(-1, 65536)
    os.write(target, memoryview(buffer)[:os.readv(file, [buffer])])
    tell(source, path, "read_write", 65536, copied=131072)


def daemon():
    """A file system's program, and its client: what the one copies for the other is in no call of either."""
    if not os.path.exists("/dev/fuse"):
        return
    folder = "/run/zctrace-fuse"
    os.makedirs(folder)
    device = fuse_file.mount(folder)
    told, tells = os.pipe()
    if os.fork() == 0:
        os.write(tells, struct.pack("=Q", fuse_file.serve(device, SIZE)))
        os._exit(0)
    os.close(device)
    source = os.path.join(folder, "file")
    path, target = new_file("from-daemon")
    file = os.open(source, os.O_RDONLY)
    pass_on(reader_of(file), target, 65536)
    ours, theirs, name = connection()
    reader = swallow(theirs)
    sent = os.sendfile(ours.fileno(), file, 0, 65536)
    ours.close()
    reader.join()
    os.close(file)
    subprocess.run(["umount", folder], check=True)
    written = struct.unpack("=Q", os.read(told, 8))[0]
    tell(source, path, "read_write", 65536, 65536, "fuse")
    tell(source, name, "sendfile", sent, sent, "fuse")
    tell("", "/dev/fuse", "write", written, written, "fuse")


def requests():
    ours = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    # struct nlmsghdr and rtgenmsg: RTM_GETLINK of AF_PACKET; its length is told, what follows is padding
    request = struct.pack("=IHHIIB", 17, 18, 0x301, 1, 0, 17) + b"\0" * 3000
    ours.send(request)
    tell("", "netlink", "write", len(request), copied=len(request))


def btrfs():
    """It copies by itself. Direct writes of what it has to sum or to compress fall back to that."""
    if len(sys.argv) < 3:
        return
    known = os.path.exists("/sys/kernel/btf/btrfs")  # before 5.11 no hook can be set in a module
    path = os.path.join(sys.argv[2], "buffered")
    os.write(os.open(path, os.O_WRONLY | os.O_CREAT), b"b" * 65536)
    tell("", path, "write", 65536, **({"copied": 65536} if known else {"unexplained": 65536}))
    path = os.path.join(sys.argv[2], "unaligned")
    os.write(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DIRECT), b"B" * 5000)
    # It is buffered after all, which only the copies tell; and written to the loop device before the call returns.
    tell("", path, "write" if known else "direct_io", 5000, 5000, "disk" if known else "unseen",
         **({"copied": 5000} if known else {}))


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
for way in (terminal, null, direct_write, made_for_this, kernfs, datagrams, out_of_unix_socket, into_unix_socket, multipath,
            huge_pages, zeros, direct_sendfile, direct_on_tmpfs, daemon, requests, btrfs, tls_sendfile,
            tls_small_sends, short_read, peeked, abstract_name, deep):
    way()
