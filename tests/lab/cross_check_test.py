"""A hook is made to miss: the other mechanism catches it, and neither figure is shown as measured."""

import lab_support as support


# Its tracepoint counts what a skipped run of the hook would have.
ALONE_NO_MORE = {"skb_copy_datagram_iter": ["skb_copy_datagram_iovec"]}


class LeftOut(support.CleanTest):
    """Both in one guest; report_test does it from outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.results = support.in_one_guest("6.12", *support.RUN_LOADED, **{
            hook: ["run", "read_write", "--kernel", "host", "--path", "nic",
                   *(word for name in (hook, *ALONE_NO_MORE.get(hook, ())) for word in ("--leave-out", name)), "--json"]
            for hook in ("skb_copy_datagram_iter", "_copy_from_iter")})

    def check_caught(self, hook, side, start, end, ftrace, breakpoint):
        result = self.results[hook]
        self.assertEqual(result.status, 1, result)
        lines = result.err.splitlines()
        self.assertLessEqual(len(lines), 2, result.err)
        self.assertTrue(lines[0].startswith("zctrace: the two counts of copies disagree"), lines[0])
        for word in ("read_write", side, f"{start} to {end}", f"{breakpoint:,} bytes", f"{ftrace:,} bytes"):
            self.assertIn(word, lines[0])

        path = support.SCRATCH / f"{hook}.json"
        path.write_text(result.out)
        data = support.document(path)
        evidence = data["run"]["evidence"]
        known = {name: "none" if name == side else "exact" for name in ("sender", "receiver")}
        self.assertEqual({"sender": evidence["copies"], "receiver": evidence["receiver_copies"]}, known)
        for name, figures in (("sender", data["ledger"]), ("receiver", data["ledger"]["receiver"])):
            self.assertEqual(figures["cpu_copies_per_byte"] is None, name == side)
        wrong = [row for row in evidence["cross_check"] if not row["agree"]]
        self.assertEqual(len(wrong), 1, evidence["cross_check"])
        self.assertEqual((wrong[0]["side"], wrong[0]["from"], wrong[0]["to"]), (side, start, end))
        self.assertEqual((wrong[0]["breakpoint_bytes"], wrong[0]["ftrace_bytes"]), (breakpoint, ftrace))
        # What the missing hook has no part in is measured as ever.
        self.assertTrue(data["run"]["complete"])
        self.assertEqual(data["ledger"]["dma"]["disk_bytes"], data["run"]["size"])
        self.assertEqual(data["ledger"]["syscalls"], {"read": 64, "write": 64})

        picture = support.run("show", path).out
        self.assertIn("unknown CPU copies per byte", picture)
        self.assertIn("disagree", picture)
        self.assertNotIn("agree to the byte", picture)

    def test_a_sum_that_misses(self):
        self.check_caught("skb_copy_datagram_iter", "receiver", "socket buffer", "user buffer", 0, 4 << 20)

    def test_a_breakpoint_that_misses(self):
        self.check_caught("_copy_from_iter", "sender", "user buffer", "socket buffer", 4 << 20, 0)


if __name__ == "__main__":
    support.main()
