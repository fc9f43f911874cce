"""The commands that are measured: what they take, and their end, whatever happens to us."""

import contextlib
import itertools
import os
import pathlib
import signal
import subprocess
import tempfile
import time
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 10  # seconds for a command to end when told to


class Failed(Exception):
    """A command did not do what it was started for; the text is a line for people."""


class Usage(NamedTuple):
    """To the command's end, of it and the children it waited for."""

    wall: int  # ns
    cpu: int  # ns
    peak: int  # bytes: the largest process


class Programs:
    """The programs of C in this folder, compiled where they are older than their source."""

    def __init__(self, build):
        self.folder = pathlib.Path(build) / "bench"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.load = self._built("load", "load.c", ["gcc", "-O2"])
        self.usage = self._built("usage", "usage.c", ["gcc", "-O2"])

    def floor(self):
        """The prefix of a command that runs under the null BPF program."""
        # Debian has asm/types.h in its architecture's folder, where clang does not look for another target.
        headers = f"-I/usr/include/{subprocess.run(['gcc', '-print-multiarch'], capture_output=True, text=True).stdout.strip()}"
        program = self._built("floor.bpf.o", "floor.bpf.c", ["clang", "-O2", "-g", "-target", "bpf", headers, "-c"])
        return [self._built("floor", "floor.c", ["gcc", "-O2"], ["-lbpf"]), program]

    def _built(self, name, source, compiler, libraries=()):
        target, source = self.folder / name, HERE / source
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            command = [*compiler, str(source), "-o", str(target), *libraries]
            try:
                done = subprocess.run(command, capture_output=True, text=True)
            except OSError as error:
                raise Failed(f"{compiler[0]}: {error.strerror}") from None
            if done.returncode != 0:
                raise Failed(f"compiling {source.name}: {(done.stderr.splitlines() or ['failed'])[0]}")
        return str(target)


class Children:
    """Starts commands, each in a process group of its own, and ends what is left of them. A context manager, with a
    temporary folder (`scratch`) that goes with it."""

    def __init__(self, programs):
        self.programs = programs

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="zctrace-bench-", dir="/var/tmp")
        self.scratch = pathlib.Path(self._folder.name)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    @contextlib.contextmanager
    def started(self, command, output=None):
        """Runs a command beside us: a Child, which is ended with the context where it has not ended by itself."""
        child = Child(self, command, output)
        try:
            yield child
        finally:
            end(child.process)

    def run(self, command, output=None):
        with self.started(command, output) as child:
            return child.wait()


class Child:
    """A command that runs, its output in a file."""

    _numbers = itertools.count()

    def __init__(self, children, command, output):
        self._name = " ".join(map(str, command[:2]))
        number = next(self._numbers)
        self._usage, self._said = children.scratch / f"usage-{number}", children.scratch / f"stderr-{number}"
        with open(output or os.devnull, "wb") as out, open(self._said, "wb") as err:
            self.process = subprocess.Popen([children.programs.usage, self._usage, *map(str, command)],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)

    def running(self):
        return self.process.poll() is None

    def wait(self):
        """Its Usage, when it has ended as it should."""
        status = self.process.wait()
        said = [line.strip() for line in self._said.read_text(errors="replace").splitlines() if line.strip()]
        self._said.unlink()
        if status != 0 or not self._usage.exists():
            raise Failed(f"{self._name[-40:]}: {said[-1][:160] if said else f'exit status {status}'}")
        usage = Usage(*map(int, self._usage.read_text().split()))
        self._usage.unlink()
        return usage


def end(child):
    """Ends the process group that a child leads; nothing where it has ended."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + PATIENCE
        try:
            os.killpg(child.pid, number)
            while time.monotonic() < deadline:
                child.poll()
                os.killpg(child.pid, 0)
                time.sleep(0.01)
        except ProcessLookupError:
            break
    child.wait()
