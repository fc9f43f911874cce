"""--help reads as by one author, and the documents know what it says: python3 FILE PATH_TO_ZCTRACE [PATH_TO_WORKLOAD]."""

import pathlib
import re
import shlex
import subprocess
import sys
import unicodedata
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTH = 80
SHOWN = re.compile(r"(?<![\w/.-])(?:\./|build/)?(zctrace(?:-workload)?)((?: +[^\s#`|;&]+)+)")
OF_OTHERS = {"--others", "--short", "--privileged", "--perf-basic-prof"}  # bench/run's, a container's, node's


class Help:
    """What --help says of one command."""

    def __init__(self, binary, words):
        self.words = words
        done = subprocess.run([binary, *words, "--help"], capture_output=True, text=True, check=True)
        self.text = done.stdout
        lines = self.text.splitlines()
        self.summary = " ".join(lines[: lines.index("")])
        self.sections = {}
        title = None
        for line in lines:
            if re.fullmatch(r"[A-Z][a-z ]*:", line):
                title = line[:-1]
            elif not line.startswith(" "):
                title = None
            elif title:
                self.sections.setdefault(title, []).append(line)

    def rows(self, title):
        """(name and value, description) of each row of a section, its lines joined."""
        rows = []
        for line in self.sections.get(title, []):
            if line.startswith("   "):
                rows[-1][1] = (rows[-1][1] + " " + line.strip()).strip()
            else:
                name, _, description = line.strip().partition("  ")
                rows.append([name, description.strip()])
        return rows

    def options(self):
        """Each option's names: does it take a value?"""
        taken = {}
        for name, _ in self.rows("Options") + self.rows("One of"):
            words = name.replace(",", " ").split()
            takes = not words[-1].startswith("-")
            taken.update({word: takes for word in words if word.startswith("-")})
        return taken

    def commands(self):
        return [name for name, _ in self.rows("Commands")]

    def examples(self):
        return [line.strip() for line in self.sections.get("Examples", [])]


def all_of(binary, words=()):
    found = Help(binary, list(words))
    yield found
    for name in found.commands():
        yield from all_of(binary, [*words, name])


class OneAuthor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.commands = {binary: {tuple(found.words): found for found in all_of(binary)} for binary in BINARIES}

    def of_each(self, check):
        for binary, commands in self.commands.items():
            for words, found in commands.items():
                with self.subTest(command=" ".join([pathlib.Path(binary).name, *words])):
                    check(found, binary)

    def test_every_line_fits(self):
        def check(found, _):
            for line in found.text.splitlines():
                self.assertLessEqual(len(line), WIDTH, line)

        self.of_each(check)

    def test_sentences(self):
        def check(found, _):
            rows = [row for title in ("Operands", "Options", "One of", "Commands") for row in found.rows(title)]
            texts = [("summary", found.summary)] + rows
            self.assertTrue(rows)
            for name, text in texts:
                self.assertRegex(text, r"^[A-Z].*\.$", name)
                self.assertNotRegex(text, r"; .*; ", name)

        self.of_each(check)

    def test_all_of_it_is_there_in_chinese(self):
        """No sentence of English is left; what has changed there is missed in userspace/commands/manual/help_zh.def."""
        def wide(line):
            return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)

        def check(found, binary):
            if binary != BINARIES[0]:
                return
            done = subprocess.run([binary, "--lang", "zh", *found.words, "--help"], capture_output=True, text=True, check=True)
            for line in done.stdout.splitlines():
                self.assertLessEqual(wide(line), WIDTH, line)
            text, _, examples = done.stdout.partition("示例：")
            self.assertEqual([line.strip() for line in examples.split("\n") if line], found.examples())
            text = re.sub(r"zctrace( [a-z]+)*", "", text)
            self.assertNotRegex(" ".join(text.split()), r"\b[A-Za-z][a-z]+ [a-z]+ [a-z]{2,}\b")

        self.of_each(check)

    def test_values_have_names(self):
        def check(found, _):
            for name, _ in found.rows("Options") + found.rows("One of"):
                value = name.split()[-1]
                if not value.startswith("-"):
                    self.assertRegex(value, r"^[A-Z]+(,\.\.\.)?$", name)
                    self.assertNotIn(value, ("TEXT", "INT", "UINT", "FLOAT", "REQUIRED"), name)

        self.of_each(check)

    def test_examples(self):
        def check(found, binary):
            examples = found.examples()
            self.assertGreaterEqual(len(examples), 2)
            for example in examples:
                self.parse(example, binary)

        self.of_each(check)

    def parse(self, example, binary):
        """The subcommand and the options that the example names are there, and options have their values."""
        words, commands = shlex.split(example), self.commands[binary]
        if words[0] == "sudo":
            words.pop(0)
        self.assertEqual(words.pop(0), pathlib.Path(binary).name, example)
        path = ()
        while words and path + (words[0],) in commands:
            path += (words.pop(0),)
        found = commands[path]
        known = {**commands[()].options(), **found.options()}
        self.assertTrue(path, example)
        while words:
            word = words.pop(0)
            if word == "--":
                self.assertIn("-- COMMAND...", found.text, example)
                return
            if word.startswith("-"):
                self.assertIn(word, known, example)
                if known[word]:
                    self.assertTrue(words and not words.pop(0).startswith("-"), example)
            else:
                self.assertTrue(found.rows("Operands"), example)

    def test_what_the_documents_show_of_it(self):
        """Each command and option of ours in a document's code is there; its values are not looked at."""
        commands = {pathlib.Path(binary).name: found for binary, found in self.commands.items()}
        options = {name for found in commands.values() for each in found.values() for name in each.options()}
        shown = 0
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
            if page.name == "CHANGELOG.md":
                continue
            for number, line in enumerate(page.read_text().splitlines(), 1):
                where, code = f"{page.name}:{number}", [line] if line.startswith("    ") else re.findall("`([^`]+)`", line)
                for text in code:
                    if option := re.match("--[a-z-]+", text):
                        self.assertIn(option[0], options | OF_OTHERS, where)
                    plain = re.sub(r"'[^']*'|\$\([^)]*\)", "X", text.split("  # ")[0])
                    for program, words in SHOWN.findall(plain):
                        shown += self.check_shown(commands[program], words.partition(" -- ")[0].split(), where)
        self.assertGreater(shown, 100)

    def check_shown(self, commands, words, where):
        path = ()
        while words and path + (words[0],) in commands:
            path += (words.pop(0),)
        if path:
            known = {**commands[()].options(), **commands[path].options()}
            for word in words:
                if word.startswith("--"):
                    self.assertIn(word.partition("=")[0], known, where)
        return bool(path)


if __name__ == "__main__":
    BINARIES = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
