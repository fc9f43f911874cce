"""A real-time kernel does its work in threads, which preempt each other's hooks within a processor: runs, programs and
processes are traced there as everywhere. One guest for all."""

import collections
import os
import pathlib

import lab_support as support

KERNEL = "6.1-rt"
METHODS = {"splice": 0, "sendfile": 0, "read_write": 2, "mmap_write": 1, "tee": 0}
WHOLE, ODD = 4 << 20, 5255225
SERVED = (1_000_003, 1_003_003)  # by read and write, by sendfile
BUSY_SERVER = pathlib.Path(__file__).with_name("busy_server.py")

# argv: COPY SERVED FILE...: copies the first file, serves the second to itself by two ways at once; checks what arrives.
COPY_AND_SERVE = """
import os, socket, subprocess, sys, threading
file, copy = sys.argv[1:]
subprocess.run(["cp", file, copy], check=True)
expected = open(copy, "rb").read()
listener = socket.create_server(("127.0.0.1", 0))
def fetch(way):
    client = socket.create_connection(listener.getsockname())
    client.sendall(way)
    got = b"".join(iter(lambda: client.recv(65536), b""))
    assert got == expected, (way, len(got))
def serve(connection):
    with connection, open(file, "rb", buffering=0) as source:
        if connection.recv(1) == b"s":
            sent = 0
            while sent < len(expected):
                sent += os.sendfile(connection.fileno(), source.fileno(), sent, len(expected) - sent)
        else:
            while piece := source.read(16384):
                connection.sendall(piece)
clients = [threading.Thread(target=fetch, args=(way,)) for way in (b"s", b"r")]
for client in clients:
    client.start()
servers = [threading.Thread(target=serve, args=(listener.accept()[0],)) for _ in clients]
for thread in servers:
    thread.start()
for thread in servers + clients:
    thread.join()
"""

# A preemptible kernel may skip a hook, and tells so: such a trace is made again.
TRACE = """
for attempt in 1 2 3 4 5 6 7 8; do
  {command} >&2
  grep -q '"copies": "exact"' {path} && break
done
cat {path}
"""

ATTACH = """
cd "$(mktemp -d)" && mkfifo input
/usr/bin/python3 {server} {files} < input > output &
exec 9> input
until grep -q ready output; do sleep 0.1; done
{trace}
exec 9>&-
wait
cat output >&2
"""


class RealTime(support.DocumentTest):
    @classmethod
    def setUpClass(cls):
        folder, disk = support.SCRATCH / "rt", "/run/zctrace/disk"
        folder.mkdir()
        program = folder / "copy_and_serve.py"
        program.write_text(COPY_AND_SERVE)
        cls.files = [folder / f"served-{index}" for index in range(2)]
        for file, size in zip(cls.files, SERVED):
            file.write_bytes(os.urandom(size))
        cls.source = f"{disk}/file"

        def traced(path, *words):
            command = " ".join(map(str, (support.ZCTRACE, words[0], "-o", path, *words[1:])))
            return TRACE.format(command=command, path=path)

        python = "/usr/bin/python3"
        executed = f"ip link set lo up; cp {cls.files[0]} {cls.source}; sync\n" + traced(
            "/tmp/exec.json", "exec", "--", python, program, cls.source, f"{disk}/copy")
        attached = ATTACH.format(server=BUSY_SERVER, files=" ".join(map(str, cls.files)),
                                 trace=traced("/tmp/attach.json", "attach", "-p", "$!", "-d", "1"))
        run = ["run", *METHODS, "--kernel", "host", "--json"]
        cls.results = support.in_one_guest(
            KERNEL, nic=[*run, "--path", "nic", "--size", ODD], veth=[*run, "--path", "veth", "--size", WHOLE],
            executed=["/bin/sh", "-c", executed], attached=["/bin/sh", "-c", attached])

    def check_runs(self, name, size):
        found = support.measured(self.results[name])
        self.assertEqual(set(found), set(METHODS))
        for method, data in found.items():
            with self.subTest(method=method):
                self.assertIn("-rt-", data["run"]["kernel"]["release"])
                self.assertEqual((data["run"]["path"]["kind"], data["run"]["size"]), (name, size))
                self.check_exact(data)
                self.check_copies_per_byte(data, METHODS[method])
                self.assertEqual(support.moved(data, side="receiver", to="user buffer"), size * data["run"]["sinks"])

    def test_runs_over_a_card(self):
        self.check_runs("nic", ODD)

    def test_runs_over_veth(self):
        self.check_runs("veth", WHOLE)

    def flows(self, name):
        result = self.results[name]
        self.assertEqual(result.status, 0, result)
        (data,) = support.documents(result.out)
        evidence = data["run"]["evidence"]
        self.assertEqual(evidence["copies"], "exact", evidence["notes"])
        return data

    def test_a_program(self):
        data = self.flows("executed")
        found = collections.Counter()
        for flow in data["ledger"]["flows"]["list"]:
            if flow["from"]["name"] != self.source:
                continue
            for part in flow["parts"]:
                found[flow["to"]["kind"], part["method"]] += part["bytes"]
                self.assertTrue(part["copies_known"], part)
        size = SERVED[0]
        self.assertEqual((found["socket", "sendfile"], found["socket", "read_write"]), (size, size))
        self.assertEqual(sum(count for (kind, _), count in found.items() if kind == "file"), size)
        received = sum(flow["bytes"] for flow in data["ledger"]["flows"]["list"] if flow["from"]["kind"] == "socket"
                       and flow["to"]["kind"] == "memory" and flow["from"]["name"].startswith("tcp"))
        self.assertGreaterEqual(received, 2 * size)

    def test_a_process(self):
        data = self.flows("attached")
        self.assertEqual(self.results["attached"].err.splitlines()[-1], "ok")
        names, whole = [str(file) for file in self.files], set()
        for flow in data["ledger"]["flows"]["list"]:
            if flow["from"]["name"] not in names or flow["to"]["kind"] != "socket":
                continue
            index = names.index(flow["from"]["name"])
            self.assertEqual({part["method"] for part in flow["parts"]}, {("read_write", "sendfile")[index]})
            self.assertLessEqual(flow["bytes"], SERVED[index])
            if flow["bytes"] == SERVED[index]:
                whole.add(index)
        self.assertEqual(whole, {0, 1})


if __name__ == "__main__":
    support.main()
