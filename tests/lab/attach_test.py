"""zctrace attach: a running program is traced and runs on unharmed."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

import lab_support as support
import small_programs as programs


class AttachTest(support.CleanTest):
    def setUp(self):
        support.need_root()
        super().setUp()
        self.path = support.SCRATCH / f"{self.id()}.json"

    def start(self, *command, **more):
        """A program of ours; ended with the test."""
        process = support.start(*command[1:], program=command[0], stdin=subprocess.PIPE, **more)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.communicate()

    def attach(self, pid, *options, **more):
        return support.run("attach", "-p", pid, *options, **more)

    def check_document(self):
        data = support.document(self.path)
        self.assertEqual((data["run"]["method"], data["run"]["complete"]), ("attach", True))
        return data


class Busy(AttachTest):
    def test_ten_times(self):
        """The program checks what it reads, and stops if it is not what it was."""
        file = support.SCRATCH / "busy"
        process = self.start(*programs.program(programs.BUSY, file))
        bpf = support.bpf_objects()
        for time_ in range(10):
            self.assertTrue(process.stdout.readline())
            self.path = support.SCRATCH / f"busy-{time_}.json"
            result = self.attach(process.pid, "-d", "0.3", "-o", self.path)
            self.assertEqual((result.status, result.err), (0, ""))
            self.assertTrue(result.out)  # the picture
            calls = self.check_document()["ledger"]["syscalls"]
            self.assertGreater(min(calls["pread64"], calls["pwrite64"]), 0)
            self.assertIsNone(process.poll())
            support.until(lambda: support.bpf_objects() <= bpf, what="everything detached")
        os.set_blocking(process.stdout.fileno(), False)
        process.stdout.read()
        support.until(process.stdout.read, what="the program going on")

    def test_a_server_ten_times(self):
        """No byte of a file is told as another's, and its clients get what they asked for."""
        files = [support.SCRATCH / f"served-{index}" for index in range(4)]
        for index, file in enumerate(files):
            file.write_bytes(os.urandom(200_000 + 1000 * index))
        server = pathlib.Path(__file__).with_name("busy_server.py")
        process = self.start("/usr/bin/python3", server, *files)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        whole = dict.fromkeys(map(str, files), 0)
        for time_ in range(10):
            self.path = support.SCRATCH / f"server-{time_}.json"
            self.assertEqual(self.attach(process.pid, "-d", "0.5", "-o", self.path).status, 0)
            for flow in self.check_document()["ledger"]["flows"]["list"]:
                name = flow["from"]["name"]
                if name not in whole or flow["to"]["kind"] != "socket":
                    continue
                index = files.index(pathlib.Path(name))
                self.assertEqual({part["method"] for part in flow["parts"]}, {("read_write", "sendfile")[index % 2]})
                self.assertLessEqual(flow["bytes"], (200_000 + 1000 * index) * flow["to"].get("connections", 1))
                whole[name] += flow["bytes"] == 200_000 + 1000 * index
        self.assertGreater(min(whole.values()), 0, whole)
        self.assertEqual(process.communicate(timeout=support.PATIENCE)[0], b"ok\n")

    def test_ctrl_c_ends_the_trace_alone(self):
        process = self.start(*programs.program(programs.BUSY, support.SCRATCH / "busy"))
        self.assertTrue(process.stdout.readline())
        attached = support.start("attach", "-p", process.pid, "--json")
        support.until_it_traces(attached)
        os.killpg(attached.pid, signal.SIGINT)
        result = support.wait(attached)
        self.assertEqual((result.status, result.err), (0, ""))
        [data] = support.documents(result.out)
        self.assertGreater(data["ledger"]["syscalls"]["pread64"], 0)
        self.assertIsNone(process.poll())

    def test_a_thread_stands_for_its_process(self):
        process = self.start(*programs.program(programs.BUSY, support.SCRATCH / "busy"))
        self.assertTrue(process.stdout.readline())
        thread = max(map(int, os.listdir(f"/proc/{process.pid}/task")))
        self.assertNotEqual(thread, process.pid)
        result = self.attach(thread, "-d", "0.5", "-o", self.path)
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(self.check_document()["run"]["command"][:2], [programs.PYTHON, "-c"])


class Family(AttachTest):
    """A server is its workers, which were there before."""

    def setUp(self):
        super().setUp()
        self.files = [support.SCRATCH / name for name in ("of-a-child", "of-a-grandchild")]
        for file in self.files:
            file.write_bytes(os.urandom(65536))
        self.process = self.start(*programs.program(programs.FAMILY, *self.files))
        self.addCleanup(lambda: os.killpg(self.process.pid, signal.SIGKILL))
        self.assertEqual(self.process.stdout.readline(), b"ready\n")
        self.name = pathlib.Path(f"/proc/{self.process.pid}/comm").read_text().strip()
        self.following = f"zctrace: following {self.name} ({self.process.pid}) and 3 child processes\n"

    def test_attach(self):
        result = self.attach(self.process.pid, "-d", "1", "-o", self.path)
        self.assertEqual((result.status, result.err), (0, self.following))
        flows = self.check_document()["ledger"]["flows"]["list"]
        copied = {flow["from"]["name"]: flow for flow in flows if flow["to"]["kind"] == "file"}
        for file in self.files:
            self.assertEqual(copied[str(file)]["to"]["name"], f"{file}.copy")
            self.assertEqual(copied[str(file)]["parts"][0]["method"], "read_write")
            self.assertEqual(copied[str(file)]["bytes"] % 65536, 0)

    def test_top(self):
        result = support.run("top", "-p", self.process.pid, "--once", "-d", "1")
        self.assertEqual((result.status, result.err), (0, self.following))
        for file in self.files:
            self.assertIn(file.name, result.out)


class Many(AttachTest):
    def test_1000_threads(self):
        process = self.start(*programs.program(programs.THREADS, 1000, 600))
        self.assertEqual(process.stdout.readline(), b"ready\n")
        result = self.attach(process.pid, "-d", "2", "-o", self.path)
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertGreaterEqual(self.check_document()["ledger"]["syscalls"]["write"], 1000)
        self.assertIsNone(process.poll())

    def test_10000_descriptors(self):
        folder = support.SCRATCH / "files"
        folder.mkdir()
        process = self.start(*programs.program(programs.DESCRIPTORS, folder))
        self.assertEqual(process.stdout.readline(), b"ready\n")
        attached = support.start("attach", "-p", process.pid, "-o", self.path)
        support.until_it_traces(attached)
        process.stdin.write(b"go\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"done\n")
        attached.send_signal(signal.SIGINT)
        result = support.wait(attached)
        self.assertEqual((result.status, result.err), (0, ""))
        data = self.check_document()
        self.assertIsNone(process.poll())
        # What found no room is counted, not forgotten.
        self.assertGreater(data["ledger"]["syscalls"]["pread64"], 0)


class Ends(AttachTest):
    def test_it_ends_meanwhile(self):
        process = self.start("sleep", "600")
        attached = support.start("attach", "-p", process.pid, "-o", self.path)
        support.until_it_traces(attached)
        process.kill()
        process.wait()
        result = support.wait(attached)
        self.assertEqual((result.status, result.err), (0, f"zctrace: process {process.pid} has exited\n"))
        self.check_document()

    def test_32_bits(self):
        process = self.start(programs.program_of_32_bits("long32", 6000))
        self.assertTrue(process.stdout.readline())
        result = self.attach(process.pid, "-d", "1", "-o", self.path)
        self.assertEqual((result.status, result.err), (0, ""))
        data = self.check_document()
        self.assertTrue(any(note["id"] == "note_32_bit" for note in data["run"]["evidence"]["notes"]))
        self.assertNotIn("write", data["ledger"]["syscalls"])  # which is number 4 there, and stat here
        self.assertNotIn("stat", data["ledger"]["syscalls"])
        self.assertTrue(process.stdout.readline())


class Errors(AttachTest):
    def test_usage(self):
        for options in ((), ("-p", "0"), ("-p", "-1"), ("-p", "abc"), ("-p", ""), ("-p", "1x"), ("-p", "99999999999")):
            with self.subTest(options=options):
                self.check_error(support.run("attach", *options), 2, "-p")
        for seconds in ("0", "-1", "abc", "nan", "inf", "1e300", "5min"):
            with self.subTest(seconds=seconds):
                self.check_error(self.attach(1, f"-d={seconds}"), 2, "-d")
        self.check_error(self.attach(1, "--detail", "much"), 2, "--detail")

    def test_no_such_process(self):
        most = int(pathlib.Path("/proc/sys/kernel/pid_max").read_text())
        self.check_error(self.attach(most + 1), 1, f"there is no process {most + 1}")

    def test_of_the_kernel(self):
        if os.readlink("/proc/2/exe") if os.path.exists("/proc/2/exe") else "":
            self.skipTest("process 2 is none of the kernel's")
        self.check_error(self.attach(2), 1, "kernel")

    def test_ended_but_not_reaped(self):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        self.addCleanup(os.waitpid, pid, 0)
        time.sleep(0.2)
        self.check_error(self.attach(pid), 1, "has already exited")

    def test_ourselves(self):
        result = support.run("-c", f"exec {support.ZCTRACE} attach -p $$", program="sh")
        self.check_error(result, 1, "zctrace itself")

    def test_of_another_user(self):
        program = support.SCRATCH / "zctrace"
        shutil.copy(support.ZCTRACE, program)
        result = self.attach(os.getpid(), program=program, user=pwd.getpwnam("nobody"))
        self.check_error(result, 3, f"process {os.getpid()} belongs to root")


if __name__ == "__main__":
    support.main()
