"""Completion and manual pages know what the command line knows: python3 FILE PATH_TO_ZCTRACE."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ZCTRACE = pathlib.Path(sys.argv[1]).resolve()


def output(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True, **more)
    return done.stdout


def need(program):
    if not shutil.which(program):
        raise unittest.SkipTest(f"{program} is missing")


# What is typed, and what must be offered, and what must not.
EXPECTED = [
    (["run", "spl"], ["splice"], ["sendfile"]),
    (["ru"], ["run"], ["report"]),
    (["run", "--kernel", "6"], ["6.1", "6.12", "6.12-rt"], ["5.10"]),
    (["run", "splice", "--exp"], ["--expect"], ["--path"]),
    (["run", "--path", ""], ["nic", "veth", "pipe"], []),
    (["lab", "f"], ["fetch"], ["list"]),
    (["export", "a.json", "--format", "per"], ["perfetto"], ["csv"]),
    (["show", "rec"], ["recording.json"], ["run"]),
]


class Completion(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="zctrace-completion-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "recording.json").touch()

    def check(self, offers):
        for words, wanted, unwanted in EXPECTED:
            with self.subTest(words=words):
                offered = offers(words)
                self.assertLessEqual(set(wanted), set(offered))
                self.assertFalse(set(unwanted) & set(offered), offered)

    def test_bash(self):
        script = output(ZCTRACE, "completion", "bash") + (
            'COMP_WORDS=(zctrace "$@"); COMP_CWORD=$#; _zctrace; printf "%s\\n" "${COMPREPLY[@]}"\n')
        self.check(lambda words: output("bash", "-c", script, "bash", *words, cwd=self.folder).splitlines())

    def test_fish(self):
        need("fish")
        (self.folder / "zctrace.fish").write_text(output(ZCTRACE, "completion", "fish"))

        def offers(words):
            line = "zctrace " + " ".join(words)
            said = output("fish", "--no-config", "-c", f"source zctrace.fish; complete -C '{line}'", cwd=self.folder,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)})
            return [offer.split("\t")[0] for offer in said.splitlines()]

        self.check(offers)

    def test_zsh(self):
        """It hands what it knows to zsh's own functions."""
        need("zsh")
        script = 'compdef() { }; _arguments() { print -rl -- "$@"; }\n' + output(ZCTRACE, "completion", "zsh")
        said = output("zsh", "-f", "-c", script + "_zctrace_run; _zctrace_show")
        self.assertIn("*--kernel[", said)
        self.assertIn("(auto host 5.10 6.1 6.12 ", said)
        self.assertIn("*:METHOD:(all read_write ", said)
        self.assertIn("*:FILE:_files", said)

    def test_manual_pages(self):
        need("groff")
        output(ZCTRACE, "manual", self.folder / "man")
        pages = {path.name for path in (self.folder / "man").iterdir()}
        self.assertLessEqual({"zctrace.1", "zctrace-run.1", "zctrace-lab-fetch.1"}, pages)
        for page in sorted(pages):
            done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", self.folder / "man" / page], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), page)
        for words in (["run"], ["lab", "fetch"]):
            text = (self.folder / f"man/zctrace-{'-'.join(words)}.1").read_text().replace("\\-", "-")
            for line in output(ZCTRACE, *words, "--help").splitlines():
                if line.startswith("  -"):
                    self.assertIn(f"\\fB{line.split()[0].strip(',')}\\fR", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
