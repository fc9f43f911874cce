"""Moves bytes in ways on which the kernel's own threads do the work, or some of it, and prints what each must show.

kernel_thread_ways.py MOUNT FOLDER: MOUNT is NFS, with a file "source" that no cache holds; FOLDER is on a disk. Rows: the
flow's ends and method, its bytes, and what is expected of it.
"""

import json
import mmap
import os
import socket
import subprocess
import sys
import threading

MOUNT, FOLDER = sys.argv[1:]
SIZE = os.path.getsize(os.path.join(MOUNT, "source"))
MIB = 1 << 20
TYPES = os.path.exists("/sys/kernel/btf/dm_mod")  # the kernel tells of its modules' since 5.11


def tell(origin, to, method, count, **expected):
    print(json.dumps({"from": origin, "to": to, "method": method, "bytes": count, **expected}), flush=True)


def pass_on(source, target, count):
    buffer = bytearray(65536)
    with memoryview(buffer) as view:
        while count > 0:
            got = os.readv(source, [view])
            os.write(target, view[:got])
            count -= got


def from_server():
    source, path = os.path.join(MOUNT, "source"), os.path.join(FOLDER, "read")
    pass_on(os.open(source, os.O_RDONLY), os.open(path, os.O_WRONLY | os.O_CREAT), SIZE)
    tell(source, path, "read_write", SIZE, copied=2 * SIZE, bound="network")


def to_server():
    source, path = os.path.join(FOLDER, "read"), os.path.join(MOUNT, "written")
    target = os.open(path, os.O_WRONLY | os.O_CREAT)
    pass_on(os.open(source, os.O_RDONLY), target, SIZE)
    os.fsync(target)
    tell(source, path, "read_write", SIZE, copied=2 * SIZE, bound="network")


def by_sendfile():
    """Not one copy in a call of the program, and for all that not without copies."""
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()

    def swallow():
        while theirs.recv(65536):
            pass

    reader = threading.Thread(target=swallow)
    reader.start()
    name = "tcp 127.0.0.1:%d" % ours.getsockname()[1]
    source = os.path.join(MOUNT, "source")
    sent = os.sendfile(ours.fileno(), os.open(source, os.O_RDONLY), 0, 65536)
    ours.close()
    reader.join()
    tell(source, name, "sendfile", sent, copied=0, bound="network")


def mapped():
    """The page cache of a mapping is filled by them as well."""
    source, path = os.path.join(MOUNT, "source"), os.path.join(FOLDER, "mapped")
    with mmap.mmap(os.open(source, os.O_RDONLY), SIZE, prot=mmap.PROT_READ) as pages:
        os.write(os.open(path, os.O_WRONLY | os.O_CREAT), memoryview(pages)[:65536])
    tell(source, path, "mmap_write", 65536, copied=65536, bound="network")


def read_all(path, flags=0):
    source, buffer, count = os.open(path, os.O_RDONLY | flags), mmap.mmap(-1, 256 << 10), 0
    while count < MIB and (got := os.readv(source, [buffer])):
        count += got
    os.close(source)
    return count


def mapped_disk(name, table):
    """A device of the device mapper; its path."""
    subprocess.run(["dmsetup", "create", "--noudevsync", name, "--table", table], check=True)
    number = subprocess.run(["dmsetup", "info", "-c", "--noheadings", "-o", "minor", name], check=True,
                            stdout=subprocess.PIPE, text=True).stdout.strip()
    return f"/dev/dm-{number}"


SECTORS = 8 * MIB // 512
CIPHER = f"0 {SECTORS} crypt aes-xts-plain64 {'5a' * 64} 0 /dev/ram1 0"


def enciphered():
    """Each byte that is written passes the cipher of the device's driver once, whoever hands it to the device; and each
    that is read. Its threads copy to the RAM disk below."""
    device = mapped_disk("ciphered", CIPHER)
    folder = "/run/enciphered"
    os.mkdir(folder)
    subprocess.run(["mkfs.ext4", "-q", "-O", "^has_journal", device], check=True)
    subprocess.run(["mount", device, folder], check=True)
    unknown = {} if TYPES else {"why": "disk"}
    for name, finish in (("synced", os.fsync), ("back", lambda target: os.sync())):
        path = os.path.join(folder, name)
        target = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.write(target, os.urandom(MIB))
        finish(target)
        tell("", path, "write", MIB, transformed=MIB if TYPES else 0, **unknown)
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("3")
    tell(path, "", "read", read_all(path), transformed=MIB if TYPES else 0, **unknown)
    tell(path, "", "direct_io", read_all(path, os.O_DIRECT), transformed=MIB if TYPES else 0, **unknown)
    path = os.path.join(folder, "direct")
    os.write(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DIRECT), mmap.mmap(-1, MIB))
    tell("", path, "direct_io", MIB, transformed=MIB if TYPES else 0, **unknown)


def passed_on():
    """A linear device hands on what it is given: what is done with it is done below."""
    device = mapped_disk("linear", f"0 {SECTORS} linear /dev/ram2 0")
    if TYPES:
        tell(device, "", "read", read_all(device), copied_at_least=2 * MIB)
    else:
        tell(device, "", "read", read_all(device), why="disk")


def checked():
    """Of any other device nothing is known."""
    device = mapped_disk("zeroed", f"0 {SECTORS} zero")
    tell(device, "", "read", read_all(device), why="disk")


for way in (from_server, to_server, by_sendfile, mapped, enciphered, passed_on, checked):
    way()
