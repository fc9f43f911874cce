"""The timeline may be cut, and then says exactly what is missing; the ledger loses nothing."""

import collections

import lab_support as support


class Losses(support.CleanTest):
    def check_losses(self, data):
        ledger, lost = data["ledger"], data["run"]["lost"]
        self.assertGreater(lost["events"], 1000)
        self.assertEqual(sum(lost["by_kind"].values()), lost["events"])
        shown = collections.Counter(event["kind"] for event in data["events"])
        calls = sum(ledger["syscalls"].values()) + sum(ledger["receiver"]["syscalls"].values())
        self.assertEqual(shown["syscall"] + lost["by_kind"].get("syscall", 0), calls)
        self.assertEqual(shown["transmit"] + lost["by_kind"].get("transmit", 0), ledger["transmit"]["packets"])
        self.assertEqual(shown["disk"] + lost["by_kind"].get("disk", 0), ledger["dma"]["disk_requests"])
        # 1 MiB in pieces of 64 bytes: all of them, whatever became of their events.
        self.assertEqual(ledger["syscalls"], {"read": 16384, "write": 16384})
        self.assertEqual(ledger["mode_switches"]["syscall"], 2 * 32768)
        self.assertEqual(ledger["payload_bytes"], 1 << 20)

    def run_with_a_tiny_ring(self, *arguments):
        path = support.SCRATCH / "losses.json"
        result = support.run("run", "read_write", "--size", "1MiB", "--chunk", "64", "--ring-bytes", "4096", "-o", path,
                             *arguments)
        self.assertEqual((result.status, result.err), (0, ""), result)
        self.assertIn("events of the timeline", result.out)
        return support.document(path)

    def test_on_the_host(self):
        support.need_root()
        self.check_losses(self.run_with_a_tiny_ring("--kernel", "host"))

    def test_in_the_lab_the_copies_stay_exact(self):
        support.need_lab("6.12")
        data = self.run_with_a_tiny_ring("--kernel", "6.12")
        self.check_losses(data)
        self.assertEqual(data["run"]["evidence"]["copies"], "exact")
        self.assertEqual(support.moved(data, side="sender", by="cpu", _from="page cache", to="user buffer"), 1 << 20)
        self.assertEqual(support.moved(data, side="sender", by="cpu", _from="user buffer", to="socket buffer"), 1 << 20)


class Fast(support.CleanTest):
    def test_ftrace_alone_counts_the_same(self):
        support.need_lab("6.12")
        folder = support.SCRATCH / "fast"
        result = support.run("run", "read_write", "sendfile", "--copies", "fast", "--kernel", "6.12", "-o", folder)
        self.assertEqual(result.status, 0, result)
        for method, expected in (("read_write", 2), ("sendfile", 0)):
            data = support.document(folder / f"{method}.json")
            evidence = data["run"]["evidence"]
            self.assertEqual((evidence["copies"], evidence["mechanism"]), ("exact", "fentry"))
            self.assertEqual(evidence["cross_check"], [])
            self.assertNotIn("breakpoint", [hook["kind"] for hook in evidence["hooks"]])
            self.check_copies_per_byte(data, expected)
            self.assertIn(" alone", support.run("show", folder / f"{method}.json").out)


if __name__ == "__main__":
    support.main()
