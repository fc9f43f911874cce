"""What transfers cost the CPU: sampled in passes that nothing traces, on this machine's kernel and in the lab."""

import json
import pathlib
import re

import lab_support as support

WITHOUT_SAMPLES = pathlib.Path(__file__).parents[1] / "documents/run_1.json"


class CpuTest(support.CleanTest):
    def check_sums(self, data):
        """Each sample is in one routine and in one stack, or counted as not kept."""
        self.check_whole(data)
        cost, size = data["ledger"]["cpu_cost"], data["run"]["size"]
        self.assertEqual(cost["bytes"], cost["passes"] * size)
        for side in ("sender", "receiver"):
            own = cost[side]
            kept = sum(stack["samples"] for stack in cost["stacks"] if stack["side"] == side)
            self.assertEqual(kept + cost["cut"][side], own["samples"])
            self.assertEqual(sum(routine[side] for routine in cost["routines"]), own["samples"])
            for work in ("copy", "transform", "program"):
                self.assertEqual(sum(routine[side] for routine in cost["routines"] if routine["work"] == work), own[f"{work}_samples"])
            # No more than the clock of the tasks has time for; a busy machine gives fewer.
            self.assertGreater(own["samples"], 10)
            self.assertLess(own["samples"], 1.1 * own["cpu_time_ns"] * cost["hz"] / 1e9 + 20)

    def check_methods(self, measured):
        """Of two, the first copies and the second passes pages on."""
        for method, data in measured.items():
            with self.subTest(method=method):
                self.check_sums(data)
        copying, passing = (data["ledger"]["cpu_cost"] for data in measured.values())
        self.assertGreater(copying["sender"]["copy_share"], passing["sender"]["copy_share"])
        self.assertGreater(copying["sender"]["copy_samples"], 0)
        self.assertTrue(any("sendfile" in routine["name"] for routine in passing["routines"]), passing["routines"])

    def test_in_the_lab(self):
        results = support.in_one_guest("6.12", *support.RUN_LOADED, cpu=[
            "run", "read_write", "ktls_sendfile", "--path", "nic", "--kernel", "host", "--cpu", "--json"])
        measured = support.measured(results["cpu"])
        self.check_methods(measured)
        for method, data in measured.items():
            self.assertEqual(data["run"]["evidence"]["copies"], "exact", method)
        # What encrypts is no copy.
        plain, encrypted = (data["ledger"]["cpu_cost"]["sender"] for data in measured.values())
        self.assertGreater(encrypted["transform_samples"], encrypted["copy_samples"])
        self.assertEqual(plain["transform_samples"], 0)
        self.check_shown(measured["read_write"], "on an emulated processor")

    def test_on_this_machine(self):
        support.need_root()
        measured = support.measured(support.run("run", "read_write", "sendfile", "--kernel", "host", "--path", "loopback", "--cpu", "--json"))
        self.check_methods(measured)
        self.check_shown(measured["sendfile"], "nothing traced")

    def check_shown(self, data, words):
        """In the terminal, with its error and as sampled; and as lines for other programs, which hold each sample."""
        path = support.SCRATCH / "cost.json"
        path.write_text(json.dumps(data))
        shown = re.sub(r"\s+", " ", support.run("show", path).out)
        time = "" if data["run"]["kernel"]["where"] == "lab" else r"~[\d.]+ [nµm]?s per MiB, "  # an emulator's is of no use
        self.assertRegex(shown, rf"CPU cost {time}[\d.]+% ± [\d.]+ in copy routines")
        self.assertIn(words, shown)
        folded = support.run("export", path, "--format", "folded")
        self.assertEqual((folded.status, folded.err), (0, ""))
        lines = [line.rsplit(" ", 1) for line in folded.out.splitlines()]
        cost = data["ledger"]["cpu_cost"]
        for side in ("sender", "receiver"):
            self.assertEqual(sum(int(count) for stack, count in lines if stack.startswith(f"{data['run']['method']};{side};")),
                             cost[side]["samples"])

    def test_without_samples(self):
        self.check_error(support.run("export", WITHOUT_SAMPLES, "--format", "folded"), 1, "run_1.json: holds no stacks", "--cpu")


if __name__ == "__main__":
    support.main()
