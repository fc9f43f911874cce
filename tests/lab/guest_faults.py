"""ZCTRACE: in a guest of the lab, what goes wrong on purpose. Prints one JSON object: name -> what was seen.

The last one locks the kernel down, for good."""

import ctypes
import errno
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

ZCTRACE = sys.argv[1]
folder = pathlib.Path(tempfile.mkdtemp())
source = folder / "source"
source.write_bytes(os.urandom(1_000_000))
COPIED = folder / "source.copy"
COPY = ["sh", "-c", 'for i in 1 2 3 4 5 6 7 8 9 10; do cat "$1" >"$1.copy"; sleep 0.1; done', "sh", source]
# In pages of 2 MiB, which are quicker to come by; MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE.
EATS = ["sh", "-c", 'cat "$1" >"$1.copy"; exec "$2" -S -c "$3"', "sh", source, sys.executable, """if True:
    import mmap
    space = mmap.mmap(-1, 1 << 36, flags=0x4022)
    space.madvise(mmap.MADV_HUGEPAGE)
    for at in range(0, 1 << 36, 4096):
        space[at] = 1"""]
CGROUP = pathlib.Path("/sys/fs/cgroup/small")
CPU = pathlib.Path("/sys/devices/system/cpu/cpu1/online")
LOCKDOWN = pathlib.Path("/sys/kernel/security/lockdown")


def run(*words, meanwhile=None, wrapper=(), join=None, traced=COPY):
    """zctrace exec of the copies: status, words, and what was recorded of them."""
    document = folder / "document.json"
    document.unlink(missing_ok=True)
    COPIED.unlink(missing_ok=True)
    command = [*wrapper, ZCTRACE, "exec", "--kernel", "host", "--quiet", "-o", document, *words, "--", *traced]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=join and (lambda: (CGROUP / "cgroup.procs").write_text(str(os.getpid()))))
    if meanwhile:
        while process.poll() is None and not COPIED.exists():
            time.sleep(0.02)
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


def modules():
    for _ in range(3):
        for command in (["modprobe", "dummy"], ["rmmod", "dummy"]):
            subprocess.run(command, check=True)


def suspend():
    """All tasks are frozen for a second, as for a suspend; the devices are not, for the host's wires do not come back."""
    pathlib.Path("/sys/module/suspend/parameters/pm_test_delay").write_text("1")
    pathlib.Path("/sys/power/pm_test").write_text("freezer")
    pathlib.Path("/sys/power/state").write_text("freeze")


def refusing(number):
    """A security module that refuses bpf(2) with this error, while the descriptor that is returned is open."""
    libbpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
    lsm, mac = 29, 27  # BPF_PROG_TYPE_LSM, BPF_LSM_MAC
    options = struct.pack("<Qi6I4x", 40, 0, mac, 0, 0, 0, 0, libbpf.libbpf_find_vmlinux_btf_id(b"bpf", mac))
    program = struct.pack("<BBhiBBhi", 0xB7, 0, 0, -number, 0x95, 0, 0, 0)  # r0 = -number; exit
    loaded = libbpf.bpf_prog_load(lsm, b"refuses", b"GPL", program, ctypes.c_size_t(2), options)
    attached = libbpf.bpf_raw_tracepoint_open(None, loaded)
    if attached < 0:
        raise OSError(-attached, "the security module")
    os.close(loaded)
    return attached


def refused(number):
    module = refusing(number)
    try:
        return run()
    finally:
        os.close(module)


def with_memory(limit):
    CGROUP.mkdir(exist_ok=True)
    (CGROUP / "memory.max").write_text(limit)
    return run(join=True)


def upheaval():
    modules()
    suspend()
    off_and_on()


def suspends():
    return int(pathlib.Path("/sys/power/suspend_stats/success").read_text())


found = {"network": run(wrapper=["unshare", "--net"]),
         "time": run(wrapper=["unshare", "--time", "--monotonic", "100000", "--boottime", "100000", "--fork"]),
         "upheaval": {**run(meanwhile=upheaval), "suspends": suspends()},
         "no_memory": run(traced=EATS),
         "security": refused(errno.EPERM)}
for controllers in pathlib.Path("/sys/fs/cgroup").glob("cgroup.subtree_control"):
    controllers.write_text("+memory")
found["memory"] = {limit: with_memory(limit) for limit in ("8M", "400M")}
if not LOCKDOWN.exists():
    subprocess.run(["mount", "-t", "securityfs", "none", "/sys/kernel/security"], check=False)
LOCKDOWN.write_text("confidentiality")
found["lockdown"] = run()
found["doctor"] = json.loads(subprocess.run([ZCTRACE, "doctor", "--json"], capture_output=True, check=True).stdout)
print(json.dumps(found))
