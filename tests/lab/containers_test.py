"""In and around containers, whose processes have other numbers and whose files other names than outside: what is told is the
container's, as it sees it; nothing is of another's process, or silently empty.
"""

import collections
import os
import pathlib
import shutil
import subprocess

import lab_support as support

SIZE = 1 << 20
COPY = "cat /mnt/file > /mnt/copy"


def children(pid):
    try:
        return list(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


def program_in(pid, name):
    """The number outside of the first one of its descendants with that command name; 0: none yet."""
    for child in children(pid):
        found = pathlib.Path(f"/proc/{child}/comm")
        if (found.exists() and found.read_text() == f"{name}\n" and child) or (child := program_in(child, name)):
            return child
    return 0


class ContainerTest(support.CleanTest):
    def setUp(self):
        support.need_root()
        super().setUp()
        self.folder = support.SCRATCH / self.id()
        self.folder.mkdir()
        for name in ("file", "handed", "others"):
            (self.folder / name).write_bytes(os.urandom(SIZE))
        self.path = self.folder / "document.json"

    def start(self, *command, **more):
        """A program of ours; ended with the test, and all that it started with it."""
        process = support.start(*command[1:], program=command[0], stdout=subprocess.DEVNULL, **more)
        self.addCleanup(lambda: (support.kill_marked(), process.communicate()))
        return process

    def start_others(self):
        """Outside, meanwhile: a process that reads a file of its own."""
        self.start("sh", "-c", f"while :; do cat {self.folder}/others > /dev/null; done")

    def run_traced(self, *wrapper, options=(), command=("sh", "-c", f"{COPY}; true"), status=0, **more):
        result = support.run("exec", "--kernel", "host", "--quiet", *options, "--", *command, wrapper=wrapper,
                             stdout=subprocess.DEVNULL, **more)
        self.assertEqual((result.status, result.err), (status, ""))

    def flows(self):
        data = support.document(self.path)
        self.assertGreater(data["ledger"]["syscalls"]["read"], 0)
        sums = collections.Counter()
        for flow in data["ledger"]["flows"]["list"]:
            sums[flow["from"]["name"], flow["to"]["name"]] += flow["bytes"]
        return sums

    def check_copied(self, flows, times=1):
        self.assertGreaterEqual(flows["/mnt/file", "/mnt/copy"], times * SIZE)
        self.assertNotIn("others", str(flows))


class Namespaces(ContainerTest):
    """In a PID namespace, whose numbers are not those that the kernel's hooks see."""

    OWN = ("unshare", "--pid", "--fork", "--mount-proc")

    def check_read(self):
        # What the window cuts off has been read, and is on its way to nobody yet: a flow of its own.
        read = sum(bytes_ for ends, bytes_ in self.flows().items() if ends[0] == f"{self.folder}/file")
        self.assertGreaterEqual(read, SIZE)

    def test_exec(self):
        for depth in (1, 2):
            with self.subTest(depth=depth):
                self.run_traced(*depth * self.OWN, options=("-o", self.path),
                                command=("sh", "-c", f"cat {self.folder}/file; true"))
                self.check_read()

    def test_attach(self):
        script = (f"while :; do cat {self.folder}/file; done >/dev/null & "
                  f"{support.ZCTRACE} attach -p $! -d 1 -o {self.path} && exec kill $!")
        result = support.run(*self.OWN[1:], "sh", "-c", script, program=self.OWN[0])
        self.assertEqual(result.status, 0, result.err)
        self.check_read()

    def test_run(self):
        self.assertTrue(support.measure("read_write", "--kernel", "host", "--size", "1M", wrapper=self.OWN))

    def test_processes_of_another(self):
        """What /proc says of a number would be another's."""
        result = support.run("exec", "--kernel", "host", "--", "true", wrapper=self.OWN[:3])
        self.check_error(result, 3, "another PID namespace", "mount -t proc")

    def test_another_root(self):
        """Names begin at the program's own root."""
        root = self.folder / "root"
        for name in ("usr", "mnt"):
            (root / name).mkdir(parents=True)
        for name in ("bin", "lib", "lib64"):
            (root / name).symlink_to(f"usr/{name}")
        shutil.copy(self.folder / "file", root / "mnt")
        self.run_traced("unshare", "--mount", "sh", "-c", f"mount --bind /usr {root}/usr && exec \"$@\"", "sh",
                        options=("-o", self.path), command=("chroot", root, "sh", "-c", COPY))
        self.check_copied(self.flows())


class Bubblewrap(ContainerTest):
    def setUp(self):
        if not shutil.which("bwrap"):
            self.skipTest("no bubblewrap")
        super().setUp()
        self.bwrap = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--unshare-pid", "--unshare-net", "--bind",
                      str(self.folder), "/mnt"]
        self.own = [*self.bwrap, "--proc", "/proc", "--setenv", "TMPDIR", "/mnt"]
        self.inside = pathlib.Path("/mnt") / self.path.name

    def test_exec_from_outside(self):
        """A file that was handed in has the name that /proc/PID/fd shows."""
        with open(self.folder / "handed", "rb") as handed:
            self.run_traced(options=("-o", self.path), stdin=handed,
                            command=[*self.own, "sh", "-c", f"{COPY}; cat > /mnt/received; true"])
        flows = self.flows()
        self.check_copied(flows)
        self.assertEqual(flows[f"{self.folder}/handed", "/mnt/received"], SIZE)

    def test_attach_from_outside(self):
        """By its number outside; the process that has its number inside there is another."""
        self.start_others()
        container = self.start(*self.own, "sh", "-c", f"while :; do {COPY}; done")
        pid = support.until(lambda: program_in(container.pid, "sh"), what="the container")
        result = support.run("attach", "-p", pid, "-d", "1", "-o", self.path)
        self.assertEqual(result.status, 0, result.err)
        self.check_copied(self.flows())

    def test_exec_inside(self):
        self.start_others()
        self.run_traced(*self.own, options=("-o", self.inside))
        self.check_copied(self.flows())

    def test_attach_inside(self):
        """Whoever has that number outside is not meant, and what is outside is not there."""
        self.start_others()
        script = f"while :; do {COPY}; done & {support.ZCTRACE} attach -p $! -d 1 -o {self.inside} && exec kill $!"
        result = support.run(*self.own[1:], "sh", "-c", script, program=self.own[0])
        self.assertEqual(result.status, 0, result.err)
        self.check_copied(self.flows())
        self.check_error(support.run("attach", "-p", os.getpid(), wrapper=self.own), 1, "there is no process")

    def test_without_the_right(self):
        """Of root inside, too."""
        for options in (["--cap-drop", "ALL"], ["--unshare-user", "--uid", "0", "--gid", "0"]):
            with self.subTest(options=options):
                result = support.run("exec", "--kernel", "host", "--", "true", wrapper=[*self.own, *options])
                self.check_error(result, 3, "not permitted", "--privileged")

    def test_processes_of_another(self):
        result = support.run("attach", "-p", "1", wrapper=self.bwrap)
        self.check_error(result, 3, "another PID namespace")


class Podman(ContainerTest):
    """Without an image: its root is made of this machine's /usr."""

    # Podman asks for cgroups of one kind, or none.
    ALONE = ("unshare", "--mount", "sh", "-c", "umount -R -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec \"$@\"",
             "sh")

    def setUp(self):
        if not shutil.which("podman"):
            self.skipTest("no podman")
        super().setUp()
        root = self.folder / "root"
        for name in ("proc", "dev", "sys", "tmp", "etc", "usr", "run", "mnt", "zctrace"):
            (root / name).mkdir(parents=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (root / name).symlink_to(f"usr/{name}")
        self.name = f"zctrace-test-{os.getpid()}"
        self.podman = ["podman", "run", "--rm", "--name", self.name, "--network", "none", "--cgroups", "disabled", "--ulimit",
                       "nofile=1024:1024", "--ulimit", "nproc=1000:1000", "-v", "/usr:/usr:ro", "-v",
                       f"{support.ZCTRACE.parent}:/zctrace:ro", "-v", f"{self.folder}:/mnt"]
        self.rooted = ["--rootfs", str(root)]
        self.inside = pathlib.Path("/mnt") / self.path.name
        tried = support.run(*self.ALONE[1:], *self.podman, *self.rooted, "true", program=self.ALONE[0])
        if tried.status:
            self.skipTest(f"podman cannot run here: {tried.err}")

    def test_exec_from_outside(self):
        self.run_traced(*self.ALONE, options=("-o", self.path),
                        command=[*self.podman, *self.rooted, "sh", "-c", f"{COPY}; true"])
        self.check_copied(self.flows())

    def test_exec_inside(self):
        command = [*self.podman, "--privileged", *self.rooted, "/zctrace/zctrace", "exec", "--kernel", "host", "--quiet", "-o",
                   self.inside, "--", "sh", "-c", f"{COPY}; true"]
        self.start_others()
        result = support.run(*self.ALONE[1:], *command, program=self.ALONE[0])
        self.assertEqual(result.status, 0, result.err)
        self.check_copied(self.flows())


if __name__ == "__main__":
    support.main()
