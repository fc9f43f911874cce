"""Long and wide: ten thousand flows, a thousand connections, 500 child processes in one guest. What zctrace sums is what
the servers' own logs say, to the byte; its memory does not grow with time.

Half a minute; ZCTRACE_SOAK_MINUTES=60 for an hour under a load that leaves most of a processor free.
"""

import collections
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import unittest

import lab_support as support

HERE = pathlib.Path(__file__).parent
MINUTES = float(os.environ.get("ZCTRACE_SOAK_MINUTES", "0"))
LONG = MINUTES > 0
SECONDS, RATE = (60 * MINUTES, 40) if LONG else (6, 0)  # requests a second; 0: as fast as they are answered
MIB = 1024  # KiB
FULL = ("note_unfollowed", "note_sockets_lost", "note_names_lost", "note_ranges_lost", "note_writers_lost",
        "note_untracked", "note_unledgered")
WAYS = {"read_and_write": "read_write", "sendfile": "sendfile", "splice": "splice", "copy_file_range": "copy_file_range"}


def nginx():
    for path in (support.ZCTRACE.parent / "programs/nginx/usr/sbin/nginx", pathlib.Path("/usr/sbin/nginx")):
        if path.exists():
            return path
    raise unittest.SkipTest("no nginx")


def kind(end):
    """TCP's sockets apart from nginx's own to its workers."""
    return "unix" if end["name"].startswith("unix") else end["kind"]


def without_names(flow):
    def form(value):
        if isinstance(value, dict):
            return tuple((key, form(item)) for key, item in value.items())
        return tuple(map(form, value)) if isinstance(value, list) else type(value)

    return form(flow)


class SoakTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.need_lab("6.12")
        command = [support.ZCTRACE.parent / "zctrace-in-guest", "--minutes", int(MINUTES) + 25, *support.PROGRAMS_LOADED, "6.12", sys.executable,
                   HERE / "soak_in_guest.py", support.ZCTRACE, nginx(), SECONDS, RATE]
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=False, cwd=support.SCRATCH,
                              env=support.environment())
        if done.returncode:
            raise AssertionError(f"the guest's status is {done.returncode}")
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            tar.extractall(os.environ.get("ZCTRACE_SOAK_RESULTS", support.SCRATCH))
        cls.folder = pathlib.Path(os.environ.get("ZCTRACE_SOAK_RESULTS", support.SCRATCH))
        cls.facts = json.loads((cls.folder / "facts.json").read_text())
        cls.path = cls.folder / "soak.json"
        cls.data = json.loads(cls.path.read_text())
        cls.flows = cls.data["ledger"]["flows"]
        cls.sent = [(uri, *map(int, numbers)) for uri, *numbers in
                    (line.split() for line in (cls.folder / "access.log").read_text().splitlines())]
        cls.copied = [(way, int(size)) for way, size in
                      (line.split() for line in (cls.folder / "children.log").read_text().splitlines())]

    def sums(self, key):
        """Bytes by what `key` makes of each flow's part."""
        found = collections.Counter()
        for flow in self.flows["list"]:
            for part in flow["parts"]:
                found[key(flow, part)] += part["bytes"]
        return found

    def test_all_was_served(self):
        self.assertEqual(self.facts["status"], 0)
        self.assertEqual(len(self.sent), self.facts["answered"])
        self.assertGreaterEqual(len({uri for uri, *_ in self.sent}), 10_000)
        self.assertGreaterEqual(int((self.folder / "children.count").read_text()), 500)
        self.assertGreaterEqual(len(self.copied), 500)

    def test_sums_are_those_of_the_servers_logs(self):
        between = self.sums(lambda flow, part: (kind(flow["from"]), kind(flow["to"])))
        self.assertEqual(between["file", "socket"], sum(body for _, body, _, _ in self.sent))
        self.assertEqual(sum(moved for ends, moved in between.items() if ends[1] == "socket"),
                         sum(whole for _, _, whole, _ in self.sent))
        self.assertEqual(sum(moved for ends, moved in between.items() if ends[0] == "socket"),
                         sum(asked for *_, asked in self.sent))

    def test_each_way_of_copying(self):
        logged = collections.Counter()
        for way, size in self.copied:
            logged[WAYS[way]] += size
        found = self.sums(lambda flow, part: (kind(flow["from"]), kind(flow["to"]), part["method"]))
        self.assertEqual({method: found["file", "file", method] for method in logged}, dict(logged))
        served = collections.Counter()
        for uri, body, *_ in self.sent:
            served["sendfile" if uri.startswith("/sent/") else "read_write"] += body
        self.assertEqual({method: found["file", "socket", method] for method in served}, dict(served))

    def test_each_file(self):
        """Of a flow that was folded with others the name is gone."""
        logged = collections.Counter()
        for uri, body, *_ in self.sent:
            logged[uri.rsplit("/", 1)[1]] += body
        found = self.sums(lambda flow, part: flow["to"]["kind"] == "socket" and flow["from"]["name"].rsplit("/", 1)[-1])
        for name, bytes_ in logged.items():
            if LONG:
                self.assertLessEqual(found[name], bytes_, name)
            else:
                self.assertEqual(found[name], bytes_, name)

    def test_nothing_is_lost_unsaid(self):
        facts = self.data["run"]
        self.assertEqual(facts["lost"]["events"], 0)
        self.assertEqual(self.flows["dropped"], {"calls": 0, "bytes": 0})
        self.assertEqual(facts["evidence"]["copies"], "exact", facts["evidence"]["notes"])
        self.assertEqual([note for note in facts["evidence"]["notes"] if note["id"] in FULL], [])
        self.assertGreaterEqual(len(self.flows["list"]) + self.flows["merged"], 10_000)
        if LONG:
            self.assertGreater(self.flows["merged"], 0)
        else:
            self.assertEqual(self.flows["merged"], 0)
            nameless = [flow for flow in self.flows["list"] for end in (flow["from"], flow["to"])
                        if end["kind"] in ("file", "socket") and not end["name"]]
            self.assertEqual(nameless, [])

    def test_the_document_is_bounded_and_valid(self):
        self.assertLess(self.path.stat().st_size, 32 << 20)
        self.assertLessEqual(len(self.flows["list"]), 20_000)
        one_each = list({without_names(flow): flow for flow in self.flows["list"]}.values())
        support.validated(dict(self.data, ledger=dict(self.data["ledger"], flows=dict(self.flows, list=one_each))))
        self.assertEqual(support.unaccounted(self.data), [])
        shown = support.run("show", self.path)
        self.assertEqual((shown.status, shown.err), (0, ""))
        self.assertLess(len(shown.out.splitlines()), 180)
        if LONG:
            self.assertIn("more flows, counted under unnamed ends", shown.out)

    def test_memory_is_flat(self):
        """After a warm-up: the first round of all flows, and in a long run the table's first foldings."""
        samples = self.facts["samples"]
        self.assertEqual({sample["maps_kib"] for sample in samples}, {samples[0]["maps_kib"]})
        warm = [sample for sample in samples if sample["requests"] >= 10_000]
        if LONG:
            half = len(warm) // 2
            early, late = (max(sample["rss_kib"] for sample in part) for part in (warm[:half], warm[half:]))
        else:  # sums are taken a second or two after the calls
            early, late = (warm[at]["rss_kib"] for at in (min(2, len(warm) - 1), -1))
        self.assertLess(late, early + MIB, warm)
        self.assertLess(late, 256 * MIB)


if __name__ == "__main__":
    support.main()
