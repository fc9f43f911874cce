"""NGINX CONFIGURATION FILES FOLDER CHILDREN TURN TURNS: what the soak traces. nginx, and CHILDREN processes that each copy
one of the FILES every TURN seconds, TURNS times; then another takes its place. Until SIGTERM.

FOLDER/children.log: a line for each copy, its way and its bytes.
"""

import gc
import os
import random
import signal
import subprocess
import sys
import time

NGINX, CONFIGURATION, FILES, FOLDER = sys.argv[1:5]
CHILDREN, TURN, TURNS = (int(word) for word in sys.argv[5:8])
NAMES = os.listdir(FILES)
PIECE = 8192
ended = False


def end(*_):
    global ended
    ended = True


def read_and_write(source, target, size):
    while piece := os.read(source, PIECE):
        os.write(target, piece)


def sendfile(source, target, size):
    while os.sendfile(target, source, None, PIECE):
        pass


def splice(source, target, size):
    out, into = os.pipe()
    while got := os.splice(source, into, PIECE):
        while got:
            got -= os.splice(out, target, got)
    os.close(out)
    os.close(into)


def copy_file_range(source, target, size):
    while os.copy_file_range(source, target, size):
        pass


WAYS = (read_and_write, sendfile, splice, copy_file_range)


def copy(way, name, path):
    source = os.open(f"{FILES}/{name}", os.O_RDONLY)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    size = os.fstat(source).st_size
    way(source, target, size)
    os.close(source)
    os.close(target)
    return size


def child(number):
    """Of its copies some are removed before they are written to the disk, some after."""
    log = os.open(f"{FOLDER}/children.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    before = None
    for turn in range(TURNS):
        way = WAYS[(number + turn) % len(WAYS)]
        path = f"{FOLDER}/copy-{os.getpid()}-{turn}"
        size = copy(way, random.choice(NAMES), path)
        os.write(log, b"%s %d\n" % (way.__name__.encode(), size))
        if before:
            os.unlink(before)
        before = path
        if signal.sigtimedwait([signal.SIGTERM], TURN):
            break
    os.unlink(before)


def start(number):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            random.seed(number)
            child(number)
            status = 0
        finally:
            os._exit(status)
    return pid


def main():
    signal.signal(signal.SIGTERM, end)
    gc.freeze()  # what children share with us they shall not write to
    gc.disable()
    nginx = subprocess.Popen([NGINX, "-p", FOLDER, "-c", CONFIGURATION, "-e", "stderr"])
    running, started, failed = set(), 0, 0
    while not ended:
        while len(running) < CHILDREN and not ended:
            running.add(start(started))
            started += 1
        while not ended and (gone := os.waitpid(-1, os.WNOHANG))[0]:
            running.discard(gone[0])
            failed += gone[1] != 0
        time.sleep(0.1)
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    for pid in running:
        failed += os.waitpid(pid, 0)[1] != 0
    nginx.send_signal(signal.SIGQUIT)  # it ends its requests first
    with open(f"{FOLDER}/children.count", "w") as file:
        file.write(str(started))
    sys.exit(bool(nginx.wait() or failed))


main()
