"""What recordings cost: their bytes and losses while they are made, and time and memory where they are read."""

import itertools
import json
import os
import pathlib

from lib import loads, tracers

SHORT = pathlib.Path(__file__).resolve().parents[2] / "tests/documents/run_1.json"


class Detail:
    """A getppid loop in each process, every call of which is to be recorded: how many a second, and what became of them.
    A ring that is too small loses, and has to say so."""

    title, unit, base = "exec --detail all, getppid", None, None

    def __init__(self, children, zctrace, seconds):
        self._children, self._zctrace, self._seconds = children, zctrace, seconds
        cpus = len(os.sched_getaffinity(0))
        self.variants = {"1 process": (1, ()), f"{cpus} processes": (cpus, ()),
                         "1 process, a ring of 64 KiB": (1, ("--ring-bytes", "65536"))}

    def measure(self, variant):
        file = self._children.scratch / "detail.json"
        processes, ring = self.variants[variant]
        command = [self._zctrace, "exec", "--kernel", "host", "--quiet", "--detail", "all", *ring, "-o", file, "--"]
        calls, _, wall, usage = loads.run_load(self._children, tracers.prefix(*command), ("getppid", 0), self._seconds,
                                               processes)
        ledger, lost, recorded = read(file)
        size, offered, dropped = file.stat().st_size, sum(ledger["syscalls"].values()), lost.get("syscall", 0)
        file.unlink()
        return {"calls a second": calls / wall * 1e9, "offered": offered, "recorded": recorded["syscall"], "lost": dropped,
                "untold": offered - recorded["syscall"] - dropped, "bytes per event": size / sum(recorded.values()),
                "peak": usage.peak}


def read(file):
    """(ledger, losses by kind, events by kind) of a recording of any length, whose events have a line each."""
    head, events = [], {"syscall": 0}
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            head.append(line)
            if line.lstrip().startswith('"events": ['):
                break
        for line in lines:
            if '"kind":"' in line:
                kind = line.split('"kind":"', 1)[1].split('"', 1)[0]
                events[kind] = events.get(kind, 0) + 1
    text = "".join(head)
    data = json.loads(text[: text.rindex('"events": [')].rstrip().rstrip(",") + "}")
    return data["ledger"], data["run"]["lost"]["by_kind"], events


def write_long(file, count):
    """A recording of `count` events: those of a short one, again and again at later times. The sums stay the short one's."""
    text = SHORT.read_text()
    events = json.loads(text)["events"]
    period = max(event["t"] + event.get("dur", 0) for event in events) + 1000
    rests = [(event.pop("t"), json.dumps(event, separators=(",", ":"))[1:]) for event in events]
    with open(file, "w", encoding="utf-8") as out:
        out.write(text[: text.index('"events": [')] + '"events": [')
        separator = "\n    "
        for start in itertools.count(0, period):
            piece = rests[:count]
            out.write(separator + ",\n    ".join(f'{{"t":{start + t},{rest}' for t, rest in piece))
            separator = ",\n    "
            count -= len(piece)
            if count == 0:
                break
        out.write("\n  ]\n}\n")


class Reading:
    """The commands that read a recording of so many events."""

    unit, base = "ns", None
    variants = {
        "show": lambda file, out: ["show", file],
        "chart --kind sequence": lambda file, out: ["chart", "--kind", "sequence", file, "-o", f"{out}.svg"],
        "report": lambda file, out: ["report", file, "-o", f"{out}.html"],
        "export --format perfetto": lambda file, out: ["export", "--format", "perfetto", file, "-o", f"{out}.perfetto"],
    }

    def __init__(self, children, zctrace, events):
        self._children, self._zctrace = children, zctrace
        self._file = children.scratch / f"events-{events}.json"
        write_long(self._file, events)
        self.title = f"a recording of {events:,} events, {self._file.stat().st_size / 1e6:,.1f} MB"

    def measure(self, variant):
        out = self._children.scratch / "read"
        usage = self._children.run([self._zctrace, *self.variants[variant](self._file, out)])
        for made in out.parent.glob("read.*"):
            made.unlink()
        return usage._asdict()

    def close(self):
        self._file.unlink()
