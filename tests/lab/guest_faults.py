"""ZCTRACE: in a guest of the lab, what goes wrong on purpose. Prints one JSON object: name -> what was seen.

The last one locks the kernel down, for good."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ZCTRACE = sys.argv[1]
folder = pathlib.Path(tempfile.mkdtemp())
source = folder / "source"
source.write_bytes(os.urandom(1_000_000))
COPY = ["sh", "-c", 'for i in 1 2 3 4 5 6 7 8 9 10; do cat "$1" >"$1.copy"; sleep 0.1; done', "sh", source]
CGROUP = pathlib.Path("/sys/fs/cgroup/small")
CPU = pathlib.Path("/sys/devices/system/cpu/cpu1/online")
LOCKDOWN = pathlib.Path("/sys/kernel/security/lockdown")


def run(*words, meanwhile=None, wrapper=(), join=None):
    """zctrace exec of the copies: status, words, and what was recorded of them."""
    document = folder / "document.json"
    document.unlink(missing_ok=True)
    command = [*wrapper, ZCTRACE, "exec", "--kernel", "host", "--quiet", "-o", document, *words, "--", *COPY]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=join and (lambda: (CGROUP / "cgroup.procs").write_text(str(os.getpid()))))
    if meanwhile:
        meanwhile()
    out, err = process.communicate()
    return {"status": process.returncode, "out": out, "err": err, **recorded(document)}


def recorded(document):
    if not document.exists():
        return {"document": None}
    data = json.loads(document.read_text())
    flows = [flow for flow in data["ledger"]["flows"]["list"] if flow["from"]["name"] == str(source)]
    return {"document": {"copied": sum(part["bytes"] for flow in flows for part in flow["parts"]),
                         "duration": data["run"]["duration_ns"], "times": [event["t"] for event in data["events"]],
                         "copies": data["run"]["evidence"]["copies"], "mechanism": data["run"]["evidence"]["mechanism"]}}


def off_and_on():
    for _ in range(3):
        for word in ("0", "1"):
            time.sleep(0.3)
            CPU.write_text(word)


def with_memory(limit):
    CGROUP.mkdir(exist_ok=True)
    (CGROUP / "memory.max").write_text(limit)
    return run(join=True)


found = {"network": run(wrapper=["unshare", "--net"]),
         "time": run(wrapper=["unshare", "--time", "--monotonic", "100000", "--boottime", "100000", "--fork"]),
         "processors": run(meanwhile=off_and_on) if CPU.exists() else None}
for controllers in pathlib.Path("/sys/fs/cgroup").glob("cgroup.subtree_control"):
    controllers.write_text("+memory")
found["memory"] = {limit: with_memory(limit) for limit in ("20M", "400M")}
if not LOCKDOWN.exists():
    subprocess.run(["mount", "-t", "securityfs", "none", "/sys/kernel/security"], check=False)
LOCKDOWN.write_text("confidentiality")
found["lockdown"] = run()
found["doctor"] = json.loads(subprocess.run([ZCTRACE, "doctor", "--json"], capture_output=True, check=True).stdout)
print(json.dumps(found))
