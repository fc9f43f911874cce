"""Methods that receive: the receiver is the side that is judged, and each of its bytes is accounted for."""

import lab_support as support
from lab_support import copies, moved

METHODS = ("recv", "recv_splice", "tcp_zerocopy_receive")
SIZE = 5_255_225  # no multiple of a page or of the chunk
SHORT_ENDS = [f"short_{number}" for number in range(6)]  # it depends on how the packets come
WORDS = ["--kernel", "host", "--size", SIZE, "--chunk", "48KiB", "--json"]


class Receiving:
    kernel, paths, short_ends = None, ("veth",), SHORT_ENDS[:2]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Two receivers of one run too: the second one comes to a hook whose program was preempted for the first.
        cls.results = support.in_one_guest(
            cls.kernel, *support.RUN_LOADED, tee=["run", "tee", "--path", cls.paths[0], *WORDS],
            **{name: ["run", "recv_splice", "--path", "nic", "--kernel", "host", "--size", 2 * 65536 + 56, "--chunk", "1MiB", "--json"]
               for name in cls.short_ends},
            **{path: ["run", *METHODS, "--path", path, *WORDS] for path in cls.paths})
        cls.documents = {(path, method): data for path in cls.paths
                         for method, data in support.measured(cls.results[path]).items()}

    def each(self, method):
        return [self.documents[path, method] for path in self.paths]

    def check_receiver(self, data):
        """Exact, and judged: each byte came out of the socket once, copied or not."""
        self.check_whole(data)
        evidence = data["run"]["evidence"]
        self.assertEqual((evidence["copies"], evidence["receiver_copies"]), ("exact", "exact"), evidence["notes"])
        self.assertEqual(data["run"]["judged"], "receiver")
        for row in evidence["cross_check"]:
            self.assertTrue(row["agree"], row)
        out = sum(moved(data, side="receiver", _from="socket buffer", to=to) for to in ("user buffer", "pipe"))
        self.assertEqual(out, SIZE)
        # The rest is the kernel's: buffers that it joins.
        joined = moved(data, side="receiver", _from="socket buffer", to="socket buffer")
        copied = moved(data, side="receiver", by="cpu")
        self.assertAlmostEqual(data["ledger"]["receiver"]["cpu_copies_per_byte"], copied / SIZE, places=9)
        return copied - joined

    def test_recv_copies_each_byte_once(self):
        for data in self.each("recv"):
            self.assertEqual(self.check_receiver(data), SIZE)
            self.assertEqual(set(data["ledger"]["receiver"]["syscalls"]), {"recvfrom", "close"})

    def test_a_spliced_byte_is_copied_into_the_file(self):
        for data in self.each("recv_splice"):
            copied = self.check_receiver(data)
            self.assertEqual(moved(data, side="receiver", _from="pipe", to="file", by="cpu"), SIZE)
            linear = moved(data, side="receiver", _from="socket buffer", to="pipe", by="cpu")
            self.assertEqual(copied, SIZE + linear)
            self.assertEqual(moved(data, side="receiver", to="user buffer"), 0)
            self.assertEqual(set(data["ledger"]["receiver"]["syscalls"]), {"splice", "close"})

    def test_what_one_call_lends_and_copies_is_told_apart(self):
        """The last packet of a network card may be short, and linear: the call that lends the pages before it copies it."""
        for name in self.short_ends:
            for data in support.measured(self.results[name]).values():
                self.check_whole(data)
                self.assertEqual(moved(data, side="receiver", _from="socket buffer", to="pipe"), 2 * 65536 + 56)

    def test_what_is_mapped_is_not_copied(self):
        for data in self.each("tcp_zerocopy_receive"):
            copied = self.check_receiver(data)
            mapped = moved(data, side="receiver", by="reference", to="user buffer")
            self.assertEqual(mapped + copied, SIZE)
            self.assertEqual(mapped % 4096, 0)
            if data["run"]["path"]["kind"] == "veth":  # how much of it lies in whole pages hangs on when packets came
                self.assertGreater(mapped, SIZE / 8)
            functions = {row["function"] for row in copies(data, side="receiver", by="reference")}
            self.assertLessEqual(functions, {"tcp_zerocopy_receive"})

    def test_two_receivers_of_one_run(self):
        (data,) = support.measured(self.results["tee"]).values()
        self.check_exact(data)
        self.assertNotIn("judged", data["run"])


class On612(Receiving, support.DocumentTest):
    kernel, paths, short_ends = "6.12", ("veth", "nic", "loopback"), SHORT_ENDS

    def test_headline(self):
        path = support.SCRATCH / "recv.json"
        path.write_text(self.results["nic"].out.splitlines()[0])
        shown = support.run("show", path)
        self.assertIn("recv: 1.00 CPU copies per byte on the receiving side", shown.out)


class On510(Receiving, support.DocumentTest):
    kernel = "5.10"


class On72(Receiving, support.DocumentTest):
    kernel = "7.2"


if __name__ == "__main__":
    support.main()
