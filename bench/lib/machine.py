"""What a result was measured on, and how much of it others took meanwhile."""

import json
import os
import platform
import re
import resource
import shutil
import subprocess
import time

from lib import figures

PEERS = ("strace", "perf", "bpftrace", "nginx", "wrk")


def describe(zctrace, mechanism):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"^model name\s*:\s*(.*)", file.read(), re.MULTILINE)
    return {
        "cpu": model[1] if model else platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "mechanism": mechanism,
        "zctrace": first_line([zctrace, "--version"]),
        "peers": {name: version(name) for name in PEERS if shutil.which(name)},
    }


def first_line(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return (done.stdout.splitlines() or [""])[0]


def version(peer):
    # wrk and nginx know -v, the others --version.
    found = re.search(r"\d+\.\d[\w.]*", first_line([peer, "-v" if peer in ("wrk", "nginx") else "--version"]))
    return found[0] if found else "unknown"


def mechanism(children, zctrace):
    """What tells exec the copies on this kernel, as its recordings say: results are comparable where it is the same."""
    file = children.scratch / "mechanism.json"
    children.run([zctrace, "exec", "--kernel", "host", "--quiet", "-o", file, "--", "true"])
    return json.loads(file.read_text())["run"]["evidence"]["mechanism"]


def others_trace():
    """Whether somebody has BPF programs on the hooks of system calls: they would be in each figure, the untraced ones too.
    Unknown, and taken for no, without bpftool."""
    bpftool = shutil.which("bpftool", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not bpftool:
        return False
    done = subprocess.run([bpftool, "--json", "perf"], capture_output=True, text=True)
    return any(f'"{hook}"' in done.stdout for hook in ("sys_enter", "sys_exit"))


class Watch:
    """Tells how much of a processor others took, between its making and share(): other programs, and other machines on
    the same host (stolen time). Interrupts are left out: nobody's, and those of loopback are our own."""

    def __init__(self):
        self._start = self._now()

    def share(self):
        busy, own, wall = (now - then for now, then in zip(self._now(), self._start))
        return figures.others_share(busy, own, wall)

    @staticmethod
    def _now():
        with open("/proc/stat", encoding="ascii") as file:
            user, nice, system, _, _, _, _, steal = map(int, file.readline().split()[1:9])
        own = sum(usage.ru_utime + usage.ru_stime
                  for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
        return (user + nice + system + steal) / os.sysconf("SC_CLK_TCK"), own, time.monotonic()
