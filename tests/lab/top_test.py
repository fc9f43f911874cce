"""zctrace top in a terminal and without one, and the sums that --prometheus gives."""

import collections
import contextlib
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import unittest
import urllib.request

import lab_support as support

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"

# Serves a file by sendfile and another by read and write, over and over, to itself.
SERVER = """
import socket, sys, threading, time
server = socket.create_server(("127.0.0.1", 0))
def drain(connection):
    while connection.recv(1 << 20): pass
def accept():
    while True: threading.Thread(target=drain, args=server.accept()[:1], daemon=True).start()
threading.Thread(target=accept, daemon=True).start()
one, other = (socket.create_connection(server.getsockname()) for _ in range(2))
print("ready", flush=True)
while True:
    with open(sys.argv[1], "rb") as file: one.sendfile(file)
    with open(sys.argv[1], "rb", buffering=0) as file:
        while data := file.read(65536): other.sendall(data)
    time.sleep(0.05)
"""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, *arguments, rows=24, columns=80, **more):
        self.master, slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.bytes = b""
        env = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8")
        self.process = subprocess.Popen(
            [str(support.ZCTRACE), *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave, env=support.environment(**env),
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), **more)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        while select.select([self.master], [], [], 0)[0]:
            self.bytes += os.read(self.master, 65536)
        return self.bytes

    def until(self, *texts):
        """What came since the last time, with all of these in it."""
        found = support.until(lambda: all(text in self.read() for text in texts) and self.bytes, what=f"{texts}")
        self.bytes = b""
        return found

    def type(self, keys):
        os.write(self.master, keys)

    def end(self):
        """The status, and what was written last."""
        support.until(lambda: (self.read(), self.process.poll())[1] is not None, what="its end")
        self.read()
        return self.process.returncode, self.bytes

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


class TopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.need_root()
        cls.file = support.SCRATCH / "payload"
        cls.file.write_bytes(os.urandom(1 << 20))

    def server(self):
        process = subprocess.Popen([sys.executable, "-c", SERVER, str(self.file)], stdout=subprocess.PIPE)
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        self.assertEqual(process.stdout.readline(), b"ready\n")
        return process

    def terminal(self, *arguments, **more):
        terminal = Terminal("top", *arguments, **more)
        self.addCleanup(terminal.close)
        return terminal

    def check_given_back(self, terminal, written):
        self.assertIn(LEAVE, written)
        self.assertIn(b"\x1b[?25h", written)
        self.assertEqual(termios.tcgetattr(terminal.slave), terminal.before)


class OnATerminal(TopTest):
    def test_draws_again_and_again_until_q(self):
        server = self.server()
        terminal = self.terminal("-p", server.pid, "--interval", "0.3")
        first = terminal.until(ENTER, b"sendfile", b"read_write", b"MODE SWITCHES")
        self.assertIn(b"Linux", first)
        self.assertNotEqual(termios.tcgetattr(terminal.slave), terminal.before)
        terminal.until(b"\x1b[H", b"sendfile")
        terminal.type(b"s")
        terminal.until(b"s sort: bytes")
        terminal.type(b"p")
        terminal.until(b"paused")
        terminal.type(b"ph")
        terminal.until(b"inferred from system calls")
        terminal.type(b"h")
        terminal.until(b"sendfile")
        terminal.type(b"q")
        status, written = terminal.end()
        self.assertEqual(status, 0)
        self.check_given_back(terminal, written)
        kept = written[written.index(LEAVE) :]
        self.assertIn(b"sendfile", kept)
        self.assertIsNone(server.poll())

    def test_another_size(self):
        server = self.server()
        terminal = self.terminal("-p", server.pid)
        terminal.until(b"MODE SWITCHES", b"sendfile")
        terminal.resize(16, 50)
        written = terminal.until(b"\x1b[2J", b"COPIES/BYTE")
        picture = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", written[written.rindex(b"\x1b[2J") :]).decode()
        lines = picture.split("\r\n")
        self.assertLessEqual(len(lines), 16)
        self.assertLessEqual(max(map(len, lines)), 50)

    def test_ctrl_c(self):
        server = self.server()
        terminal = self.terminal("-p", server.pid)
        terminal.until(ENTER, b"sendfile")
        terminal.type(b"\x03")
        status, written = terminal.end()
        self.assertEqual(status, 0)
        self.check_given_back(terminal, written)
        self.assertIsNone(server.poll())

    def test_the_programs_end(self):
        server = self.server()
        terminal = self.terminal("-p", server.pid)
        terminal.until(ENTER, b"sendfile")
        server.kill()
        server.wait()
        status, written = terminal.end()
        self.assertEqual(status, 0)
        self.check_given_back(terminal, written)
        self.assertIn(f"process {server.pid} has exited".encode(), written)

    def test_killed_by_a_signal(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number.name):
                terminal = self.terminal("-p", self.server().pid)
                terminal.until(ENTER, b"sendfile")
                terminal.process.send_signal(number)
                _, written = terminal.end()
                self.check_given_back(terminal, written)

    def test_a_command_ends_with_its_own_status(self):
        script = f"cat {self.file}; echo LOUD; echo LOUDER >&2; sleep 1.5; exit 7"
        terminal = self.terminal("--", "sh", "-c", script)
        status, written = terminal.end()
        self.assertEqual(status, 7)
        self.check_given_back(terminal, written)
        self.assertIn(b"payload", written[written.index(LEAVE) :])
        self.assertNotIn(b"LOUD\r\n", written)
        self.assertNotIn(b"LOUDER\r\n", written)

    def test_q_ends_a_command(self):
        terminal = self.terminal("--", "sleep", "3000")
        terminal.until(ENTER)
        terminal.type(b"q")
        status, written = terminal.end()
        self.assertEqual(status, 128 + signal.SIGTERM)
        self.check_given_back(terminal, written)

    def test_ctrl_c_ends_a_command(self):
        terminal = self.terminal("--", "sleep", "3000")
        terminal.until(ENTER, b"q quit")
        terminal.type(b"\x03")
        status, written = terminal.end()
        self.assertEqual(status, 128 + signal.SIGINT)
        self.check_given_back(terminal, written)

    def test_a_missing_command(self):
        terminal = self.terminal("--", "no-such-command")
        status, written = terminal.end()
        self.assertEqual(status, 127)
        self.assertNotIn(ENTER, written)


class Lines(TopTest):
    def test_a_line_for_each_flow_and_interval(self):
        result = support.run("top", "-p", self.server().pid, "-d", "1.6", "--interval", "0.5")
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertNotIn("\x1b", result.out)
        head, *lines = result.out.splitlines()
        self.assertEqual(head.split()[:4], ["SECONDS", "BYTES/S", "BYTES", "CALLS/S"])
        sent = [int(line.split()[2]) for line in lines if f" sendfile " in line and str(self.file) in line]
        self.assertGreaterEqual(len(sent), 2)
        self.assertEqual(sent, sorted(sent))
        self.assertEqual(sent[-1] % 4096, 0)

    def test_once_at_a_commands_end(self):
        result = support.run("top", "--once", "--", "sh", "-c", f"cat {self.file}; exit 3")
        self.assertEqual(result.status, 3)
        line = next(line for line in result.out.splitlines() if str(self.file) in line)
        self.assertEqual(int(line.split()[2]), 1 << 20)

    def test_what_cannot_be(self):
        for arguments, status in ((("--", "no-such-command"), 127), (("--", "/"), 126), (("-p", "x"), 2),
                                  (("-p", "1", "--", "true"), 2), (("--interval", "0", "--", "true"), 2),
                                  (("-p", "999999999"), 1)):
            with self.subTest(arguments):
                result = support.run("top", *arguments)
                self.assertEqual(result.status, status, result.err)
                self.assertEqual(result.err.count("zctrace: "), 1)


def parse(text):
    """name -> {labels: value}, as Prometheus' text format has them."""
    series = collections.defaultdict(dict)
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|summary))", line), line
            continue
        match = re.fullmatch(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\[\\"n])*",?)*)\})? ([0-9.e+-]+|[Nn]a[Nn])', line)
        assert match, line
        labels = dict(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
        series[match[1]][frozenset(labels.items())] = float(match[3])
    return series


def of(series, **labels):
    return [value for key, value in series.items() if set(labels.items()) <= set(key)]


class Prometheus(TopTest):
    def free_port(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            return server.getsockname()[1]

    def test_a_file_has_the_documents_sums(self):
        place, path = support.SCRATCH / "zctrace.prom", support.SCRATCH / "document.json"
        copy = support.SCRATCH / "copy"
        script = f"import shutil; a, b = open({str(self.file)!r}, 'rb'), open({str(copy)!r}, 'wb'); shutil.copyfileobj(a, b)"
        result = support.run("exec", "--kernel", "host", "--quiet", "--prometheus", place, "-o", path, "--",
                             sys.executable, "-S", "-c", script)
        self.assertEqual((result.status, result.err), (0, ""))
        series = parse(place.read_text())
        flows = support.document(path)["ledger"]["flows"]["list"]
        # The same ends can be several flows: a file that was replaced is another one.
        sums = collections.Counter()
        for flow in flows:
            for part in flow["parts"]:
                sums[flow["from"].get("name"), flow["to"].get("name"), part["method"]] += part["bytes"]
        wanted = {method: count for (start, end, method), count in sums.items()
                  if (start, end) == (str(self.file), str(copy))}
        self.assertEqual(sum(wanted.values()), 1 << 20)
        for method, count in wanted.items():
            self.assertEqual(of(series["zctrace_flow_bytes_total"], **{"from": str(self.file), "to": str(copy), "method": method}),
                             [count])
        total = sum(part["bytes"] for flow in flows for part in flow["parts"])
        self.assertEqual(sum(series["zctrace_flow_bytes_total"].values()), total)
        calls = sum(part["calls"] for flow in flows for part in flow["parts"])
        self.assertEqual(sum(series["zctrace_flow_calls_total"].values()), calls)
        self.assertEqual(len(of(series["zctrace_info"], kernel=os.uname().release)), 1)
        self.assertFalse([name for name in os.listdir(support.SCRATCH) if name.startswith(".zctrace.prom")])

    def test_a_port_serves_sums_that_grow(self):
        server, port = self.server(), self.free_port()
        tracer = support.start("attach", "-p", server.pid, "-d", "3000", "--prometheus", f"[::1]:{port}",
                               stdin=subprocess.DEVNULL)
        self.addCleanup(lambda: (tracer.kill(), tracer.communicate()))

        def served():
            try:
                with urllib.request.urlopen(f"http://[::1]:{port}/metrics", timeout=5) as answer:
                    series = parse(answer.read().decode())
            except OSError:
                return None
            found = of(series["zctrace_flow_bytes_total"], **{"from": str(self.file), "method": "sendfile"})
            return found[0] if found else None

        first = support.until(served, what="metrics")
        self.assertEqual(first % 4096, 0)
        # Those who send half a request, or nothing, do not hold it up.
        with contextlib.ExitStack() as silent:
            for _ in range(20):
                silent.enter_context(socket.create_connection(("::1", port))).sendall(b"GET /metr")
            later = support.until(lambda: (value := served()) and value > first and value, what="more")
            self.assertGreater(later, first)
            tracer.send_signal(signal.SIGINT)
            tracer.wait(timeout=28)  # a server that waited for it would do so for 30
        self.assertEqual(tracer.returncode, 0)
        self.assertIsNone(server.poll())

    def test_only_loopback_unless_asked(self):
        port = self.free_port()
        tracer = support.start("top", "-p", self.server().pid, "-d", "3000", "--prometheus", port)
        self.addCleanup(lambda: (tracer.kill(), tracer.communicate()))
        wanted = f":{port:04X}"

        def listening():
            lines = [line.split() for name in ("tcp", "tcp6") for line in pathlib.Path("/proc/net", name).read_text().splitlines()]
            return [line[1] for line in lines if line[1].endswith(wanted) and line[3] == "0A"]

        self.assertEqual(support.until(listening, what="its port"), ["0100007F" + wanted])

    def test_what_cannot_be_is_said_before_the_program_is_started(self):
        mark = support.SCRATCH / "started"
        with socket.create_server(("127.0.0.1", 0)) as taken:
            places = {str(taken.getsockname()[1]): (1, "Address already in use"), "70000": (2, "not a port"),
                      "example:80": (2, "not an address"), "192.0.2.1:9435": (1, "cannot listen"),
                      "/no/such/folder/x.prom": (1, "cannot write"), str(support.SCRATCH): (1, "is a directory")}
            for place, (status, words) in places.items():
                for command in ("exec", "top"):
                    with self.subTest(place=place, command=command):
                        result = support.run(command, "--prometheus", place, "--", "touch", mark)
                        self.assertEqual(result.status, status, result.err)
                        self.assertIn(words, result.err)
                        self.assertFalse(mark.exists())

    def test_the_command_does_not_inherit_the_port(self):
        result = support.run("top", "--once", "--prometheus", self.free_port(), "--", "sh", "-c",
                             "ls -l /proc/self/fd > fds")
        self.assertEqual(result.status, 0, result.err)
        self.assertNotIn("socket:", (support.SCRATCH / "fds").read_text())


if __name__ == "__main__":
    support.main()
