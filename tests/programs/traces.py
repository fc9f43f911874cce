"""Programs of some families, traced in one guest, and their documents kept for `zctrace claims`."""

import collections
import datetime
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

import lab_support as support

HERE = pathlib.Path(__file__).resolve().parent
KERNEL = "6.12"
RECORDINGS = HERE.parents[1] / "model/claims/recordings"
FOLDERS = (re.escape(str(support.ZCTRACE.parent)), re.escape(str(support.SCRATCH)), r"/run/zctrace/disk/\w+/stage")
FETCHED = support.ZCTRACE.parent / "programs"  # by tests/run


def trace_all(families, built, folder):
    """The documents of all their programs, into the folder; returns what came of each."""
    command = [support.ZCTRACE.parent / "zctrace-in-guest", "--minutes", "60", *support.PROGRAMS_LOADED, KERNEL, sys.executable, HERE / "in_guest.py",
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


def keep(folder, names, programs):
    """Documents that claims rest on; `programs`: what each was of, with versions.

    With ZCTRACE_UPDATE_RECORDINGS=1 they become those that travel with zctrace.
    """
    version = support.run("--version").out.split()[-1]
    for name in names:
        document = support.document(folder / f"{name}.json")
        kept = support.USERS_CACHE / "claims" / version / f"{document['run']['kernel']['release']}.lab"
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / f"{name}.json", kept)
        if os.environ.get("ZCTRACE_UPDATE_RECORDINGS") == "1":
            RECORDINGS.mkdir(exist_ok=True)
            (RECORDINGS / f"{name}.json").write_text(travelling(document, name, programs[name]))


def travelling(document, name, program):
    """Without its single events, and without the folders of the machine that it was made on."""
    document["run"]["recorded"] = {"experiment": name, "date": datetime.date.today().isoformat(), "program": program}
    omitted = document["run"]["detail"]["omitted"]
    for event in document["events"]:
        omitted["by_kind"][event["kind"]] = omitted["by_kind"].get(event["kind"], 0) + 1
    omitted["events"] = sum(omitted["by_kind"].values())
    document["run"]["detail"]["window"] = "none"
    document["events"] = []
    document["ledger"].pop("copy_stacks", None)
    for flow in document["ledger"]["flows"]["list"]:
        flow.pop("copied_by", None)
    members = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in document.items())
    return re.sub("|".join(FOLDERS), "", f"{{\n{members}\n}}\n")
