"""The lab: from the command to the guest's end, on the emulated machine; and what tracing costs in there, where it sees
the copies themselves."""

import pathlib

from lib import loads, tracers

KERNEL = "6.12"


class Lab:
    """Boot, trace, power off."""

    title, unit, base = f"the lab, Linux {KERNEL}", "ns", None
    variants = {
        "run splice": ["run", "splice", "--kernel", KERNEL],
        "exec -- true": ["exec", "--kernel", KERNEL, "--quiet", "--", "true"],
    }

    def __init__(self, children, zctrace):
        self._children, self._zctrace = children, zctrace

    def measure(self, variant):
        return self._children.run([self._zctrace, *self.variants[variant]])._asdict()


def runner(zctrace):
    """What runs a command in a guest, and traces nothing; one of the tests' programs."""
    return pathlib.Path(zctrace).with_name("zctrace-in-guest")


class InGuest:
    """A loop of followed reads and writes, in a guest of its own for each variant."""

    title, unit, base = f"read + write to TCP on loopback, 4 KiB, in the lab's Linux {KERNEL}", "ns", tracers.UNTRACED

    def __init__(self, children, zctrace, seconds):
        self._children, self._seconds = children, 2 * seconds  # an emulated processor is slower
        self._runner = runner(zctrace)
        traced = (zctrace, "exec", "--kernel", "host", "--quiet")
        ways = ("--copies fast", "--copies fast --stacks", "--copies exact")
        self.variants = {tracers.UNTRACED: ()} | {f"zctrace exec {way}": (*traced, *way.split(), "--") for way in ways}

    def measure(self, variant):
        said, result = self._children.scratch / "said", "/dev/shm/load"
        load = [self._children.programs.load, *loads.CALLS["pair-4k"][1], self._seconds, loads.source(self._children), result, 1]
        script = f'"$@" && cat {result}'
        usage = self._children.run([self._runner, KERNEL, "/bin/sh", "-c", script, "sh", *self.variants[variant], *load], said)
        operations, cpu, wall = map(int, said.read_text().split()[-3:])
        return {"wall": wall / operations, "cpu": cpu / operations, "peak": usage.peak}
