"""Expectations: `run`, `exec` and `check` exit with 4 where one does not hold, and name the flow. The script and the job
of docs/expect.md do what it says."""

import os
import pathlib
import re
import subprocess
import textwrap
import xml.etree.ElementTree

import lab_support as support

PAGE = pathlib.Path(__file__).parents[2] / "docs/expect.md"
FENCE = re.compile(r"^```\w+ file=(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


def verdicts(path):
    """expectation -> why it does not hold, or None."""
    found = {}
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        failure = case.find("failure")
        found[case.get("name")] = None if failure is None else failure.get("message")
    return found


class ExpectTest(support.CleanTest):
    def test_counted_exactly_in_the_lab(self):
        junit = support.SCRATCH / "run.xml"
        result = support.run("run", "read_write", "sendfile", "--kernel", "6.12", "-o", support.SCRATCH / "runs", "--junit", junit,
                             "--expect", "copies <= 0.01", "--expect", "evidence == exact", "--expect", "receiver/copies == 1")
        self.assertEqual(result.status, 4, result.err)
        self.assertEqual(result.err, "zctrace: read_write: expected copies <= 0.01: 2.00\n")
        suites = xml.etree.ElementTree.parse(junit).getroot()
        self.assertEqual([(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in suites],
                         [("read_write", "3", "1"), ("sendfile", "3", "0")])
        # And of what was recorded.
        files = [support.SCRATCH / f"runs/{name}.json" for name in ("sendfile", "read_write")]
        good = support.run("check", files[0], "--expect", "copies <= 0.01")
        self.assertEqual(good.status, 0)
        self.assertRegex(good.out, rf"^holds  {files[0]}: copies <= 0\.01: (0\.00|<0\.01)\n$")
        both = support.run("check", *files, "--expect", "copies <= 0.01")
        self.assertEqual((both.status, both.err), (4, ""))
        self.assertEqual(both.out.splitlines()[1], f"broken {files[1]}: copies <= 0.01: 2.00")

    def test_a_program(self):
        support.need_root()
        (support.SCRATCH / "data.bin").write_bytes(os.urandom(4 << 20))
        expected = ["--quiet", "--expect", "flow(data.bin -> data.copy).method == copy_file_range"]
        good = support.run("exec", *expected, "--", "cp", "data.bin", "data.copy")
        self.assertEqual((good.status, good.err), (0, ""))
        bad = support.run("exec", *expected, "--", "cp", "--sparse=always", "data.bin", "data.copy")
        self.assertEqual(bad.status, 4)
        self.assertRegex(bad.err, r"^zctrace: exec: expected .* == copy_file_range: \S*/data\.bin → \S*/data\.copy: read_write\b.*\n$")
        # A command that fails is the first thing to know.
        failing = support.run("exec", *expected, "--", "sh", "-c", "cp --sparse=always data.bin data.copy; exit 3")
        self.assertEqual(failing.status, 3)
        self.assertIn("expected flow(data.bin -> data.copy)", failing.err)

    def test_what_is_wrong_is_said_before_anything_runs(self):
        made = support.SCRATCH / "made"
        for words, error in {("--expect", "copys <= 1"): "zctrace: --expect: unknown quantity 'copys'\n    copys <= 1\n    ^^^^^\n",
                             ("--junit", "a.xml"): "zctrace: --junit needs an --expect\n",
                             ("--expect", "copies <= 1", "--junit", "no/such/folder.xml"): "zctrace: "}.items():
            result = support.run("exec", *words, "--", "touch", made)
            self.assertTrue(result.status in (1, 2) and result.err.startswith(error), result)
        self.assertFalse(made.exists())
        self.assertEqual(support.run("check", "a.json").status, 2)

    def test_the_script_and_the_job_of_the_page(self):
        support.need_root()
        files = dict(FENCE.findall(PAGE.read_text()))
        folder = support.SCRATCH / "job"
        folder.mkdir()
        (folder / "check.sh").write_text(files["check.sh"])
        step = textwrap.dedent(re.search(r"run: \|\n((?: {10}.*\n)+)", files[".github/workflows/zero-copy.yml"]).group(1))
        step = step.replace("sudo --preserve-env=PATH,COPY_OPTIONS ", "")  # we are root

        def run_job(options):
            path = f"{support.ZCTRACE.parent}:/usr/bin:/bin"
            return subprocess.run(["sh", "-e", "-c", step], cwd=folder, env=support.environment(COPY_OPTIONS=options, PATH=path),
                                  capture_output=True, text=True, timeout=support.GUEST_SECONDS)

        good = run_job("")
        self.assertEqual(good.returncode, 0, good)
        self.assertEqual(set(verdicts(folder / "results.xml").values()), {None})
        bad = run_job("--sparse=always")
        self.assertEqual(bad.returncode, 4, bad)
        broken = [why for why in verdicts(folder / "results.xml").values() if why]
        self.assertRegex("".join(broken), r"^flow\(data\.bin -> data\.copy\)\.method .*/data\.bin → .*/data\.copy: read_write")


if __name__ == "__main__":
    support.main()
