"""ZCTRACE BUILT [NAME...]: runs the programs under trace, in a guest; leaves a tar of their documents on standard output.

outcomes.json in it: what came of each, "ok" or why not.
"""

import importlib
import io
import json
import pathlib
import sys
import tarfile
import tempfile
import time

import stage as st

FAMILIES = ("tools", "python", "nginx", "java", "mariadb")
DISK = pathlib.Path("/run/zctrace/disk")  # the guest's; a program that wants O_DIRECT gets it there


def programs():
    return {name: trace for family in FAMILIES for name, trace in importlib.import_module(family).PROGRAMS.items()}


def try_one(trace, stage):
    try:
        trace(stage)
        return "ok"
    except st.Missing as missing:
        return f"skipped: {missing}"
    except Exception as error:  # pylint: disable=broad-except
        return f"failed: {error}"


def main():
    zctrace, built, *wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory(dir=DISK if DISK.exists() else None) as folder:
        results = pathlib.Path(folder) / "results"
        results.mkdir()
        stage = st.Stage(None if zctrace == "-" else zctrace, pathlib.Path(folder) / "stage", results, built)
        outcomes = {}
        for name, trace in programs().items():
            if wanted and name not in wanted:
                continue
            began = time.monotonic()
            outcomes[name] = try_one(trace, stage)
            print(f"{name}: {outcomes[name]} ({time.monotonic() - began:.1f} s)", file=sys.stderr, flush=True)
        (results / "outcomes.json").write_text(json.dumps(outcomes))
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for path in sorted(results.iterdir()):
                tar.add(path, arcname=path.name)
        sys.stdout.buffer.write(packed.getvalue())


main()
