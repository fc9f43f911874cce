"""In a guest of the lab: programs in cgroups, by name and by number, and zctrace attached to them in each way. Prints one
JSON object: name -> {status, err, document}.

    whom_in_guest.py ZCTRACE
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import tracing

ZCTRACE = sys.argv[1]
CGROUPS = pathlib.Path("/sys/fs/cgroup")
CONTAINER = "0123456789abcdef" * 4
WORK = pathlib.Path("/tmp/zctrace-whom")
# Reads its file again and again, 64 KiB each time, into memory, and says that it does.
READER = """
import os, sys, time
f = os.open(sys.argv[1], os.O_RDONLY)
while True:
    os.pread(f, 65536, 0)
    open(sys.argv[1] + ".read", "w").close()
    time.sleep(0.02)
"""

found = {}
running = []


def file(name):
    path = WORK / name
    path.write_bytes(os.urandom(65536))
    return path


def cgroup(name):
    path = CGROUPS / name
    path.mkdir(parents=True)
    return path


def start(name, group=None, comm=None):
    """A reader of the file of that name, which has read it once; it is in the cgroup before it is a program."""
    program = sys.executable
    if comm:
        program = WORK / comm
        if not program.exists():
            program.symlink_to(os.path.realpath(sys.executable))

    def join():
        if group:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    process = subprocess.Popen([program, "-S", "-c", READER, file(name)], preexec_fn=join)
    running.append(process)
    while not (WORK / f"{name}.read").exists():
        time.sleep(0.02)
    return process


def attach(name, *options, meanwhile=None):
    """For a second, or, once it traces, until a second after what happens `meanwhile`."""
    output = WORK / f"{name}.json"
    tracer = subprocess.Popen([ZCTRACE, "attach", *map(str, options), *(() if meanwhile else ("-d", "1")), "-o", output],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if meanwhile:
        while tracer.poll() is None and not tracing.is_tracing(tracer.pid):
            pass
        meanwhile()
        time.sleep(1.5)
        tracer.send_signal(signal.SIGINT)
    err = tracer.communicate()[1].decode()
    document = json.loads(output.read_text()) if output.exists() else None
    found[name] = {"status": tracer.returncode, "err": err, "document": document}


def refused(name, *options):
    done = subprocess.run([ZCTRACE, "attach", *options], capture_output=True, text=True, check=False)
    found[name] = {"status": done.returncode, "err": done.stderr, "out": done.stdout}


WORK.mkdir()
one, other = cgroup("wanted.slice/one.service"), cgroup("other.service")
container = cgroup(f"machine.slice/libpod-{CONTAINER}.scope")
names = pathlib.Path("/var/lib/containers/storage/overlay-containers")
names.mkdir(parents=True, exist_ok=True)
(names / "containers.json").write_text(json.dumps([{"id": CONTAINER, "names": ["web"]}]))
first, second = start("in_one", one), start("in_other", other)
called = start("called", comm="zcwanted")
in_container = start("in_container", container)


def more():
    """One is born in the cgroup, one is moved into it, and one out of it."""
    start("born_in_one", one)
    start("born_in_other", other)
    moved = start("moved_to_one")
    (other / "cgroup.procs").write_text(str(first.pid))
    time.sleep(1)
    (one / "cgroup.procs").write_text(str(moved.pid))


attach("cgroup", "--cgroup", "/sys/fs/cgroup/wanted.slice", meanwhile=more)
attach("unit", "--unit", "one")
metrics = WORK / "metrics.prom"
attach("container", "--container", "web", "--prometheus", metrics)
found["metrics"] = {"text": metrics.read_text()}
attach("pids", "-p", f"{second.pid},{called.pid}", "-p", str(in_container.pid))
attach("comm", "--comm", "zcwanted", meanwhile=lambda: start("called_later", comm="zcwanted"))
attach("all", "--all", meanwhile=lambda: start("of_all"))

# Two programs of one pipeline: what each has in its memory is its own. And one program many times.
left, often = file("left"), file("often")
shell = subprocess.run([ZCTRACE, "exec", "--quiet", "-o", WORK / "shell.json", "--", "sh", "-c",
                        f"head -c 60000 {left} | cmp -n 60000 - {left}; "
                        f"for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cat {often} >/dev/null; done"], capture_output=True, text=True,
                       check=False)
found["shell"] = {"status": shell.returncode, "err": shell.stderr, "document": json.loads((WORK / "shell.json").read_text())}
lines = subprocess.run([ZCTRACE, "top", "--once", "-d", "1"], capture_output=True, text=True, check=False)
found["top"] = {"status": lines.returncode, "err": lines.stderr, "out": lines.stdout}

refused("no_pid", "-p", "4194300")
refused("bad_pid", "-p", "12,x")
refused("no_comm", "--comm", "nobody-is-called")
refused("no_unit", "--unit", "nginx")
refused("no_cgroup", "--cgroup", "/not/there")
refused("no_container", "--container", "db")
refused("nothing")

for process in running:
    process.kill()
found["pids_of"] = {"first": first.pid, "second": second.pid, "called": called.pid, "container": in_container.pid}
print(json.dumps(found))
