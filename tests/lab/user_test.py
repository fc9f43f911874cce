"""An ordinary user: the lab is open to them, this machine's own kernel is not."""

import os
import pathlib
import pwd
import shutil
import subprocess

import lab_support as support

NAME = f"zctlab{os.getpid()}"


class OrdinaryUser(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        support.need_root()  # to make the user
        support.need_lab("6.12")
        subprocess.run(["useradd", "-m", NAME], check=True, capture_output=True)
        cls.addClassCleanup(subprocess.run, ["userdel", "-r", NAME], check=False, capture_output=True)
        cls.user = pwd.getpwnam(NAME)
        cls.home = pathlib.Path(cls.user.pw_dir)
        # Their own copy: this build and the kernels of root may lie where they may not look.
        cls.program = cls.home / "zctrace"
        for path in support.ZCTRACE.parent.glob("zctrace*"):
            if path.is_file():
                shutil.copy(path, cls.home)
        kernels = pathlib.Path("kernels/6.12")
        shutil.copytree(support.CACHE / kernels, cls.home / ".cache/zctrace" / kernels)
        subprocess.run(["chown", "-R", f"{NAME}:", cls.home], check=True)

    def run_as_user(self, *arguments):
        environment = {"HOME": str(self.home), "USER": NAME, "XDG_CACHE_HOME": ""}
        return support.run(*arguments, program=self.program, user=self.user, cwd=self.home, env=environment)

    def test_auto_goes_to_the_lab_which_needs_no_root(self):
        """With a kernel that they name: exec_test's ordinary user."""
        result = self.run_as_user("run", "read_write", "splice", "--cache", "cold", "-o", self.home / "runs")
        self.assertEqual(result.status, 0, result.err)
        for method, copies in (("read_write", 2), ("splice", 0)):
            data = support.document(self.home / f"runs/{method}.json")
            self.check_exact(data)
            self.check_copies_per_byte(data, copies)
            self.assertEqual((data["run"]["kernel"]["where"], data["run"]["path"]["kind"]), ("lab", "nic"))
            self.assertEqual((self.home / f"runs/{method}.json").owner(), NAME)

    def test_the_host_is_closed(self):
        for path in ([], ["--path", "veth"], ["--path", "loopback"]):
            with self.subTest(path=path):
                result = self.run_as_user("run", "splice", "--kernel", "host", *path)
                self.check_error(result, 3, "  hint: ", "--kernel 6.12")

    def test_doctor_and_lists_work(self):
        for command in (["doctor"], ["list"], ["lab", "list"]):
            with self.subTest(command=command):
                result = self.run_as_user(*command)
                self.assertEqual((result.status, result.err), (0, ""))
        self.assertIn(f"user {self.user.pw_uid}", self.run_as_user("doctor").out)


if __name__ == "__main__":
    support.main()
