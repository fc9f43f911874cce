"""SIGINT, SIGTERM, SIGHUP and SIGKILL at random moments of run (this machine and the lab), exec, attach, top and claims: the
right status, and nothing left on the machine. Three of them, without guests; ZCTRACE_SIGNALS=200 for as many of all, ZCTRACE_SEED for
the same."""

import collections
import json
import os
import random
import signal
import subprocess
import sys
import time

import lab_support as support

COUNT = int(os.environ.get("ZCTRACE_SIGNALS", "0"))
SEED = int(os.environ.get("ZCTRACE_SEED", time.time_ns()))
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
READER = "import os, sys, time\nf = os.open(sys.argv[1], os.O_RDONLY)\nwhile True:\n os.pread(f, 65536, 0)\n time.sleep(0.01)\n"
# What ends of itself, and within how many seconds a signal comes. The last two are dear.
IN_GUESTS = {"run lab", "claims"}
CASES = {"exec": (4, 3), "attach": (4, 4), "top": (4, 4), "run host": (4, 5), "run lab": (2, 12), "claims": (1, 15)}


class Signals(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        support.need_root()
        if COUNT:
            support.need_lab("6.12")
        (support.SCRATCH / "read").write_bytes(os.urandom(65536))
        # A process that is traced, and not one of those that must be gone.
        cls.traced = subprocess.Popen([sys.executable, "-S", "-c", READER, support.SCRATCH / "read"])
        cls.addClassCleanup(cls.traced.wait)
        cls.addClassCleanup(cls.traced.kill)

    def words(self, case, path):
        return {"exec": ["exec", "--kernel", "host", "-o", path, "--", "sh", "-c", "head -c 20M /dev/zero >/dev/null; exec sleep 1.5"],
                "attach": ["attach", "-p", self.traced.pid, "-o", path],
                "top": ["top", "-p", self.traced.pid, "--batch"],
                "run host": ["run", "read_write", "--kernel", "host", "--size", "64MiB", "--chunk", "1024", "-o", path],
                "run lab": ["run", "read_write", "--kernel", "6.12", "--size", "16MiB", "--chunk", "1024", "-o", path],
                "claims": ["claims", "--id", "P1", "--fresh", "--kernel", "6.12"]}[case]

    def right(self, case, number):
        """Statuses: done before the signal came; what the signal makes of it; killed by it while nothing was begun."""
        shell = {128 + number}
        if number in (signal.SIGKILL, signal.SIGHUP):
            return {0, -number} | (shell if case == "exec" and number != signal.SIGKILL else set())
        if case == "exec":
            return {0, -number} | shell
        return {0, -number} if case in ("attach", "top") else {0, 130, -number}

    def once(self, chance, seen):
        cases = [case for case in CASES if COUNT or case not in IN_GUESTS]
        case = chance.choices(cases, [CASES[case][0] for case in cases])[0]
        number, after = chance.choice(SIGNALS), chance.uniform(0, CASES[case][1])
        path = support.SCRATCH / "signalled.json"
        path.unlink(missing_ok=True)
        what = f"{case}, {number.name} after {after:.2f} s"
        process = support.start(*self.words(case, path))
        time.sleep(after)
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal
        else:
            process.send_signal(number)
        result = support.wait(process, 240)
        seen[case, number.name, result.status] += 1
        self.assertIn(result.status, self.right(case, number), f"{what}\n{result.err}")
        self.assertIsNone(self.traced.poll(), what)
        if path.exists():
            support.document(path)  # whole, or not there
        elif result.status == 0 and case != "top" and case != "claims":
            self.fail(f"{what}: no document")
        if case == "exec" and number == signal.SIGKILL:
            support.until(lambda: not support.marked_processes(), what="the command's own end")
        support.check_nothing_left(self.before)

    def test_any_moment(self):
        print(f"ZCTRACE_SEED={SEED}", file=sys.stderr)
        chance, seen = random.Random(SEED), collections.Counter()
        try:
            for _ in range(COUNT or 3):
                self.once(chance, seen)
        finally:
            print(json.dumps({" ".join(map(str, key)): count for key, count in sorted(seen.items())}), file=sys.stderr)


if __name__ == "__main__":
    support.main()
