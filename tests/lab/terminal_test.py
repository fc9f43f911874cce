"""What a person sees: the picture of a run, --json, and the commands that only tell."""

import fcntl
import json
import os
import pty
import re
import struct
import termios
import unicodedata
import unittest

import lab_support as support

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def columns(line):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def run_on_terminal(*arguments, width=80, both=False):
    """both: what goes to standard error stands on it, too."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    environment = {"TERM": "xterm-256color", "NO_COLOR": ""}
    errors = {"stderr": theirs} if both else {}
    process = support.start(*arguments, stdout=theirs, env=environment, **errors)
    os.close(theirs)
    output = b""
    try:
        while piece := os.read(ours, 4096):
            output += piece
    except OSError:
        pass  # it has ended
    os.close(ours)
    result = support.wait(process)
    return support.Result(result.status, output.decode().replace("\r\n", "\n"), result.err)


class Picture(support.CleanTest):
    def setUp(self):
        support.need_root()
        super().setUp()

    def check_lines(self, picture, width=80):
        for line in picture.splitlines():
            self.assertLessEqual(columns(line), width, line)
        for word in ("mode switches", "context switches", "disk", "receiver", "evidence", "lost"):
            self.assertIn(word, picture)
        for word in ("kernel", "hardware", "user buffer", "page cache", "socket buffer"):
            self.assertIn(word, picture)

    def test_piped_picture_is_plain_and_narrow(self):
        for locale in ("C.UTF-8", "C"):
            with self.subTest(locale=locale):
                result = support.run("run", "splice", "--kernel", "host", env={"LC_ALL": locale})
                self.assertEqual((result.status, result.err), (0, ""))
                self.assertNotIn("\x1b", result.out)
                self.assertEqual(result.out.isascii(), locale == "C")
                self.check_lines(result.out)

    def test_several_end_with_their_comparison_alone(self):
        methods = ("read_write", "sendfile")  # more of them than stand side by side have a row each
        together = support.run("run", *methods, "--kernel", "host", "-o", support.SCRATCH / "all")
        files = [support.SCRATCH / f"all/{method}.json" for method in methods]
        compared = support.run("compare", *files)
        self.assertEqual((together.status, together.err, together.out), (0, "", compared.out))
        figures = {figure["id"]: figure["values"] for figure in json.loads(support.run("compare", *files, "--json").out)["figures"]}
        for value, file in zip(figures["mode_switches"], files, strict=True):
            self.assertEqual(value["number"], support.document(file)["ledger"]["mode_switches"]["total"])
        alone = [support.run("show", file).out for file in files]
        shown = support.run("show", *files)
        self.assertEqual((shown.status, shown.err), (0, ""))
        self.assertEqual(shown.out, f"==> {files[0]} <==\n{alone[0]}\n==> {files[1]} <==\n{alone[1]}")
        self.assertIn("zctrace compare", COLOUR.sub("", run_on_terminal("show", *files, both=True).out))

    def test_picture_on_a_terminal_has_colour(self):
        result = run_on_terminal("run", "read_write", "--kernel", "host")
        self.assertEqual(result.status, 0, result.err)
        self.assertRegex(result.out, COLOUR)
        plain = COLOUR.sub("", result.out)
        self.assertNotIn("\x1b", plain)
        self.check_lines(plain)

    def test_narrow_terminal(self):
        result = run_on_terminal("run", "splice", "--kernel", "host", width=60)
        self.assertEqual(result.status, 0, result.err)
        self.check_lines(COLOUR.sub("", result.out), 60)

    def test_json_is_one_document_and_of_several_methods_json_lines(self):
        for methods in (["sendfile"], ["read_write", "splice"]):
            with self.subTest(methods=methods):
                result = support.run("run", *methods, "--kernel", "host", "--json")
                self.assertEqual((result.status, result.err), (0, ""))
                found = support.documents(result.out)
                self.assertEqual([data["run"]["method"] for data in found], methods)
                if len(methods) > 1:
                    self.assertEqual([json.loads(line) for line in result.out.splitlines()], found)

    def test_show_draws_what_run_drew(self):
        path = support.SCRATCH / "shown.json"
        drawn = support.run("run", "mmap_write", "--kernel", "host", "-o", path)
        shown = support.run("show", path)
        self.assertEqual((shown.status, shown.err), (0, ""))
        self.assertEqual(shown.out, drawn.out)
        forced = support.run("show", path, env={"CLICOLOR_FORCE": "1", "NO_COLOR": ""})
        self.assertNotEqual(forced.out, drawn.out)
        self.assertEqual(COLOUR.sub("", forced.out), drawn.out)
        self.assertEqual(support.run("show", path, env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}).out, drawn.out)

    def test_numbers_of_the_picture_are_the_documents(self):
        path = support.SCRATCH / "numbers.json"
        result = support.run("run", "read_write", "--kernel", "host", "--size", 1000003, "-o", path)
        data = support.document(path)
        switches = data["ledger"]["mode_switches"]["total"]
        self.assertIn(f" {switches} mode switches", result.out)
        self.assertRegex(result.out, rf"mode switches +{switches}, ")
        for name, calls in data["ledger"]["syscalls"].items():
            self.assertIn(f"{name} {calls}", result.out)


class Tellers(unittest.TestCase):
    def tell(self, *arguments):
        result = support.run(*arguments)
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertNotIn("\x1b", result.out)
        return result.out

    def test_list_names_each_method(self):
        told = support.run("list", env={"LC_ALL": "C.UTF-8"}).out
        for method in support.METHODS:
            self.assertRegex(told, rf"(?m)^{method} ")
        for line in told.splitlines():
            self.assertLessEqual(columns(line), 80, line)

    def test_what_one_might_pipe_is_there_as_json(self):
        said = {name: json.loads(support.run(*name.split(), "--json").out) for name in ("list", "lab list", "doctor")}
        listed = support.run("list").out
        self.assertTrue(all(f"\n{method['name']} " in "\n" + listed for method in said["list"]))
        self.assertIn({"veth", "file"}, [set(method["paths"]) & {"veth", "file"} for method in said["list"]])
        self.assertEqual([kernel["version"] for kernel in said["lab list"]][:4], ["5.10", "6.1", "6.12", "7.2"])
        self.assertIn("BTF", [finding["what"] for finding in said["doctor"]["findings"]])
        self.assertEqual(said["doctor"]["release"], os.uname().release)

    def test_doctor_names_each_need(self):
        told = self.tell("doctor")
        for name in ("BTF", "privileges", "lockdown", "debug registers", "kprobes", "fentry", "scatter-gather", "QEMU",
                     "kernel 5.10", "kernel 6.1", "kernel 6.12", "kernel 7.2"):
            self.assertIn(name, told)
        if os.geteuid() == 0:
            release = os.uname().release
            self.assertIn(release, told)
        exact = "counted exactly, twice" in told
        # A mechanism that is found wanting comes with what improves it.
        wanting = [line for line in told.splitlines() if line.startswith("- fentry") or line.startswith("- debug")]
        self.assertEqual(exact, not wanting)
        self.assertGreaterEqual(told.count("improve: "), len(wanting))

    def test_schema_has_an_absolute_name(self):
        """With a relative one, Debian 12's jsonschema cannot validate any document: its "$ref"s lead nowhere."""
        support.jsonschema.Draft202012Validator.check_schema(support.SCHEMA)
        self.assertRegex(support.SCHEMA["$id"], r"^[a-z]+:")

    def test_lab_list(self):
        self.assertIn("6.12 (default)", self.tell("lab", "list"))


class Languages(unittest.TestCase):
    """English and Chinese, by --lang or else by the locale; none of these locales need be installed."""

    UNSET = {"LC_ALL": "", "LC_MESSAGES": "", "LC_CTYPE": "", "LANG": ""}

    def tell(self, *arguments, **environment):
        result = support.run(*arguments, env=self.UNSET | environment)
        self.assertEqual((result.status, result.err), (0, ""))
        return result.out

    def test_the_locale_chooses(self):
        self.assertIn("模式切换", self.tell("list", LANG="zh_CN.UTF-8"))
        self.assertIn("模式切换", self.tell("list", LANG="zh_TW.utf8"))
        self.assertIn("mode switches", self.tell("list", LANG="en_US.UTF-8"))
        self.assertIn("mode switches", self.tell("list", LANG="zh_CN.UTF-8", LC_ALL="C.UTF-8"))

    def test_without_utf8_it_is_english_in_ascii(self):
        for command in (["list"], ["doctor"], ["lab", "list"]):
            told = self.tell(*command, LANG="zh_CN")
            self.assertTrue(told.isascii(), told)
            self.assertEqual(told, self.tell(*command, LANG="C"))

    def test_the_option_beats_the_locale(self):
        self.assertEqual(self.tell("--lang", "zh", "list", LANG="C.UTF-8"), self.tell("list", LANG="zh_CN.UTF-8"))
        self.assertEqual(self.tell("list", "--lang", "en", LANG="zh_CN.UTF-8"), self.tell("list", LANG="C.UTF-8"))
        self.assertEqual(self.tell("--lang", "zh", "list", LANG="C"), self.tell("list", LANG="zh_CN.UTF-8"))

    def test_each_command_that_tells_is_translated(self):
        for command, word in ((["list"], "系统调用"), (["doctor"], "跟踪点"), (["lab", "list"], "默认")):
            told = self.tell(*command, LANG="zh_CN.UTF-8")
            self.assertIn(word, told)
            for line in told.splitlines():
                self.assertLessEqual(columns(line), 80, line)

    def test_an_unknown_language_is_wrong_usage(self):
        result = support.run("--lang", "fr", "list")
        self.assertEqual((result.status, result.out), (2, ""))
        self.assertRegex(result.err, r"\Azctrace: .*fr.*\n  hint: zctrace .*--help\n\Z")


if __name__ == "__main__":
    support.main()
