"""What zctrace may do while it traces: no more than what is still to come asks for. What an ordinary user may trace who was
given capabilities for it: their own processes, and nobody else's."""

import json
import pathlib
import sys

import lab_support as support

SCRIPT = pathlib.Path(__file__).with_name("privileges_in_guest.py")
NUMBERS = {"CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_DAC_READ_SEARCH": 2, "CAP_FOWNER": 3, "CAP_KILL": 5, "CAP_SYS_PTRACE": 19,
           "CAP_SYS_NICE": 23, "CAP_SYSLOG": 34, "CAP_PERFMON": 38, "CAP_BPF": 39}
KEPT = {"CAP_BPF", "CAP_PERFMON", "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH", "CAP_SYS_NICE"}
FILTERED, FREE = 2, 0


def names(mask):
    known = {name for name, number in NUMBERS.items() if mask >> number & 1}
    return known | {str(bit) for bit in range(64) if mask >> bit & 1 and bit not in NUMBERS.values()}


class Privileges(support.CleanTest):
    def check_confined(self, facts, kept):
        self.assertEqual(names(facts["CapEff"]), kept)
        self.assertEqual(facts["CapPrm"], facts["CapEff"])
        self.assertLessEqual(names(facts["CapBnd"]), kept)
        self.assertEqual((facts["Seccomp"], facts["NoNewPrivs"]), (FILTERED, 1))

    def check(self, found, in_guest=True):
        run = found["exec"]
        self.assertEqual((run["status"], run["err"]), (0, ""))
        self.check_confined(run["zctrace"], KEPT | {"CAP_KILL"})
        command = run["command"]  # it has what a command has that nobody traces
        self.assertEqual((command["Seccomp"], command["NoNewPrivs"]), (FREE, 0))
        self.assertIn("21", names(command["CapEff"]))  # CAP_SYS_ADMIN
        self.assertEqual(command["CapBnd"], command["CapEff"])

        self.check_confined(found["stacks"]["zctrace"], KEPT | {"CAP_KILL", "CAP_SYSLOG"})
        theirs = found["theirs"]  # -o in a folder of another user
        self.assertEqual((theirs["status"], theirs["err"]), (0, ""))
        self.check_confined(theirs["zctrace"], KEPT | {"CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_FOWNER"})
        data = theirs["document"]  # of root's: their set-user-ID program too
        self.assertEqual(sum(part["bytes"] for flow in data["flows"] if flow["from"]["name"].endswith("/secret") for part in flow["parts"]),
                         len(found["secret"]))
        self.assertNotIn("note_others", data["notes"])
        if in_guest:
            self.assertEqual(data["copies"], "exact")

        attach = found["attach"]
        self.assertEqual(attach["status"], 0, attach["err"])
        self.check_confined(attach["zctrace"], KEPT)
        self.assertGreater(attach["flows"], 0)

        agent = found["agent"]
        self.assertEqual(agent["status"], 0)
        self.assertIn("zctrace_", agent["metrics"])
        first, *servers = agent["threads"]
        self.check_confined(first, KEPT)
        self.assertGreater(len(servers), 1)
        for thread in servers:
            self.check_confined(thread, set())

        rows = {row["what"]: row for row in found["doctor"]["findings"]}
        for name in KEPT:
            self.assertEqual((rows[name]["good"], "kept" in rows[name]["meaning"]), (True, True))
        self.assertIn("given up", rows["CAP_SYS_ADMIN"]["meaning"])

    def check_user(self, found):
        user = found["user"]
        for name in ("exec", "own", "by_systemd"):
            self.assertEqual((user[name]["status"], user[name]["err"]), (0, ""), name)
            data = user[name]["document"]
            self.assertTrue(any(flow["from"]["name"].endswith("/read") for flow in data["flows"]), data["flows"])
            self.assertEqual(data["written_by"], 1000)
            # A set-user-ID program is not theirs: it keeps its right, and is not shown.
            self.assertIn("note_others", data["notes"])
            self.assertFalse(data["names_secret"])
        self.assertEqual(user["exec"]["out"], found["secret"])
        for name in ("other", "other_readable", "all", "name", "top", "agent"):
            self.assertEqual(user[name]["status"], 3, user[name])
            self.assertEqual(user[name]["out"], "")
        for name in ("other", "other_readable"):
            self.assertIn("belongs to root", user[name]["err"])

    def in_guest(self, kernel, *more):
        result = support.in_one_guest(kernel, *support.PROGRAMS_LOADED, privileges=[sys.executable, SCRIPT, support.ZCTRACE, *more])["privileges"]
        self.assertEqual(result.status, 0, result.err)
        return json.loads(result.out)

    def test_6_12(self):
        found = self.in_guest("6.12", "user")
        self.check(found)
        self.check_user(found)

    def test_5_10(self):
        """Where a look into a map asks for CAP_BPF: an administrator has set unprivileged_bpf_disabled."""
        self.check(self.in_guest("5.10"))

    def test_host(self):
        support.need_root()
        result = support.run(SCRIPT, support.ZCTRACE, program=sys.executable)
        self.assertEqual(result.status, 0, result.err)
        self.check(json.loads(result.out), in_guest=False)


if __name__ == "__main__":
    support.main()
