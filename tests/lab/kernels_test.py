"""What `lab list` says of the lab's four kernels."""

import re
import unittest

import lab_support as support

KERNELS = ("5.10", "6.1", "6.12", "7.2")


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
