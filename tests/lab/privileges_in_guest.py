"""In a guest of the lab, or on this machine: what zctrace may do while it traces, and what an ordinary user may trace who
was given a zctrace with file capabilities. Prints one JSON object.

    privileges_in_guest.py ZCTRACE [user]
"""

import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

import tracing

ZCTRACE = sys.argv[1]
USER = 1000
NUMBERS = {"CAP_BPF": 39, "CAP_PERFMON": 38, "CAP_SYS_ADMIN": 21}
READER = "import os, sys, time\nf = os.open(sys.argv[1], os.O_RDONLY)\nwhile True:\n os.pread(f, 65536, 0)\n time.sleep(0.02)\n"

FEW_HOOKS = {"ZCTRACE_WITHOUT": "fentry"}  # loaded and attached in a fraction of the time
SECRET = b"root's alone\n" * 1000

found = {"secret": SECRET.decode()}
folder = pathlib.Path(tempfile.mkdtemp())
folder.chmod(0o777)
secret = folder / "secret"
secret.write_bytes(SECRET)
secret.chmod(0o600)


def facts(text):
    """Of /proc/PID/status what matters here."""
    wanted = ("CapEff", "CapPrm", "CapBnd", "Seccomp", "NoNewPrivs")
    return {name: int(value, 16) for name, value in re.findall(r"^(\w+):\s+([0-9a-f]+)$", text, re.MULTILINE) if name in wanted}


def threads(process):
    """The first thread's first."""
    tasks = sorted(pathlib.Path(f"/proc/{process.pid}/task").iterdir(), key=lambda task: int(task.name))
    return [facts((task / "status").read_text()) for task in tasks]


def reader(user=None, child=None):
    """A process that reads, and has a child that sleeps."""
    path = folder / "read"
    if not path.exists():
        path.write_bytes(os.urandom(65536))
        path.chmod(0o644)
    command = [sys.executable, "-S", "-c", READER, path]
    return subprocess.Popen(["sh", "-c", '"$0" 600 & exec "$@"', child or "sleep", *command], user=user, group=user, extra_groups=None if user is None else [],
                            start_new_session=True)


def end(reader):
    os.killpg(reader.pid, signal.SIGKILL)


def set_user_id(program):
    """A copy of it that runs as root, whoever starts it."""
    path = folder / f"roots-{program}"
    shutil.copy(shutil.which(program), path)
    path.chmod(0o4755)
    return path


def of_exec(*options, then="true", environment=None):
    """What the command sees of zctrace, its parent, and of itself."""
    done = subprocess.run([ZCTRACE, "exec", "--kernel", "host", "--quiet", *options, "--", "sh", "-c",
                           f"cat /proc/$PPID/status; echo; cat /proc/$$/status; {then}"], capture_output=True, text=True, check=False,
                          env={**os.environ, **(environment or {})})
    zctrace, _, command = done.stdout.partition("\n\n")
    return {"status": done.returncode, "err": done.stderr, "zctrace": facts(zctrace), "command": facts(command)}


def of_agent():
    agent = subprocess.Popen([ZCTRACE, "agent", "--all", "--prometheus", "0"], stderr=subprocess.PIPE, text=True)
    url = agent.stderr.readline().split()[-1]
    while not (text := urllib.request.urlopen(url).read().decode()):
        pass
    seen = threads(agent)
    agent.terminate()
    agent.communicate()
    return {"status": agent.returncode, "metrics": text, "threads": seen}


def of_attach():
    traced = reader()
    tracer = subprocess.Popen([ZCTRACE, "attach", "-p", str(traced.pid), "-d", "5", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while tracer.poll() is None and not tracing.is_tracing(tracer.pid):
        pass
    (seen, *_), (out, err) = threads(tracer), tracer.communicate()
    end(traced)
    return {"status": tracer.returncode, "err": err.decode(), "zctrace": seen, "flows": len(json.loads(out)["ledger"]["flows"]["list"])}


def give(path, *names):
    """What setcap NAMES+ep does."""
    bits = sum(1 << NUMBERS[name] for name in names)
    low, high = bits & 0xFFFFFFFF, bits >> 32
    os.setxattr(path, "security.capability", struct.pack("<5I", 0x02000000 | 1, low, 0, high, 0))


def document(path):
    if not path.exists():
        return None
    data = json.loads(path.read_text())
    return {"flows": data["ledger"]["flows"]["list"], "notes": [note["id"] for note in data["run"]["evidence"]["notes"]],
            "names_secret": secret.name in json.dumps([data["ledger"], data["events"]]),
            "copies": data["run"]["evidence"]["copies"], "written_by": path.stat().st_uid}


def of_theirs():
    """In a folder of another user, who starts a set-user-ID program."""
    theirs = folder / "theirs"
    theirs.mkdir()
    os.chown(theirs, USER, USER)
    shows = f"setpriv --reuid={USER} --regid={USER} --clear-groups {set_user_id('cat')} {secret} >/dev/null"
    return {**of_exec("-o", theirs / "a.json", then=shows), "document": document(theirs / "a.json")}


def of_user():
    """zctrace as docs/security.md gives it to an ordinary user: by file capabilities, and by systemd."""
    theirs, by_systemd = folder / "bin/zctrace", folder / "systemd/zctrace"
    for copy in (theirs, by_systemd):
        copy.parent.mkdir()
        shutil.copy(ZCTRACE, copy)
    give(theirs, *NUMBERS)
    shows, waits = set_user_id("cat"), set_user_id("sleep")
    own, other = reader(USER, waits), reader()

    def told(command, environment=None, **more):
        done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False,
                              env={"HOME": str(folder), "PATH": os.environ["PATH"], **(environment or {})}, **more)
        return {"status": done.returncode, "out": done.stdout, "err": done.stderr}

    def ambient(*words, more=(), environment=None):
        capabilities = "-all" + "".join(f",+{name.removeprefix('CAP_').lower()}" for name in (*NUMBERS, *more))
        return told(["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", f"--bounding-set={capabilities}",
                     f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}", by_systemd, *words], environment)

    def as_user(*words, environment=None):
        return told([theirs, *words], environment, user=USER, group=USER, extra_groups=[])

    seen = {"exec": as_user("exec", "--kernel", "host", "--quiet", "-o", "exec.json", "--", "sh", "-c", 'cp read copy; "$0" "$1"', shows, secret),
            "own": as_user("attach", "-p", own.pid, "-d", "0.5", "-o", "own.json", environment=FEW_HOOKS),
            "by_systemd": ambient("attach", "-p", own.pid, "-d", "0.5", "-o", "by_systemd.json", environment=FEW_HOOKS),
            "other": as_user("attach", "-p", other.pid, "-d", "0.5"),
            "other_readable": ambient("attach", "-p", other.pid, "-d", "0.5", more=["CAP_DAC_READ_SEARCH"]),
            "all": as_user("attach", "--all", "-d", "0.5"),
            "name": as_user("attach", "--comm", "sh", "-d", "0.5"),
            "top": as_user("top", "--once"),
            "agent": as_user("agent")}
    for name in ("exec", "own", "by_systemd"):
        seen[name]["document"] = document(folder / f"{name}.json")
    end(own)
    end(other)
    return seen


def timed(name, find, *arguments, **more):
    began = time.monotonic()
    found[name] = find(*arguments, **more)
    print(f"{name}: {time.monotonic() - began:.1f} s", file=sys.stderr)


timed("exec", of_exec)
timed("stacks", of_exec, "--stacks", "-o", folder / "stacks.json", environment=FEW_HOOKS)
timed("theirs", of_theirs)
timed("attach", of_attach)
timed("agent", of_agent)
timed("doctor", lambda: json.loads(subprocess.run([ZCTRACE, "doctor", "--json"], capture_output=True, check=True).stdout))
if "user" in sys.argv:
    timed("user", of_user)
shutil.rmtree(folder)
print(json.dumps(found))
