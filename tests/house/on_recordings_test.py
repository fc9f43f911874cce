"""What needs recordings only works without what measures: on_recordings_test.py ZCTRACE_ON_RECORDINGS ZCTRACE

It links none of the libraries that measuring needs, and prints byte for byte what the whole zctrace prints.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
ONE_BYTE, PROGRAM = TESTS / "export/one_byte.json", TESTS / "golden/program.json"
ONLY_FOR_MEASURING = re.compile(r"lib(bpf|seccomp|archive)\b")
WHOLE, ON_RECORDINGS = (pathlib.Path(sys.argv[index]).resolve() for index in (1, 3))


class OnRecordings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="on-recordings-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def output(self, *command):
        """What it prints; it must succeed without a word."""
        done = subprocess.run([str(word) for word in command], capture_output=True, check=False, cwd=self.folder,
                              env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        self.assertEqual((done.returncode, done.stderr), (0, b""), command)
        self.assertTrue(done.stdout, command)
        return done.stdout

    def check_same(self, *arguments):
        self.assertEqual(self.output(ON_RECORDINGS, *arguments), self.output(WHOLE, *arguments), arguments)

    def test_it_links_nothing_that_measures(self):
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", self.output("readelf", "-d", ON_RECORDINGS).decode())
        self.assertIn("libc.so.6", needed)
        loaded = self.output("ldd", ON_RECORDINGS).decode()  # and what those need
        self.assertIn("libc.so.6", loaded)
        self.assertEqual([name for name in [*needed, *loaded.split()] if ONLY_FOR_MEASURING.match(name)], [])
        # The whole one does, or this would prove nothing.
        self.assertRegex(self.output("readelf", "-d", WHOLE).decode(), ONLY_FOR_MEASURING)

    def test_show(self):
        for language in ("en", "zh"):
            for recording in (ONE_BYTE, PROGRAM):
                self.check_same("--lang", language, "show", recording)

    def test_chart(self):
        for kind in ("flow", "sequence"):
            self.check_same("chart", ONE_BYTE, "--kind", kind)
        self.check_same("chart", ONE_BYTE, ONE_BYTE, "--kind", "comparison")

    def test_report(self):
        self.check_same("report", ONE_BYTE, PROGRAM)

    def test_compare(self):
        self.check_same("compare", ONE_BYTE, ONE_BYTE)

    def test_export(self):
        for form in ("perfetto", "chrome", "csv"):
            self.check_same("export", ONE_BYTE, "--format", form)

    def test_claims(self):
        recorded = self.folder / "recorded"
        recorded.mkdir()
        shutil.copy(ONE_BYTE, recorded / "read_write.json")
        self.check_same("claims", "--from", recorded)
        # As they are kept, compressed; what is not read is not tested.
        kept = self.output(ON_RECORDINGS, "claims", "--from", TESTS.parent / "viz/site/recordings/claims").decode()
        self.assertRegex(kept, r"in the lab: [1-9]\d* hold, ")
        self.check_same("claims", "--from", recorded, "--json")

    def test_what_it_cannot_do_is_wrong_usage(self):
        for command in (["run", "splice"], ["exec", "true"], ["attach", "-p", "1"], ["top"], ["lab", "list"]):
            done = subprocess.run([ON_RECORDINGS, *command], capture_output=True, check=False, text=True)
            self.assertEqual((done.returncode, done.stdout), (2, ""), command)
            self.assertTrue(done.stderr.startswith("zctrace: "), done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
