"""In a guest of the lab, or on this machine: what zctrace may do while it traces, and what an ordinary user may trace who
was given a zctrace with file capabilities. Prints one JSON object.

    privileges_in_guest.py ZCTRACE [user]
"""

import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import urllib.request

import tracing

ZCTRACE = sys.argv[1]
USER = 1000
NUMBERS = {"CAP_BPF": 39, "CAP_PERFMON": 38, "CAP_SYS_ADMIN": 21}
READER = "import os, sys, time\nf = os.open(sys.argv[1], os.O_RDONLY)\nwhile True:\n os.pread(f, 65536, 0)\n time.sleep(0.02)\n"

found = {}
folder = pathlib.Path(tempfile.mkdtemp())
folder.chmod(0o777)


def facts(text):
    """Of /proc/PID/status what matters here."""
    wanted = ("CapEff", "CapPrm", "CapBnd", "Seccomp", "NoNewPrivs")
    return {name: int(value, 16) for name, value in re.findall(r"^(\w+):\s+([0-9a-f]+)$", text, re.MULTILINE) if name in wanted}


def threads(process):
    """The first thread's first."""
    tasks = sorted(pathlib.Path(f"/proc/{process.pid}/task").iterdir(), key=lambda task: int(task.name))
    return [facts((task / "status").read_text()) for task in tasks]


def reader(user=None):
    path = folder / "read"
    if not path.exists():
        path.write_bytes(os.urandom(65536))
        path.chmod(0o644)
    return subprocess.Popen([sys.executable, "-S", "-c", READER, path], user=user)


def of_exec(*options):
    """What the command sees of zctrace, its parent, and of itself."""
    done = subprocess.run([ZCTRACE, "exec", "--kernel", "host", "--quiet", *options, "--", "sh", "-c",
                           "cat /proc/$PPID/status; echo; cat /proc/$$/status"], capture_output=True, text=True, check=False)
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
    traced.kill()
    return {"status": tracer.returncode, "err": err.decode(), "zctrace": seen, "flows": len(json.loads(out)["ledger"]["flows"]["list"])}


def give(path, *names):
    """What setcap NAMES+ep does."""
    bits = sum(1 << NUMBERS[name] for name in names)
    low, high = bits & 0xFFFFFFFF, bits >> 32
    os.setxattr(path, "security.capability", struct.pack("<5I", 0x02000000 | 1, low, 0, high, 0))


def of_user():
    """zctrace as docs/security.md gives it to an ordinary user."""
    theirs = folder / "bin/zctrace"
    theirs.parent.mkdir()
    for program in pathlib.Path(ZCTRACE).parent.glob("zctrace*"):
        if program.is_file():
            shutil.copy(program, theirs.parent)
    give(theirs, *NUMBERS)
    own, other = reader(USER), reader()

    def as_user(*words):
        done = subprocess.run([theirs, *map(str, words)], user=USER, group=USER, extra_groups=[], cwd=folder, capture_output=True,
                              text=True, check=False, env={"HOME": str(folder), "PATH": os.environ["PATH"]})
        return {"status": done.returncode, "out": done.stdout, "err": done.stderr}

    seen = {"exec": as_user("exec", "--kernel", "host", "--quiet", "-o", "-", "--", "cp", "read", "copy"),
            "file": as_user("exec", "--kernel", "host", "--quiet", "-o", "exec.json", "--", "cp", "read", "copy"),
            "own": as_user("attach", "-p", own.pid, "-d", "0.5", "--json"),
            "other": as_user("attach", "-p", other.pid, "-d", "0.5"),
            "all": as_user("attach", "--all", "-d", "0.5"),
            "name": as_user("attach", "--comm", "sh", "-d", "0.5"),
            "top": as_user("top", "--once"),
            "agent": as_user("agent")}
    seen["written"] = (folder / "exec.json").stat().st_uid if (folder / "exec.json").exists() else None
    own.kill()
    other.kill()
    return seen


found["exec"] = of_exec()
found["stacks"] = of_exec("--stacks", "-o", str(folder / "stacks.json"))
found["attach"] = of_attach()
found["agent"] = of_agent()
theirs = folder / "theirs"
theirs.mkdir()
os.chown(theirs, USER, USER)
found["theirs"] = of_exec("-o", str(theirs / "a.json"))
found["doctor"] = json.loads(subprocess.run([ZCTRACE, "doctor", "--json"], capture_output=True, check=True).stdout)
if "user" in sys.argv:
    found["user"] = of_user()
shutil.rmtree(folder)
print(json.dumps(found))
