"""What the lab tests share: running zctrace, reading its documents, and looking for what it left behind.

A test file is run as `python3 FILE PATH_TO_ZCTRACE` and ends in support.main().
"""

import atexit
import collections
import glob
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

import jsonschema

import tracing

os.environ["PATH"] += ":/usr/sbin:/sbin"  # su without - leaves them out
ZCTRACE = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else sys.exit("usage: FILE PATH_TO_ZCTRACE")
SCHEMA = json.loads((pathlib.Path(__file__).parents[2] / "model/timeline/timeline.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SCRATCH = pathlib.Path(tempfile.mkdtemp(prefix="lab-test-", dir="/var/tmp"))
SCRATCH.chmod(0o755)
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

# Tests run side by side: each has folders of its own, for what is kept, in which only the kernels are everybody's, and
# for what is temporary. So what it leaves behind is its own, and no other's results are taken for its.
USERS_CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "zctrace"
CACHE = SCRATCH / "cache/zctrace"
CACHE.mkdir(parents=True)
for shared in ("kernels", "boot"):  # what is fetched, and what is made of it to boot faster
    (USERS_CACHE / shared).mkdir(parents=True, exist_ok=True)
    (CACHE / shared).symlink_to(USERS_CACHE / shared)
os.environ["XDG_CACHE_HOME"] = str(CACHE.parent)
TEMPORARY = SCRATCH / "temporary"
TEMPORARY.mkdir()
TEMPORARY.chmod(0o1777)
os.environ["TMPDIR"] = str(TEMPORARY)

# In the environment of all that we start, and of all that it starts: how our processes are told from others'.
MARKER = f"ZCTRACE_LAB_TEST={uuid.uuid4()}"

METHODS = ("read_write", "preadv2_writev", "mmap_write", "mmap_populate", "sendfile", "splice", "tee", "direct_io")
SKIPPED = 77
# Seconds that nothing takes, however busy the machine is: a command, a guest. Only what hangs waits for them.
PATIENCE, GUEST_SECONDS = 300, 1200

Result = collections.namedtuple("Result", "status out err")


def main():
    program = unittest.main(verbosity=2, exit=False, module="__main__")
    kill_marked()
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    # A skip in setUpClass is one entry, and none of its tests is run.
    ran = result.testsRun - sum(isinstance(test, unittest.TestCase) for test, _ in result.skipped)
    sys.exit(SKIPPED if result.skipped and ran <= 0 else 0)


# What a test needs.


def need_root():
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root")


def need_lab(version):
    """Skips where there is no QEMU, or the kernel is not here and cannot be fetched."""
    if not shutil.which("qemu-system-x86_64", path=os.environ["PATH"] + ":/usr/sbin:/usr/bin"):
        raise unittest.SkipTest("no qemu-system-x86_64")
    fetched = run("lab", "fetch", version)
    if fetched.status != 0:
        raise unittest.SkipTest(f"kernel {version} cannot be fetched: {fetched.err}")


# Running.


def environment(**changes):
    variables = dict(os.environ, **changes)
    variables[MARKER.split("=")[0]] = MARKER.split("=")[1]
    return variables


def start(*arguments, program=None, env=None, cwd=None, user=None, wrapper=(), **more):
    """In a session of its own, as a terminal starts a command."""
    if user:
        more.update(user=user.pw_uid, group=user.pw_gid, extra_groups=[])
    more.setdefault("stdin", subprocess.DEVNULL)
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([*wrapper, str(program or ZCTRACE), *map(str, arguments)], env=environment(**(env or {})),
                            cwd=cwd or SCRATCH, start_new_session=True, **more)


def wait(process, timeout=GUEST_SECONDS):
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        kill_marked()
        out, err = process.communicate()
        raise AssertionError(f"not through in {timeout} s: {process.args}\n{text(err)}") from None
    return Result(process.returncode, text(out), text(err))


def text(data):
    return (data or b"").decode(errors="replace")


def run(*arguments, timeout=GUEST_SECONDS, **more):
    return wait(start(*arguments, **more), timeout)


def measure(*arguments, timeout=GUEST_SECONDS, **more):
    """The documents of a run that must succeed without a word, by method."""
    result = run("run", *arguments, "--json", timeout=timeout, **more)
    if result.status != 0 or result.err:
        raise AssertionError(f"zctrace run {' '.join(map(str, arguments))}: status {result.status}\n{result.err}")
    return {document["run"]["method"]: document for document in documents(result.out)}


# Told with each mark that there is work: what no command of a test takes is a hang. Then it tells where each program
# waits, and ends the guest.
WATCHED = f"""
watch() {{
  [ -z "$watchman" ] || kill $watchman
  [ "$1" = over ] || {{ watchman_waits & watchman=$!; }}
}}
watchman_waits() {{
  exec >/dev/null
  trap 'kill $!; exit' TERM
  sleep {PATIENCE} 2>/dev/null & wait $!
  {{ echo "nothing for {PATIENCE} s:"
     for task in /proc/[0-9]*/task/[0-9]*; do
       grep -qE '^PPid:[[:space:]]*2$' $task/status && ! grep -q '^State:[[:space:]]*D' $task/status && continue
       grep . $task/comm $task/wchan $task/syscall $task/stack
     done
     cat /proc/net/dev /proc/net/tcp; dmesg | tail -60; }} >&2
  kill -9 $$
}}
"""


# Commands find their hooks loaded, as those of `run --kernel` and `exec --kernel` do.
RUN_LOADED, PROGRAMS_LOADED = ("--loaded", "run"), ("--loaded", "programs")
NIC_GONE = "network card has not come back"


def in_one_guest(kernel, *options, **commands):
    """Commands of zctrace in one guest, one after the other, for tests that ask nothing of the boot: name -> Result.

    There the guest's kernel is the host; `options` are zctrace-in-guest's, such as RUN_LOADED. A command that begins with a
    path is that program's. What a guest that died or hung had left undone is tried once more, and where it hung is said.
    """
    need_lab(kernel)
    found, left = {}, dict(commands)
    for _ in range(2):
        mark = f"--{uuid.uuid4()}"
        script = WATCHED + f"mark() {{ printf \"$1%s $2\\n\" {mark}; printf \"$1%s $2\\n\" {mark} >&2; }}\n"
        for name, words in left.items():
            program = [] if str(words[0]).startswith("/") else [ZCTRACE]
            script += f"watch\nmark '' {name}\n{shlex.join(map(str, [*program, *words]))}\nmark '\\n' $?\n"
        ended = run("--minutes", 10, *options, kernel, "/bin/sh", "-c", script + "watch over\n",
                    program=ZCTRACE.parent / "zctrace-in-guest")
        out, err = (dict(re.findall(rf"^{mark} (\w+)\n(.*?)\n{mark} (?=\d+$)", output, re.DOTALL | re.MULTILINE))
                    for output in (ended.out, ended.err))
        statuses = re.findall(rf"^{mark} (\d+)$", ended.out, re.MULTILINE)
        for (name, said), status in zip(out.items(), statuses, strict=True):
            if NIC_GONE in err[name]:
                break  # all network devices hang, and so will whatever asks for one
            found[name] = Result(int(status), said, err[name])
            del left[name]
        if not left:
            return found
        why = f"the guest ended before {', '.join(left)}, with status {ended.status}\n{ended.err[-10000:]}"
        print(why, file=sys.stderr)
    raise AssertionError(why)


def measured(result):
    """As measure(), of a command `run METHOD... --json` that was run in one guest with others."""
    if result.status != 0 or result.err:
        raise AssertionError(f"status {result.status}\n{result.err}")
    return {data["run"]["method"]: data for data in documents(result.out)}


def until(condition, timeout=PATIENCE, what="it"):
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"timed out after {timeout} s waiting for {what}")
        time.sleep(0.02)
    return value


def without_skips(trace):
    """What `trace` returns, a document last. A kernel that preempts programs skips some by chance: then sums are lower
    bounds, the document says so, and it is traced again."""
    for _ in range(3):
        found = trace()
        notes = found[-1]["run"]["evidence"]["notes"]
        if "note_skipped" not in {note["id"] for note in notes}:
            break
        print(notes, file=sys.stderr)
    return found


# Documents.


def documents(output):
    """One, or one after the other."""
    found, decoder = [], json.JSONDecoder()
    while output:
        data, end = decoder.raw_decode(output)
        if output[end : end + 1] != "\n":
            raise AssertionError(f"text behind a document: {output[end : end + 200]!r}")
        found.append(validated(data))
        output = output[end + 1 :]
    return found


def copies_shown(output, runs):
    """The copies per byte of so many runs, of which the terminal shows a row each."""
    return [re.split(r" {2,}", line.strip())[1] for line in output.splitlines()[-runs:]]


def document(path):
    one = documents(pathlib.Path(path).read_text())
    assert len(one) == 1, f"{len(one)} documents in {path}"
    return one[0]


def validated(data):
    problems = [f"{error.json_path}: {error.message[:200]}"
                for error in VALIDATOR.iter_errors(dict(data, events=different(data["events"])))]
    assert not problems, "the document does not validate:\n" + "\n".join(problems[:10])
    broken = unaccounted(data)
    assert not broken, "bytes that are neither accounted for nor unknown:\n" + "\n".join(map(str, broken[:10]))
    return data


def unaccounted(data):
    """The law of conservation: where copies are known, each byte was copied, passed on, transformed, or moved by a device.
    Dropped are those for /dev/null."""
    if data["run"]["evidence"]["copies"] != "exact":
        return []
    return [(flow["from"]["name"], flow["to"]["name"], part) for flow in data["ledger"].get("flows", {}).get("list", [])
            for part in flow["parts"]
            if part["copies_known"] and flow["to"]["name"] != "/dev/null"
            and sum(part.get(name, 0) for name in ("cpu_bytes", "reference_bytes", "transform_bytes", "disk_bytes",
                                                   "written_bytes")) < part["bytes"]]


def different(events):
    """One event of each form: the schema tells numbers apart by type and sign only, and there may be 100,000s."""

    def form(value):
        if isinstance(value, dict):
            return tuple((key, form(item)) for key, item in value.items())
        if isinstance(value, list):
            return tuple(form(item) for item in value)
        return value if isinstance(value, str) else (type(value), isinstance(value, (int, float)) and value < 0)

    return list({form(event): event for event in events}.values())


def copies(data, **wanted):
    """Rows of the ledger; _from for "from"."""
    wanted = {key.lstrip("_"): value for key, value in wanted.items()}
    return [row for row in data["ledger"]["copies"] if all(row[key] == value for key, value in wanted.items())]


def sent_again(data):
    """What TCP sent more than once, on a busy machine, per byte of payload: the device layer copies it each time."""
    ledger = data["ledger"]
    return (ledger["transmit"]["payload_bytes"] - ledger["received_bytes"]) / ledger["payload_bytes"]


def moved(data, **wanted):
    return sum(row["bytes"] for row in copies(data, **wanted))


def is_watched(copy, row):
    """Is it what the breakpoints of this row of the cross-check saw? On its edge the socket-buffer layer may copy too."""
    return (all(copy[key] == row[key] for key in ("side", "from", "to"))
            and copy["function"] in row["by_breakpoint"].split(", "))


def timeline_copies(data):
    """(side, function, from, to, by) -> [calls, bytes], from the events."""
    sums = collections.defaultdict(lambda: [0, 0])
    for event in data["events"]:
        for copy in [event] if event["kind"] == "copy" else event.get("copies", []):
            row = sums[event["side"], copy["function"], copy["from"], copy["to"], copy["by"]]
            row[0] += copy["calls"]
            row[1] += copy["bytes"]
    return dict(sums)


class DocumentTest(unittest.TestCase):
    """What holds for every document of a transfer that went well."""

    def check_whole(self, data):
        facts, ledger = data["run"], data["ledger"]
        self.assertTrue(facts["complete"])
        # A host's kernel may hide what happens in one of its own tasks: who comes after it on its CPU, and the
        # interrupts of disks that it is interrupted by. A lab's hides nothing.
        lost = facts["lost"]
        self.assertLessEqual(set(lost["by_kind"]), {"off_cpu", "disk"} if facts["kernel"]["where"] == "host" else set())
        self.assertEqual(lost["events"], sum(lost["by_kind"].values()))
        self.assertEqual(ledger["payload_bytes"], facts["size"])
        self.assertEqual(ledger["received_bytes"], facts["size"] * facts["sinks"])
        self.assertNotIn("silent", [hook["state"] for hook in facts["evidence"]["hooks"]])
        self.assertLessEqual({hook["state"] for hook in facts["evidence"]["hooks"]}, {"fired", "unprovoked", "missing"})
        switches = ledger["mode_switches"]
        self.assertEqual(switches["syscall"], 2 * sum(ledger["syscalls"].values()))
        self.assertEqual(switches["fault"], 2 * ledger["page_faults"]["user"])
        self.assertEqual(switches["total"], switches["syscall"] + switches["fault"])
        chunks = -(-facts["size"] // facts["chunk"])
        self.assertAlmostEqual(ledger["mode_switches_per_chunk"], switches["total"] / chunks)
        self.check_disk_and_card(data)
        self.check_timeline(data)

    def told(self, data, device):
        """Whether the kernel told of all that passed the device: a lab's must, a host's may hide some and is doubted."""
        evidence, where = data["run"]["evidence"], data["run"]["kernel"]["where"]
        if where == "host" and evidence[device] == "inferred":
            self.assertTrue(any(note["id"] in ("note_disk_told", "note_nic_told") for note in evidence["notes"]))
            return False
        self.assertEqual(evidence[device], "exact")
        return True

    def check_disk_and_card(self, data):
        facts, ledger = data["run"], data["ledger"]
        past_the_cache = facts["method"] in ("direct_io", "uring_direct")
        if facts["cache"] == "warm" and past_the_cache:
            self.assertEqual((ledger["dma"]["disk_bytes"] > 0, facts["source"]["resident_bytes"]), (True, facts["size"]))
        elif facts["cache"] == "warm":
            self.assertEqual((ledger["dma"]["disk_bytes"], facts["source"]["resident_bytes"]), (0, facts["size"]))
        elif facts["source"]["dma"]:
            # The file's own bytes: its last block comes whole, with others.
            self.assertLessEqual(ledger["dma"]["disk_bytes"], facts["size"])
            if self.told(data, "disk"):
                self.assertEqual(ledger["dma"]["disk_bytes"], facts["size"])
            self.assertEqual(facts["source"]["resident_bytes"], 0)
        self.assertEqual(moved(data, _from="disk"), ledger["dma"]["disk_bytes"])
        if facts["path"]["kind"] in ("file", "pipe"):
            self.assertEqual(ledger["transmit"]["packets"], 0)
        elif self.told(data, "nic"):
            self.assertGreaterEqual(ledger["transmit"]["payload_bytes"], facts["size"] * facts["sinks"])
        if facts["path"]["dma"]:
            self.assertEqual(ledger["dma"]["nic_bytes"], ledger["transmit"]["payload_bytes"])
            self.assertEqual(moved(data, to="nic", by="dma"), ledger["dma"]["nic_bytes"])
        else:
            self.assertEqual(ledger["dma"]["nic_bytes"], 0)

    def check_cpu_time(self, data):
        """From its gate to its end the sender's thread is on a CPU or off it."""
        times = [data["ledger"]["cpu_time_ns"]]
        if data["run"]["path"]["kind"] != "file":  # which nobody reads
            times.append(data["ledger"]["receiver"]["cpu_time_ns"])
        if None in times:
            self.assertEqual(data["run"]["kernel"]["where"], "host")
            self.assertTrue(any(note["id"] == "note_returns_unseen" for note in data["run"]["evidence"]["notes"]))
            return
        at = {event["name"]: event["t"] for event in data["events"] if event["kind"] == "mark"}
        # A JVM has threads beside the one that moves the bytes.
        sender = next(event["task"] for event in data["events"] if event.get("name") == "transfer begins")
        away = [event["dur"] for event in data["events"] if event["kind"] == "off_cpu" and event["task"] == sender]
        span = at["transfer ends"] - at["transfer begins"]
        if data["run"]["method"].startswith("uring"):  # its workers have times of their own
            self.assertGreaterEqual(data["ledger"]["cpu_time_ns"] + sum(away), span)
        else:
            self.assertEqual(data["ledger"]["cpu_time_ns"] + sum(away), span)
        self.assertGreater(min(times), 0)

    def check_timeline(self, data):
        """Where nothing was lost, the single events add up to the sums."""
        ledger, events = data["ledger"], data["events"]
        for side, expected in (("sender", ledger), ("receiver", ledger["receiver"])):
            names = [event["name"] for event in events if event["kind"] == "syscall" and event["side"] == side]
            self.assertEqual(collections.Counter(names), expected["syscalls"], side)
        sums = collections.defaultdict(lambda: [0, 0])
        for row in ledger["copies"]:
            if row["by"] != "dma" and row["to"] != "nic":  # those are disk requests and packets, see below
                total = sums[row["side"], row["function"], row["from"], row["to"], row["by"]]
                total[0] += row["calls"]
                total[1] += row["bytes"]
        if data["run"]["evidence"]["copies"] == "exact":
            self.assertEqual(timeline_copies(data), dict(sums))
        if "disk" not in data["run"]["lost"]["by_kind"]:
            self.assertEqual(sum(e["payload"] for e in events if e["kind"] == "disk"), ledger["dma"]["disk_bytes"])
        self.assertEqual(sum(e["linear"] + e["paged"] for e in events if e["kind"] == "transmit"),
                         ledger["transmit"]["payload_bytes"])
        self.check_cpu_time(data)
        times = [event["t"] for event in events]
        self.assertEqual(times, sorted(times))

    def check_exact(self, data):
        """Two mechanisms counted the same bytes, and the figure is theirs."""
        self.check_whole(data)
        facts, ledger = data["run"], data["ledger"]
        evidence = facts["evidence"]
        self.assertEqual(evidence["copies"], "exact", evidence["notes"])
        self.assertEqual(evidence["receiver_copies"], "exact")
        self.assertEqual(evidence["mechanism"], "breakpoints")
        self.assertFalse(evidence["copies_unknown"])
        for row in evidence["cross_check"]:
            self.assertTrue(row["agree"], row)
            self.assertEqual(row["breakpoint_bytes"], row["ftrace_bytes"], row)
            self.assertTrue(row["by_breakpoint"] and row["by_ftrace"], row)
            self.assertNotEqual(row["by_breakpoint"], row["by_ftrace"])
            edge = dict(side=row["side"], by="cpu", _from=row["from"], to=row["to"])
            self.assertEqual(sum(copy["bytes"] for copy in copies(data, **edge) if is_watched(copy, row)),
                             row["breakpoint_bytes"], row)
        for side, figure, total in (("sender", ledger["cpu_copies_per_byte"], ledger["payload_bytes"]),
                                    ("receiver", ledger["receiver"]["cpu_copies_per_byte"], ledger["received_bytes"])):
            twice_counted = sum(row["ftrace_bytes"] for row in evidence["cross_check"] if row["side"] == side)
            between = copies(data, side=side, by="cpu", _from="socket buffer", to="socket buffer")
            buffers = sum(copy["bytes"] for copy in between
                          if not any(is_watched(copy, row) for row in evidence["cross_check"]))
            self.assertEqual(moved(data, side=side, by="cpu"), twice_counted + buffers, side)
            if side == "receiver" and facts["path"]["kind"] == "file":
                self.assertIsNone(figure)
                continue
            self.assertAlmostEqual(figure, (twice_counted + buffers) / total, places=9, msg=side)

    def check_copies_per_byte(self, data, expected, tolerance=0.01):
        """The driver makes the headers of tiny packets linear, payload and all: some hundred bytes."""
        figure = data["ledger"]["cpu_copies_per_byte"]
        self.assertGreaterEqual(figure, expected)
        self.assertLess(figure, expected + tolerance)

    def check_error(self, result, status, *words):
        """One line that names what is wrong, at most one hint, and nothing else."""
        self.assertEqual(result.status, status, result)
        self.assertEqual(result.out, "")
        lines = result.err.splitlines()
        self.assertTrue(lines and lines[0].startswith("zctrace: "), result)
        self.assertLessEqual(len(lines), 2, result)
        self.assertTrue(len(lines) == 1 or lines[1].startswith("  hint: "), result)
        self.assertGreater(len(lines[0]), len("zctrace: ") + 10, result)
        for word in words:
            self.assertIn(word, result.err)


# What zctrace could leave behind.


def until_it_traces(process):
    until(lambda: process.poll() is not None or tracing.is_tracing(process.pid), what="its hooks")


def marked_processes():
    """Processes that our runs started, whoever their parent is by now: pid -> command line."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if MARKER.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = text((folder / "cmdline").read_bytes()).replace("\0", " ").strip()
        except OSError:
            pass  # gone, or another user's
    return found


@atexit.register
def kill_marked():
    for pid in marked_processes():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def bpf_objects():
    """Ids of loaded programs and links that no process of others holds."""
    if os.geteuid() != 0 or not shutil.which("bpftool"):
        return set()
    shown = set()
    for kind in ("prog", "link"):
        output = subprocess.run(["bpftool", "-j", kind, "show"], capture_output=True, check=False).stdout
        shown |= {f"{kind}_id {item['id']}" for item in json.loads(output or "[]")}
    ours, others = marked_processes(), set()
    for info in map(pathlib.Path, glob.glob("/proc/[0-9]*/fdinfo/*")):  # pathlib's stumbles over processes that end
        try:
            if int(info.parts[2]) not in ours:
                others |= {line.replace(":\t", " ") for line in info.read_text().splitlines()
                           if line.startswith(("prog_id", "link_id"))}
        except OSError:
            pass
    return shown - others


def leftovers():
    """All that is there now and might be zctrace's: a set of words to compare."""
    found = {f"process {pid}: {command[:150]}" for pid, command in marked_processes().items()}
    found |= {f"bpf {name}" for name in bpf_objects()}
    found |= {f"link {name}" for name in os.listdir("/sys/class/net")}
    mounts = {line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()}
    # A named network namespace is one, too. What another test mounts in its folder is its own affair.
    found |= {f"mount {place}" for place in mounts if "/lab-test-" not in place or place.startswith(f"{SCRATCH}/")}
    # Elsewhere than in our own folder for such files others may have theirs; these names only zctrace gives.
    found |= {f"file {path}" for path in TEMPORARY.iterdir()}
    found |= {f"file {folder}/{name}" for folder in ("/tmp", "/var/tmp") for name in os.listdir(folder)
              if re.fullmatch(r"zctrace-(disk-)?[A-Za-z0-9]{6}", name)}
    for pattern in ("*", "*/*", "*/*/*"):
        for path in CACHE.glob(pattern):
            # What is kept to boot faster is meant to stay.
            kept = {"boot", "claims"} & set(path.relative_to(CACHE).parts)
            if not kept and path.suffix not in (".cpio", ".vmlinux", ".state", ".lock") and path.name != "lock":
                found.add(f"file {path}")
    return found


def check_nothing_left(before, patience=60):
    """In the end: the kernel frees namespaces and programs a little after their last holder."""
    deadline = time.monotonic() + patience
    while left := leftovers() - before:
        if time.monotonic() > deadline:
            kill_marked()
            raise AssertionError("left behind:\n" + "\n".join(sorted(left)))
        time.sleep(0.2)


class CleanTest(DocumentTest):
    """Each test must leave nothing behind."""

    def setUp(self):
        super().setUp()
        self.before = leftovers()
        self.addCleanup(check_nothing_left, self.before)
