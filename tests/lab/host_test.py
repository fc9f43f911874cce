"""This machine's own kernel: whatever it allows, and an honest word on what it does not."""

import os
import pathlib
import re
import sys
import unittest

import lab_support as support
from lab_support import METHODS, moved

SIZE = 4 << 20


class HostTest(support.CleanTest):
    def check_honest(self, data):
        """Exact where the kernel lets us, else inferred, and then never a figure for what was not seen."""
        self.check_whole(data)
        facts, ledger, method = data["run"], data["ledger"], data["run"]["method"]
        evidence = facts["evidence"]
        self.assertEqual(facts["kernel"]["where"], "host")
        self.assertEqual(facts["kernel"]["release"], pathlib.Path("/proc/sys/kernel/osrelease").read_text().strip())
        self.assertIn(evidence["copies"], ("exact", "inferred"))
        self.assertEqual(evidence["receiver_copies"], "exact")
        self.assertEqual(moved(data, side="receiver", by="cpu", to="user buffer"), ledger["received_bytes"])
        for kind in ("system_calls", "page_faults", "context_switches"):
            self.assertEqual(evidence[kind], "exact", kind)
        if evidence["copies"] == "inferred":
            self.assertEqual((evidence["mechanism"], evidence["cross_check"]), ("syscalls", []))
            self.assertTrue(any("tracepoints only" in note["text"] and "--kernel 6.12" in note["text"]
                                for note in evidence["notes"]))
            expected = {"read_write": 2, "preadv2_writev": 2, "mmap_write": 1, "mmap_populate": 1, "direct_io": 1}.get(method)
            self.assertEqual(ledger["cpu_copies_per_byte"], expected)
            self.assertEqual(evidence["copies_unknown"], expected is None)
            for row in ledger["copies"]:
                if row["side"] == "sender" and row["by"] == "cpu":
                    self.assertEqual(row["evidence"], "inferred", row)


class All(HostTest):
    def setUp(self):
        support.need_root()
        super().setUp()

    def check_all(self, path):
        folder = support.SCRATCH / path
        result = support.run("run", *METHODS, "--kernel", "host", "--path", path, "-o", folder)
        self.assertEqual((result.status, result.err), (0, ""))
        for method, shown in zip(METHODS, support.copies_shown(result.out, len(METHODS)), strict=True):
            with self.subTest(method=method):
                data = support.document(folder / f"{method}.json")
                self.check_honest(data)
                self.assertEqual((data["run"]["path"]["kind"], data["run"]["path"]["dma"]), (path, False))
                if data["run"]["evidence"]["copies"] == "inferred":
                    known = data["ledger"]["cpu_copies_per_byte"] is not None
                    self.assertRegex(shown, r"^~\d" if known else "^unknown$")

    def test_page_faults_from_the_disk(self):
        """Whoever issues the requests: what the device cannot take at once, the kernel's block thread does."""
        path, size = support.SCRATCH / "cold", 64 << 20
        path.write_bytes(os.urandom(size))
        if os.major(path.stat().st_dev) == 0:
            self.skipTest("no disk")
        with open(path, "rb") as file:
            os.fsync(file)
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        touch = ("import mmap, sys; file = open(sys.argv[1], 'rb'); "
                 "pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ); "
                 "sum(pages[at] for at in range(0, len(pages), 4096))")
        result = support.run("exec", "-o", path.with_suffix(".json"), "--", sys.executable, "-c", touch, path)
        self.assertEqual(result.status, 0, result.err)
        data = support.document(path.with_suffix(".json"))
        self.assertGreaterEqual(data["ledger"]["dma"]["disk_bytes"], size)

    def test_veth(self):
        self.check_all("veth")

    def test_loopback(self):
        self.check_all("loopback")

    def test_warm_cache(self):
        data = support.measure("sendfile", "--kernel", "host", "--cache", "warm")["sendfile"]
        self.check_honest(data)  # no disk request, all pages resident

    def test_offload_is_read_back(self):
        data = support.measure("sendfile", "--kernel", "host", "--path", "veth", "--offload", "sg=off")["sendfile"]
        self.check_honest(data)
        self.assertFalse(data["run"]["path"]["scatter_gather"])


class Sources(HostTest):
    def setUp(self):
        support.need_root()
        super().setUp()

    def test_odd_sizes(self):
        for size, chunk in ((1, 1), (1, "64KiB"), (1000003, 10007), ("64KiB", "1GiB"), (4097, 4096)):
            with self.subTest(size=size, chunk=chunk):
                for data in support.measure("read_write", "splice", "--kernel", "host", "--size", size, "--chunk",
                                            chunk).values():
                    self.check_honest(data)

    def test_users_file(self):
        file = support.SCRATCH / "mine"
        file.write_bytes(bytes(range(256)) * 4000 + b"end")
        for data in support.measure(*METHODS, "--kernel", "host", "--file", file).values():
            self.check_honest(data)
            self.assertEqual((data["run"]["size"], data["run"]["source"]["file"]), (1024003, str(file)))

    def test_recording_on_standard_output(self):
        for command in (["run", "sendfile", "--size", "64KiB"], ["exec", "--quiet"]):
            command += ["--kernel", "host", "-o", "-"] + (["--", "true"] if command[0] == "exec" else [])
            with self.subTest(command):
                result = support.run(*command)
                self.assertEqual(result.status, 0, result.err)
                self.assertEqual(len(support.documents(result.out)), 1)
                self.assertFalse(pathlib.Path("-").exists())

    def test_file_in_memory_has_no_disk(self):
        shm = pathlib.Path("/dev/shm")
        if not shm.is_dir():
            raise unittest.SkipTest("no tmpfs on /dev/shm")
        file = shm / f"lab-test-{os.getpid()}"
        self.addCleanup(file.unlink)
        file.write_bytes(bytes(200) * 5000)
        path = support.SCRATCH / "tmpfs.json"
        result = support.run("run", "read_write", "--kernel", "host", "--file", file, "-o", path)
        self.assertEqual((result.status, result.err), (0, ""))
        data = support.document(path)
        self.assertEqual((data["run"]["source"]["filesystem"], data["run"]["source"]["dma"]), ("tmpfs", False))
        self.assertEqual(data["ledger"]["dma"]["disk_bytes"], 0)
        self.assertEqual(moved(data, _from="disk"), 0)
        self.assertIn("no disk DMA: tmpfs", result.out)



class Perf(support.CleanTest):
    """perf's own events of the tracepoints that zctrace hooks."""

    # struct perf_event_attr: type (PERF_TYPE_TRACEPOINT), size, config; read() gives the count.
    PROGRAM = """
import ctypes, os, platform, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 298, "aarch64": 241}[platform.machine()]
def count(event, work):
    id = int(open(f"/sys/kernel/tracing/events/{event}/id").read())
    attributes = struct.pack("IIQ", 2, 64, id).ljust(64, bytes(1))
    fd = libc.syscall(number, attributes, 0, -1, -1, 0)
    assert fd >= 0, os.strerror(ctypes.get_errno())
    for _ in range(100):
        work()
    print(struct.unpack("Q", os.read(fd, 8))[0])
ours, theirs = socket.socketpair()
def send():
    ours.send(bytes(1))
    theirs.recv(1)
for event in ("raw_syscalls/sys_enter", "raw_syscalls/sys_exit"):
    count(event, os.getppid)
count("skb/skb_copy_datagram_iovec", send)
"""

    def setUp(self):
        support.need_root()
        super().setUp()

    def test_sees_what_zctrace_sees(self):
        mounted = 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; exec "$@"'
        result = support.run("exec", "--kernel", "host", "--quiet", "--", "unshare", "--mount", "sh", "-c", mounted, "sh",
                             sys.executable, "-c", self.PROGRAM)
        self.assertEqual(result.status, 0, result.err)
        counts = list(map(int, result.out.split()))
        self.assertEqual(len(counts), 3, result)
        self.assertTrue(all(seen >= 100 for seen in counts), counts)


class Connections(support.CleanTest):
    """More of them than are told apart."""

    COUNT = 3000
    PROGRAM = """
import socket, sys, threading
count, server = int(sys.argv[1]), socket.create_server(("127.0.0.1", 0))
def serve():
    for _ in range(count):
        with server.accept()[0] as connection:
            connection.recv(100)
            connection.sendall(bytes(1000))
thread = threading.Thread(target=serve)
thread.start()
for _ in range(count):
    with socket.create_connection(server.getsockname()) as connection:
        connection.sendall(b"GET")
        while connection.recv(4096):
            pass
thread.join()
print(server.getsockname()[1])
"""

    def test_short_ones_in_great_number(self):
        support.need_root()
        path = support.SCRATCH / "connections.json"
        result = support.run("exec", "--kernel", "host", "-o", path, "--", sys.executable, "-c", self.PROGRAM, self.COUNT)
        self.assertEqual(result.status, 0, result.err)
        port = int(result.out)
        data = support.document(path)
        flows = data["ledger"]["flows"]
        self.assertEqual((flows["dropped"], flows["merged"]), ({"calls": 0, "bytes": 0}, 0))
        sent, received = ([flow for flow in flows["list"] if flow[end]["kind"] == "socket"] for end in ("to", "from"))
        for way in (sent, received):
            self.assertEqual(sum(flow["bytes"] for flow in way), self.COUNT * 1003)
        served = f"tcp 127.0.0.1:{port} - 127.0.0.1:*"
        ends = [flow["to"] for flow in sent]
        self.assertEqual({end["name"] for end in ends if "connections" in end},
                         {served, f"tcp 127.0.0.1:* - 127.0.0.1:{port}"})
        self.assertEqual(sum(end.get("connections", 0) for end in ends), 2 * self.COUNT - 1000)
        self.assertEqual(sum("connections" not in end for end in ends), 1000)
        shown = support.run("show", path).out
        self.assertIn(f"×{self.COUNT}", shown)


class Chains(support.CleanTest):
    """What one process puts into a pipe or a connection, and another takes out of it."""

    PROGRAM = """
import os, socket, sys

def send(end, size):
    for _ in range(size // 1000):
        end.sendall(bytes(1000))
    end.close()

def receive(end):
    while end.recv(65536):
        pass

def apart(run, *arguments):
    if os.fork() == 0:
        run(*arguments)
        os._exit(0)

def connection(port):
    server = socket.create_server(("127.0.0.1", 8080))
    client = socket.create_connection(server.getsockname(), source_address=("127.0.0.1", port))
    return server.accept()[0], client

def over(ends, size):
    apart(send, ends[0], size)
    ends[0].close()
    receive(ends[1])
    os.wait()

size = int(sys.argv[1])
over(connection(40001), size)
if len(sys.argv) > 2:
    over(socket.socketpair(), int(sys.argv[2]))
    mixed = connection(40002)
    mixed[1].sendall(bytes(7))
    apart(lambda: (mixed[0].recv(7), mixed[0].sendfile(open(sys.argv[3], 'rb')), send(mixed[0], 5000)))
    mixed[0].close()
    receive(mixed[1])
    os.wait()
"""

    def test_of_pipes_and_connections(self):
        support.need_root()
        big, path = support.SCRATCH / "big", support.SCRATCH / "chains.json"
        big.write_bytes(bytes(300_000))
        # Two network namespaces have the same addresses at the same time.
        script = """ip link set lo up; python3 -c "$0" 100000 200000 "$1" &
                    unshare --net sh -c 'ip link set lo up; exec python3 -c "$0" 50000' "$0" &
                    dd if="$1" bs=64k status=none | python3 -c 'while __import__("os").read(0, 65536): pass'; wait"""
        result = support.run("exec", "--kernel", "host", "-o", path, "--", "unshare", "--net", "sh", "-c", script,
                             self.PROGRAM, big)
        self.assertEqual(result.status, 0, result.err)
        data = support.document(path)
        flows = data["ledger"]["flows"]
        found = {}
        for chain in flows["chains"]:
            hops = [flows["list"][i] for i in chain["flows"]]
            ends = [hops[0]["from"]] + [hop["to"] for hop in hops]
            names = [re.sub(r"\[\d+\]", "", end["name"]) or end["kind"] for end in ends]
            broken = chain.get("broken", {"by": "", "bytes": 0})
            found[*names, chain["bytes_at_most"]] = (broken["by"], broken["bytes"], chain["cpu_copies_per_byte"])
            self.assertEqual([hop["bytes"] for hop in hops].count(chain["bytes_at_most"]) == len(hops), not broken["by"])
        first, second = (f"tcp 127.0.0.1:8080 - 127.0.0.1:{port}" for port in (40001, 40002))
        expected = {("memory", first, "memory", 100_000): ("", 0, 2), ("memory", first, "memory", 50_000): ("", 0, 2),
                    ("memory", "unix:", "memory", 200_000): ("", 0, 2), (str(big), "pipe:", "memory", 300_000): ("", 0, 3),
                    ("memory", "tcp 127.0.0.1:40002 - 127.0.0.1:8080", "memory", 7): ("", 0, 2),
                    (str(big), second, "memory", 300_000): ("also_in", 5000, None),
                    ("memory", second, "memory", 5000): ("also_in", 300_000, None)}
        for chain, told in expected.items():
            with self.subTest(chain=chain):
                self.assertEqual(found.get(chain), told)
        for language, whole, why in (("en", "the whole way", "no total: 4.88 KiB of other flows went into"),
                                     ("zh", "全程", "无总数：另有 4.88 KiB")):
            shown = support.run("show", path, "--lang", language).out
            self.assertIn(whole, shown)
            self.assertIn(why, shown)


if __name__ == "__main__":
    support.main()
