"""zctrace claims: the textbooks' claims, judged by experiments in a guest, from a folder, and on this machine."""

import json
import re
import shutil
import signal
import time

import lab_support as support

VERDICTS = {"holds", "holds_if", "does_not_hold", "self_contradictory", "not_tested"}
IDS = [*"T1 M1 S1 S2 S3 S4 S5 P1 P2 P3 P4 E1 D1 D2".split(), *(f"W{i}" for i in range(1, 16)),
       *(f"J{i}" for i in range(1, 11)), *"L1 L2 L3 L4 I1 I2 O1 O2 O3 O4 O5".split()]
TIMED = ("W5", "W7", "W8", "I1", "I2")
NAMES = ("id", "textbook", "claimed", "measured", "verdict", "condition", "evidence", "why")
# Without those that are timed: they take their time, and say nothing of what these tests ask.
QUICK = ",".join(each for each in IDS if each not in TIMED)


def claims(*arguments, status=0, **more):
    result = support.run("claims", *arguments, "--json", **more)
    if result.status != status:
        raise AssertionError(f"status {result.status}: {result.err}")
    return {claim["id"]: claim for claim in json.loads(result.out)["claims"]} if result.out else result


def quantity(claim, name):
    return next(each for each in claim["quantities"] if each["quantity"] == name)


def edit(path, change):
    """Changes a recorded run."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document) + "\n")


def copy_once(document):
    """A run in which the CPU copied every byte once, inside the kernel."""
    size = document["ledger"]["payload_bytes"]
    document["ledger"]["copies"].append(
        {"from": "page cache", "to": "pipe", "by": "cpu", "function": "copy_splice_read", "via": "", "bytes": size, "calls": 64,
         "side": "sender", "context": "syscall", "evidence": "exact"})


class InTheLab(support.CleanTest):
    """Measured once; what was kept is then edited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        support.need_lab("6.12")
        cls.cache = support.SCRATCH / "claims-cache"
        cls.cache.mkdir()
        (cls.cache / "zctrace").mkdir()
        (cls.cache / "zctrace/kernels").symlink_to(support.CACHE / "kernels")
        cls.env = {"XDG_CACHE_HOME": str(cls.cache)}
        cls.first = claims("--kernel", "6.12", "--id", QUICK, env=cls.env)
        (cls.folder,) = (cls.cache / "zctrace/claims").glob("*/*.lab")

    def copied(self, name):
        folder = support.SCRATCH / name
        shutil.copytree(self.folder, folder)
        return folder

    def judged(self, folder, *ids):
        return claims("--from", folder, *(("--id", ",".join(ids)) if ids else ()))

    def test_every_claim_has_a_verdict_and_its_evidence_or_a_reason(self):
        found = self.judged(self.folder)
        self.assertEqual(sorted(found), sorted(IDS))
        for id, claim in found.items():
            with self.subTest(claim=id):
                self.assertTrue(set(NAMES) <= set(claim))
                self.assertIn(claim["verdict"], VERDICTS)
                self.assertTrue(claim["why"])
                self.assertEqual(claim["condition"] is not None, claim["verdict"] == "holds_if")
                if claim["verdict"] != "not_tested":
                    self.assertEqual(claim["evidence"], "exact")
                    self.assertTrue(claim["measured"])
        untested = {id for id, claim in found.items() if claim["verdict"] == "not_tested"}
        never = set(TIMED)
        without_jdk = set() if shutil.which("javac") else {"J1", "J2", "J3"}
        self.assertEqual(untested, never | without_jdk)

    def test_settings_that_were_tried_are_the_condition(self):
        found = self.first
        self.assertEqual(found["S1"]["condition"], "scatter-gather off")
        self.assertEqual(found["P4"]["condition"], "through a pipe")
        self.assertIn("skb_segment", found["S1"]["why"])
        self.assertIn("EINVAL", found["P3"]["why"])

    def test_what_else_is_said_is_measured_too(self):
        found = self.first
        for claim in found.values():
            self.assertEqual(bool(claim["sources"]), claim["textbook"] == "005", claim["id"])
        self.assertEqual(found["O1"]["condition"], "scatter-gather on")
        self.assertIn("skb_copy_ubufs", found["O1"]["why"])
        # Without a copy, and never without the word for what touched the bytes.
        self.assertEqual(found["O2"]["verdict"], "holds")
        self.assertIn("transforms per byte", found["O2"]["measured"])
        self.assertIn("AES-GCM by the CPU transforms each byte 1.00 times", found["O2"]["why"])
        self.assertEqual((found["O4"]["verdict"], found["O5"]["verdict"]), ("holds", "does_not_hold"))
        folder = self.copied("said")
        edit(folder / "ktls_sendfile.json", copy_once)
        edit(folder / "uring_read_send.json", lambda document: document["ledger"]["mode_switches"].update(total=256, syscall=256))
        after = self.judged(folder, "O2", "O3")
        self.assertEqual((after["O2"]["verdict"], found["O3"]["verdict"], after["O3"]["verdict"]),
                         ("does_not_hold", "holds", "does_not_hold"))

    def test_edited_run_flips_the_verdict(self):
        before = self.judged(self.folder, "S2", "P1", "W3", "W13")
        folder = self.copied("edited")
        edit(folder / "splice.json", copy_once)
        edit(folder / "sendfile.json", copy_once)
        after = self.judged(folder, "S2", "P1", "W3", "W13")
        self.assertEqual((before["S2"]["verdict"], after["S2"]["verdict"]), ("holds", "does_not_hold"))
        self.assertEqual((before["W13"]["verdict"], after["W13"]["verdict"]), ("holds", "does_not_hold"))
        self.assertEqual(quantity(before["P1"], "cpu_copies")["verdict"], "holds_if")
        self.assertEqual(quantity(after["P1"], "cpu_copies")["verdict"], "does_not_hold")

        # And the other way: without the second call of each chunk splice would be as claimed.
        folder = self.copied("fewer")
        for name in ("splice.json", "splice_sg_off.json"):
            def halve(document):
                switches = document["ledger"]["mode_switches"]
                switches["syscall"] = switches["syscall"] // 2
                switches["total"] = switches["syscall"] + switches["fault"]
            edit(folder / name, halve)
        self.assertEqual(quantity(self.judged(folder, "P1")["P1"], "mode_switches")["verdict"], "holds")

    def test_document_of_another_experiment_is_not_taken_for_it(self):
        folder = self.copied("swapped")
        shutil.copy(folder / "sendfile.json", folder / "splice.json")
        result = support.run("claims", "--from", folder)
        self.assertEqual((result.status, result.out), (1, ""))
        self.assertIn("splice.json: its run does not match its file name", result.err)

    def test_damaged_results_are_one_line(self):
        for name, content in (("splice.json", "{"), ("descriptors.json", '{"schema": "zctrace.experiment/1"'),
                              ("descriptors.json", '{"schema": "zctrace.experiment/1", "experiment": 7}'),
                              ("sendfile.json", "[]"), ("splice.json", "")):
            with self.subTest(name=name, content=content):
                folder = self.copied("damaged")
                (folder / name).write_text(content)
                result = support.run("claims", "--from", folder)
                shutil.rmtree(folder)
                self.assertEqual((result.status, result.out), (1, ""))
                self.assertIn(name, result.err)
                self.assertLessEqual(len(result.err.splitlines()), 2)

    def test_members_that_are_missing_are_a_reason(self):
        folder = self.copied("halved")
        (folder / "descriptors.json").write_text(json.dumps(
            {"schema": "zctrace.experiment/1", "experiment": "descriptors",
             "kernel": json.loads((folder / "descriptors.json").read_text())["kernel"], "pairs": {}}) + "\n")
        self.assertEqual(self.judged(folder, "P3")["P3"]["verdict"], "not_tested")

    def test_results_are_kept_and_used_again(self):
        stamps = {path.name: path.stat().st_mtime_ns for path in self.folder.iterdir()}
        again = claims("--kernel", "6.12", "--id", "S2,P1,P3", env=self.env)
        self.assertEqual({path.name: path.stat().st_mtime_ns for path in self.folder.iterdir()}, stamps)
        self.assertEqual(again["S2"], self.first["S2"])
        # What is missing is measured, and nothing else; --fresh measures what is asked for.
        (self.folder / "tee.json").unlink()
        claims("--kernel", "6.12", "--id", "E1", env=self.env)
        now = {path.name: path.stat().st_mtime_ns for path in self.folder.iterdir()}
        self.assertEqual({name for name in now if now[name] != stamps.get(name)}, {"tee.json"})
        claims("--kernel", "6.12", "--id", "W2", "--fresh", env=self.env)
        last = {path.name: path.stat().st_mtime_ns for path in self.folder.iterdir()}
        self.assertEqual({name for name in last if last[name] != now[name]}, {"read_write.json", "sendfile.json"})

    def test_explained_down_to_functions_and_events(self):
        result = support.run("claims", "--from", self.folder, "--id", "P1", "--explain")
        self.assertEqual((result.status, result.err), (0, ""))
        for words in ("mode switches per chunk: 4.00; rule: 2 ± 0.2; differs", "zctrace run splice --offload sg=off",
                      "skb_copy_bits in skb_segment", "filemap_splice_read", "first at", "does not hold",
                      str(self.folder / "splice.json")):
            self.assertIn(words, re.sub(r"\s+", " ", result.out) if " " in words else result.out)

    def test_one_line_a_claim(self):
        result = support.run("claims", "--from", self.folder)
        lines = [line for line in result.out.splitlines() if re.match(r" [A-Z]\d+ ", line)]
        self.assertEqual(sorted(line.split()[0] for line in lines), sorted(IDS))
        self.assertRegex(result.out, r"Linux 6\.12\S* in the lab: \d+ hold, ")

    def test_document_by_document(self):
        found = claims("--from", self.folder, "--textbook", "003")
        self.assertIn("E1", found)
        self.assertNotIn("P1", found)

    def test_in_chinese(self):
        result = support.run("claims", "--from", self.folder, "--lang", "zh", env={"LC_ALL": "C.UTF-8"})
        self.assertIn("有条件成立", result.out)
        self.assertNotRegex(result.out, r"not tested|holds|of 16")

    def test_page_has_the_claims_and_their_runs(self):
        page = support.SCRATCH / "claims.html"
        result = support.run("claims", "--from", self.folder, "--report", page)
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertIn('id="claims"', page.read_text())

    def test_interrupted_measurement_keeps_what_it_has(self):
        cache = support.SCRATCH / "interrupted"
        (cache / "zctrace").mkdir(parents=True)
        (cache / "zctrace/kernels").symlink_to(support.CACHE / "kernels")
        process = support.start("claims", "--kernel", "6.12", "--id", QUICK, env={"XDG_CACHE_HOME": str(cache)})
        deadline = time.monotonic() + support.GUEST_SECONDS
        while not list(cache.glob("zctrace/claims/*/*/read_write.json")):
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(process.poll())
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        result = support.wait(process)
        self.assertEqual(result.status, 130, result.err)
        (kept,) = cache.glob("zctrace/claims/*/*.lab/read_write.json")
        json.loads(kept.read_text())


class OnThisMachine(support.CleanTest):
    def test_what_was_inferred_proves_nothing(self):
        support.need_root()
        doctor = support.run("doctor")
        if "exact" in doctor.out and "breakpoints  yes" in doctor.out:
            self.skipTest("this kernel counts copies exactly")
        found = claims("--kernel", "host", "--id", QUICK,
                       env={"XDG_CACHE_HOME": str(support.SCRATCH / "host-cache")})
        about_copies = {"T1", "M1", "S1", "S2", "S3", "S4", "P1", "P2", "D1", "W2", "W3", "W4", "W6", "W10", "W11",
                        "W13", "W14", "L1", "L4", "O1", "O2", "O4", "O5"}
        self.assertEqual({found[id]["verdict"] for id in about_copies}, {"not_tested"})
        self.assertEqual(found["S5"]["verdict"], "does_not_hold")
        self.assertEqual(found["W9"]["verdict"], "holds")


class Usage(support.CleanTest):
    def test_wrong_options_are_one_line(self):
        for arguments, status, words in (
                (("--id", "X9"), 2, "there is no claim 'X9'"), (("--textbook", "007"), 2, "there is no textbook '007'"),
                (("--textbook", "004", "--id", "E1"), 2, "no claim matches all"),
                (("--from", "/nowhere"), 1, "/nowhere is not a directory"),
                (("--from", "/tmp", "--kernel", "6.12"), 2, "--from uses existing recordings"),
                (("--kernel", "9.9"), 2, "9.9"), (("--report", "/nowhere/x.html"), 1, "/nowhere/x.html")):
            with self.subTest(arguments=arguments):
                result = support.run("claims", *arguments)
                self.assertEqual((result.status, result.out), (status, ""))
                self.assertIn(words, result.err)
                self.assertLessEqual(len(result.err.splitlines()), 2)

    def test_folder_of_nothing_leaves_everything_untested(self):
        empty = support.SCRATCH / "empty"
        empty.mkdir()
        self.assertEqual({claim["verdict"] for claim in claims("--from", empty).values()}, {"not_tested"})


if __name__ == "__main__":
    support.main()
