"""What `lab list` says of the lab's kernels; and of one that has not what a guest needs."""

import re
import unittest

import lab_support as support

KERNELS = ("5.10", "6.1", "6.12", "7.2", "6.1-rt", "6.12-rt", "6.1-cloud", "6.12-cloud")


class List(unittest.TestCase):
    def test_each_kernel_has_a_row(self):
        result = support.run("lab", "list")
        self.assertEqual((result.status, result.err), (0, ""))
        rows = [re.split(r"\s{2,}", line) for line in result.out.splitlines()]
        self.assertEqual(rows[0], ["VERSION", "RELEASE", "SUITE", "STATE", "ON DISK"])
        self.assertEqual([row[0].removesuffix(" (default)") for row in rows[1:9]], list(KERNELS))
        for version, (_, release, suite, state, size) in zip(KERNELS, rows[1:9], strict=True):
            fetched = (support.CACHE / "kernels" / version / "vmlinuz").exists()
            self.assertEqual(state, "fetched" if fetched else "not fetched")
            number, _, flavour = version.partition("-")
            self.assertEqual(release.startswith(number + "."), fetched, release)
            self.assertEqual(fetched and flavour in release, fetched, release)
            self.assertEqual(size.endswith(" MiB"), fetched, size)
            self.assertIn(suite, ("bullseye", "bookworm", "trixie", "sid"))


class WithoutSharedFiles(support.CleanTest):
    """As Debian's -cloud kernels are."""

    def test_it_is_said_before_anything_is_booted(self):
        support.need_lab("6.1")
        (modules,) = (support.CACHE / "kernels/6.1/lib/modules").iterdir()
        tree = support.SCRATCH / "cloud"
        own = tree / "lib/modules" / modules.name
        own.mkdir(parents=True)
        (tree / "vmlinuz").symlink_to(support.CACHE / "kernels/6.1/vmlinuz")
        (own / "kernel").symlink_to(modules / "kernel")
        lines = (modules / "modules.dep").read_text().splitlines(keepends=True)
        (own / "modules.dep").write_text("".join(line for line in lines if "/9p" not in line))
        result = support.run("run", "sendfile", "--kernel", tree / "vmlinuz")
        self.assertEqual((result.status, result.out), (1, ""), result)
        self.assertEqual(result.err.splitlines()[0],
                         f"zctrace: {modules.name} cannot be booted in the lab: it has no 9p, by which a guest shares "
                         "this machine's files")
        self.assertLessEqual(len(result.err.splitlines()), 2)


if __name__ == "__main__":
    support.main()
