"""Passes bytes on from buffers that reads filled in other sizes than writes emptied them, and prints what each must show.

linked_ways.py FILE FOLDER: as every_way.py. Rows: the flow's ends and method, its bytes, those of them that were written
again, and the bytes copied where it is not one copy in and one out.
"""

import ctypes
import json
import mmap
import os
import select
import socket
import struct
import sys
import threading
import time

SOURCE, FOLDER = sys.argv[1:]
SIZE = os.path.getsize(SOURCE)
libc = ctypes.CDLL(None, use_errno=True)


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("bytes", ctypes.c_size_t)]


class Msghdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("name_bytes", ctypes.c_uint), ("vector", ctypes.POINTER(Iovec)),
                ("count", ctypes.c_size_t), ("control", ctypes.c_void_p), ("control_bytes", ctypes.c_size_t),
                ("flags", ctypes.c_int)]


class Mmsghdr(ctypes.Structure):
    _fields_ = [("message", Msghdr), ("bytes", ctypes.c_uint)]


def tell(origin, to, method, count, again=0, cpu=None, link="buffer"):
    print(json.dumps({"from": origin, "to": to, "method": method, "bytes": count, "again": again, "link": link,
                      "cpu": 2 * count - again if cpu is None else cpu}), flush=True)


def files(name):
    """The source, and a new file."""
    path = os.path.join(FOLDER, name)
    return os.open(SOURCE, os.O_RDONLY), os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC), path


def address_of(buffer, offset=0):
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer)) + offset


def fill(source, buffer):
    assert os.readv(source, [buffer]) == len(buffer)


def several_reads_one_write():
    """As a parser fills its buffer: short reads side by side, one write of them all."""
    source, target, path = files("several")
    buffer = bytearray(50_000)
    with memoryview(buffer) as view:
        for first in range(0, 50_000, 700):
            os.readv(source, [view[first:first + 700]])
        os.write(target, view)
    tell(SOURCE, path, "read_write", 50_000)


def one_read_many_writes():
    """As stdio empties a buffer: from its middle on, in order, then its beginning."""
    source, target, path = files("parts")
    buffer = bytearray(65536)
    with memoryview(buffer) as view:
        for _ in range(3):
            fill(source, buffer)
            for first in range(1000, 61_000, 12_000):
                os.write(target, view[first:first + 12_000])
            os.write(target, view[:1000])
    tell(SOURCE, path, "read_write", 3 * 61_000)


def refilled_in_part():
    """A ring: its middle is filled anew before all of it goes on."""
    source, target, path = files("ring")
    other = os.open(os.path.join(FOLDER, "other"), os.O_RDWR | os.O_CREAT)
    os.write(other, b"0" * 20_000)
    os.lseek(other, 0, os.SEEK_SET)
    buffer = bytearray(60_000)
    with memoryview(buffer) as view:
        fill(source, buffer)
        os.readv(other, [view[20_000:40_000]])
        os.write(target, view)
    tell(SOURCE, path, "read_write", 40_000, link=None)
    tell(os.path.join(FOLDER, "other"), path, "read_write", 20_000)


def header_in_front():
    """The program's own header and the file's bytes lie in one buffer and are one write."""
    source, target, path = files("framed")
    buffer = bytearray(30_000)
    with memoryview(buffer) as view:
        os.readv(source, [view[100:]])
        view[:100] = b"h" * 100
        os.write(target, view)
    tell(SOURCE, path, "read_write", 29_900)
    tell("", path, "write", 100, cpu=100, link="none")


def sent_again():
    """Filled once, written sixteen times: read once."""
    source, target, path = files("again")
    buffer = bytearray(10_000)
    fill(source, buffer)
    for _ in range(16):
        os.write(target, buffer)
    tell(SOURCE, path, "read_write", 160_000, again=150_000)


def across_threads():
    source, target, path = files("threads")
    buffer = bytearray(40_000)
    reader = threading.Thread(target=fill, args=(source, buffer))
    reader.start()
    reader.join()
    with memoryview(buffer) as view:
        os.write(target, view[7_000:])
    tell(SOURCE, path, "read_write", 33_000)


def changed_in_between():
    """What the program wrote over is its own, and so is all that it cannot be told from."""
    source, target, path = files("changed")
    buffer = bytearray(30_000)
    fill(source, buffer)
    buffer[:] = bytes(byte ^ 1 for byte in buffer)
    os.write(target, buffer)
    tell("", path, "write", 30_000, cpu=30_000, link="none")


def used_for_another():
    """A server writes a line of its log where a file was that has gone on: not the file's, however like the rest is."""
    source, target, path = files("gone_on")
    _, log, log_path = files("log")
    buffer = bytearray(30_000)
    with memoryview(buffer) as view:
        for line in range(3):
            os.lseek(source, 0, os.SEEK_SET)
            fill(source, buffer)
            os.write(target, buffer)
            view[1000:1100] = b"%d" % line * 100
            os.write(log, view[1000:1100])
    tell(SOURCE, path, "read_write", 90_000)
    tell("", log_path, "write", 300, cpu=300, link="none")


def changed_elsewhere():
    """A parser that changes the beginning and passes on the rest."""
    source, target, path = files("elsewhere")
    buffer = bytearray(30_000)
    fill(source, buffer)
    with memoryview(buffer) as view:
        view[:200] = b"#" * 200
        os.write(target, view[9_000:])
    tell(SOURCE, path, "read_write", 21_000, link="likely_buffer")


def long_vectors():
    source, target, path = files("vectors")
    buffers = [bytearray(1000 + index) for index in range(40)]
    count = os.readv(source, buffers)
    os.writev(target, buffers)
    tell(SOURCE, path, "read_write", count)


def positioned_vectors():
    source, target, path = files("positioned")
    buffers = [bytearray(4096), bytearray(8192)]
    count = os.preadv(source, buffers, 4096, 0)
    os.pwritev(target, buffers, 8192, 0)
    tell(SOURCE, path, "read_write", count)


def many_messages():
    """sendmmsg and recvmmsg, over UDP and a Unix socket: each datagram of two buffers."""
    source, target, path = files("messages")
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(receiver.getsockname())
    name = "udp 127.0.0.1:%d" % sender.getsockname()[1]
    received = "udp 127.0.0.1:%d" % receiver.getsockname()[1]

    def messages(buffer):
        vector = (Iovec * 20)(*[Iovec(address_of(buffer, 500 * index), 500) for index in range(20)])
        array = (Mmsghdr * 10)()
        for index in range(10):
            array[index].message.vector = ctypes.cast(ctypes.byref(vector, 32 * index), ctypes.POINTER(Iovec))
            array[index].message.count = 2
        array.kept = vector
        return array

    buffer, back = bytearray(10_000), bytearray(10_000)
    fill(source, buffer)
    assert libc.sendmmsg(sender.fileno(), messages(buffer), 10, 0) == 10
    assert libc.recvmmsg(receiver.fileno(), messages(back), 10, 0, None) == 10
    os.write(target, back)
    tell(SOURCE, name, "read_write", 10_000)
    tell(received, path, "read_write", 10_000)


def other_process():
    """process_vm_readv and process_vm_writev, with ourselves for the other."""
    _, target, path = files("process")
    theirs, ours = bytearray(b"p" * 20_000), bytearray(20_000)
    local, remote = Iovec(address_of(ours), 20_000), Iovec(address_of(theirs), 20_000)
    name = "process %d" % os.getpid()
    pid = os.getpid()
    assert libc.process_vm_readv(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) == 20_000
    os.write(target, ours)
    tell(name, path, "read_write", 20_000)
    ours[:] = b"o" * 20_000
    assert libc.process_vm_writev(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) == 20_000
    tell("", name, "process_vm", 20_000, cpu=20_000, link="none")


def truncated():
    """MSG_TRUNC: what was dropped is not moved."""
    _, target, path = files("truncated")
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.send(b"t" * 3000)
    buffer = bytearray(1000)
    assert right.recv_into(buffer, 1000, socket.MSG_TRUNC) == 3000
    os.write(target, buffer)
    tell("unix", path, "read_write", 1000)


def number_used_again():
    """A file that gets the inode number of one just removed is another file."""
    first, second = os.path.join(FOLDER, "removed"), os.path.join(FOLDER, "successor")
    target = os.path.join(FOLDER, "of_successor")
    numbers = set()
    for path in (first, second):
        with open(path, "wb", buffering=0) as file:
            file.write(path.encode() * 100)
            numbers.add(os.fstat(file.fileno()).st_ino)
        if path == first:
            os.remove(path)
    buffer = bytearray(os.path.getsize(second))
    fill(os.open(second, os.O_RDONLY), buffer)
    os.write(os.open(target, os.O_WRONLY | os.O_CREAT), buffer)
    tell(second, target, "read_write", len(buffer))


def renamed():
    """A file has the name that it was given last."""
    source, target, path = files("renamed.part")
    buffer = bytearray(9000)
    fill(source, buffer)
    os.write(target, buffer)
    os.close(target)
    os.rename(path, path[:-len(".part")])
    tell(SOURCE, path[:-len(".part")], "read_write", 9000)


def memory_file():
    """A memfd has the name that the program gave it; what is written from its mapping comes from it."""
    _, target, path = files("from_memfd")
    made = os.memfd_create("zc")
    os.ftruncate(made, 65536)
    with mmap.mmap(made, 65536) as pages:
        pages[:] = b"m" * 65536
        os.write(target, pages)
    tell("/memfd:zc", path, "mmap_write", 65536, cpu=65536, link="mapping")


def zerocopy_receive():
    """TCP_ZEROCOPY_RECEIVE: whole pages are mapped, the rest is copied."""
    if os.uname().release.startswith("5.10."):  # has no copying of the rest
        return
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 4096 + 12)
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()
    name = "tcp 127.0.0.1:%d" % theirs.getsockname()[1]
    source = os.open(SOURCE, os.O_RDONLY)
    for page in reversed(range(16)):  # neighbours would become one piece that is no page
        os.sendfile(ours.fileno(), source, page * 4096, 4096)
    ours.shutdown(socket.SHUT_WR)
    libc.mmap.restype = ctypes.c_void_p
    pages = libc.mmap(None, ctypes.c_size_t(65536), mmap.PROT_READ, mmap.MAP_SHARED, theirs.fileno(),
                      ctypes.c_long(0))
    rest = ctypes.create_string_buffer(65536)
    total = mapped = 0
    end = time.monotonic() + 60
    while total < 65536 and time.monotonic() < end:
        request = bytearray(struct.pack("=QIIIiQiIQQII", pages, 65536, 0, 0, 0, ctypes.addressof(rest), 65536, 0, 0, 0,
                                        0, 0))
        length = ctypes.c_uint(len(request))
        raw = (ctypes.c_char * len(request)).from_buffer(request)
        assert libc.getsockopt(theirs.fileno(), socket.IPPROTO_TCP, 35, raw, ctypes.byref(length)) == 0
        fields = struct.unpack("=QIIIiQiIQQII", request)
        if fields[1] == 0 and fields[6] <= 0 and fields[3] == 0:  # nothing yet
            select.select([theirs], [], [], 60)
        mapped += fields[1]
        total += fields[1] + max(0, fields[6])
        if fields[2]:  # bytes that must be read
            total += len(theirs.recv(fields[2]))
    assert total == 65536, total
    tell(name, "", "read", total, cpu=total - mapped, link="none")
    tell(SOURCE, "tcp 127.0.0.1:%d" % ours.getsockname()[1], "sendfile", 65536, cpu=0, link="call")


for way in (several_reads_one_write, one_read_many_writes, refilled_in_part,
            header_in_front, sent_again,
            across_threads, changed_in_between, used_for_another, changed_elsewhere, long_vectors, positioned_vectors,
            many_messages, other_process, truncated, number_used_again, renamed, memory_file, zerocopy_receive):
    way()
