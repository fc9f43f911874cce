"""A file system of one file, by the kernel's protocol (linux/fuse.h), for tests that want a daemon of their own."""

import ctypes
import os
import struct

LOOKUP, GETATTR, OPEN, READ, RELEASE, FLUSH, INIT, OPENDIR, RELEASEDIR, DESTROY = 1, 3, 14, 15, 18, 25, 26, 27, 29, 38
NO_ANSWER = (2, 42)  # FORGET, BATCH_FORGET
NOT_IMPLEMENTED = -38
NAME, ROOT, FILE = b"file", 1, 2


def attributes(node, size):
    mode, links = (0o040755, 2) if node == ROOT else (0o100644, 1)
    length = 0 if node == ROOT else size
    return struct.pack("=6Q10I", node, length, 0, 0, 0, 0, 0, 0, 0, mode, links, 0, 0, 0, 4096, 0)


def answer(operation, node, arguments, size):
    """(error, what follows the head)."""
    if operation == INIT:
        return 0, struct.pack("=IIIIHHIIHHI28x", 7, 31, 65536, 0, 16, 12, 65536, 1, 16, 0, 0)
    if operation == LOOKUP:
        if arguments.rstrip(b"\0") != NAME:
            return -2, b""
        return 0, struct.pack("=4Q2I", FILE, 0, 60, 60, 0, 0) + attributes(FILE, size)
    if operation == GETATTR:
        return 0, struct.pack("=Q2I", 60, 0, 0) + attributes(node, size)
    if operation in (OPEN, OPENDIR):
        return 0, struct.pack("=Q2I", 0, 0, 0)
    if operation == READ:
        offset, wanted = struct.unpack_from("=QI", arguments, 8)
        return 0, b"f" * max(0, min(wanted, size - offset))
    return (0 if operation in (RELEASE, FLUSH, RELEASEDIR, DESTROY) else NOT_IMPLEMENTED), b""


def mount(folder):
    """The daemon's descriptor."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % device
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"fuse", os.fsencode(folder), b"fuse", 0, options):
        raise OSError(ctypes.get_errno(), "mount")
    return device


def serve(device, size):
    """Until it is unmounted. How many bytes it wrote to the device."""
    written = 0
    while True:
        try:
            request = os.read(device, 135168)
        except OSError:
            return written
        _, operation, unique, node = struct.unpack_from("=IIQQ", request)
        if operation in NO_ANSWER:
            continue
        error, body = answer(operation, node, request[40:], size)
        reply = struct.pack("=IiQ", 16 + len(body), error, unique) + body
        written += os.write(device, reply)
