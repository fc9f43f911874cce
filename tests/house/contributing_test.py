"""The examples of docs/contributing.md do what it says: each is applied to the sources, which are then built.

contributing_test.py ZCTRACE: in an overlay over the clone, which nobody else sees and which is gone afterwards, so that
only what an example touches is compiled.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve().parent
INSIDE = "ZCTRACE_IN_OVERLAY"
FENCE = re.compile(r"^```\w+ (file=.*)\n((?:.*\n)*?)```$", re.MULTILINE)


def in_overlay():
    """Runs this file again where the clone is an overlay; 77 where that cannot be had."""
    with tempfile.TemporaryDirectory(prefix="zctrace-contributing-") as scratch:
        for name in ("upper", "overlay"):
            os.mkdir(f"{scratch}/{name}")
        as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        mount = f"mount -t overlay overlay -o lowerdir={ROOT},upperdir={scratch}/upper,workdir={scratch}/overlay {ROOT}"
        again = shlex.join([sys.executable, "-B", str(pathlib.Path(__file__).resolve()), *map(os.path.abspath, sys.argv[1:])])
        script = f"{mount} 2>/dev/null || exit 77; exec {again}"
        done = subprocess.run(["unshare", "--mount", *as_root, "sh", "-c", script], cwd="/", env={**os.environ, INSIDE: scratch})
        shutil.rmtree(f"{scratch}/overlay/work", ignore_errors=True)
        return done.returncode


def examples():
    """(file, the line it comes after, text) of each example."""
    for words, text in FENCE.findall((ROOT / "docs/contributing.md").read_text()):
        options = dict(word.split("=", 1) for word in shlex.split(words))
        yield options["file"], options.get("after"), text


def apply(name, after, text):
    file = ROOT / name
    old = file.read_text() if file.exists() else ""
    if after is None:
        file.write_text(old + ("\n" if old else "") + text)
        return
    lines = old.splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if after in line)
    file.write_text("".join(lines[: at + 1]) + text + "".join(lines[at + 1 :]))


class Contributing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(os.environ[INSIDE])
        cls.files = []
        for name, after, text in examples():
            apply(name, after, text)
            cls.files.append(name)
        cls.run_in("ninja", "-C", BUILD, "zctrace-workload", "zctrace-on-recordings", "zctrace_capture")

    @classmethod
    def run_in(cls, *command):
        done = subprocess.run(command, cwd=cls.scratch, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done.stdout

    def zctrace(self, *arguments):
        return self.run_in(BUILD / "zctrace-on-recordings", "--lang", "en", *arguments)

    def workload(self, *arguments):
        return self.run_in(BUILD / "zctrace-workload", *arguments)

    def test_as_few_files_as_it_says(self):
        self.assertEqual(len(self.files), 5)  # a hook is a row and a function

    def test_method_transfers_a_file(self):
        self.assertIn("pread_write", self.workload("--help"))
        self.workload("run", "pread_write", "--size", "1MiB", "--path", "loopback")  # every byte is compared there

    def test_hook_is_in_the_object(self):
        skeleton = (BUILD / "bpf/zctrace.skel.h").read_text()
        self.assertIn("struct bpf_program *sum_proc_sys_call_handler;", skeleton)

    def test_figure_is_shown(self):
        recording = ROOT / "tests/export/one_byte.json"
        self.assertIn("switches/MiB", self.zctrace("show", recording))
        self.assertRegex(self.zctrace("export", recording, "--format", "csv"), r"mode_switches.per_mib")

    def test_claim_is_judged(self):
        folder = self.scratch / "results"
        folder.mkdir()
        (folder / "descriptors.json").write_text(self.workload("experiment", "descriptors"))
        claim, = json.loads(self.zctrace("claims", "--from", folder, "--id", "X1", "--json"))["claims"]
        self.assertEqual(claim["verdict"], "holds", claim)


if __name__ == "__main__":
    if INSIDE not in os.environ:
        sys.exit(in_overlay())
    unittest.main(argv=["contributing_test"])
