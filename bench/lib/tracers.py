"""The contestants: each makes of a command one that runs it under a tracer."""

import shutil

from lib.children import Failed

UNTRACED, FLOOR, EXEC, EXEC_ALL = "untraced", "null BPF program", "zctrace exec", "zctrace exec --detail all"
STRACE = "strace -f"

PERF_TRACE, PERF_DATA = "perf.trace", "perf.data"

# Counted in maps, as strace -c does: the calls, and which of them failed.
COUNT_IN_MAPS = ("tracepoint:raw_syscalls:sys_enter /pid == cpid/ { @calls[args->id] = count(); } "
                 "tracepoint:raw_syscalls:sys_exit /pid == cpid/ { @failed[args->ret < 0] = count(); }")


def prefix(*words):
    return lambda command: [*words, *command]


def in_bpftrace(command):
    """bpftrace takes a command as one text, cut at spaces, and the program as a path."""
    path = shutil.which(command[0]) or command[0]
    return ["bpftrace", "-q", "-e", COUNT_IN_MAPS, "-c", " ".join(map(str, [path, *command[1:]]))]


def tracers(children, zctrace, beside=None):
    """(those that are here by name, what is missing and why). `beside`: another zctrace, to compare with."""
    ways, missing = {UNTRACED: list}, {}
    try:
        ways[FLOOR] = prefix(*children.programs.floor())
    except Failed as error:
        missing[FLOOR] = str(error)
    traced = ("exec", "--kernel", "host", "--quiet")
    ways[EXEC] = prefix(zctrace, *traced, "--")
    ways[EXEC_ALL] = prefix(zctrace, *traced, "--detail", "all", "-o", children.scratch / "all.json", "--")
    if beside:
        ways["the other zctrace exec"] = prefix(beside, *traced, "--")
    peers = {
        STRACE: ("strace", prefix("strace", "-f", "-o", "/dev/null")),
        "strace -f -c": ("strace", prefix("strace", "-f", "-c", "-o", "/dev/null")),
        "perf trace -s": ("perf", prefix("perf", "trace", "-s", "-o", children.scratch / PERF_TRACE, "--")),
        "perf record": ("perf", prefix("perf", "record", "-q", "-e", "raw_syscalls:sys_enter", "-e", "raw_syscalls:sys_exit",
                                       "-o", children.scratch / PERF_DATA, "--")),
        "bpftrace, maps": ("bpftrace", in_bpftrace),
    }
    for name, (program, way) in peers.items():
        if shutil.which(program):
            ways[name] = way
        else:
            missing[name] = f"{program} is not installed"
    return tried(children, ways, missing), missing


class NothingTraced(Exception):
    """A tracer ran and saw nothing, so that it cost nothing."""


def check_traced(children, name, operations):
    """perf is given no event while somebody's BPF program on the same tracepoint returns 0."""
    least = {"perf trace -s": (PERF_TRACE, 100), "perf record": (PERF_DATA, 16 * operations)}
    if name in least:
        file, size = least[name]
        if (children.scratch / file).stat().st_size < size:
            raise NothingTraced(f"{name} has seen next to nothing")


def tried(children, ways, missing):
    """Those that can start a command here; why not the others goes to `missing`. Without ours there is nothing to tell."""
    able = {}
    for name, way in ways.items():
        try:
            children.run(way(["true"]))
            able[name] = way
        except Failed as error:
            if name in (UNTRACED, EXEC, EXEC_ALL):
                raise
            missing[name] = str(error)
    return able
