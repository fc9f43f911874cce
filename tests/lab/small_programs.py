"""Programs to be traced that say what they find, or do a little of much, for the tests of exec and attach."""

import pathlib
import struct
import sys

import lab_support as support

PYTHON = sys.executable

# What a program can tell of how it was started.
SITUATION = """
import json, os, resource, signal
print(json.dumps({
    "folder": os.getcwd(), "environment": {k: v for k, v in os.environ.items() if k not in ("_", "LC_CTYPE")},
    "descriptors": sorted(fd for fd in map(int, os.listdir("/proc/self/fd")) if os.path.exists(f"/proc/self/fd/{fd}")),
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "ignored": [n for n in range(1, 32) if signal.getsignal(n) == signal.SIG_IGN],
    "umask": os.umask(0), "files": resource.getrlimit(resource.RLIMIT_NOFILE),
    "locked": resource.getrlimit(resource.RLIMIT_MEMLOCK),
    "cx16": " cx16 " in open("/proc/cpuinfo").read(), "user": os.getresuid(), "groups": [os.getresgid(), sorted(os.getgroups())]}))
"""

# Says "ready", then each signal that it gets, and ends with status 3 after SIGTERM.
SIGNALS = """
import signal, sys, time
def told(number, frame):
    print(signal.Signals(number).name, flush=True)
    if number == signal.SIGTERM:
        time.sleep(0.3)  # one that comes twice is told twice
        sys.exit(3)
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
    signal.signal(number, told)
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""

# Copies within a file for ever, and tells how often: what it reads must stay what it was.
BUSY = """
import os, sys, threading
path = sys.argv[1]
open(path, "wb").write(bytes(range(256)) * 256)
file, sink = os.open(path, os.O_RDONLY), os.open(path + ".copy", os.O_WRONLY | os.O_CREAT)
def work():
    expected = bytes(range(256)) * 256
    while True:
        data = os.pread(file, 65536, 0)
        assert data == expected and os.pwrite(sink, data, 0) == 65536
threads = [threading.Thread(target=work, daemon=True) for _ in range(2)]
for thread in threads:
    thread.start()
rounds = 0
while all(thread.is_alive() for thread in threads):
    rounds += 1
    print(rounds, flush=True)
    threads[0].join(0.05)
sys.exit(1)
"""

# A parent that moves nothing, a child of it that does the same, and one of each that copies a file again and again.
FAMILY = """
import os, sys, time
def copy(path):
    file, sink = os.open(path, os.O_RDONLY), os.open(path + ".copy", os.O_WRONLY | os.O_CREAT)
    while True:
        os.pwrite(sink, os.pread(file, 65536, 0), 0)
        time.sleep(0.01)
def start(work, *arguments):
    if os.fork() == 0:
        work(*arguments)
def manage(path):
    start(copy, path)
    time.sleep(600)
start(copy, sys.argv[1])
start(manage, sys.argv[2])
time.sleep(1)
print("ready", flush=True)
time.sleep(600)
"""

# sys.argv[1] threads, each of which writes a byte now and then.
THREADS = """
import os, sys, threading, time
threading.stack_size(65536)
sink = os.open("/dev/null", os.O_WRONLY)
end = time.monotonic() + float(sys.argv[2])
def work():
    while True:
        os.write(sink, b"x")
        if time.monotonic() > end:
            return
        time.sleep(0.3)
threads = [threading.Thread(target=work) for _ in range(int(sys.argv[1]))]
for thread in threads:
    thread.start()
print("ready", flush=True)
for thread in threads:
    thread.join()
"""

# 10,000 descriptors of files of their own, each of which is read once more after "ready" and a line of input.
DESCRIPTORS = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (11000, max(11000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
files = []
for n in range(10000):
    fd = os.open(f"{sys.argv[1]}/{n}", os.O_RDWR | os.O_CREAT)
    os.write(fd, b"x")
    files.append(fd)
print("ready", flush=True)
sys.stdin.readline()
for fd in files:
    assert os.pread(fd, 1, 0) == b"x"
print("done", flush=True)
sys.stdin.readline()
"""


def program(code, *arguments):
    return [PYTHON, "-c", code, *map(str, arguments)]


def program_of_32_bits(name, rounds):
    """Prints "thirty-two" so many times, with a pause before each but the first, and ends with status 7."""
    base, text, pause = 0x08048000, b"thirty-two\n", struct.pack("<2I", 0, 100_000_000)
    data = base + 52 + 32  # behind the two headers: the text, the pause, the code

    def call(number, *arguments):
        registers = b"".join(bytes([0xBB if i == 0 else 0xB9 if i == 1 else 0xBA]) + struct.pack("<I", value)
                             for i, value in enumerate(arguments))  # ebx, ecx, edx
        return b"\xb8" + struct.pack("<I", number) + registers + b"\xcd\x80"  # eax; int 0x80

    write, sleep, leave = call(4, 1, data, len(text)), call(162, data + len(text), 0), call(1, 7)
    code = b"\xbe" + struct.pack("<I", rounds)  # esi
    again = b"\x4e" + b"\x74" + bytes([len(sleep) + 2]) + sleep  # dec esi; jz over the pause and the jump back
    loop = write + again
    code += loop + b"\xeb" + struct.pack("<b", -(len(loop) + 2)) + leave
    content = text + pause + code
    size = 52 + 32 + len(content)
    head = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)
    head += struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, data + len(text) + len(pause), 52, 0, 0, 52, 32, 1, 0, 0, 0)
    head += struct.pack("<8I", 1, 0, base, base, size, size, 5, 0x1000)
    path = pathlib.Path(support.SCRATCH) / name
    path.write_bytes(head + content)
    path.chmod(0o755)
    return path
