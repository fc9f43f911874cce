"""The examples of docs/contributing.md do what it says: each is applied to a copy of the sources, which is then built."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```\w+ (file=.*)\n((?:.*\n)*?)```$", re.MULTILINE)
NOT_SOURCES = shutil.ignore_patterns(".git", "build*", "node_modules", "__pycache__")


def examples():
    """(file, the line it comes after, text) of each example."""
    for words, text in FENCE.findall((ROOT / "docs/contributing.md").read_text()):
        options = dict(word.split("=", 1) for word in shlex.split(words))
        yield options["file"], options.get("after"), text


def apply(tree, name, after, text):
    file = tree / name
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
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="zctrace-contributing-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        tree, cls.build = cls.scratch / "zctrace", cls.scratch / "zctrace/build"
        shutil.copytree(ROOT, tree, ignore=NOT_SOURCES, symlinks=True)
        cls.files = []
        for name, after, text in examples():
            apply(tree, name, after, text)
            cls.files.append(name)
        # What was compiled before, here or for this test, need not be again.
        cls.environment = {**os.environ, "CCACHE_BASEDIR": "/", "CCACHE_NOHASHDIR": "1"}
        cls.run_in(cls.scratch, "cmake", "-G", "Ninja", "-S", tree, "-B", cls.build, "-DBUILD_TESTING=OFF")
        cls.run_in(cls.scratch, "ninja", "-C", cls.build, "zctrace-workload", "zctrace-on-recordings", "bpf_skeleton",
                   "userspace/CMakeFiles/zctrace_capture.dir/capture/probes.cpp.o")

    @classmethod
    def run_in(cls, folder, *command):
        done = subprocess.run(command, cwd=folder, env=cls.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done.stdout

    def zctrace(self, *arguments):
        return self.run_in(self.scratch, self.build / "zctrace-on-recordings", "--lang", "en", *arguments)

    def workload(self, *arguments):
        return self.run_in(self.scratch, self.build / "zctrace-workload", *arguments)

    def test_as_few_files_as_it_says(self):
        self.assertEqual(len(self.files), 5)  # a hook is a row and a function

    def test_method_transfers_a_file(self):
        self.assertIn("pread_write", self.workload("--help"))
        self.workload("run", "pread_write", "--size", "1MiB", "--path", "loopback")  # every byte is compared there

    def test_hook_is_in_the_object(self):
        skeleton = (self.build / "bpf/zctrace.skel.h").read_text()
        self.assertIn("struct bpf_program *sum_copy_splice_read;", skeleton)

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
    unittest.main(argv=["contributing_test"])
