"""Each way of moving bytes is told from the trace, and each flow has its own bytes: on every kernel, and on this one."""

import collections
import json
import pathlib
import shutil
import sys
import tempfile

import lab_support as support

EVERY_WAY = pathlib.Path(__file__).with_name("every_way.py")
LINKED_WAYS = pathlib.Path(__file__).with_name("linked_ways.py")
SIZE = 1 << 20
# Copies per byte on loopback, where MSG_ZEROCOPY copies after all: there the rest is measured by chance of timing.
COPIES = {"read_write": 2, "mmap_write": 1, "sendfile": 0, "splice": 0, "tee": 0, "copy_file_range": 1, "direct_io": 1,
          "write": 1, "vmsplice": 0}
SEEN_BY_CALLS = {"read_write", "mmap_write", "write", "read", "process_vm"}


def flows_of(data):
    """(from, to, method) -> the sums of its parts; a socket is known by its own address."""
    found = collections.defaultdict(collections.Counter)

    def name_of(end):
        return end["name"].split(" - ")[0].split(":[")[0] if end["kind"] == "socket" else end["name"]

    for flow in data["ledger"]["flows"]["list"]:
        for part in flow["parts"]:
            sums = found[name_of(flow["from"]), name_of(flow["to"]), part["method"]]
            sums["again"] += part.get("repeated_bytes", 0)
            sums[part["link"]] += part["bytes"]
            for name in ("bytes", "calls", "cpu_bytes", "reference_bytes", "disk_bytes", "mode_switches"):
                sums[name] += part[name]
            sums["unknown"] += not part["copies_known"]
    return found


def copied(row):
    return row["cpu"] if "cpu" in row else COPIES[row["method"]] * row["bytes"]


class FlowsTest(support.CleanTest):
    def trace(self, *options, folder, prepare="", wrapper=""):
        path = support.SCRATCH / f"{self.id()}.json"
        script = f"""set -e; mkdir -p {folder}; head -c {SIZE} /dev/urandom > {folder}/file; {prepare}
                     {wrapper} python3 {EVERY_WAY} {folder}/file {folder}
                     exec {wrapper} python3 {LINKED_WAYS} {folder}/file {folder}"""
        result = support.run("exec", "--quiet", "-o", str(path), *options, "--", "sh", "-c", script)
        self.assertEqual(result.status, 0, result.err)
        expected = [json.loads(line) for line in result.out.splitlines()]
        self.assertGreater(len(expected), 40)
        return support.document(path), expected

    def check_flows(self, data, expected):
        found = flows_of(data)
        for row in expected:
            key = row["from"], row["to"], row["method"]
            with self.subTest(flow=key):
                self.assertIn(key, found)
                self.assertEqual(found[key]["bytes"], row["bytes"])
                self.assertEqual(found[key]["mode_switches"], 2 * found[key]["calls"])
                self.assertEqual(found[key]["again"], row.get("again", 0))
                if link := row.get("link"):
                    self.assertEqual(found[key][link], row["bytes"])
        # And nothing is said to have come from the file by a way that nobody took.
        taken = {(row["from"], row["to"], row["method"]) for row in expected}
        named = {row["from"] for row in expected} - {""}
        self.assertEqual({key for key in found if key[0] in named and key[1] and found[key]["bytes"]} - taken, set())
        self.assertEqual(data["ledger"]["flows"]["dropped"], {"calls": 0, "bytes": 0})
        return found

    def check_chains(self, data):
        """Who reads a connection's other end copies each byte once more."""
        flows = data["ledger"]["flows"]
        joined = collections.Counter()
        for chain in flows["chains"]:
            first, last = (flows["list"][chain["flows"][i]] for i in (0, -1))
            method = first["method"]
            if (len(chain["flows"]) > 2 or "broken" in chain or not first["to"]["name"].startswith("tcp ") or
                    not first["from"]["name"].endswith("/file") or method not in COPIES):
                continue
            with self.subTest(chain=[first["from"]["name"], first["to"]["name"], last["from"]["name"]]):
                self.assertEqual(last["from"]["name"], "tcp " + " - ".join(first["to"]["name"][4:].split(" - ")[::-1]))
                self.assertEqual((last["bytes"], last["to"]["kind"]), (first["bytes"], "memory"))
                self.assertEqual(chain["bytes_at_least"], first["bytes"])
                self.assertEqual(chain["cpu_copies_per_byte"], COPIES[method] + 1)
            joined[method] += 1
        self.assertLessEqual({"read_write", "mmap_write", "sendfile", "splice"}, set(joined))

    def check_on(self, kernel, copies="fast", mechanism="fentry"):
        support.need_lab(kernel)
        disk = "/run/zctrace/disk"
        for _ in range(8):
            # A preemptible kernel may skip a hook, and tells so: the less often, the less these programs preempt each other.
            data, expected = self.trace("--kernel", kernel, "--copies", copies, folder=f"{disk}/every", wrapper="chrt --fifo 1",
                                        prepare=f"ip link set lo up; sync; dd if={disk}/every/file iflag=nocache count=0 status=none")
            evidence = data["run"]["evidence"]
            if evidence["copies"] == "exact":
                break
            self.assertEqual(evidence["copies"], "sampled")
            told = " ".join(note["text"] for note in evidence["notes"])
            self.assertIn("skipped", told)
            print(told, file=sys.stderr)
        self.assertEqual((evidence["copies"], evidence["mechanism"]), ("exact", mechanism))
        found = self.check_flows(data, expected)
        for row in expected:
            sums = found[row["from"], row["to"], row["method"]]
            with self.subTest(copies=row):
                self.assertEqual(sums["unknown"], 0)
                if row["method"] in COPIES or "cpu" in row:
                    self.assertEqual(sums["cpu_bytes"], copied(row))
        self.check_chains(data)
        from_disk = {method: sum(sums["disk_bytes"] for key, sums in found.items()
                                 if key[0].endswith("/file") and key[2] == method) for method in COPIES}
        self.assertGreaterEqual(from_disk["read_write"], SIZE)  # whoever reads it first
        self.assertEqual(from_disk["direct_io"], SIZE)
        self.assertEqual((from_disk["sendfile"], from_disk["mmap_write"]), (0, 0))
        unattributed = data["ledger"]["flows"]["unattributed"]["bytes"]
        total = sum(row["bytes"] for row in support.copies(data, side="sender", by="cpu"))
        self.assertEqual(total, unattributed + sum(sums["cpu_bytes"] for sums in found.values()))
        self.assertLess(unattributed, 20_000)  # what the shell and the loader took
        return data

    def test_on_5_10(self):
        self.check_on("5.10")

    def test_on_6_1(self):
        self.check_on("6.1")

    def test_on_6_12(self):
        """By the breakpoints, and by the sum, which must find the same."""
        data = self.check_on("6.12", "exact", "breakpoints")
        for row in data["run"]["evidence"]["cross_check"]:
            with self.subTest(**row):
                self.assertEqual(row["breakpoint_bytes"], row["ftrace_bytes"])

    def test_on_7_2(self):
        self.check_on("7.2")

    def test_where_only_tracepoints_are(self):
        support.need_root()
        folder = pathlib.Path(tempfile.mkdtemp(dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, folder)
        data, expected = self.trace("--kernel", "host", folder=folder / "every")
        if data["run"]["evidence"]["copies"] != "inferred":
            self.skipTest("this kernel shows all")
        for row in expected:  # a file has the name of its last use there
            if row["to"].endswith("/renamed"):
                row["to"] += ".part"
        found = self.check_flows(data, expected)
        for row in expected:
            sums = found[row["from"], row["to"], row["method"]]
            with self.subTest(copies=row):
                seen = row["method"] in SEEN_BY_CALLS
                self.assertEqual(sums["unknown"] == 0, seen or row["method"] == "direct_io")
                if seen:
                    self.assertEqual(sums["cpu_bytes"], copied(row))


if __name__ == "__main__":
    support.main()
