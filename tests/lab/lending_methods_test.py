"""Methods that lend pages or ask by io_uring: on each kernel that has them, over a card, between namespaces and at home."""

import unittest

import lab_support as support
from lab_support import copies, moved

LENDING = ("vmsplice", "msg_zerocopy", "mmap_zerocopy")
URING = ("uring_read_send", "uring_send_zc", "uring_splice", "uring_direct")
NETWORKS = {"nic": ("nic", "cold"), "veth": ("veth", "warm")}
LOOPBACK = {"loopback": ("loopback", "cold")}
READ, WRITTEN = ("page cache", "user buffer", "cpu"), ("user buffer", "socket buffer", "cpu")
# What each moves, apart from what devices and the device layer do, and what the cross-check covers of it.
ROADS = {
    "vmsplice": {READ, ("user buffer", "pipe", "reference"), ("pipe", "socket buffer", "reference")},
    "msg_zerocopy": {READ, ("user buffer", "socket buffer", "reference")},
    "mmap_zerocopy": {("page cache", "user buffer", "reference"), ("page cache", "socket buffer", "reference")},
    "uring_read_send": {READ, WRITTEN},
    "uring_send_zc": {READ, ("user buffer", "socket buffer", "reference")},
    "uring_splice": {("page cache", "pipe", "reference"), ("pipe", "socket buffer", "reference")},
    "uring_direct": {WRITTEN},
}
CPU = {method: sum(by == "cpu" for _, _, by in road) for method, road in ROADS.items()}
# By the kernel's own word that a zero-copy send was none.
COPIED_AFTER_ALL = {"msg_zerocopy", "mmap_zerocopy", "uring_send_zc"}
# 1 byte, one less than a page, one more than a chunk, and no multiple of anything.
SIZES = {"one": (1, 65536), "page": (4095, 65536), "chunk": (65537, 65536), "odd": (300_007, 10_007)}


class Methods:
    kernel = None
    methods = LENDING + URING
    networks = NETWORKS
    sizes = ()

    @classmethod
    def setUpClass(cls):
        """All in one guest."""
        super().setUpClass()
        here = ["--kernel", "host", "--json"]
        asked = {name: ["run", *cls.methods, "--path", path, "--cache", cache, *here]
                 for name, (path, cache) in cls.networks.items()}
        asked |= {name: ["run", *cls.methods, "--path", "nic", "--size", SIZES[name][0], "--chunk", SIZES[name][1], *here]
                  for name in cls.sizes}
        asked["pipe"] = ["run", "vmsplice", "uring_splice", "--path", "pipe", *here]
        asked["unfit"] = ["run", "msg_zerocopy", "--path", "file", "--kernel", "host"]
        asked |= cls.more()
        cls.results = support.in_one_guest(cls.kernel, *support.RUN_LOADED, **asked)

    @classmethod
    def more(cls):
        return {}

    def documents(self, name):
        found = support.measured(self.results[name])
        self.assertEqual(tuple(found), self.methods)
        return found.items()

    def check_road(self, method, data):
        """Each step moves each byte once."""
        size = data["run"]["size"]
        road = {(row["from"], row["to"], row["by"]) for row in copies(data, side="sender") if row["from"] != "disk"}
        road = {(start, end, by) for start, end, by in road if start != "socket buffer"}
        self.assertEqual(road, ROADS[method])
        for start, end, by in road:
            self.assertEqual(moved(data, side="sender", _from=start, to=end, by=by), size, (start, end, by))
        checked = {(row["from"], row["to"], "cpu") for row in data["run"]["evidence"]["cross_check"]
                   if row["side"] == "sender"}
        self.assertEqual(checked, {step for step in ROADS[method] if step[2] == "cpu"})
        if data["run"]["cache"] == "cold":
            to = "user buffer" if method == "uring_direct" else "page cache"
            self.assertEqual(moved(data, side="sender", _from="disk"), moved(data, side="sender", _from="disk", to=to))

    def test_card(self):
        for method, data in self.documents("nic"):
            with self.subTest(method=method):
                self.check_exact(data)
                self.check_road(method, data)
                self.check_copies_per_byte(data, CPU[method])

    def check_at_home(self, name):
        """Where the receiver's kernel is the sender's it copies what was lent, and only that."""
        for method, data in self.documents(name):
            with self.subTest(path=name, method=method):
                self.check_exact(data)
                self.check_road(method, data)
                again = method in COPIED_AFTER_ALL
                self.check_copies_per_byte(data, CPU[method] + again, 0.01 + support.sent_again(data))
                if again:
                    rows = copies(data, side="sender", _from="socket buffer", to="socket buffer")
                    self.assertEqual({row["function"] for row in rows}, {"skb_copy_ubufs"})

    def test_at_home(self):
        for name in self.networks.keys() - {"nic"}:
            self.check_at_home(name)

    def test_completions(self):
        """What the kernel says of its sends is shown."""
        for name in self.networks:
            for method, data in self.documents(name):
                told = [note for note in data["run"]["evidence"]["notes"] if note["id"].startswith("note_completions")]
                with self.subTest(path=name, method=method):
                    self.assertEqual(len(told), method in COPIED_AFTER_ALL)
                    if told and told[0]["id"] == "note_completions":
                        copied, sends, flag = told[0]["args"]
                        self.assertTrue(0 <= int(copied) <= int(sends))
                        self.assertGreaterEqual(int(sends), 64)
                        self.assertIn("COPIED", flag)

    def test_few_calls(self):
        """A ring's requests are no system calls."""
        for method, data in self.documents("nic"):
            calls = data["ledger"]["syscalls"]
            with self.subTest(method=method):
                if method in URING:
                    self.assertEqual(set(calls), {"io_uring_enter"})
                    self.assertLess(calls["io_uring_enter"], 250)
                elif method == "vmsplice":
                    self.assertEqual(calls, {"mmap": 1, "read": 64, "vmsplice": 64, "splice": 64, "madvise": 64, "munmap": 1})
                else:
                    self.assertGreaterEqual(calls["sendto"], 64)

    def test_sizes(self):
        for name in self.sizes:
            for method, data in self.documents(name):
                with self.subTest(size=name, method=method):
                    self.check_exact(data)
                    self.check_road(method, data)

    def test_pipe(self):
        documents = support.measured(self.results["pipe"])
        roads = {"vmsplice": {READ, ("user buffer", "pipe", "reference")}, "uring_splice": {("page cache", "pipe", "reference")}}
        for method, data in documents.items():
            with self.subTest(method=method):
                self.check_exact(data)
                road = {(row["from"], row["to"], row["by"]) for row in copies(data, side="sender") if row["from"] != "disk"}
                self.assertEqual(road, roads[method])

    def test_into_a_file(self):
        self.check_error(self.results["unfit"], 2, "msg_zerocopy", "sockets only", "file")


class On510(Methods, support.CleanTest):
    """Its io_uring is that of 5.15."""
    kernel = "5.10"
    methods = tuple(method for method in LENDING + URING if method != "uring_send_zc")

    @classmethod
    def more(cls):
        return {"lacking": ["run", "uring_send_zc", "--kernel", "host"], "listed": ["list"]}

    def test_what_it_lacks(self):
        self.check_error(self.results["lacking"], 1, "uring_send_zc", "io_uring lacks")
        listed = " ".join(self.results["listed"].out.split())
        self.assertIn("Linux 6.0 or later: io_uring with SEND_ZC (not this kernel: this kernel's io_uring lacks", listed)
        self.assertIn("Linux 5.7 or later: io_uring with SPLICE textbooks", listed)


class On61(Methods, support.CleanTest):
    kernel = "6.1"


class On612(Methods, support.CleanTest):
    kernel = "6.12"
    networks = NETWORKS | LOOPBACK
    sizes = tuple(SIZES)


class On72(Methods, support.CleanTest):
    kernel = "7.2"


if __name__ == "__main__":
    support.main()
