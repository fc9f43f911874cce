"""What `cmake --install` puts somewhere works there: install_test.py ZCTRACE."""

import gzip
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(sys.argv[1]).resolve().parent


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="zctrace-install-")
        cls.addClassCleanup(scratch.cleanup)
        cls.prefix = pathlib.Path(scratch.name).resolve() / "usr"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.prefix], check=True, capture_output=True, cwd="/")

    def zctrace(self, *arguments):
        done = subprocess.run([self.prefix / "bin/zctrace", *arguments], check=True, capture_output=True, text=True, cwd="/")
        return done.stdout

    def test_it_finds_its_parts(self):
        """The transfers' program, which does the experiments; what starts a guest, and Java's sender, are beside it."""
        self.assertIn('"experiment": "descriptors"', self.zctrace("measure", "descriptors"))
        parts = self.prefix / "libexec/zctrace"
        self.assertTrue(os.access(parts / "zctrace-init", os.X_OK))
        self.assertTrue((parts / "java/Sender.java").exists())

    def test_version(self):
        """The commit, and what it works on here, however one asks."""
        said = self.zctrace("--version")
        self.assertRegex(said, r"^zctrace \d+\.\d+\.\d+ \(([0-9a-f]{7,}(-dirty)?|commit unknown)\)\nlibbpf \d+\.\d+\nLinux ")
        self.assertIn(f"Linux {os.uname().release} {os.uname().machine}\n", said)
        self.assertEqual({said}, {self.zctrace(word) for word in ("-V", "version")})

    def test_manual_and_completions(self):
        page = gzip.decompress((self.prefix / "share/man/man1/zctrace-run.1.gz").read_bytes()).decode()
        self.assertIn("METHOD", page)
        self.assertTrue((self.prefix / "share/man/man7/zctrace-security.7.gz").exists())
        for shell, file in (("bash", "bash-completion/completions/zctrace"), ("zsh", "zsh/site-functions/_zctrace"),
                            ("fish", "fish/vendor_completions.d/zctrace.fish")):
            self.assertEqual((self.prefix / "share" / file).read_text(), self.zctrace("completion", shell))

    def test_the_service_starts_what_is_installed(self):
        unit = (self.prefix / "lib/systemd/system/zctrace-agent.service").read_text()
        self.assertIn(f"ExecStart={self.prefix}/bin/zctrace agent", unit)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
