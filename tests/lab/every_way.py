"""Moves a file to files, sockets and pipes in every way there is, and prints what each flow must show: JSON lines.

every_way.py FILE FOLDER: FILE has a whole number of 4 KiB blocks; both lie on a file system that has O_DIRECT.
"""

import ctypes
import json
import mmap
import os
import socket
import sys
import threading

SOURCE, FOLDER = sys.argv[1:]
SIZE = os.path.getsize(SOURCE)
CHUNK = 64 << 10
MSG_ZEROCOPY, SO_ZEROCOPY = 0x4000000, 60
libc = ctypes.CDLL(None, use_errno=True)


def tell(origin, to, method, count=SIZE):
    print(json.dumps({"from": origin, "to": to, "method": method, "bytes": count}), flush=True)


def connection():
    """A TCP socket whose other end reads all; its own address."""
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()
    listener.close()

    def swallow():
        buffer = bytearray(CHUNK)
        while theirs.recv_into(buffer):
            pass
        theirs.close()

    reader = threading.Thread(target=swallow)
    reader.start()
    return ours, reader, "tcp 127.0.0.1:%d" % ours.getsockname()[1]


def finish(ours, reader):
    ours.close()
    reader.join()


def place(name):
    return os.path.join(FOLDER, name)


def copy(source, write, buffer=None):
    buffer = buffer or bytearray(CHUNK)
    while count := os.readv(source, [buffer]):
        view = memoryview(buffer)[:count]
        while view:
            view = view[write(view):]


def read_write():
    """Also by a descriptor's copy, and by a number that meant something else before."""
    ours, reader, name = connection()
    first = os.open("/proc/self/status", os.O_RDONLY)
    os.read(first, 100)
    os.close(first)
    source = os.open(SOURCE, os.O_RDONLY)
    assert source == first
    again = os.dup(source)
    os.close(source)
    copy(again, ours.send)
    os.close(again)
    finish(ours, reader)
    tell(SOURCE, name, "read_write")


def passed_descriptor():
    """Received over a Unix socket, then used by another process."""
    left, right = socket.socketpair()
    ours, reader, name = connection()
    child = os.fork()
    if child == 0:
        _, descriptors, _, _ = socket.recv_fds(right, 1, 2)
        copy(descriptors[0], lambda view: os.write(descriptors[1], view))
        os._exit(0)
    source = os.open(SOURCE, os.O_RDONLY)
    socket.send_fds(left, [b"x"], [source, ours.fileno()])
    os.waitpid(child, 0)
    finish(ours, reader)
    tell(SOURCE, name, "read_write")


def in_pieces():
    """Read in large pieces, sent in small ones, by writev with a header of the program's own."""
    ours, reader, name = connection()
    source = os.open(SOURCE, os.O_RDONLY)
    buffer = bytearray(CHUNK)
    header = b"%x\r\n" % CHUNK
    headers = 0
    while count := os.readv(source, [buffer]):
        view = memoryview(buffer)[:count]
        while view:
            sent = os.writev(ours.fileno(), [header, view[:10000]])
            headers += min(sent, len(header))
            view = view[max(0, sent - len(header)):]
    finish(ours, reader)
    tell(SOURCE, name, "read_write")
    tell("", name, "write", headers)


def mapped():
    ours, reader, name = connection()
    with open(SOURCE, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as pages:
        view = memoryview(pages)
        while view:
            rest = view[ours.send(view[:CHUNK]):]
            view.release()
            view = rest
        view.release()
    finish(ours, reader)
    tell(SOURCE, name, "mmap_write")


def sendfile():
    ours, reader, name = connection()
    source = os.open(SOURCE, os.O_RDONLY)
    sent = 0
    while sent < SIZE:
        sent += os.sendfile(ours.fileno(), source, sent, CHUNK)
    finish(ours, reader)
    tell(SOURCE, name, "sendfile")


def splice():
    ours, reader, name = connection()
    source = os.open(SOURCE, os.O_RDONLY)
    out, into = os.pipe()
    left = SIZE
    while left:
        count = os.splice(source, into, CHUNK)
        left -= count
        while count:
            count -= os.splice(out, ours.fileno(), count)
    finish(ours, reader)
    tell(SOURCE, name, "splice")


def tee():
    """One file to two sockets: by splice to the one, by tee to the other."""
    first, first_reader, first_name = connection()
    second, second_reader, second_name = connection()
    source = os.open(SOURCE, os.O_RDONLY)
    out, into = os.pipe()
    out_too, into_too = os.pipe()
    left = SIZE
    while left:
        count = os.splice(source, into, CHUNK)
        assert libc.tee(out, into_too, ctypes.c_size_t(count), 0) == count
        for pipe, sink in ((out, first), (out_too, second)):
            rest = count
            while rest:
                rest -= os.splice(pipe, sink.fileno(), rest)
        left -= count
    finish(first, first_reader)
    finish(second, second_reader)
    tell(SOURCE, first_name, "splice")
    tell(SOURCE, second_name, "tee")


def copy_file_range():
    source, target = os.open(SOURCE, os.O_RDONLY), os.open(place("copied"), os.O_WRONLY | os.O_CREAT)
    left = SIZE
    while left:
        left -= os.copy_file_range(source, target, left)
    tell(SOURCE, place("copied"), "copy_file_range")


def direct():
    source = os.open(SOURCE, os.O_RDONLY | os.O_DIRECT)
    ours, reader, name = connection()
    buffer = mmap.mmap(-1, CHUNK)
    while count := os.readv(source, [buffer]):
        with memoryview(buffer) as view:
            sent = 0
            while sent < count:
                with view[sent:count] as rest:
                    sent += ours.send(rest)
    finish(ours, reader)
    tell(SOURCE, name, "direct_io")


def zerocopy():
    ours, reader, name = connection()
    ours.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
    source = os.open(SOURCE, os.O_RDONLY)
    pieces = []
    while True:
        piece = bytearray(CHUNK)
        count = os.readv(source, [piece])
        if not count:
            break
        pieces.append(piece)
        view = memoryview(piece)[:count]
        while view:
            view = view[ours.send(view, MSG_ZEROCOPY):]
    finish(ours, reader)
    tell(SOURCE, name, "msg_zerocopy")


def vmsplice():
    out, into = os.pipe()
    page = mmap.mmap(-1, 4096)
    page[:] = b"z" * 4096

    class Iovec(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("bytes", ctypes.c_size_t)]

    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    assert libc.vmsplice(into, ctypes.byref(Iovec(address, 4096)), 1, 0) == 4096
    name = os.readlink("/proc/self/fd/%d" % into)
    os.read(out, 4096)
    tell("", name, "vmsplice", 4096)


def through_a_pipe():
    """What one process writes and another reads has the pipe for an end."""
    out, into = os.pipe()
    name = os.readlink("/proc/self/fd/%d" % into)
    child = os.fork()
    if child == 0:
        os.close(into)
        target = os.open(place("piped"), os.O_WRONLY | os.O_CREAT)
        copy(out, lambda view: os.write(target, view))
        os._exit(0)
    os.close(out)
    source = os.open(SOURCE, os.O_RDONLY)
    copy(source, lambda view: os.write(into, view))
    os.close(into)
    os.waitpid(child, 0)
    tell(SOURCE, name, "read_write")
    tell(name, place("piped"), "read_write")


def unix_socket():
    path = place("listener")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    ours = socket.socket(socket.AF_UNIX)
    ours.connect(path)
    theirs, _ = listener.accept()

    def swallow():
        while theirs.recv(CHUNK):
            pass

    reader = threading.Thread(target=swallow)
    reader.start()
    source = os.open(SOURCE, os.O_RDONLY)
    copy(source, ours.send)
    finish(ours, reader)
    tell(SOURCE, "unix " + path, "read_write")


def many_at_once():
    """Ten threads, each with a file of its own, half of them by sendfile, in turns."""
    turns = threading.Barrier(10)
    said = []

    def send(index):
        path = place("many%d" % index)
        with open(path, "wb") as file:
            file.write(bytes([index]) * (CHUNK + 4096 * index))
        size = os.path.getsize(path)
        ours, reader, name = connection()
        source = os.open(path, os.O_RDONLY)
        buffer = bytearray(8192)
        turns.wait()
        sent = 0
        while sent < size:
            if index % 2:
                sent += os.sendfile(ours.fileno(), source, sent, 8192)
            else:
                with memoryview(buffer) as view:
                    count, done = os.preadv(source, [buffer], sent), 0
                    while done < count:
                        done += ours.send(view[done:count])
                sent += count
        finish(ours, reader)
        said.append((path, name, "sendfile" if index % 2 else "read_write", size))

    threads = [threading.Thread(target=send, args=(index,)) for index in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for row in said:
        tell(*row)


for way in (read_write, passed_descriptor, in_pieces, mapped, sendfile, splice, tee, copy_file_range, direct, zerocopy,
            vmsplice, through_a_pipe, unix_socket, many_at_once):
    way()
