"""The guided tour: with a person on a terminal, as text, and measured live."""

import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import sys
import termios
import time
import unittest

import lab_support as support

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "web"))
import tour_documents  # noqa: E402

COLOUR = re.compile(r"\x1b\[[0-9;]*[mKA]")
STEPS = 11


class Person:
    """Somebody at a terminal: reads what is shown, types."""

    def __init__(self, *arguments, rows=24):
        self.terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
        self.process = support.start(*arguments, stdin=theirs, stdout=theirs, stderr=theirs,
                                     env={"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
                                     preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.shown, self.at = "", 0

    def read(self, seconds=0.2):
        while select.select([self.terminal], [], [], seconds)[0]:
            try:
                piece = os.read(self.terminal, 65536)
            except OSError:
                return False
            if not piece:
                return False
            self.shown += COLOUR.sub("", support.text(piece)).replace("\r", "")
        return True

    def waits_for(self, *any_of, timeout=support.PATIENCE):
        """What came until it shows one of these words, from where the last wait ended."""
        deadline = time.monotonic() + timeout
        more = True
        while not (found := re.search("|".join(map(re.escape, any_of)), self.shown[self.at:])):
            if not more or time.monotonic() > deadline:
                raise AssertionError(f"none of {any_of} is shown:\n{self.shown[self.at:]}")
            more = self.read()
        start, self.at = self.at, self.at + found.end()
        return self.shown[start:self.at]

    def is_asked(self, more="Enter: more", prompt="Your prediction"):
        while self.waits_for(more, prompt).endswith(more):
            self.types("\n")

    def types(self, text):
        os.write(self.terminal, text.encode())

    def leaves(self):
        """Its status, once it has ended."""
        while self.read():
            pass
        status = self.process.wait(timeout=support.PATIENCE)
        os.close(self.terminal)
        return status


class Tour(support.CleanTest):
    def setUp(self):
        super().setUp()
        self.folder = support.SCRATCH / self.id()
        tour_documents.write(self.folder)

    def learn(self, *arguments, **more):
        return support.run("learn", "--from", self.folder, *arguments, **more)


class AsText(Tour):
    def test_piped_it_asks_nothing_and_tells_all(self):
        for language, measured in (("en", "Measured"), ("zh", "实测")):
            result = self.learn("--lang", language, env={"LC_ALL": "C.UTF-8"})
            self.assertEqual((result.status, result.err), (0, ""))
            self.assertNotIn("\x1b", result.out)
            self.assertEqual(len(re.findall("^───", result.out, re.M)), STEPS)
            self.assertEqual(len(re.findall(rf"^ {measured}  +", result.out, re.M)), STEPS - 1)  # the last asks nothing
            for word in ("回车", "Enter"):
                self.assertNotIn(word, result.out)
        self.assertIn("模式切换", result.out)

    def test_a_recording_says_so(self):
        os.utime(self.folder / "direct_io.json", (1_700_000_000, 1_700_000_000))
        os.utime(self.folder / "tee.json", (1_700_000_000, 1_700_000_000))
        result = self.learn("--step", STEPS)
        self.assertRegex(result.out, "Recorded earlier, not measured now: Linux 6.12.107 in the lab")
        self.assertIn("2023-11-14", result.out)

    def test_the_answers_are_the_documents(self):
        """Nothing of them is stored: other documents, other answers."""

        def one_copy_less(name, document):
            if name == "read_write":
                rows = document["ledger"]["copies"]
                document["ledger"]["copies"] = [row for row in rows if (row["to"], row["side"]) != ("user buffer", "sender")]
                document["ledger"]["cpu_copies_per_byte"] = 1.0

        self.assertRegex(self.learn().out, r"Measured +2\.00\n Textbooks +2: as measured")
        tour_documents.write(self.folder, one_copy_less)
        self.assertRegex(self.learn().out, r"Measured +1\.00\n Textbooks +2: differs from the measurement")

    def test_inferred_copies_are_no_answer(self):
        def inferred(_, document):
            document["run"]["evidence"]["copies"] = "inferred"
            for row in document["ledger"]["copies"]:
                if row["side"] == "sender" and row["by"] == "cpu":
                    row["evidence"] = "inferred"

        tour_documents.write(self.folder, inferred)
        out = self.learn().out
        self.assertIn("No answer: ~2.00 is not exact", out.replace("\n ", " "))
        self.assertNotIn("This is zero-copy", out)
        self.assertRegex(out, r"mode switches per chunk +4\.00")  # those were seen

    def test_a_missing_run_is_said_to_be_missing(self):
        (self.folder / "splice.json").unlink()
        self.assertIn("splice was not measured", self.learn().out)

    def test_wrong_usage(self):
        self.check_error(self.learn("--step", STEPS + 1), 2, "--step")
        self.check_error(support.run("learn", "--from", support.SCRATCH / "nowhere"), 1, "nowhere")

    def test_the_page_holds_the_tour(self):
        page = self.folder / "tour.html"
        result = self.learn("--report", page)
        self.assertEqual((result.status, result.out, result.err), (0, "", ""))
        self.assertIn('id="tour"', page.read_text())


class WithAPerson(Tour):
    def start(self, *arguments, **more):
        return Person("learn", "--from", self.folder, *arguments, **more)

    def test_the_whole_tour(self):
        for rows in (24, 50):
            person = self.start(rows=rows)
            for step in range(1, STEPS + 1):
                person.waits_for(f"Step {step} of {STEPS}")
                if step < STEPS:
                    person.is_asked()
                    person.types("17\n" if step == 5 else "c\n")
                    self.assertIn("Measured", person.waits_for("You predicted"))
                    while person.waits_for("Enter: more", "Enter: next step").endswith("more"):
                        person.types("\n")
                    person.types("\n")
            while person.waits_for("Enter: more", "Next:").endswith("more"):
                person.types("\n")
            self.assertRegex(person.shown, r"\d of 10 predictions matched the measurement")
            self.assertEqual(person.leaves(), 0)

    def test_what_is_no_answer_is_asked_again(self):
        person = self.start()
        person.is_asked()
        person.types("7\n")
        person.waits_for("a letter from a to d")
        person.types("C\n")
        self.assertIn("twice: right", person.waits_for("Enter: more"))
        person.types("q\n")
        self.assertEqual(person.leaves(), 0)

    def test_enter_shows_the_answer_without_a_prediction(self):
        person = self.start("--step", 4)
        person.is_asked()
        person.types("\n")
        person.waits_for("Measured")
        self.assertNotIn("You predicted", person.shown)
        person.types("q\n")
        self.assertEqual(person.leaves(), 0)

    def test_ways_to_leave(self):
        for typed, status in (("q\n", 0), ("\x04", 0), ("\x03", 130)):
            person = self.start()
            person.is_asked()
            person.types(typed)
            self.assertEqual(person.leaves(), status, repr(typed))
            self.assertNotIn("Measured", person.shown)

    def test_in_chinese(self):
        person = self.start("--lang", "zh")
        person.is_asked("回车继续", "你的预测")
        person.types("c\n")
        person.waits_for("对了")
        person.types("q\n")
        self.assertEqual(person.leaves(), 0)


class Live(support.CleanTest):
    KERNEL = "6.12"

    def setUp(self):
        support.need_lab(self.KERNEL)
        super().setUp()

    def test_the_answers_are_measured_meanwhile(self):
        result = support.run("learn", "--kernel", self.KERNEL, env={"LC_ALL": "C.UTF-8"})
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertNotIn("recording", result.out)
        self.assertNotIn("No answer", result.out)
        self.assertEqual(len(re.findall(r"^ Measured  +", result.out, re.M)), STEPS - 1)
        self.assertIn(f"Linux {self.KERNEL}.", result.out)

    def test_leaving_ends_the_measurement(self):
        for typed, status in (("q\n", 0), ("\x03", 130)):
            person = Person("learn", "--kernel", self.KERNEL)
            person.is_asked()
            support.until(lambda: any("qemu" in each for each in support.marked_processes().values()), what="a guest")
            person.types(typed)
            self.assertEqual(person.leaves(), status)
            support.check_nothing_left(self.before)

    def test_a_kernel_that_is_not_there(self):
        self.check_error(support.run("learn", "--kernel", "4.4"), 2, "4.4")


if __name__ == "__main__":
    support.main()
