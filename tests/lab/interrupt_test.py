"""Ctrl-C and violent ends in the middle of a run: the partial result where there can be one, and nothing left."""

import os
import pty
import re
import signal
import threading
import time

import lab_support as support


class Terminal:
    """What is written to a terminal, so that progress is shown."""

    def __init__(self):
        self.ours, self.theirs = pty.openpty()
        self.shown = b""
        self.reader = threading.Thread(target=self.read, daemon=True)

    def attached(self):
        os.close(self.theirs)
        self.reader.start()

    def read(self):
        try:
            while piece := os.read(self.ours, 4096):
                self.shown += piece
        except OSError:
            pass  # all of them have ended

    def text(self):
        """All of it, once they have ended."""
        self.reader.join(timeout=support.PATIENCE)
        os.close(self.ours)
        return re.sub(r"\x1b\[[0-9;]*[mK]", "", support.text(self.shown)).replace("\r", "\n")


class InterruptTest(support.CleanTest):
    kernel = None
    size = None

    def setUp(self):
        if self.kernel == "host":
            support.need_root()
        else:
            support.need_lab(self.kernel)
        super().setUp()
        self.folder = support.SCRATCH / self.id()
        self.folder.mkdir()
        self.path = self.folder / "partial.json"

    def start_and_wait_for_the_middle(self):
        self.terminal = Terminal()
        process = support.start("run", "read_write", "--kernel", self.kernel, "--size", self.size, "--chunk", 512, "-o",
                                self.path, stderr=self.terminal.theirs)
        self.terminal.attached()

        def midway():
            self.assertIsNone(process.poll(), self.terminal.shown)
            return re.search(rb"read_write: [^\r]* [1-9]\d? %", self.terminal.shown)

        support.until(midway, support.GUEST_SECONDS, "a transfer in its middle")
        return process

    def end(self, process):
        result = support.wait(process)
        return support.Result(result.status, result.out, self.terminal.text())

    def check_partial(self):
        self.assertEqual([path.name for path in self.folder.iterdir()], [self.path.name])
        data = support.document(self.path)
        self.assertFalse(data["run"]["complete"])
        self.assertLess(data["ledger"]["received_bytes"], data["run"]["size"])
        self.assertGreater(data["ledger"]["received_bytes"], 0)
        self.assertGreater(data["ledger"]["syscalls"]["write"], 0)
        return data

    def check_ctrl_c(self):
        process = self.start_and_wait_for_the_middle()
        os.killpg(process.pid, signal.SIGINT)
        result = self.end(process)
        self.assertEqual(result.status, 130, result.err)
        self.assertEqual(result.err.count("zctrace: interrupted"), 1, result.err)
        data = self.check_partial()
        self.assertEqual(data["run"]["kernel"]["where"], "host" if self.kernel == "host" else "lab")
        self.assertIn("read + write", result.out)  # the picture of what happened until then

    def check_kill(self):
        process = self.start_and_wait_for_the_middle()
        process.kill()
        process.wait()
        process.stdout.close()
        support.check_nothing_left(self.before)
        self.assertEqual(list(self.folder.iterdir()), [])


class Host(InterruptTest):
    kernel, size = "host", "256MiB"

    def test_ctrl_c(self):
        self.check_ctrl_c()

    def test_kill(self):
        self.check_kill()

    def test_terminate(self):
        process = self.start_and_wait_for_the_middle()
        process.terminate()
        self.assertEqual(self.end(process).status, 130)
        self.check_partial()

    def check_death(self, who, word):
        process = self.start_and_wait_for_the_middle()
        found = [pid for pid, command in support.marked_processes().items() if f"zctrace-workload {who}" in command]
        self.assertEqual(len(found), 1, support.marked_processes())
        os.kill(found[0], signal.SIGKILL)
        result = self.end(process)
        self.assertEqual(result.status, 1, result.err)
        self.assertEqual(len(re.findall(rf"zctrace: {word} died \(signal 9\)", result.err)), 1, result.err)
        self.check_partial()

    def test_death_of_the_sink(self):
        self.check_death("sink", "the sink")

    def test_death_of_the_sender(self):
        self.check_death("read_write", "the sender")


class Lab(InterruptTest):
    kernel, size = "6.12", "64MiB"

    def test_ctrl_c(self):
        self.check_ctrl_c()

    def test_kill(self):
        self.check_kill()

    def check_ctrl_c_after(self, seconds, env=None):
        self.terminal = Terminal()
        process = support.start("run", "splice", "--kernel", self.kernel, "-o", self.path, env=env,
                                stderr=self.terminal.theirs)
        self.terminal.attached()
        support.until(lambda: b"booting" in self.terminal.shown, what="the boot")
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        result = self.end(process)
        self.assertEqual(result.status, 130, result.err)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_terminate_while_a_large_file_is_made(self):
        self.terminal = Terminal()
        process = support.start("run", "splice", "--kernel", self.kernel, "--size", "3GiB", "-o", self.path,
                                stderr=self.terminal.theirs)
        self.terminal.attached()
        support.until(lambda: b"preparing" in self.terminal.shown, what="the file")
        time.sleep(1)
        asked = time.monotonic()
        process.terminate()
        result = self.end(process)
        self.assertEqual(result.status, 130, result.err)
        self.assertLess(time.monotonic() - asked, 20)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_ctrl_c_while_it_boots(self):
        self.check_ctrl_c_after(1.5)

    def test_ctrl_c_while_the_disk_is_made(self):
        """The terminal's signal reaches the program that makes it, too; here it takes its time."""
        tools = support.SCRATCH / "tools"
        tools.mkdir()
        slow = tools / "mkfs.ext4"
        slow.write_text('#!/bin/sh\nsleep 1\nPATH=/usr/sbin:/sbin exec mkfs.ext4 "$@"\n')
        slow.chmod(0o755)
        self.check_ctrl_c_after(0.3, {"PATH": f"{tools}:{os.environ['PATH']}"})


if __name__ == "__main__":
    support.main()
