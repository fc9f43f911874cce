"""Without scatter-gather or checksum offload the device layer copies: where, by whom, and on whose behalf."""

import lab_support as support
from lab_support import copies, moved


class OffloadTest(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        """All of one kernel in one guest."""
        super().setUpClass()
        cls.results = support.in_one_guest("6.12", *support.RUN_LOADED, **{name: ["run", *words, "--kernel", "host", "--json"] for name, words in {
            "nic": ["sendfile", "read_write", "--path", "nic", "--offload", "sg=off"],
            "veth": ["sendfile", "read_write", "--path", "veth", "--offload", "sg=off"],
            "checksum": ["sendfile", "--path", "veth", "--offload", "tx=off"],
            "tso": ["sendfile", "--path", "nic", "--offload", "tso=off"]}.items()})

    def measured(self, name):
        return support.measured(self.results[name]).items()

    def check_device_layer(self, data, function_names, vias):
        """One more copy of each byte, and it is the device layer's, not one from page cache to socket buffer."""
        size = data["run"]["size"]
        rows = copies(data, side="sender", by="cpu", _from="socket buffer", to="socket buffer")
        total = sum(row["bytes"] for row in rows)
        self.assertGreaterEqual(total, size)
        self.assertLess(total, (1.01 + support.sent_again(data)) * size)
        self.assertLessEqual({row["function"] for row in rows}, function_names)
        self.assertLessEqual({row["via"] for row in rows}, vias)
        self.assertLessEqual({row["context"] for row in rows}, {"syscall", "softirq", "worker"})
        self.assertEqual(moved(data, side="sender", by="cpu", _from="page cache", to="socket buffer"), 0)

    def check_coalescing(self, data):
        """The receiver's kernel copies a segment behind the one before it, where that has room: nearly each second one."""
        rows = copies(data, side="receiver", by="cpu", _from="socket buffer", to="socket buffer")
        self.assertGreater(sum(row["bytes"] for row in rows if row["via"] == "skb_try_coalesce"), 0.3 * data["run"]["size"])
        self.assertIn("softirq", {row["context"] for row in rows})

    def check_without_scatter_gather(self, path, measured):
        for method, data in measured:
            with self.subTest(method=method):
                facts, transmit = data["run"], data["ledger"]["transmit"]
                self.assertEqual(facts["path"]["kind"], path)
                self.assertFalse(facts["path"]["scatter_gather"])
                self.check_exact(data)
                self.check_copies_per_byte(data, {"sendfile": 1, "read_write": 3}[method],
                                           0.01 + support.sent_again(data))
                self.check_device_layer(data, {"skb_copy_bits", "skb_copy_and_csum_bits"},
                                        {"skb_segment", "__pskb_pull_tail"})
                self.assertEqual(transmit["linear_bytes"], transmit["payload_bytes"], "nothing is left in pages")

    def test_nic_without_scatter_gather(self):
        self.check_without_scatter_gather("nic", self.measured("nic"))

    def test_veth_without_scatter_gather(self):
        self.check_without_scatter_gather("veth", self.measured("veth"))
        for _, data in self.measured("veth"):
            self.check_coalescing(data)

    def test_nic_without_scatter_gather_on_6_1(self):
        support.need_lab("6.1")
        self.check_without_scatter_gather("nic", support.measure(
            "sendfile", "read_write", "--kernel", "6.1", "--path", "nic", "--offload", "sg=off").items())

    def test_veth_without_checksum_offload(self):
        """Scatter-gather alone does not save sendfile its copy."""
        for _, data in self.measured("checksum"):
            self.assertFalse(data["run"]["path"]["tx_checksum"])
            self.check_exact(data)
            self.check_copies_per_byte(data, 1, 0.01 + support.sent_again(data))
            self.check_device_layer(data, {"skb_copy_bits", "skb_copy_and_csum_bits"},
                                    {"skb_segment", "__pskb_pull_tail", ""})

    def test_tso_off_is_read_back_and_copies_nothing(self):
        for _, data in self.measured("tso"):
            self.assertEqual((data["run"]["path"]["tso"], data["run"]["path"]["scatter_gather"]), (False, True))
            self.check_exact(data)
            self.check_copies_per_byte(data, 0)


if __name__ == "__main__":
    support.main()
