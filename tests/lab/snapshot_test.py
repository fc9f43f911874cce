"""Guests start from one that has booted, which is kept: quicker, and otherwise as if they had booted themselves."""

import time

import lab_support as support

KERNEL = "6.12"
SHOW = "cat /proc/sys/kernel/random/uuid; date +%s; df -T /run/zctrace/disk | tail -1"
IN_GUEST = support.ZCTRACE.parent / "zctrace-in-guest"


class Snapshot(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        support.need_lab(KERNEL)
        # Where nothing has been kept yet.
        cls.cache = support.SCRATCH / "own/zctrace"
        cls.cache.mkdir(parents=True)
        (cls.cache / "kernels").symlink_to(support.CACHE / "kernels")

    def states(self):
        return sorted((self.cache / "boot").glob("*/*.state"))

    def look_into_a_guest(self):
        result = support.run(KERNEL, "sh", "-c", SHOW, program=IN_GUEST, env={"XDG_CACHE_HOME": str(self.cache.parent)})
        self.assertEqual((result.status, result.err), (0, ""))
        uuid, date, disk = result.out.splitlines()
        self.assertLess(abs(int(date) - time.time()), 60)
        self.assertIn("ext4", disk)
        return uuid

    def test_each_is_a_guest_of_its_own_and_a_damaged_state_is_made_anew(self):
        self.assertEqual(self.states(), [])
        first = self.look_into_a_guest()
        (kept,) = self.states()
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        whole = kept.stat()
        second = self.look_into_a_guest()
        third = self.look_into_a_guest()
        self.assertEqual(len({first, second, third}), 3, "random numbers must differ")
        self.assertEqual(kept.stat().st_ino, whole.st_ino, "kept, not made anew")

        with kept.open("r+b") as state:
            state.truncate(whole.st_size // 2)
        self.look_into_a_guest()
        (renewed,) = self.states()
        self.assertGreater(renewed.stat().st_size, whole.st_size * 9 // 10)
        self.look_into_a_guest()

    def test_exec_finds_its_programs_loaded(self):
        result = support.run("exec", "--kernel", KERNEL, "--", "find", "/sys/fs/bpf/zctrace")
        self.assertEqual(result.status, 0, result.err)
        found = [line for line in result.out.splitlines() if line.startswith("/sys/fs/bpf/zctrace")]
        # They were there, and it took them: only the folder is left.
        self.assertEqual(found, ["/sys/fs/bpf/zctrace"])

    def test_a_session_takes_over_the_hooks_of_the_one_before(self):
        """They are attached still, and what they counted is not counted again."""
        run = ["run", "read_write", "--size", "64KiB", "--kernel", "host", "--json"]
        script = "zctrace=$1; head -c 1000000 /dev/zero > /tmp/file; for name in first again; do " \
                 "$zctrace exec --quiet --kernel host -o /tmp/$name -- cp /tmp/file /tmp/copy && cat /tmp/$name; rm /tmp/copy; done"
        told = support.in_one_guest(
            KERNEL, run=run, left=["/usr/bin/find", "/sys/fs/bpf/zctrace", "-name", "link_*"], run_again=run,
            traces=["/bin/sh", "-c", script, "-", support.ZCTRACE])
        self.assertGreater(len(told["left"].out.splitlines()), 20)
        for name in ("run", "run_again"):
            (data,) = support.measured(told[name]).values()
            self.check_exact(data)
            self.assertEqual(data["ledger"]["syscalls"], {"read": 1, "write": 1})
        first, again = (self.copied(data) for data in support.documents(told["traces"].out))
        self.assertEqual(first[:1], (1000000,))
        self.assertEqual(first, again)

    def copied(self, data):
        """Of the file: bytes, and what the program's calls were."""
        return (sum(flow["bytes"] for flow in data["ledger"]["flows"]["list"] if flow["to"]["name"] == "/tmp/copy"),
                [flow["method"] for flow in data["ledger"]["flows"]["list"]], data["ledger"]["syscalls"])


if __name__ == "__main__":
    support.main()
