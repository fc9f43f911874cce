"""Copies, and has copies refused, for as many reasons as there are rules, and for some that no rule tells.

why_ways.py DISK MEMORY: a folder on a disk with O_DIRECT, one on another file system. Prints a line of JSON for each
flow: its ends (of a socket its own address, of the rest the name) and the rules that must tell why, [] for none. Each
flow has a size of its own: that as many bytes went out as came in is a reason, too.
"""

import ctypes
import fcntl
import gzip
import json
import mmap
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading

DISK, MEMORY = sys.argv[1:3]
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET, SIOCETHTOOL, ETHTOOL_SSG, SO_ZEROCOPY, MSG_ZEROCOPY = 0x40000000, 0x8946, 0x19, 60, 0x4000000
sizes = (131072 + 12288 * number for number in range(1, 100))


def tell(origin, to, *rules):
    print(json.dumps({"from": origin, "to": to, "rules": rules}), flush=True)


def new_file():
    """Of random bytes and a new size."""
    size = next(sizes)
    path = os.path.join(DISK, str(size))
    with open(path, "wb") as file:
        file.write(os.urandom(size))
        os.fsync(file.fileno())
    return path, size


def connection():
    """Ours, theirs, which nobody reads but drain(), and what ours is called."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    return ours, theirs, own_name(ours)


def own_name(ours):
    return "tcp %s:%d" % ours.getsockname()[:2]


def drained(theirs):
    """Dropped in the kernel, so that no flow comes of it."""

    def drop():
        while theirs.recv(1 << 16, socket.MSG_TRUNC):
            pass

    thread = threading.Thread(target=drop)
    thread.start()
    return thread


def to_socket(move, connect=connection):
    """Calls move(ours) and waits until all has arrived; ours is called so."""
    ours, theirs, name = connect()
    thread = drained(theirs)
    with ours:
        move(ours)
    thread.join()
    theirs.close()
    return name


def through_buffer(read, write, change=False):
    buffer = bytearray(1 << 16)
    with memoryview(buffer) as view:
        while got := read(view):
            if change:
                view[:got] = bytes(255 - byte for byte in view[:got])
            write(view[:got])


def from_file(path, flags=os.O_RDONLY):
    file = os.open(path, flags)
    return file, lambda view: os.readv(file, [view])


def writer_of(target):
    return lambda view: os.write(target, view)


def refused(call, *args):
    """A call of the C library that must fail."""
    if getattr(LIBC, call)(*args) != -1:
        raise AssertionError(f"{call} was not refused")


def files():
    path, size = new_file()
    source, read = from_file(path)
    for folder, rule in ((DISK, "blocks_not_shared"), (MEMORY, "other_filesystem_refused")):
        target = os.open(os.path.join(folder, f"{size}.copy"), os.O_WRONLY | os.O_CREAT)
        if folder == DISK:
            os.copy_file_range(source, target, size, 0)
        else:
            refused("copy_file_range", source, None, target, None, size, 0)
            through_buffer(read, writer_of(target))
        tell(path, os.path.join(folder, f"{size}.copy"), rule)
    path, size = new_file()
    shutil.copyfile(path, f"{path}.copy")  # sendfile
    tell(path, f"{path}.copy", "spliced_to_file")
    path, size = new_file()
    with open(f"{path}.copy", "wb", buffering=0) as target:
        through_buffer(from_file(path)[1], target.write)
    tell(path, f"{path}.copy", "buffer_to_file")


def pipes():
    read, write = os.pipe()
    content = os.urandom(32768)
    path = os.path.join(DISK, "appended")
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(write, content)
    refused("splice", read, None, target, None, len(content), 0)
    os.write(target, os.read(read, len(content)))
    tell("pipe", path, "append_refused")
    read, write = os.pipe()

    def pass_on(ours):
        for _ in range(4):
            os.write(write, content)
            buffer = bytearray(len(content))
            os.readv(read, [buffer])
            ours.sendall(buffer)

    tell("pipe", to_socket(pass_on), "buffer_with_pipe")


def sockets():
    path, size = new_file()
    tell(path, to_socket(lambda ours: through_buffer(from_file(path)[1], ours.sendall)), "buffer_to_socket")
    mapped, size = new_file()
    with open(mapped, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
        tell(mapped, to_socket(lambda ours: ours.sendall(view)), "mapping_to_socket")
    direct, size = new_file()
    os.truncate(direct, size // 4096 * 4096)

    def directly(ours):
        source, buffer = os.open(direct, os.O_RDONLY | os.O_DIRECT), mmap.mmap(-1, 1 << 16)
        while got := os.readv(source, [buffer]):
            ours.sendall(memoryview(buffer)[:got])

    tell(direct, to_socket(directly), "direct_to_socket")
    sent, size = new_file()

    def by_sendfile(ours, path=sent, count=size):
        source, offset = os.open(path, os.O_RDONLY), 0
        while offset < count:
            done = os.sendfile(ours.fileno(), source, offset, count - offset)
            offset += done
            if not done:
                break

    tell(sent, to_socket(by_sendfile))
    types = "/sys/kernel/btf/vmlinux"
    tell(types, to_socket(lambda ours: by_sendfile(ours, types, 65536)), "no_pages")


def proxy():
    generated = os.urandom(next(sizes))
    client, upstream, made_up = connection()
    source = own_name(upstream)

    def pass_on(ours):
        sender = threading.Thread(target=lambda: (client.sendall(generated), client.close()))
        sender.start()
        through_buffer(upstream.recv_into, ours.sendall)
        sender.join()

    tell(source, to_socket(pass_on), "proxy")
    tell("memory", made_up)


def zerocopy():
    for asks, rule in ((True, "zerocopy_loopback"), (False, "zerocopy_not_asked_for")):

        def send(ours, asks=asks, content=os.urandom(next(sizes))):
            if asks:
                ours.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
            sent = 0
            while sent < len(content):
                sent += ours.send(memoryview(content)[sent:sent + 65536], MSG_ZEROCOPY)

        tell("memory", to_socket(send), rule)


def refusals():
    path, _ = new_file()
    source = os.open(path, os.O_RDONLY)
    name = to_socket(lambda ours: refused("splice", source, None, ours.fileno(), None, 65536, 0))
    tell(path, name, "no_pipe_refused")
    name = to_socket(lambda ours: refused("copy_file_range", source, None, ours.fileno(), None, 65536, 0))
    tell(path, name, "copy_file_range_kind_refused")
    symbols = os.open("/proc/kallsyms", os.O_RDONLY)
    name = to_socket(lambda ours: refused("sendfile", ours.fileno(), symbols, None, 65536))
    tell("/proc/kallsyms", name, "made_up_refused")
    target = os.open(f"{path}.tee", os.O_WRONLY | os.O_CREAT)
    refused("tee", source, target, 65536, 0)
    tell(path, f"{path}.tee", "no_pipes_refused")


def changed():
    path, _ = new_file()
    name = to_socket(lambda ours: through_buffer(from_file(path)[1], ours.sendall, change=True))
    tell("memory", name, "own_memory_written")
    tell(path, "memory", "own_memory_read")


def compressed():
    body = gzip.compress(os.urandom(next(sizes)), 1)
    tell("memory", to_socket(lambda ours: ours.sendall(body)), "own_compression")


def tls(pem):
    path, _ = new_file()
    ours, theirs, name = connection()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(pem)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE

    def receive():
        with client.wrap_socket(theirs) as reader:
            while reader.recv(1 << 16):
                pass

    reader, received = threading.Thread(target=receive), own_name(theirs)
    reader.start()
    with server.wrap_socket(ours, server_side=True) as encrypting:
        through_buffer(from_file(path)[1], encrypting.sendall)
        encrypting.unwrap()
    reader.join()
    tell("memory", name, "own_tls")
    tell(path, "memory", "read_for_tls")
    tell(received, "memory", "own_tls_received")


def without_scatter_gather():
    """To another network namespace, through a pair of devices of which ours takes no page fragments."""
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        LIBC.unshare(CLONE_NEWNET)
        os.write(told, b"1")
        signal.pause()
    os.read(ready, 1)
    for command in ("link add why0 type veth peer name why1 netns %d", "addr add 10.99.0.1/24 dev why0", "link set why0 up"):
        subprocess.run(["ip", *(command % child if "%" in command else command).split()], check=True)
    for command in ("addr add 10.99.0.2/24 dev why1", "link set why1 up"):
        subprocess.run(["nsenter", "-t", str(child), "-n", "ip", *command.split()], check=True)
    off = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_SSG, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCETHTOOL, struct.pack("16sQ16x", b"why0", ctypes.addressof(off)))
    namespace = os.open(f"/proc/{child}/ns/net", os.O_RDONLY)
    listening = []

    def listen():
        LIBC.setns(namespace, CLONE_NEWNET)  # of this thread alone
        listening.append(socket.create_server(("10.99.0.2", 7)))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()

    def connect():
        ours = socket.create_connection(("10.99.0.2", 7))
        theirs, _ = listening[0].accept()
        return ours, theirs, own_name(ours)

    path, size = new_file()
    tell(path, to_socket(lambda ours: ours.sendfile(open(path, "rb")), connect), "no_scatter_gather")
    path, size = new_file()
    tell(path, to_socket(lambda ours: through_buffer(from_file(path)[1], ours.sendall), connect),
         "buffer_no_scatter_gather")
    os.kill(child, 9)
    os.waitpid(child, 0)


for way in (files, pipes, sockets, proxy, zerocopy, refusals, changed, compressed, without_scatter_gather):
    try:
        way()
    except Exception as error:  # pylint: disable=broad-except
        raise AssertionError(way.__name__) from error
tls(sys.argv[3])
