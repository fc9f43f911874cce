"""Programs of some families, traced in one guest, and their documents kept for `zctrace claims`."""

import collections
import io
import pathlib
import shutil
import subprocess
import sys
import tarfile

import lab_support as support

HERE = pathlib.Path(__file__).resolve().parent
KERNEL = "6.12"
FETCHED = support.ZCTRACE.parent / "programs"  # by tests/run


def trace_all(families, built, folder):
    """The documents of all their programs, into the folder; returns what came of each."""
    command = [support.ZCTRACE.parent / "zctrace-in-guest", KERNEL, sys.executable, HERE / "in_guest.py",
               support.ZCTRACE, built, ",".join(families)]
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=False, cwd=support.SCRATCH,
                          env=support.environment())
    try:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            tar.extractall(folder)
    except tarfile.ReadError:  # cut off with the guest: what came before is there
        pass
    lost = collections.defaultdict(lambda: f"the guest ended before it, with status {done.returncode}")
    return lost | {path.stem: path.read_text() for path in folder.glob("*.outcome")}


def keep(folder, names):
    """Documents that claims rest on."""
    version = support.run("--version").out.split()[-1]
    for name in names:
        release = support.document(folder / f"{name}.json")["run"]["kernel"]["release"]
        kept = support.USERS_CACHE / "claims" / version / f"{release}.lab"
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / f"{name}.json", kept)
