"""Documents that are damaged, foreign or malicious: one clear error, or a picture in which nothing of them is markup."""

import csv
import io
import json
import pathlib
import pwd
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lab"))

import hostile_documents
import lab_support as support
import markup

SECONDS = support.PATIENCE  # that nothing takes, hostile or not


def no_number(word):
    raise AssertionError(f"{word} is no JSON")


def chrome(data):
    json.loads(data, parse_constant=no_number)


def table(data):
    csv.field_size_limit(2**31 - 1)
    widths = {len(row) for row in csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)}
    assert len(widths) == 1, f"rows of {widths} cells"


def anything(data):
    assert data


# What each command makes of a file, and what its output must be.
COMMANDS = {
    "show": (["show", "{}"], markup.terminal),
    "compare": (["compare", "{}", "{good}"], markup.terminal),
    "flow": (["chart", "{}", "--kind", "flow"], markup.svg),
    "sequence": (["chart", "{}", "--kind", "sequence"], markup.svg),
    "whole run": (["chart", "{}", "--kind", "sequence", "--span", "whole"], markup.svg),
    "comparison": (["chart", "{}", "{good}", "--kind", "comparison"], markup.svg),
    "report": (["report", "{}"], markup.html),
    "chrome": (["export", "{}", "--format", "chrome"], chrome),
    "csv": (["export", "{}", "--format", "csv"], table),
    "perfetto": (["export", "{}", "--format", "perfetto"], anything),  # its reader has its own test
}
READ_EVENTS = ("sequence", "whole run", "report", "chrome", "perfetto")
STREAMED = ("report", "chrome", "csv", "perfetto")  # to standard output, while the document is still being read
WITH_FILE = [name for name in COMMANDS if name not in ("show", "compare")]


class HostileTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.good = support.SCRATCH / "good.json"
        cls.good.write_bytes(hostile_documents.encoded(hostile_documents.good()))
        cls.bad = support.SCRATCH / "bad.json"
        cls.output = support.SCRATCH / "output"

    def arguments(self, name, file):
        return [word.format(file, good=self.good) for word in COMMANDS[name][0]]

    def run_raw(self, *arguments, **more):
        process = support.start(*arguments, **more)
        try:
            out, err = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
        return support.Result(process.returncode, out or b"", err)

    def check_error(self, result, *words, begun=False):
        """One line that says what is wrong, perhaps one that says what to do; nothing that steers a terminal."""
        self.assertIn(result.status, (1, 2), result.err[:1000])
        if not begun:
            self.assertEqual(result.out, b"")
        markup.terminal(result.err)
        lines = result.err.decode().split("\n")
        self.assertEqual(lines.pop(), "")
        self.assertRegex(lines[0], "^zctrace: .")
        self.assertTrue(len(lines) == 1 or len(lines) == 2 and lines[1].startswith("  hint: "), result.err)
        self.assertLess(len(lines[0]), 1000)
        for word in words:
            self.assertIn(word, result.err.decode())

    def check_refused(self, name, file, *words, **more):
        self.check_error(self.run_raw(*self.arguments(name, file), **more), *words, begun=name in STREAMED)
        if name in WITH_FILE:
            self.check_error(self.run_raw(*self.arguments(name, file), "-o", self.output, **more), *words)
            self.assertFalse(self.output.exists())

    def check_drawn_or_refused(self, name, language="en"):
        result = self.run_raw("--lang", language, *self.arguments(name, self.bad), env={"LC_ALL": "C.UTF-8"})
        if result.status != 0:
            self.check_error(result, begun=name in STREAMED)
            return
        self.assertEqual(result.err, b"")
        COMMANDS[name][1](result.out)


class Documents(HostileTest):
    def test_good_one_is_drawn(self):
        for name, (_, check) in COMMANDS.items():
            for language in ("en", "zh"):
                with self.subTest(command=name, language=language):
                    result = self.run_raw("--lang", language, *self.arguments(name, self.good), env={"LC_ALL": "C.UTF-8"})
                    self.assertEqual((result.status, result.err), (0, b""))
                    check(result.out)

    def test_odd_ones_are_drawn_or_refused(self):
        for what, data in hostile_documents.shown().items():
            self.bad.write_bytes(data)
            for name in COMMANDS:
                with self.subTest(document=what, command=name):
                    self.check_drawn_or_refused(name)

    def test_odd_words_are_drawn_in_chinese_too(self):
        for what, text in hostile_documents.TEXTS.items():
            self.bad.write_bytes(hostile_documents.encoded(hostile_documents.with_text(hostile_documents.good(), text)))
            for name in ("show", "flow", "report"):
                with self.subTest(document=what, command=name):
                    self.check_drawn_or_refused(name, "zh")

    def test_odd_words_are_drawn(self):
        """Whatever a file, a device or a program is called, its run can be shown."""
        self.bad.write_bytes(
            hostile_documents.encoded(hostile_documents.with_text(hostile_documents.good(), "</script>&\"'\x1b")))
        for name in COMMANDS:
            with self.subTest(command=name):
                self.assertEqual(self.run_raw(*self.arguments(name, self.bad)).status, 0)

    def test_damaged_ones_are_refused(self):
        for what, data in hostile_documents.refused().items():
            self.bad.write_bytes(data)
            for name in COMMANDS:
                with self.subTest(document=what, command=name):
                    self.check_refused(name, self.bad, "bad.json")

    def test_wrong_events_are_refused(self):
        for what, data in hostile_documents.wrong_events().items():
            self.bad.write_bytes(data)
            for name in COMMANDS:
                with self.subTest(document=what, command=name):
                    if name in READ_EVENTS:
                        self.check_refused(name, self.bad, "bad.json")
                    else:
                        self.check_drawn_or_refused(name)

    def test_newer_schema_says_to_update(self):
        self.bad.write_bytes(hostile_documents.refused()["newer schema"])
        for name in COMMANDS:
            with self.subTest(command=name):
                self.check_refused(name, self.bad, "zctrace.timeline/2", "newer zctrace", "update zctrace")

    def test_one_bad_among_good_ones(self):
        self.bad.write_bytes(b"{}")
        for name in ("compare", "comparison", "report"):
            with self.subTest(command=name):
                result = self.run_raw(*self.arguments(name, self.good), self.good, self.bad)
                self.check_error(result, "bad.json", begun=name in STREAMED)


class Files(HostileTest):
    def test_no_such_file(self):
        for name in COMMANDS:
            with self.subTest(command=name):
                self.check_refused(name, "/nonexistent/x.json", "/nonexistent/x.json", "No such file")

    def test_folder(self):
        for name in COMMANDS:
            with self.subTest(command=name):
                self.check_refused(name, support.SCRATCH, str(support.SCRATCH), "directory")

    def test_name_that_would_steer_a_terminal(self):
        for name in COMMANDS:
            with self.subTest(command=name):
                self.check_refused(name, "/nonexistent/\x1b[2J\n\u202ex.json")

    def test_unreadable_file(self):
        support.need_root()  # to become another user
        program = support.SCRATCH / "zctrace"
        shutil.copy(support.ZCTRACE, program)
        secret = support.SCRATCH / "secret.json"
        secret.write_bytes(self.good.read_bytes())
        secret.chmod(0o600)
        for name in COMMANDS:
            with self.subTest(command=name):
                result = self.run_raw(*self.arguments(name, secret), program=program, user=pwd.getpwnam("nobody"))
                self.check_error(result, "secret.json", "ermission denied", begun=name in STREAMED)

    def test_standard_input(self):
        for name, (_, check) in COMMANDS.items():
            with self.subTest(command=name), open(self.good, "rb") as good:
                result = self.run_raw(*self.arguments(name, "-"), stdin=good)
                self.assertEqual((result.status, result.err), (0, b""))
                check(result.out)
            with self.subTest(command=name, input="empty"):
                self.check_refused(name, "-", "standard input")


class Outputs(HostileTest):
    def test_output_that_cannot_be(self):
        for name in WITH_FILE:
            for output, word in (("/nonexistent/x", "No such file"), (support.SCRATCH, "directory"),
                                 ("/dev/full", "No space left")):
                with self.subTest(command=name, output=output):
                    self.check_error(self.run_raw(*self.arguments(name, self.good), "-o", output), word)

    def test_full_standard_output(self):
        for name in COMMANDS:
            with self.subTest(command=name), open("/dev/full", "wb") as full:
                self.check_error(self.run_raw(*self.arguments(name, self.good), stdout=full), "No space left")

    def test_output_onto_the_input(self):
        """A measurement cannot be had again."""
        for name in WITH_FILE:
            for path in ("own.json", "./own.json"):
                with self.subTest(command=name, path=path):
                    own = support.SCRATCH / "own.json"
                    shutil.copy(self.good, own)
                    self.check_error(self.run_raw(*self.arguments(name, own), "-o", path), "own.json")
                    self.assertEqual(own.read_bytes(), self.good.read_bytes())


if __name__ == "__main__":
    support.main()
