"""ZCTRACE BUILT FAMILY,... [NAME...]: runs the programs of these modules under trace, in a guest.

Writes a tar of their documents to standard output; NAME.outcome in it: what came of each, "ok" or why not.
"""

import importlib
import pathlib
import sys
import tarfile
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
import stage as st  # noqa: E402

DISK = pathlib.Path("/run/zctrace/disk")  # the guest's; a program that wants O_DIRECT gets it there


def programs(families):
    return {name: trace for family in families for name, trace in family.PROGRAMS.items()}


def stacked(families):
    return {name for family in families for name in getattr(family, "STACKS", {})}


def try_one(trace, stage):
    try:
        trace(stage)
        return "ok"
    except st.Missing as missing:
        return f"skipped: {missing}"
    except Exception as error:  # pylint: disable=broad-except
        return f"failed: {error}"


def main():
    zctrace, built, families, *wanted = sys.argv[1:]
    families = [importlib.import_module(family) for family in families.split(",")]
    with (tempfile.TemporaryDirectory(dir=DISK if DISK.exists() else None) as folder,
          tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar):
        stage = st.Stage(None if zctrace == "-" else zctrace, pathlib.Path(folder) / "stage",
                         pathlib.Path(folder) / "results", built, stacked(families))
        for name, trace in programs(families).items():
            if wanted and name not in wanted:
                continue
            began = time.monotonic()
            outcome = try_one(trace, stage)
            print(f"{name}: {outcome} ({time.monotonic() - began:.1f} s)", file=sys.stderr, flush=True)
            (stage.results / f"{name}.outcome").write_text(outcome)
            # At once: what is here already is not lost with a later one.
            for path in sorted(stage.results.iterdir()):
                tar.add(path, arcname=path.name)
                path.unlink()
            sys.stdout.buffer.flush()


main()
