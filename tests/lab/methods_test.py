"""All methods over the lab's cards, cold from the disk, on two kernels: what two mechanisms agree on."""

import functools

import lab_support as support
from lab_support import METHODS, copies, moved

SIZE, CHUNKS = 4 << 20, 64
COPIES = {"read_write": 2, "preadv2_writev": 2, "mmap_write": 1, "mmap_populate": 1, "sendfile": 0, "splice": 0, "tee": 0, "direct_io": 1}
CALLS = {"read_write": {"read": 64, "write": 64}, "preadv2_writev": {"preadv2": 64, "writev": 64},
         "mmap_write": {"mmap": 1, "munmap": 1, "write": 64},
         "mmap_populate": {"mmap": 1, "munmap": 1, "write": 64},
         "sendfile": {"sendfile": 64}, "splice": {"splice": 128}, "tee": {"splice": 192, "tee": 64},
         "direct_io": {"read": 64, "write": 64}}


def of_each_document(check):
    @functools.wraps(check)
    def test(self):
        for method, data in self.documents.items():
            with self.subTest(method=method):
                check(self, method, data)

    return test


class Methods:
    kernel = None

    @classmethod
    def setUpClass(cls):
        support.need_lab(cls.kernel)
        cls.folder = folder = support.SCRATCH / f"methods-{cls.kernel}"
        cls.before = support.leftovers()
        cls.result = support.run("run", *METHODS, "--kernel", cls.kernel, "--path", "nic", "--cache", "cold", "-o", folder)
        assert cls.result.status == 0, cls.result
        assert sorted(path.name for path in folder.iterdir()) == sorted(f"{method}.json" for method in METHODS)
        cls.documents = {method: support.document(folder / f"{method}.json") for method in METHODS}

    @of_each_document
    def test_run_is_described(self, method, data):
        facts = data["run"]
        self.assertEqual((facts["method"], facts["size"], facts["cache"]), (method, SIZE, "cold"))
        self.assertEqual(facts["command"][:3], ["zctrace", "run", METHODS[0]])
        self.assertEqual(facts["kernel"]["where"], "lab")
        self.assertTrue(facts["kernel"]["release"].startswith(self.kernel + "."))
        self.assertEqual((facts["source"]["filesystem"], facts["source"]["dma"]), ("ext4", True))
        self.assertEqual((facts["path"]["kind"], facts["path"]["driver"], facts["path"]["dma"]),
                         ("nic", "vmxnet3", True))
        self.assertEqual(facts["sinks"], 2 if method == "tee" else 1)
        self.assertGreater(facts["duration_ns"], 0)

    @of_each_document
    def test_figures_are_what_two_mechanisms_agree_on(self, method, data):
        self.check_exact(data)

    @of_each_document
    def test_cross_check_covers_each_copy_of_the_iterators(self, method, data):
        through = {("page cache", "user buffer"), ("user buffer", "socket buffer")}
        edges = {"read_write": through, "preadv2_writev": through,
                 "mmap_write": {("page cache", "socket buffer")}, "mmap_populate": {("page cache", "socket buffer")},
                 "direct_io": {("user buffer", "socket buffer")}}
        rows = data["run"]["evidence"]["cross_check"]
        sender = {(row["from"], row["to"]) for row in rows if row["side"] == "sender"}
        self.assertEqual(sender, edges.get(method, set()))
        receiver = [(row["from"], row["to"], row["ftrace_bytes"]) for row in rows if row["side"] == "receiver"]
        self.assertEqual(receiver, [("socket buffer", "user buffer", data["ledger"]["received_bytes"])])

    @of_each_document
    def test_copies_per_byte(self, method, data):
        self.check_copies_per_byte(data, COPIES[method])
        # The receiver's own read, and more only where its kernel coalesces buffers.
        self.assertTrue(1 <= data["ledger"]["receiver"]["cpu_copies_per_byte"] < 1.5)
        self.assertEqual(moved(data, side="receiver", to="user buffer"), data["ledger"]["received_bytes"])

    @of_each_document
    def test_each_copy_moves_the_whole_payload(self, method, data):
        """Not only the sum: each edge of the documents' picture carries each byte once."""
        edges = {(row["from"], row["to"], row["by"]) for row in copies(data, side="sender")}
        edges -= {("socket buffer", "socket buffer", "cpu")}
        sinks = data["run"]["sinks"]
        for start, end, by in edges - {("socket buffer", "nic", "dma")}:
            times = sinks if end == "socket buffer" else 1
            self.assertEqual(moved(data, side="sender", _from=start, to=end, by=by), times * SIZE, (start, end, by))

    @of_each_document
    def test_roads(self, method, data):
        disk, nic = ("disk", "page cache", "dma"), ("socket buffer", "nic", "dma")
        spliced = {disk, ("page cache", "pipe", "reference"), ("pipe", "socket buffer", "reference"), nic}
        mapped = {disk, ("page cache", "user buffer", "reference"), ("page cache", "socket buffer", "cpu"), nic}
        through = {disk, ("page cache", "user buffer", "cpu"), ("user buffer", "socket buffer", "cpu"), nic}
        roads = {
            "read_write": through,
            "preadv2_writev": through,
            "mmap_write": mapped,
            "mmap_populate": mapped,
            "splice": spliced,
            "tee": spliced | {("pipe", "pipe", "reference")},
            "direct_io": {("disk", "user buffer", "dma"), ("user buffer", "socket buffer", "cpu"), nic},
        }
        road = {(row["from"], row["to"], row["by"]) for row in copies(data, side="sender")}
        road -= {("socket buffer", "socket buffer", "cpu")}
        if method == "sendfile":  # through the pipe of its own, or past it
            self.assertLessEqual({disk, nic}, road)
            self.assertEqual({by for _, _, by in road - {disk, nic}}, {"reference"})
        else:
            self.assertEqual(road, roads[method])

    @of_each_document
    def test_system_calls_and_mode_switches(self, method, data):
        ledger = data["ledger"]
        self.assertEqual(ledger["syscalls"], CALLS[method])
        expected = 2 * sum(CALLS[method].values()) / CHUNKS
        self.assertLess(ledger["mode_switches_per_chunk"] - expected, 0.3, "faults from user mode")
        self.assertGreater(self.documents["mmap_write"]["ledger"]["page_faults"]["kernel"], 0)
        self.assertEqual(self.documents["mmap_populate"]["ledger"]["page_faults"]["kernel"], 0)

    @of_each_document
    def test_a_chunk_is_followed_to_the_calls_that_received_it(self, method, data):
        picture = support.run("--lang", "en", "chart", self.folder / f"{method}.json", "--kind", "sequence", "-o", "-").out
        if data["run"]["sinks"] > 1:
            self.assertIn("unknown; there are several sockets", picture)
        else:
            self.assertIn("the same 64.0 KiB at the receiver: ", picture)
            self.assertNotIn("unknown", picture)

    @of_each_document
    def test_hooks_are_named(self, method, data):
        hooks = data["run"]["evidence"]["hooks"]
        fired = {hook["name"] for hook in hooks if hook["state"] == "fired"}
        for name in ("sys_enter", "sys_exit", "skb_copy_bits", "tcp_sendmsg_locked", "skb_copy_datagram_iter",
                     "page_fault_kernel", "block_rq_complete", "net_dev_start_xmit"):
            self.assertIn(name, fired)

    def test_a_row_each(self):
        """In their order, each with the very figure of its document."""
        figures = [self.documents[method]["ledger"]["cpu_copies_per_byte"] for method in METHODS]
        self.assertEqual(support.copies_shown(self.result.out, len(METHODS)),
                         ["<0.01" if 0 < figure < 0.005 else f"{figure:.2f}" for figure in figures])
        self.assertEqual(self.result.err, "")

    def test_nothing_is_left(self):
        support.check_nothing_left(self.before)


class MethodsOn612(Methods, support.DocumentTest):
    kernel = "6.12"


class MethodsOn510(Methods, support.DocumentTest):
    kernel = "5.10"


class MethodsOverVeth(support.CleanTest):
    """The same between two namespaces: the same copies, and no device that could move a byte by itself."""

    def test_all(self):
        support.need_lab("6.12")
        for method, data in support.measure(*METHODS, "--kernel", "6.12", "--path", "veth").items():
            with self.subTest(method=method):
                path = data["run"]["path"]
                self.assertEqual((path["kind"], path["driver"], path["dma"]), ("veth", "veth", False))
                self.assertTrue(path["scatter_gather"])
                self.check_exact(data)
                self.check_copies_per_byte(data, COPIES[method])
                self.assertEqual(data["ledger"]["syscalls"], CALLS[method])


if __name__ == "__main__":
    support.main()
