"""Splice on each of the lab's four kernels, and what `lab list` says of them."""

import re
import unittest

import lab_support as support

KERNELS = ("5.10", "6.1", "6.12", "7.2")


def on(kernel):
    def test(self):
        support.need_lab(kernel)
        data = support.measure("splice", "--kernel", kernel)["splice"]
        facts = data["run"]
        self.assertTrue(facts["kernel"]["release"].startswith(kernel + "."), facts["kernel"])
        self.assertEqual(facts["kernel"]["where"], "lab")
        self.assertEqual((facts["path"]["kind"], facts["cache"]), ("nic", "cold"))
        self.check_exact(data)
        self.check_copies_per_byte(data, 0)
        self.assertEqual(data["ledger"]["syscalls"], {"splice": 128})
        for edge in (("page cache", "pipe"), ("pipe", "socket buffer")):
            self.assertEqual(support.moved(data, _from=edge[0], to=edge[1], by="reference"), facts["size"], edge)

    return test


class Splice(support.CleanTest):
    test_5_10, test_6_1, test_6_12, test_7_2 = map(on, KERNELS)


class List(unittest.TestCase):
    def test_each_kernel_has_a_row(self):
        result = support.run("lab", "list")
        self.assertEqual((result.status, result.err), (0, ""))
        rows = [re.split(r"\s{2,}", line) for line in result.out.splitlines()]
        self.assertEqual(rows[0], ["VERSION", "RELEASE", "SUITE", "STATE", "ON DISK"])
        self.assertEqual([row[0] for row in rows[1:5]], ["5.10", "6.1", "6.12 (default)", "7.2"])
        for version, (_, release, suite, state, size) in zip(KERNELS, rows[1:5], strict=True):
            fetched = (support.CACHE / "kernels" / version / "vmlinuz").exists()
            self.assertEqual(state, "fetched" if fetched else "not fetched")
            self.assertEqual(release.startswith(version + "."), fetched, release)
            self.assertEqual(size.endswith(" MiB"), fetched, size)
            self.assertIn(suite, ("bullseye", "bookworm", "trixie", "sid"))


if __name__ == "__main__":
    support.main()
