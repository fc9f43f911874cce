"""zctrace exec: the command is as if started in zctrace's place, here and in a guest; its end is zctrace's end."""

import fcntl
import json
import os
import pty
import pwd
import re
import select
import shutil
import signal
import subprocess
import termios
import time

import lab_support as support
import small_programs as programs


def start(*command, options=("--kernel", "host"), **more):
    return support.start("exec", *options, "--", *command, **more)


def run(*command, **more):
    return support.wait(start(*command, **more))


class ExecTest(support.CleanTest):
    def setUp(self):
        support.need_root()
        super().setUp()
        self.path = support.SCRATCH / f"{self.id()}.json"

    def check_document(self, where="host"):
        data = support.document(self.path)
        self.assertEqual((data["run"]["method"], data["run"]["kernel"]["where"]), ("exec", where))
        self.assertTrue(data["run"]["complete"])
        return data


class Statuses(ExecTest):
    def test_its_own(self):
        for status in (0, 1, 42, 255):
            with self.subTest(status=status):
                result = run("sh", "-c", f"echo out; echo err >&2; exit {status}")
                self.assertEqual((result.status, result.out), (status, "out\n"))
                self.assertTrue(result.err.startswith("err\n") and len(result.err) > 100, result.err)  # and the picture

    def test_of_a_signal(self):
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM):
            with self.subTest(number=number):
                self.assertEqual(run("sh", "-c", f"kill -{number} $$").status, 128 + number)

    def test_of_what_cannot_be_executed(self):
        plain, no_program, no_interpreter = (support.SCRATCH / name for name in ("plain", "text", "script"))
        plain.write_text("#!/bin/sh\n")
        no_program.write_text("no program\n")
        no_interpreter.write_text("#!/no/such/thing\n")
        no_program.chmod(0o755)
        no_interpreter.chmod(0o755)
        for command, status, word in (("nosuchthing", 127, "nosuchthing: command not found"),
                                      ("./nosuchthing", 127, "no such file"), ("", 127, "command not found"),
                                      (no_interpreter, 127, "interpreter"), ("/tmp", 126, "directory"),
                                      (plain, 126, "Permission denied"), (no_program, 126, "not a program")):
            with self.subTest(command=command):
                self.check_error(run(command), status, word)

    def test_usage(self):
        for options in ((), ("--",), ("--copies", "some", "--", "true"), ("--detail", "much", "--", "true"),
                        ("--nonsense", "--", "true")):
            with self.subTest(options=options):
                self.check_error(support.run("exec", *options), 2)
        self.check_error(support.run("exec", "--kernel", "9.9", "--", "true"), 2, "9.9")
        self.check_error(support.run("exec", "-o", "/no/such/folder/a.json", "--", "true"), 1, "-o")

    def test_its_options_are_its_own(self):
        for words in (["--", "echo", "--kernel", "-o", "[a,b]", "--", "x"], ["echo", "--kernel", "-o", "[a,b]", "--", "x"]):
            with self.subTest(words=words):
                result = support.run("exec", "--kernel", "host", "--quiet", *words)
                self.assertEqual((result.status, result.out, result.err), (0, "--kernel -o [a,b] -- x\n", ""))


class AsIfInOurPlace(ExecTest):
    def test_situation(self):
        """Descriptors, folder, environment, signals, limits."""

        def prepare():
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM])
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            os.umask(0o027)

        with open("/dev/null") as extra:
            more = {"pass_fds": [extra.fileno()], "preexec_fn": prepare, "cwd": "/usr", "restore_signals": False}
            command = programs.program(programs.SITUATION)
            plain = support.wait(support.start(*command[1:], program=command[0], **more))
            traced = run(*command, **more)
        self.assertEqual((plain.status, traced.status), (0, 0), traced.err)
        self.assertEqual(json.loads(traced.out), json.loads(plain.out))

    def test_streams_are_untouched(self):
        data = os.urandom(8 << 20)
        process = start("cat", options=("--kernel", "host", "-o", self.path), stdin=subprocess.PIPE)
        out, err = process.communicate(data, timeout=support.PATIENCE)
        self.assertEqual((process.returncode, out == data), (0, True), err)
        self.check_document()

    def test_nobody_reads(self):
        process = start("yes", options=("--kernel", "host", "--quiet"))
        process.stdout.read(10)
        process.stdout.close()
        self.assertEqual(process.wait(support.PATIENCE), 128 + signal.SIGPIPE)
        process.stderr.close()

    def test_32_bits(self):
        result = run(programs.program_of_32_bits("short32", 2))
        self.assertEqual((result.status, result.out), (7, 2 * "thirty-two\n"))

    def test_500_children(self):
        result = run("sh", "-c", "i=0; while [ $i -lt 500 ]; do /bin/true & i=$((i+1)); done; wait; exit 9",
                     options=("--kernel", "host", "-o", self.path))
        self.assertEqual(result.status, 9, result.err)
        calls = self.check_document()["ledger"]["syscalls"]
        self.assertEqual(calls["execve"], 501)
        self.assertGreaterEqual(calls["clone"], 500)  # the kernel begins one anew that a child's end interrupts

    def test_1000_threads(self):
        result = run(*programs.program(programs.THREADS, 1000, 0), options=("--kernel", "host", "-o", self.path))
        self.assertEqual((result.status, result.out), (0, "ready\n"), result.err)
        self.assertGreaterEqual(self.check_document()["ledger"]["syscalls"]["write"], 1001)


class Signals(ExecTest):
    def start(self, **more):
        process = start(*programs.program(programs.SIGNALS), options=("--kernel", "host", "--quiet", "-o", self.path),
                        **more)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        return process

    def test_those_to_us_alone_are_passed_on_once(self):
        process = self.start()
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
            process.send_signal(number)
            self.assertEqual(support.text(process.stdout.readline()).strip(), number.name)
        result = support.wait(process)
        self.assertEqual((result.status, result.out), (3, ""), result.err)
        self.check_document()

    def test_those_of_its_own_are_not(self):
        """kill 0: it has it already."""
        result = run("sh", "-c", "trap 'echo told' USR1; kill -USR1 0; sleep 0.5; exit 4")
        self.assertEqual((result.status, result.out), (4, "told\n"), result.err)

    def test_our_violent_death_leaves_it_alone(self):
        done = support.SCRATCH / "done"
        process = start("sh", "-c", f"echo ready; sleep 1; echo well > {done}")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.kill()
        process.communicate()
        support.until(done.exists, what="the command's end")
        self.assertEqual(done.read_text(), "well\n")

    def on_terminal(self, *command, options):
        """Our end of it, and the process."""
        ours, theirs = pty.openpty()
        process = start(*command, options=options, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.addCleanup(os.close, ours)
        return ours, process

    def test_ctrl_c(self):
        ours, process = self.on_terminal("sh", "-c", "echo ready; sleep 600 | cat", options=("-o", self.path))
        self.assertIn(b"ready", os.read(ours, 100))
        os.write(ours, b"\x03")
        result = support.wait(process)
        self.assertEqual(result.status, 130, result.err)
        self.check_document()

    def test_ctrl_z(self):
        """In a shell with jobs: both stop, both go on."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], support.environment(PS1="", TERM="dumb"))
        self.addCleanup(os.close, terminal)
        said = b""

        def says(pattern):
            nonlocal said
            if select.select([terminal], [], [], 0.05)[0]:
                said += os.read(terminal, 4096)
            return re.search(pattern, said)

        command = "sh -c 'echo rea\"\"dy; read line; echo got $line; exit 5'"
        os.write(terminal, f"{support.ZCTRACE} exec --kernel host --quiet -- {command}\n".encode())
        support.until(lambda: says(rb"ready\r\n"), what="the command")
        os.write(terminal, b"\x1a")
        support.until(lambda: says(rb"Stopped"), what="the stop")
        os.write(terminal, b"fg\n")
        time.sleep(0.3)
        os.write(terminal, b"words\n")
        support.until(lambda: says(rb"got words"), what="going on")
        os.write(terminal, b"echo status $?\nexit\n")
        support.until(lambda: says(rb"status 5"), what="the end")
        os.waitpid(pid, 0)


class Lab(ExecTest):
    """The same in a guest; as few guests as can be."""

    OPTIONS = ("--kernel", "6.12")

    def setUp(self):
        support.need_lab("6.12")
        super().setUp()

    def test_situation_and_streams(self):
        data = os.urandom(3 << 20)
        code = programs.SITUATION + "import sys\nsys.stdout.flush()\nsys.stdout.buffer.write(sys.stdin.buffer.read())\nsys.exit(42)"
        folder = support.SCRATCH / "here"
        folder.mkdir()
        process = start(*programs.program(code), options=(*self.OPTIONS, "-o", self.path), stdin=subprocess.PIPE,
                        cwd=folder, env={"MINE": "a b"})
        out, err = process.communicate(data, timeout=support.GUEST_SECONDS)
        self.assertEqual(process.returncode, 42, err)
        told, rest = out.split(b"\n", 1)
        self.assertTrue(rest == data)
        told = json.loads(told)
        self.assertEqual((told["folder"], told["environment"]["MINE"]), (str(folder), "a b"))
        self.assertEqual(told["environment"]["PATH"], os.environ["PATH"])
        self.assertEqual((told["descriptors"], told["blocked"], told["user"]), ([0, 1, 2], [], [0, 0, 0]))
        self.assertTrue(told["cx16"])  # programs of this machine may have been built for it
        self.assertEqual(self.check_document("lab")["run"]["command"][:2], [programs.PYTHON, "-c"])
        self.assertNotIn(b"zctrace:", err)
        self.assertTrue(err)  # the picture

    def test_what_it_does_not_read_and_nobody_reads(self):
        with open("/dev/zero", "rb") as endless:
            process = start("sh", "-c", "sleep 1; exec yes", options=(*self.OPTIONS, "--quiet"), stdin=endless)
            self.assertEqual(process.stdout.read(4), b"y\ny\n")
            process.stdout.close()
            self.assertEqual(process.wait(support.GUEST_SECONDS), 128 + signal.SIGPIPE)
            process.stderr.close()

    def test_signals(self):
        process = start(*programs.program(programs.SIGNALS), options=(*self.OPTIONS, "--quiet", "-o", self.path))
        self.assertEqual(process.stdout.readline(), b"ready\n")
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
            self.assertEqual(support.text(process.stdout.readline()).strip(), number.name)
        result = support.wait(process)
        self.assertEqual((result.status, result.out), (3, ""), result.err)
        self.check_document("lab")

    def test_ordinary_user(self):
        """They are who they are in the guest, too; what they write is gone."""
        user = pwd.getpwnam("nobody")
        home = support.SCRATCH / "nobody"
        home.mkdir()
        for path in support.ZCTRACE.parent.glob("zctrace*"):
            if path.is_file():
                shutil.copy(path, home)
        cache = home / ".cache/zctrace/kernels/6.12"
        shutil.copytree(support.CACHE / "kernels/6.12", cache)
        subprocess.run(["chown", "-R", "nobody", home], check=True)
        code = programs.SITUATION + "open('written', 'w').write('x'); open('/dev/stderr', 'w').write('told\\n')"
        result = run(*programs.program(code), options=(*self.OPTIONS, "--quiet", "-o", home / "a.json"), user=user, cwd=home,
                     program=home / "zctrace", env={"HOME": str(home), "XDG_CACHE_HOME": ""})
        self.assertEqual((result.status, result.err), (0, "told\n"))
        told = json.loads(result.out)
        self.assertEqual((told["user"], told["groups"]), ([user.pw_uid] * 3, [[user.pw_gid] * 3, [user.pw_gid]]))
        self.assertEqual((home / "a.json").owner(), "nobody")
        self.assertFalse((home / "written").exists())


if __name__ == "__main__":
    support.main()
