"""The methods in Java: what their JVM asks of the kernel, measured as the others are."""

import re
import shutil
import unittest

import lab_support as support

JAVA = {"java_transferto": 0, "java_mapped": 1, "java_stream": 2}  # CPU copies per byte
CALLS = {"java_transferto": {"sendfile"}, "java_mapped": {"mmap", "write"}, "java_stream": {"read", "write"}}
SIZE, CHUNK = 4 << 20, 64 << 10


class JavaTest(support.CleanTest):
    def check(self, method, data):
        self.check_exact(data)
        self.check_copies_per_byte(data, JAVA[method])
        calls = data["ledger"]["syscalls"]
        self.assertLessEqual(CALLS[method], set(calls))
        for call in CALLS[method] - {"mmap"}:
            self.assertEqual(calls[call], SIZE // CHUNK, call)

    def check_cpu_time(self, data):
        """That of the thread that moves the payload; a JVM's others sleep beside it."""
        at = {event["name"]: event["t"] for event in data["events"] if event["kind"] == "mark"}
        self.assertGreater(data["ledger"]["cpu_time_ns"], 0)
        self.assertLessEqual(data["ledger"]["cpu_time_ns"], at["transfer ends"] - at["transfer begins"])

    def test_to_a_network_card_and_over_veth(self):
        if not shutil.which("javac"):
            raise unittest.SkipTest("no JDK")
        results = support.in_one_guest("6.12", **{path: ["run", *JAVA, "--kernel", "host", "--path", path, "--json"]
                                                  for path in ("nic", "veth")})
        for path, result in results.items():
            for method, data in support.measured(result).items():
                with self.subTest(path=path, method=method):
                    self.assertEqual(data["run"]["path"]["kind"], path)
                    self.check(method, data)

    def test_without_a_jdk(self):
        """What needs one says so; all others are run."""
        nowhere = {"PATH": "/usr/sbin:/sbin", "JAVA_HOME": ""}
        asked = support.run("run", "java_stream", "--kernel", "host", env=nowhere)
        self.check_error(asked, 1, "JDK", "default-jdk-headless")
        support.need_root()
        everything = support.run("run", "all", "--kernel", "host", "--size", "64KiB", env=nowhere)
        self.assertEqual(everything.status, 0, everything)
        self.assertIn("skipping java_transferto, java_mapped, java_stream: there is no JDK", everything.err)
        skipped = re.findall(r"^zctrace: skipping (.*?):", everything.err, re.MULTILINE)
        known = re.findall(r"^(\w+) ", support.run("list").out, re.MULTILINE)
        self.assertEqual(everything.out.count("on the sending side"), len(known) - len(", ".join(skipped).split(", ")))


if __name__ == "__main__":
    support.main()
