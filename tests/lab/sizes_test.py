"""Sizes and chunks at the edges, on the lab's default kernel: each figure stays exact."""

import os
import pathlib
import re
import threading
import time

import lab_support as support

GIB = 1 << 30


class Sizes(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        """All but the largest in one guest."""
        super().setUpClass()
        cls.results = support.in_one_guest("6.12", *support.RUN_LOADED, **{name: ["run", *words, "--kernel", "host", "--path", "nic", "--json"]
                                                      for name, words in {
            "no_multiple": [*support.METHODS, "--size", 1000003, "--chunk", 10007],
            "one_byte": [*support.METHODS, "--size", 1],
            "one_at_a_time": ["read_write", "--size", "64KiB", "--chunk", 1],
            "large_chunk": ["read_write", "splice", "--size", "300000", "--chunk", "1GiB"],
            "warm": ["read_write", "sendfile", "mmap_write", "--cache", "warm"]}.items()})

    def measured(self, name):
        return support.measured(self.results[name]).items()

    def test_no_multiple_of_page_or_chunk(self):
        copies = {"read_write": 2, "preadv2_writev": 2, "mmap_write": 1, "mmap_populate": 1, "sendfile": 0, "splice": 0,
                  "tee": 0, "direct_io": 1}
        for method, data in self.measured("no_multiple"):
            with self.subTest(method=method):
                self.assertEqual((data["run"]["size"], data["run"]["chunk"]), (1000003, 10007))
                self.check_exact(data)
                self.check_copies_per_byte(data, copies[method])

    def test_one_byte(self):
        for method, data in self.measured("one_byte"):
            with self.subTest(method=method):
                self.check_exact(data)
                iterators = {"read_write": 2, "preadv2_writev": 2, "mmap_write": 1, "mmap_populate": 1,
                             "direct_io": 1}.get(method, 0)
                rows = data["run"]["evidence"]["cross_check"]
                self.assertEqual(sum(row["ftrace_bytes"] for row in rows if row["side"] == "sender"), iterators)

    def test_one_byte_at_a_time(self):
        """As many records as a run can make: none may be lost, and each is counted."""
        for _, data in self.measured("one_at_a_time"):
            self.assertEqual(data["ledger"]["syscalls"], {"read": 65536, "write": 65536})
            self.check_exact(data)
            # The driver copies the payload of tiny packets once more; how many are so tiny hangs on timing.
            self.check_copies_per_byte(data, 2, 1.01)
            self.assertAlmostEqual(data["ledger"]["mode_switches_per_chunk"], 4, delta=0.1)

    def test_chunk_larger_than_the_file(self):
        for method, data in self.measured("large_chunk"):
            with self.subTest(method=method):
                self.assertEqual(data["run"]["chunk"], GIB)
                self.check_exact(data)
                self.check_copies_per_byte(data, 2 if method == "read_write" else 0)

    def test_warm_cache_needs_no_disk(self):
        for method, data in self.measured("warm"):
            with self.subTest(method=method):
                self.assertEqual(data["run"]["cache"], "warm")
                self.check_exact(data)
                self.assertEqual(data["ledger"]["dma"]["disk_requests"], 0)

    def test_a_quarter_of_a_gibibyte_in_little_memory(self):
        """Much less than the file's."""
        path = support.SCRATCH / "quarter.json"
        process = support.start("run", "splice", "--kernel", "6.12", "--size", "256MiB", "-o", path)
        peak = Peak(process.pid)
        result = support.wait(process)
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertTrue(0 < peak.kib < 128 << 10, f"{peak.kib} KiB")
        data = support.document(path)
        self.check_exact(data)
        self.check_copies_per_byte(data, 0, 0.001)
        self.assertEqual(data["ledger"]["syscalls"], {"splice": 8192})


class UsersFile(support.CleanTest):
    def test_it_comes_from_the_guests_disk(self):
        support.need_lab("6.12")
        source = support.SCRATCH / "users.bin"
        source.write_bytes(os.urandom(300_001))
        path = support.SCRATCH / "users.json"
        result = support.run("run", "sendfile", "--kernel", "6.12", "--file", source, "-o", path)
        self.assertEqual((result.status, result.err), (0, ""), result)
        data = support.document(path)
        self.check_exact(data)
        self.assertEqual(data["ledger"]["received_bytes"], 300_001)
        facts = data["run"]["source"]
        self.assertEqual((facts["file"], facts["filesystem"], facts["dma"]), (str(source), "ext4", True))
        self.assertRegex(facts["device"], "^nvme")
        self.assertGreaterEqual(data["ledger"]["dma"]["disk_bytes"], 300_001)


class Peak(threading.Thread):
    """The most memory that one process has ever had (VmHWM), looked at until it ends; not its children's."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.status = pathlib.Path(f"/proc/{pid}/status")
        self.kib = 0
        self.start()

    def run(self):
        try:
            while True:
                found = re.search(r"VmHWM:\s+(\d+) kB", self.status.read_text())
                self.kib = max(self.kib, int(found[1])) if found else self.kib
                time.sleep(0.1)
        except OSError:
            pass


if __name__ == "__main__":
    support.main()
