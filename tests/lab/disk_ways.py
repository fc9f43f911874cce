"""Reads from disks and writes to them in every way, and prints what each must show.

disk_ways.py FOLDER: on an ext4 of its own. Rows: the flow's ends and method, and what is expected of it; where a figure
may be one of several, a list.
"""

import fcntl
import json
import mmap
import os
import subprocess
import sys

FOLDER = sys.argv[1]
MIB = 1 << 20
FORCED = "swiotlb=force" in open("/proc/cmdline", encoding="ascii").read()


def tell(origin, to, method, count, **expected):
    print(json.dumps({"from": origin, "to": to, "method": method, "bytes": count, **expected}), flush=True)


def path_of(name):
    return os.path.join(FOLDER, name)


def aligned(count):
    page = mmap.mmap(-1, count)
    page[:] = b"d" * count
    return page


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("3")


def read_all(path, flags=0):
    source, buffer, count = os.open(path, os.O_RDONLY | flags), aligned(256 << 10), 0
    while got := os.readv(source, [buffer]):
        count += got
        if count == MIB:
            break
    os.close(source)
    return count


def synced():
    path = path_of("synced")
    target = os.open(path, os.O_WRONLY | os.O_CREAT)
    for _ in range(8):
        os.write(target, os.urandom(MIB))
        os.fsync(target)
    tell("", path, "write", 8 * MIB, written=8 * MIB, later=0, copied=(16 if FORCED else 8) * MIB)


def sync_by_call():
    path = path_of("dsync")
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DSYNC)
    os.write(target, os.urandom(MIB))
    tell("", path, "write", MIB, written=MIB, later=0)


def written_back():
    path = path_of("back")
    target = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.write(target, os.urandom(MIB))
    os.sync()
    tell("", path, "write", MIB, written=MIB, later=MIB)


def copied():
    """By copy_file_range or sendfile: no buffer of the program's, the pages are its flow's all the same."""
    source, target = os.open(path_of("source"), os.O_RDONLY), os.open(path_of("copied"), os.O_WRONLY | os.O_CREAT)
    count = os.sendfile(target, source, 0, MIB)
    os.fsync(target)
    tell(path_of("source"), path_of("copied"), "sendfile", count, written=count)


def direct_write():
    path = path_of("direct")
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DIRECT)
    page = aligned(256 << 10)
    for _ in range(4):
        os.write(target, page)
    tell("", path, "direct_io", MIB, written=MIB, later=0, copied=MIB if FORCED else 0)


def direct_read():
    path = path_of("source")
    tell(path, "", "direct_io", read_all(path, os.O_DIRECT), fetched=MIB, copied=MIB if FORCED else 0)


def cold_read():
    path = path_of("cold")
    drop_caches()
    tell(path, "", "read", read_all(path), fetched=MIB, copied=(2 if FORCED else 1) * MIB)


def busy_device():
    """More at once than the device takes: the block layer's own thread issues the rest."""
    if os.uname().release.startswith("5.10"):  # what that issues there is not known to be the call's
        return
    name = next(line.split()[0] for line in open("/proc/mounts", encoding="utf-8") if " /run/zctrace/disk " in line)
    queue = f"/sys/block/{os.path.basename(name)}/queue"
    with open(f"{queue}/max_sectors_kb", encoding="ascii") as file:
        before = file.read()
    # Without a scheduler nr_requests are the device's own.
    for setting, value in (("scheduler", "none"), ("nr_requests", "4"), ("scheduler", "mq-deadline"), ("max_sectors_kb", "4")):
        with open(f"{queue}/{setting}", "w", encoding="ascii") as file:
            file.write(value)
    path = path_of("busy")
    source = os.open(path, os.O_RDONLY | os.O_DIRECT)
    count = os.readv(source, [aligned(8 * MIB)])
    tell(path, "", "direct_io", count, fetched=8 * MIB, copied=8 * MIB if FORCED else 0)
    with open(f"{queue}/max_sectors_kb", "w", encoding="ascii") as file:
        file.write(before)


def block_device():
    """The same bytes, in both ways: two parts of one flow."""
    device = next(line.split()[0] for line in open("/proc/mounts", encoding="utf-8") if " /run/zctrace/disk " in line)
    read_all(device)
    read_all(device, os.O_DIRECT)
    tell(device, "", "read", MIB)
    tell(device, "", "direct_io", MIB, fetched=MIB)


def in_memory():
    """tmpfs takes O_DIRECT since 6.6, and copies."""
    path = "/dev/shm/direct"
    with open(path, "wb") as file:
        file.write(b"m" * MIB)
    try:
        count = read_all(path, os.O_DIRECT)
    except OSError:
        return
    tell(path, "", "read", count, copied=MIB)


def loop():
    subprocess.run(["modprobe", "loop"], check=True)
    control = os.open("/dev/loop-control", os.O_RDWR)
    device = f"/dev/loop{fcntl.ioctl(control, 0x4C82)}"  # LOOP_CTL_GET_FREE
    disk = os.open(device, os.O_RDWR)
    fcntl.ioctl(disk, 0x4C00, os.open(path_of("source"), os.O_RDONLY))  # LOOP_SET_FD
    tell(device, "", "read", read_all(device), why="disk")
    fcntl.ioctl(disk, 0x4C01, 0)


def memory_disk():
    subprocess.run(["modprobe", "brd", "rd_nr=1", "rd_size=16384"], check=True)
    tell("/dev/ram0", "", "read", read_all("/dev/ram0"), copied_at_least=2 * MIB, by_cpu=MIB, and_more=True)


def journalled():
    """With data=journal nothing is written directly, whatever is asked for."""
    folder = path_of("mounted")
    os.mkdir(folder)
    subprocess.run(["mkfs.ext4", "-q", "/dev/ram0"], check=True)
    subprocess.run(["mount", "-o", "data=journal", "/dev/ram0", folder], check=True)
    path = os.path.join(folder, "journalled")
    try:
        os.write(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DIRECT), aligned(MIB))
    except OSError:
        return
    tell("", path, "write", MIB, copied_at_least=MIB, bound="journal")


def compressed_disk():
    subprocess.run(["modprobe", "zram", "num_devices=1"], check=True)
    with open("/sys/block/zram0/disksize", "w", encoding="ascii") as file:
        file.write("16M")
    tell("/dev/zram0", "", "read", read_all("/dev/zram0"), why="disk")


def main():
    for name, size in (("source", MIB), ("cold", MIB), ("busy", 8 * MIB)):
        with open(path_of(name), "wb") as file:
            file.write(os.urandom(size))
    os.sync()
    for way in (synced, sync_by_call, written_back, copied, direct_write, direct_read, cold_read, busy_device, block_device, in_memory,
                loop, memory_disk, journalled, compressed_disk):
        way()
    with open(path_of("unwritten"), "wb") as file:
        file.write(b"u" * MIB)
    tell("", path_of("unwritten"), "write", MIB, written=0)


main()
