"""ZCTRACE NGINX SECONDS RATE: traces soak_server.py under load, in a guest; writes a tar to standard output: the document,
the servers' logs, and what zctrace's memory was meanwhile.

A thousand connections ask for ten thousand files, each of them for ten of its own in one go, RATE requests a second (0: as
fast as they are answered), and each body must be the file's. First all do so once; then for SECONDS the same again: with
RATE over new connections, so that each request is a flow that was not there before, without over the old ones.
"""

import collections
import io
import json
import os
import pathlib
import random
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tarfile
import time

ZCTRACE, NGINX = sys.argv[1:3]
SECONDS, RATE = (float(word) for word in sys.argv[3:5])
HERE = pathlib.Path(__file__).parent
FOLDER = pathlib.Path("/run/zctrace/disk/soak")
FILES = FOLDER / "files"
CONNECTIONS, REQUESTS, CHILDREN = 1000, 10, 500
COUNT = CONNECTIONS * REQUESTS
PORT = 8080
BLOB = random.Random("soak").randbytes(1 << 20)
CONFIGURATION = f"""
daemon off; user root; worker_processes 1; pid {FOLDER}/pid; error_log stderr; worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  log_format soak '$uri $body_bytes_sent $bytes_sent $request_length'; access_log {FOLDER}/access.log soak;
  {" ".join(f"{kind}_temp_path {FOLDER}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))}
  keepalive_requests 1000000; keepalive_timeout 2h; client_header_timeout 2h; send_timeout 2h; sendfile on;
  server {{
    listen 127.0.0.1:{PORT} backlog=1024;
    location /sent/ {{ alias {FILES}/; }}
    location /copied/ {{ alias {FILES}/; sendfile off; }}
  }}
}}
"""


def content(index):
    """Some hundred bytes to some thousand, a few of them a hundred times that."""
    size = (200 + index * 7919 % 3800) * (100 if index % 500 == 0 else 1)
    first = index * 31 % (len(BLOB) - size)
    return memoryview(BLOB)[first : first + size]


class Connection:
    def __init__(self, number, selector):
        self.number, self.selector = number, selector
        self.waiting, self.got, self.socket = collections.deque(), bytearray(), None
        self.open()

    def open(self):
        if self.socket:
            self.selector.unregister(self.socket)
            self.socket.close()
        self.socket = socket.create_connection(("127.0.0.1", PORT))
        self.socket.setblocking(False)
        self.selector.register(self.socket, selectors.EVENT_READ, self)

    def ask(self):
        self.waiting.extend(range(self.number * REQUESTS, (self.number + 1) * REQUESTS))
        self.socket.sendall(b"".join(b"GET /%s/%d HTTP/1.1\r\nHost: soak\r\n\r\n" %
                                     (b"sent" if index % 2 else b"copied", index) for index in self.waiting))

    def receive(self):
        """How many of its answers are whole now."""
        piece = self.socket.recv(1 << 20)
        if not piece:
            raise AssertionError(f"the server closed connection {self.number} and still owed {list(self.waiting)}")
        self.got += piece
        answered = 0
        while self.waiting and (end := self.got.find(b"\r\n\r\n") + 4) > 3:
            wanted = content(self.waiting[0])
            if len(self.got) < end + len(wanted):
                break
            if not self.got.startswith(b"HTTP/1.1 200 ") or self.got[end : end + len(wanted)] != wanted:
                raise AssertionError(f"not file {self.waiting[0]}: {bytes(self.got[:400])}")
            del self.got[: end + len(wanted)]
            self.waiting.popleft()
            answered += 1
        return answered


class Memory:
    """What the traced zctrace uses: its own memory, and the locked memory of its BPF maps."""

    def __init__(self, pid):
        self.pid, self.samples, self.began, self.last = pid, [], time.monotonic(), 0

    def sample(self, every, requests):
        now = time.monotonic()
        if now - self.last < every:
            return
        self.last = now
        status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines())
        ticks = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        self.samples.append({"seconds": round(now - self.began, 1), "rss_kib": int(status["VmRSS"].split()[0]),
                             "cpu_seconds": sum(map(int, ticks[11:13])) / os.sysconf("SC_CLK_TCK"),
                             "maps_kib": self.maps(), "requests": requests})
        print(json.dumps(self.samples[-1]), file=sys.stderr, flush=True)

    def maps(self):
        found = {}
        for info in pathlib.Path(f"/proc/{self.pid}/fdinfo").iterdir():
            try:
                facts = dict(line.split(":\t", 1) for line in info.read_text().splitlines() if ":\t" in line)
            except OSError:
                continue
            if "map_id" in facts:
                found[facts["map_id"]] = int(facts["memlock"])
        return sum(found.values()) // 1024


def load(memory, server):
    """Returns how many requests were answered."""
    selector = selectors.DefaultSelector()
    connections = [Connection(number, selector) for number in range(CONNECTIONS)]
    asked, answered, began, warm = 0, 0, time.monotonic(), None
    while True:
        now = time.monotonic()
        passed, first = now - began, asked < COUNT
        if answered >= COUNT and not warm:
            warm = now
        over = warm and now - warm >= SECONDS
        if (over and asked == answered) or server.poll() is not None:
            return answered
        allowed = asked + REQUESTS <= RATE * passed if RATE else asked - answered < 20 * REQUESTS
        connection = connections[asked // REQUESTS % CONNECTIONS]
        if allowed and not connection.waiting and not over:
            if RATE and not first:
                connection.open()
            connection.ask()
            asked += REQUESTS
        else:
            for key, _ in selector.select(0.05):
                answered += key.data.receive()
        memory.sample(15 if RATE else 1, answered)


def listens():
    return any(line.split()[1].endswith(f":{PORT:04X}") and line.split()[3] == "0A"
               for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:])


def main():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, 8192), limit))
    FILES.mkdir(parents=True)
    for index in range(COUNT):
        file = os.open(f"{FILES}/{index}", os.O_WRONLY | os.O_CREAT)
        os.write(file, content(index))
        os.close(file)
    (FOLDER / "nginx.conf").write_text(CONFIGURATION)
    turn, turns = (60, 5) if RATE else (3600, 1)
    server = subprocess.Popen(
        [ZCTRACE, "exec", "--quiet", "--kernel", "host", "-o", FOLDER / "soak.json", "--", sys.executable,
         HERE / "soak_server.py", NGINX, FOLDER / "nginx.conf", FILES, FOLDER, str(CHILDREN), str(turn), str(turns)],
        stdin=subprocess.DEVNULL, stdout=sys.stderr)
    while not listens():
        assert server.poll() is None, f"it ended with status {server.returncode} before it served"
        time.sleep(0.1)
    memory = Memory(server.pid)
    answered = load(memory, server)
    server.send_signal(signal.SIGTERM)
    facts = {"status": server.wait(), "answered": answered, "samples": memory.samples}
    (FOLDER / "facts.json").write_text(json.dumps(facts))
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
        for name in ("facts.json", "soak.json", "access.log", "children.log", "children.count"):
            if (FOLDER / name).exists():
                tar.add(FOLDER / name, arcname=name)


main()
