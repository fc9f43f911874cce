"""What can go wrong before or after a transfer: the right status, one clear line, and nothing left behind."""

import json
import pathlib
import pwd
import shutil
import subprocess

import lab_support as support

# In a mount namespace of its own; what it mounts there is gone with it.
PRIVATE = ("unshare", "--mount", "sh", "-c")
HIDE_QEMU = (*PRIVATE, "mount --bind /dev/null $(command -v qemu-system-x86_64) && exec \"$@\"", "sh")


class ErrorTest(support.CleanTest):
    def check(self, arguments, status, *words, **more):
        with self.subTest(arguments=arguments):
            self.check_error(support.run(*arguments, **more), status, *words)

    def tiny_disk(self, size="64k"):
        support.need_root()
        folder = support.SCRATCH / f"tiny-{size}"
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", folder], check=True)
        return folder


class Usage(ErrorTest):
    def test_nothing_asked_is_help_given(self):
        result = support.run()
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(result.out, support.run("--help").out)

    def test_wrong_usage(self):
        self.check(["bogus"], 2, "bogus")
        self.check(["run"], 2, "METHOD")
        self.check(["run", "--bogus", "splice"], 2, "--bogus")
        self.check(["run", "bogus"], 2, "unknown method 'bogus'", "splice")
        self.check(["run", "splice", "bogus"], 2, "unknown method 'bogus'")
        for option in ("--size", "--chunk"):
            for size in ("0", "4QB", "-1", "", "1e3", "99999999999999999999", "16EiB", "0KiB", "64 KiB x"):
                self.check(["run", "splice", "--kernel", "host", f"{option}={size}"], 2, option)
        for kernel in ("9.9", "hos", "6.1.2"):
            self.check(["run", "splice", "--kernel", kernel], 2, f"unknown kernel '{kernel}'", "zctrace lab list")
        for offload in ("bogus", "sg", "sg=", "sg=maybe", "xx=off", "sg=off,bogus"):
            self.check(["run", "splice", "--kernel", "host", "--offload", offload], 2, "--offload")
        self.check(["run", "splice", "--path", "bogus"], 2, "bogus", "veth")
        self.check(["run", "splice", "--path", "file", "--offload", "sg=off"], 2, "--path file has none", "veth")
        self.check(["run", "splice", "--cache", "lukewarm"], 2, "lukewarm", "cold")
        self.check(["lab"], 2, "zctrace lab --help")
        self.check(["lab", "fetch", "9.9"], 2, "unknown kernel '9.9'")
        self.check(["show"], 2, "FILE")

    def test_help_is_no_error(self):
        for arguments in (["--help"], ["run", "--help"], ["lab", "--help"], ["--version"]):
            with self.subTest(arguments=arguments):
                result = support.run(*arguments)
                self.assertEqual((result.status, result.err), (0, ""))
        for command in ("run", "list", "show", "doctor", "lab"):
            self.assertIn(command, support.run("--help").out)


class Sources(ErrorTest):
    def test_no_file_to_transfer(self):
        empty = support.SCRATCH / "empty"
        empty.touch()
        for kernel in ("host", "6.12"):
            run = ["run", "splice", "--kernel", kernel, "--file"]
            self.check([*run, empty], 1, str(empty), "empty")
            self.check([*run, "/nonexistent/file"], 1, "/nonexistent/file")
            self.check([*run, support.SCRATCH], 1, str(support.SCRATCH), "directory")
            self.check([*run, "/dev/null"], 1, "/dev/null", "regular file")
        self.check(["run", "splice", "--kernel", "host", "--file", support.__file__, "--size", "1GiB"], 1, "--size")

    def test_unreadable_file(self):
        support.need_root()  # to become another user
        program = support.SCRATCH / "zctrace"
        shutil.copy(support.ZCTRACE, program)
        secret = support.SCRATCH / "secret"
        secret.write_text("not theirs")
        secret.chmod(0o600)
        result = support.run("run", "splice", "--kernel", "host", "--file", secret, program=program,
                             user=pwd.getpwnam("nobody"))
        self.assertIn(result.status, (1, 3))
        self.check_error(result, result.status, str(secret), "ermission")

    def test_larger_than_the_disk(self):
        support.need_root()
        self.check(["run", "splice", "--kernel", "host", "--size", "900TiB"], 1, "900", "free")

    def test_guest_without_room(self):
        support.need_lab("6.12")
        folder = self.tiny_disk("4m")
        self.check(["run", "splice", "--kernel", "6.12"], 1, "full", "TMPDIR", env={"TMPDIR": str(folder)})
        self.assertEqual(list(folder.iterdir()), [])

    def test_full_cache_folder(self):
        """Of what was begun nothing stays, to be taken for whole or to fill it further."""
        support.need_lab("6.12")
        cache = self.tiny_disk("3m") / "zctrace"
        cache.mkdir()
        (cache / "kernels").symlink_to(support.CACHE / "kernels")
        self.check(["run", "splice", "--kernel", "6.12"], 1, "No space left", str(cache), env={"XDG_CACHE_HOME": str(cache.parent)})
        self.assertEqual({path.name for path in cache.glob("boot/*/*")}, {"lock"})


class Kernels(ErrorTest):
    def test_few_open_files(self):
        """Raised as far as it may be; the command has the limits that zctrace was given."""
        support.need_root()
        few = support.run("exec", "--quiet", "--kernel", "host", "--", "true", wrapper=["prlimit", "--nofile=60:60", "setpriv", "--bounding-set=-sys_resource"])
        self.check_error(few, 1, "tracing needs 256 open files, and the limit here is 60", "ulimit -n 1024")
        raised = support.run("exec", "--quiet", "--kernel", "host", "--", "sh", "-c", "ulimit -Sn; ulimit -l",
                             wrapper=["prlimit", "--nofile=60:2000", "--memlock=65536:1048576"])
        self.assertEqual((raised.status, raised.out, raised.err), (0, "60\n64\n", ""))

    def test_kernel_not_fetched(self):
        cache = support.SCRATCH / "empty-cache"
        cache.mkdir()
        self.check(["run", "splice", "--kernel", "6.1"], 1, "6.1", "zctrace lab fetch 6.1",
                   env={"XDG_CACHE_HOME": str(cache)})

    def test_file_that_is_no_kernel(self):
        self.check(["run", "splice", "--kernel", "/bin/ls"], 1, "/bin/ls")
        self.check(["run", "splice", "--kernel", "/nonexistent/vmlinuz"], 1, "/nonexistent/vmlinuz")

    def test_no_qemu(self):
        support.need_root()  # to hide it
        support.need_lab("6.12")
        self.check(["run", "splice", "--kernel", "6.12"], 1, "qemu-system-x86_64 is missing", "apt-get install",
                   wrapper=HIDE_QEMU)
        result = support.run("run", "splice", "--size", "64KiB", wrapper=HIDE_QEMU)
        if "zctrace: running on this machine" in result.err:  # it could not count exactly, and there is no lab
            self.assertEqual(len(result.err.splitlines()), 1, result.err)
            self.assertIn("qemu-system-x86_64 is missing", result.err)
        self.assertEqual(result.status, 0, result)

    def test_cards_are_in_the_lab_only(self):
        support.need_root()
        self.check(["run", "splice", "--kernel", "host", "--path", "nic"], 1, "lab", "--kernel 6.12")


class Outputs(ErrorTest):
    def test_unwritable_output(self):
        run = ["run", "splice", "--kernel", "host", "-o"]
        self.check([*run, "/nonexistent/x.json"], 1, "/nonexistent/x.json")
        self.check([*run, support.SCRATCH], 1, str(support.SCRATCH), "directory")
        self.check(["run", "all", "--kernel", "host", "-o", support.__file__], 1, support.__file__)
        self.check(["run", "all", "--kernel", "host", "-o", "/nonexistent/folder"], 1, "/nonexistent/folder")

    def test_output_folder_of_another_user(self):
        support.need_root()
        program = support.SCRATCH / "zctrace"
        shutil.copy(support.ZCTRACE, program)
        folder = support.SCRATCH / "roots"
        folder.mkdir()
        self.check(["run", "splice", "--kernel", "host", "-o", folder / "x.json"], 1, "x.json", "ermission",
                   program=program, user=pwd.getpwnam("nobody"))

    def test_output_on_a_full_disk(self):
        folder = self.tiny_disk()
        output = folder / "x.json"
        output.write_text("what was there before")
        result = support.run("run", "splice", "--kernel", "host", "--size", "16MiB", "-o", output)
        self.assertIn("splice: ", result.out)  # what cannot be written is still shown
        self.check_error(result._replace(out=""), 1, "No space left", str(output))
        self.assertEqual([(path.name, path.read_text()) for path in folder.iterdir()],
                         [("x.json", "what was there before")])

    def test_full_standard_output(self):
        """The commands that read a recording: tests/web/hostile_test.py."""
        support.need_root()
        for command in ("list", "list --json", "lab list", "lab list --json", "doctor", "doctor --json", "doctor --paths", "help measuring",
                        "completion bash", "--help", "--version", "run splice --kernel host --json",
                        "exec --kernel host --quiet -o - -- true"):
            with open("/dev/full", "w", encoding="utf-8") as full:
                self.check(command.split(), 1, "cannot write standard output: No space left", stdout=full)

    def test_show_of_no_document(self):
        support.need_root()
        good = support.SCRATCH / "good.json"
        self.assertEqual(support.run("run", "splice", "--kernel", "host", "-o", good).status, 0)
        shown = support.run("show", good)
        self.assertEqual((shown.status, shown.err), (0, ""))
        content = good.read_text()
        self.check(["show", "/nonexistent.json"], 1, "/nonexistent.json")
        bad = {
            "empty": b"",
            "binary": pathlib.Path("/bin/true").read_bytes(),
            "foreign": b'{"a": [1, 2, 3]}\n',
            "newer": content.replace("zctrace.timeline/2", "zctrace.timeline/3").encode(),
            "wordless": json.dumps({**json.loads(content), "ledger": {}}).encode(),
            "negative": content.replace('"payload_bytes": ', '"payload_bytes": -').encode(),
            "truncated": content[: len(content) // 2].encode(),
            "headless": content[: content.index('"ledger"')].encode(),
            "deep": b"[" * 1000000,
        }
        for name, text in bad.items():
            path = support.SCRATCH / f"{name}.json"
            path.write_bytes(text)
            self.check(["show", path], 1, str(path))


if __name__ == "__main__":
    support.main()
