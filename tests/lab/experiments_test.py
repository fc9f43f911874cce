"""The experiments: one question each to a running kernel, in one guest per kernel, and on this machine's own."""

import collections
import json
import os
import pathlib
import pwd
import shutil

import jsonschema
import lab_support as support

KINDS = ("file", "pipe", "socket", "device")
CALLS = ("read_write", "mmap_write", "sendfile", "splice", "tee")
SCHEMA = json.loads(
    (pathlib.Path(__file__).parents[2] / "workloads/experiments/experiment.schema.json").read_text())
WORKLOAD = support.ZCTRACE.parent / "zctrace-workload"
IN_GUEST = support.ZCTRACE.parent / "zctrace-in-guest"
IN_A_ROW = 'for experiment; do "$0" experiment $experiment || exit; done'
QUICK = ("descriptors", "visible")
TIMED = ("sweep --budget 10 --most 4MiB", "ab_benchmark --budget 6 --size 4MiB")


def experiments(output):
    """Each ends with a line that is exactly "}"; by name, in their order."""
    found = {}
    for text in output.split("\n}\n")[:-1]:
        data = json.loads(text + "\n}")
        name = data["experiment"]
        validator = jsonschema.Draft202012Validator(dict(SCHEMA, oneOf=[{"$ref": f"#/$defs/{name}"}]))
        problems = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(data)]
        assert not problems, f"{name} does not validate:\n" + "\n".join(problems[:10])
        found[name] = data
    return found


class ExperimentTest(support.CleanTest):
    def check_descriptors(self, data):
        pairs = {(pair["call"], pair["from"], pair["to"]): pair for pair in data["pairs"]}
        self.assertEqual(set(pairs), {(c, f, t) for c in CALLS for f in KINDS for t in KINDS})
        for key, pair in pairs.items():
            with self.subTest(pair=key):
                if pair["error"]:
                    self.assertRegex(pair["error"], "^E[A-Z0-9]+$")
                    self.assertNotIn(pair["error"], ("EAGAIN", "EINTR"))  # nothing had a reason to wait
                    self.assertTrue(pair["refused_by"])
                    self.assertEqual((pair["bytes"], pair["verified"]), (0, None))
                else:
                    self.assertEqual(pair["refused_by"], "")
                    self.assertEqual(pair["bytes"], data["offered_bytes"])
                    self.assertEqual(pair["verified"], None if pair["to"] == "device" else True)
                if pair["call"] == "read_write":
                    self.assertEqual(pair["error"], "")
        # Every call takes some pair, and each but read_write refuses some.
        for call in CALLS:
            errors = {pair["error"] for pair in data["pairs"] if pair["call"] == call}
            self.assertIn("", errors, call)
            self.assertEqual(len(errors) > 1, call != "read_write", call)
        self.assertEqual(data["tee"], {"bytes": data["offered_bytes"], "left_in_first_pipe": data["offered_bytes"],
                                       "verified_twice": True})

    def check_visible(self, data, lacking=()):
        """`lacking`: methods that the kernel cannot do."""
        self.assertEqual([row["method"] for row in data["left_out"]], list(lacking))
        seen = {row["method"]: row for row in data["methods"]}
        self.assertLessEqual(set(support.METHODS), set(seen))
        for name, row in seen.items():
            with self.subTest(method=name):
                self.assertLess(row["received_before_stop"], row["sent_before_stop"])
                self.assertLess(row["sent_before_stop"], row["size"] * row["sinks"])
                self.assertLessEqual(row["mapped_bytes"], row["visible_bytes"])
                self.assertLessEqual(row["visible_bytes"], row["searched_bytes"])
                self.assertEqual(len(row["unreadable"]), row["unreadable_regions"])
                self.assertLessEqual(set(row["unreadable"]), {"[vvar]", "[vvar_vclock]", "[vsyscall]", "anon_inode:[io_uring]"})
        # The control: the buffer is there, and nothing else of the payload.
        self.assertEqual(seen["read_write"]["visible_bytes"], data["chunk"])
        self.assertEqual(seen["read_write"]["mapped_bytes"], 0)
        self.assertEqual(seen["mmap_write"]["mapped_bytes"], data["size"])
        self.assertLess(seen["sendfile"]["visible_bytes"], seen["read_write"]["visible_bytes"])

    def check_series(self, rows, counts):
        for row in rows:
            samples = len(row["elapsed_ns"])
            self.assertGreaterEqual(samples, counts, row)
            self.assertEqual(len(row["cpu_ns"]), samples)
            self.assertTrue(all(0 < cpu <= elapsed * 1.01 for cpu, elapsed in zip(row["cpu_ns"], row["elapsed_ns"])),
                            row)
            self.assertGreaterEqual(max(row["elapsed_ns"]) * row["transfers"], 10**6)  # above the clock's noise

    def check_sweep(self, data, most):
        by_size = collections.defaultdict(dict)
        for row in data["series"]:
            by_size[row["size"]][row["method"]] = row
        sizes = [4096 * 4**i for i in range(10) if 4096 * 4**i <= most]
        self.assertEqual(sorted([*by_size, *(row["size"] for row in data["left_out"])]), sizes)
        self.assertIn(4096, by_size)
        for size, rows in by_size.items():
            self.assertEqual(set(rows), {"mmap_write", "sendfile"})
            self.assertEqual(len({len(row["elapsed_ns"]) for row in rows.values()}), 1, size)  # in pairs
        self.check_series(data["series"], 3)
        self.assertEqual(data["cpu"]["emulated"], data["kernel"]["where"] == "lab")

    def check_ab_benchmark(self, data):
        rows = {(row["method"], row["offload"]): row for row in data["series"]}
        self.assertEqual(set(rows), {("sendfile", "sg=off"), ("sendfile", "sg=on"), ("splice", "sg=on"), ("read_write", "sg=on")})
        self.check_series(data["series"], 3)
        for (_, offload), row in rows.items():
            self.assertEqual(row["scatter_gather"], offload == "sg=on")
            self.assertEqual(len(row["machine_cpu_ns"]), len(row["elapsed_ns"]))
            self.assertEqual(len(row["retransmits"]), len(row["elapsed_ns"]))
            for busy, elapsed in zip(row["machine_cpu_ns"], row["elapsed_ns"]):
                self.assertLessEqual(busy, elapsed * data["cpu"]["count"])
        self.assertEqual(len({len(row["elapsed_ns"]) for row in rows.values()}), 1)
        lab = data["kernel"]["where"] == "lab"
        self.assertEqual((data["path"], data["device"]["dma"]), ("nic", True) if lab else ("veth", False))


class InTheLab(ExperimentTest):
    """Each kernel is asked what it answers. The timed ones ask nothing that a kernel answers otherwise than its neighbours:
    they are tried on the oldest and the newest."""

    def check_kernel(self, version, *timed):
        support.need_lab(version)
        result = support.run(version, "/bin/sh", "-c", IN_A_ROW, WORKLOAD, *QUICK, *timed, program=IN_GUEST)
        self.assertEqual((result.status, result.err), (0, ""))
        found = experiments(result.out)
        self.assertEqual(list(found), [words.split()[0] for words in (*QUICK, *timed)])
        for data in found.values():
            self.assertEqual(data["kernel"]["where"], "lab")
            self.assertTrue(data["kernel"]["release"].startswith(version), data["kernel"])
        self.check_descriptors(found["descriptors"])
        # Root can read the kernel's own description of its calls.
        self.assertLessEqual({"read", "write", "mmap", "munmap", "sendfile", "splice", "tee"},
                             set(found["descriptors"]["arguments"]))
        self.assertTrue(all(1 <= count <= 6 for count in found["descriptors"]["arguments"].values()))
        self.check_visible(found["visible"], ("uring_send_zc",) if version == "5.10" else ())
        if timed:
            self.check_sweep(found["sweep"], 4 << 20)
            self.check_ab_benchmark(found["ab_benchmark"])

    def test_5_10(self):
        self.check_kernel("5.10", *TIMED)

    def test_6_1(self):
        self.check_kernel("6.1")

    def test_6_12(self):
        self.check_kernel("6.12")

    def test_7_2(self):
        self.check_kernel("7.2", *TIMED)


class OnThisMachine(ExperimentTest):
    def ask(self, *arguments, **more):
        result = support.run("experiment", *arguments, program=more.pop("program", WORKLOAD), **more)
        self.assertEqual((result.status, result.err), (0, ""))
        [data] = experiments(result.out).values()
        self.assertEqual(data["kernel"], {"release": os.uname().release, "where": "host", "arch": os.uname().machine})
        return data

    def test_descriptors_and_visible(self):
        self.check_descriptors(self.ask("descriptors"))
        self.check_visible(self.ask("visible"))

    def test_an_ordinary_user_may_ask_too(self):
        support.need_root()  # to become another user
        program = support.SCRATCH / "zctrace-workload"
        shutil.copy(WORKLOAD, program)
        nobody = pwd.getpwnam("nobody")
        self.check_descriptors(self.ask("descriptors", program=program, user=nobody))
        self.check_visible(self.ask("visible", program=program, user=nobody))
        self.check_sweep(self.ask("sweep", "--budget", "2", "--most", "64KiB", program=program, user=nobody), 64 << 10)
        result = support.run("experiment", "ab_benchmark", program=program, user=nobody)
        self.assertEqual((result.status, result.out), (3, ""))
        self.assertIn("scatter-gather", result.err)
        self.assertIn("  hint: sudo ", result.err)

    def test_what_does_not_fit_is_named(self):
        data = self.ask("sweep", "--budget", "0.1", "--most", "64MiB")
        self.assertEqual(data["left_out"][-1], {"size": 64 << 20, "why": "time"})

    def test_stages_are_told_only_when_asked_for(self):
        result = support.run("experiment", "descriptors", "--progress", program=WORKLOAD)
        self.assertEqual(result.status, 0)
        self.assertTrue(result.err)
        for line in result.err.rstrip("\n").split("\n"):  # splitlines takes the mark for an end
            self.assertTrue(line.startswith("\x1eprogress descriptors: "), line)

    def test_wrong_usage(self):
        for arguments in ([], ["bogus"], ["sweep", "--most", "none"], ["sweep", "--budget", "0"]):
            result = support.run("experiment", *arguments, program=WORKLOAD)
            self.assertEqual((result.status, result.out), (2, ""), arguments)


if __name__ == "__main__":
    support.main()
