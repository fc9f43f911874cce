"""What goes wrong on purpose in a guest: docs/faults.md."""

import json
import pathlib
import signal
import sys

import lab_support as support

BYTES = 10_000_000


class InTheGuest(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        result = support.in_one_guest("6.12", *support.PROGRAMS_LOADED, faults=[sys.executable, pathlib.Path(__file__).with_name("guest_faults.py"),
                                                      support.ZCTRACE])["faults"]
        if result.status != 0:
            raise AssertionError(result.err)
        cls.found = json.loads(result.out)

    def check_whole(self, found):
        self.assertEqual((found["status"], found["out"], found["err"]), (0, "", ""))
        data = found["document"]
        self.assertEqual((data["copied"], data["copies"]), (BYTES, "exact"))
        self.assertTrue(all(0 <= t <= data["duration"] for t in data["times"]), data)
        self.assertTrue(1e9 < data["duration"] < 60e9, data["duration"])

    def test_another_network_namespace(self):
        self.check_whole(self.found["network"])

    def test_another_time(self):
        """In a time namespace the clocks of zctrace and its hooks differ."""
        self.check_whole(self.found["time"])

    def test_modules_come_and_go_all_is_frozen_and_a_processor_taken_off(self):
        """In one trace, one after the other."""
        self.assertEqual(self.found["upheaval"]["suspends"], 1)
        self.check_whole(self.found["upheaval"])

    def test_the_command_takes_all_memory(self):
        """The kernel kills it, and nothing else."""
        found = self.found["no_memory"]
        self.assertEqual((found["status"], found["out"], found["err"]), (128 + signal.SIGKILL, "", ""))
        data = found["document"]
        self.assertEqual((data["copied"], data["copies"]), (BYTES // 10, "exact"))

    def test_a_security_module_that_refuses_bpf(self):
        found = self.found["security"]
        self.assertEqual((found["status"], found["out"], found["document"]), (3, "", None), found)
        self.assertRegex(found["err"], r"\Azctrace: tracing is not permitted here: Operation not permitted\n"
                                       r"  hint: a security module .*, or in the lab, .*\n\Z")

    def test_little_memory(self):
        """A cgroup's limit: killed by the kernel, or whole."""
        small, enough = (self.found["memory"][limit] for limit in ("8M", "400M"))
        self.assertTrue(small["status"] == -signal.SIGKILL or small["err"], small)
        self.assertIsNone(small["document"])
        self.check_whole(enough)

    def test_lockdown(self):
        found = self.found["lockdown"]
        self.assertEqual((found["status"], found["document"]), (3, None), found)
        self.assertIn("zctrace: ", found["err"])
        (row,) = (row for row in self.found["doctor"]["findings"] if row["what"] == "lockdown")
        self.assertFalse(row["good"])


class OfTheGuest(support.CleanTest):
    def setUp(self):
        support.need_lab("6.12")
        super().setUp()
        self.path = support.SCRATCH / "recording.json"
        self.path.unlink(missing_ok=True)

    def test_zctrace_is_killed_there(self):
        result = support.run("exec", "--kernel", "6.12", "-o", self.path, "--", "sh", "-c", "echo begun; kill -9 $PPID; sleep 60")
        self.assertEqual((result.status, result.out), (137, "begun\n"))
        self.assertIn("in the guest zctrace was killed by signal 9", result.err)
        self.assertFalse(self.path.exists())

    def test_its_memory_disk_is_full(self):
        result = support.run("exec", "--kernel", "6.12", "--quiet", "-o", self.path, "--", "sh", "-c", "cat /dev/zero >/tmp/zero; exit 7")
        self.assertEqual(result.status, 7)
        self.assertIn("No space left", result.err)
        self.assertNotIn("zctrace: ", result.err)
        flows = support.document(self.path)["ledger"]["flows"]["list"]
        self.assertGreater(sum(flow["to"]["name"] == "/tmp/zero" for flow in flows), 0)


if __name__ == "__main__":
    support.main()
