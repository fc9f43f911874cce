"""`zctrace export --format perfetto` and `chrome`, read back with Perfetto's trace processor: what a user asks of a
trace there is what the recording holds."""

import collections
import decimal
import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "lab"))

import lab_support as support  # noqa: E402
import recordings  # noqa: E402
from trace_processor import TraceProcessor, need_trace_processor  # noqa: E402

ONE_BYTE = HERE / "one_byte.json"  # a real one, from the lab: read + write of one byte


def export(source, name, form):
    target = support.SCRATCH / f"{name}.{form}"
    result = support.run("export", *([source] if isinstance(source, pathlib.Path) else source), "--format", form, "-o",
                         target)
    if (result.status, result.out, result.err) != (0, "", ""):
        raise AssertionError(result)
    return target


def side_of(ledger, side):
    return ledger if side == "sender" else ledger["receiver"]


class Traces:
    """For each of the formats; `arg` says how a detail is found in it."""

    form = prefix = None

    def setUp(self):
        need_trace_processor()

    def arg(self, name, table="slice"):
        return f"extract_arg({table}.arg_set_id, '{self.prefix}.{name}')"

    def read(self, source, name):
        return TraceProcessor(export(source, name, self.form))

    def made(self, recording, name):
        path = support.SCRATCH / f"{name}.json"
        data = recording.write(path)
        return self.read(path, name), data

    def pids(self, trace):
        """Of the processes, by the last word of their name."""
        return {name.split(": ")[-1]: pid
                for pid, name in trace.rows("SELECT pid, name FROM process WHERE name LIKE '%: %'")}

    def check_run(self, trace, data, run=1):
        """The trace holds the run, and no other figures than its own. `run`: which of the file's."""
        pid = {"sender": 10 * run + 1, "receiver": 10 * run + 2, "kernel": 10 * run + 3}
        ledger, events = data["ledger"], data["events"]
        whole = data["run"]["lost"]["events"] == 0
        for side in ("sender", "receiver"):
            calls = dict(trace.rows(f"""
                SELECT slice.name, count(*) FROM slice JOIN thread_track ON track_id = thread_track.id
                JOIN thread USING (utid) JOIN process USING (upid)
                WHERE category = 'syscall' AND pid = {pid[side]} GROUP BY 1"""))
            expected = collections.Counter(e["name"] for e in events if e["kind"] == "syscall" and e["side"] == side)
            self.assertEqual(calls, dict(expected))
            if whole:
                self.assertEqual(calls, side_of(ledger, side)["syscalls"])
        self.check_copies(trace, data, pid, whole)
        self.check_counters(trace, data, pid, whole)
        for kind, column in (("disk", "op"), ("softirq", "vector"), ("off_cpu", "reason"), ("mark", "name")):
            expected = collections.Counter((e[column], e.get("dur", 0)) for e in events if e["kind"] == kind)
            found = {(name, dur): count for name, dur, count in trace.rows(f"""
                SELECT slice.name, dur, count(*) FROM slice WHERE category = '{kind}'
                AND track_id IN ({self.tracks(pid.values())}) GROUP BY 1, 2""")}
            self.assertEqual(found, dict(expected), kind)

    def tracks(self, pids):
        """Every track of these processes."""
        found = ", ".join(map(str, pids))
        return f"""SELECT thread_track.id FROM thread_track JOIN thread USING (utid) JOIN process USING (upid)
                   WHERE pid IN ({found})
                   UNION SELECT process_track.id FROM process_track JOIN process USING (upid) WHERE pid IN ({found})"""

    def check_copies(self, trace, data, pid, whole):
        ledger, evidence = data["ledger"], data["run"]["evidence"]
        wanted = collections.defaultdict(lambda: [0, 0])
        for row in ledger["copies"]:
            exact = evidence["copies" if row["side"] == "sender" else "receiver_copies"] == "exact"
            if row["by"] != "dma" and row["to"] != "nic" and exact:
                key = tuple(row[part] for part in ("side", "from", "to", "by", "context"))
                wanted[key][0] += row["bytes"]
                wanted[key][1] += row["calls"]
        parts = ", ".join(self.arg(part) for part in ("for", "from", "to", "by", "context"))
        found = {tuple(row[:5]): list(row[5:]) for row in trace.rows(f"""
            SELECT {parts}, sum({self.arg('bytes')}), sum({self.arg('calls')}) FROM slice
            WHERE category = 'copy' AND {self.arg('evidence')} = 'exact'
            AND track_id IN ({self.tracks(pid.values())}) GROUP BY 1, 2, 3, 4, 5""")}
        if whole:
            self.assertEqual(found, dict(wanted))
        # In its call, with one arrow from there and none from elsewhere; those of softirqs have no call.
        self.assertEqual(trace.rows(f"""
            SELECT slice.ts, slice.name, parent.name FROM slice LEFT JOIN slice parent ON slice.parent_id = parent.id
            WHERE slice.category = 'copy' AND {self.arg('context')} = 'syscall' AND (parent.category IS NOT 'syscall'
            OR slice.ts < parent.ts OR slice.ts + slice.dur > parent.ts + parent.dur
            OR (SELECT count(*) FROM flow WHERE slice_in = slice.id) <> 1
            OR (SELECT slice_out FROM flow WHERE slice_in = slice.id) <> parent.id)"""), [])
        self.assertEqual(trace.rows(f"""
            SELECT slice.name FROM flow JOIN slice ON slice_in = slice.id
            WHERE slice.category <> 'copy' OR {self.arg('context')} <> 'syscall'"""), [])

    def check_counters(self, trace, data, pid, whole):
        ledger, evidence = data["ledger"], data["run"]["evidence"]
        last = {}
        for process, name, number in trace.rows("""
                SELECT pid, counter_track.name, cast(value AS int) FROM counter
                JOIN process_counter_track counter_track ON track_id = counter_track.id JOIN process USING (upid)
                ORDER BY ts, counter.id"""):
            self.assertGreaterEqual(number, last.get((process, name), 0), "sums never fall")
            last[process, name.removesuffix(" bytes")] = number
        wanted = {(pid["kernel"], "payload read from disk"): (evidence["disk"], ledger["dma"]["disk_bytes"]),
                  (pid["kernel"], "payload handed to device"): (evidence["nic"], ledger["transmit"]["payload_bytes"])}
        for side, level in (("sender", "copies"), ("receiver", "receiver_copies")):
            copied = sum(r["bytes"] for r in ledger["copies"] if r["by"] == "cpu" and r["side"] == side)
            wanted[pid[side], "bytes copied by CPU"] = (evidence[level], copied)
        for (process, name), (level, total) in wanted.items():
            if level == "exact" and not (evidence["copies_unknown"] and name == "bytes copied by CPU"):
                self.assertIn((process, name), last)
                if whole:
                    self.assertEqual(last[process, name], total, name)
            if level == "none":
                self.assertNotIn((process, name), last)

    def test_a_real_recording(self):
        trace = self.read(ONE_BYTE, "one-byte")
        self.check_run(trace, json.loads(ONE_BYTE.read_text()))
        # The byte's way through the CPU's hands, in the order in which it went.
        self.assertEqual([name for name, in trace.rows("SELECT name FROM slice WHERE category = 'copy' ORDER BY ts")], [
            "cpu copy, page cache to user buffer", "cpu copy, user buffer to socket buffer",
            "cpu copy, socket buffer to socket buffer", "cpu copy, socket buffer to user buffer"])

    def test_a_call_and_what_happened_in_it(self):
        trace, data = self.made(recordings.read_write(), "read-write")
        self.check_run(trace, data)
        inside = trace.rows(f"""
            SELECT slice.ts, slice.name, {self.arg('bytes')}, {self.arg('calls')}, {self.arg('function')},
            {self.arg('via')} FROM slice JOIN slice parent ON slice.parent_id = parent.id
            WHERE parent.ts = 46000 AND parent.dur = 30000 AND {self.arg('result', 'parent')} = 65536 ORDER BY slice.ts""")
        again = "cpu copy, socket buffer to socket buffer"
        self.assertEqual(inside, [
            (51_000, "cpu copy, user buffer to socket buffer", 65536, 16, "_copy_from_iter", None),
            (55_000, again, 100, 2, "skb_copy_bits", None),
            (57_000, again, 300, 3, "skb_copy_bits", "skb_segment")])

    def test_a_copy_in_a_softirq_has_no_call(self):
        trace, _ = self.made(recordings.read_write(), "softirq")
        self.assertEqual(set(trace.rows(f"""
            SELECT parent.category, parent.name, {self.arg('for')} FROM slice
            JOIN slice parent ON slice.parent_id = parent.id
            WHERE slice.category = 'copy' AND {self.arg('context')} = 'softirq'""")), {("softirq", "NET_RX", "sender")})

    def test_overlapping_requests(self):
        """Each stays whole, on as many tracks as there are requests under way at once."""
        trace, data = self.made(recordings.sendfile(), "sendfile")
        self.check_run(trace, data)
        tracks = trace.rows("SELECT track_id, max(depth), count(*) FROM slice WHERE category = 'disk' GROUP BY 1")
        self.assertEqual(([depth for _, depth, _ in tracks], sum(count for *_, count in tracks)), ([0] * 6, 12))

    def test_the_run_is_described(self):
        trace, data = self.made(recordings.sendfile(scatter_gather=False), "described")
        details = ("verdict", "method", "kernel", "evidence_copies", "lost_events", "payload_bytes", "complete")
        found = trace.rows(f"SELECT name, ts, dur, {', '.join(map(self.arg, details))} FROM slice "
                           "WHERE category = 'run'")
        self.assertEqual(len(found), 1)
        name, ts, dur, verdict, *rest = found[0]
        self.assertEqual((name, ts, dur), ("sendfile, scatter-gather off", 0, 1_000_000))
        self.assertTrue(verdict.startswith("0.00 CPU copies per byte"), verdict)
        self.assertEqual([str(each) for each in rest[:5]], ["sendfile", "6.12.107", "exact", "0", "262144"])

    def test_several_runs(self):
        """Side by side, although their tasks have the same numbers."""
        paths = [support.SCRATCH / f"{name}.json" for name in ("first", "second")]
        data = [recordings.read_write().write(paths[0]), recordings.sendfile(release="5.10.0").write(paths[1])]
        trace = self.read(paths, "two-files")
        self.assertEqual(len(self.pids(trace)), 3)
        for run in (1, 2):
            self.check_run(trace, data[run - 1], run)
        both = support.SCRATCH / "both.json"
        both.write_text(paths[0].read_text() + paths[1].read_text())
        again = TraceProcessor(export(both, "one-file", self.form))
        count = "SELECT category, name, count(*), sum(ts), sum(dur) FROM slice GROUP BY 1, 2"
        self.assertEqual(again.rows(count), trace.rows(count))

    def test_what_was_not_counted_looks_it(self):
        made = recordings.read_write()
        made.run["evidence"].update(copies="inferred", disk="none", mechanism="syscalls")
        trace, _ = self.made(made, "inferred")
        names = dict(trace.rows(f"""
            SELECT slice.name, {self.arg('evidence')} FROM slice WHERE category = 'copy' GROUP BY 1"""))
        self.assertEqual(names["~cpu copy, page cache to user buffer"], "inferred")
        self.assertEqual(names["cpu copy, socket buffer to user buffer"], "exact")
        counters = {name for name, in trace.rows("SELECT DISTINCT name FROM counter_track")}
        self.assertTrue(any("copied by CPU (inferred)" in name for name in counters), counters)
        self.assertFalse(any("disk" in name for name in counters), counters)

    def test_copies_that_may_have_gone_unseen_have_no_sum(self):
        made = recordings.sendfile()
        made.run["evidence"].update(copies="inferred", copies_unknown=True)
        trace, _ = self.made(made, "unseen")
        sums = trace.rows("""SELECT pid FROM process_counter_track JOIN process USING (upid)
                             WHERE process_counter_track.name LIKE 'bytes copied%'""")
        self.assertEqual(sums, [(12,)])

    def test_losses_are_said(self):
        made = recordings.read_write()
        made.run["lost"] = {"events": 7, "by_kind": {"copy": 7}}
        trace, data = self.made(made, "lost")
        self.check_run(trace, data)
        (events, said), = trace.rows(f"SELECT {self.arg('lost_events')}, {self.arg('lost')} FROM slice "
                                     "WHERE category = 'run'")
        self.assertEqual(events, 7)
        self.assertIn("7 events", said)

    def test_no_events(self):
        trace, data = self.made(recordings.Recording(), "empty")
        self.check_run(trace, data)
        self.assertEqual(trace.rows("SELECT count(*) FROM slice"), [(1,)])

    def test_hostile_names(self):
        names = ['</script><b>"\'&', "\x1b[31m\n\r\t\x07", "=1+1", "\u202e\ud7ff\U0001f600", "a" * 5000]
        made = recordings.Recording(method='"}],', command=names, cache=names[0])
        made.run["path"]["device"] = made.run["source"]["device"] = names[0]
        for i, name in enumerate(names):
            made.call(1000 * i, 500, name, recordings.folded("page cache", "pipe", "cpu", name, 100))
            made.add("transmit", 1000 * i, device=name, segments=1, linear=1, paged=1, headers=1)
            made.add("softirq", 1000 * i, vector=name, dur=10)
        trace, data = self.made(made, "hostile")
        self.check_run(trace, data)

    def test_extreme_times_and_numbers(self):
        """Whatever they are, nothing lies outside of what it is part of."""
        made = recordings.Recording(duration_ns=2**64 - 1)
        for t in (0, 10**18, 2**63 - 2, 2**64 - 1):
            made.call(t, 2**64 - 1, "read", recordings.folded("page cache", "user buffer", "cpu", "f", 2**32 - 1, 2**62),
                      ret=-(2**63))
            made.add("disk", t, dur=2**64 - 1, bytes=2**64 - 1, payload=2**64 - 1, op="read")
            made.add("copy", t, function="f", by="cpu", calls=2**32 - 1, bytes=2**64 - 1, context="syscall", task=0,
                     **{"from": "disk", "to": "nic"})
            made.add("off_cpu", t, dur=10**18, reason="voluntary", task=2**32 - 1)
        path = support.SCRATCH / "extreme.json"
        data = made.document()
        for line in data["ledger"]["copies"]:
            line["bytes"] = min(line["bytes"], 2**64 - 1)
            line["calls"] = min(line["calls"], 2**64 - 1)
        for figures in (data["ledger"]["dma"], data["ledger"]["transmit"]):
            for name, number in figures.items():
                figures[name] = min(number, 2**64 - 1)
        path.write_text(json.dumps(data))
        trace = self.read(path, "extreme")
        self.assertEqual(trace.rows("SELECT count(*) FROM slice WHERE category = 'syscall'"), [(4,)])
        self.assertEqual(trace.rows("""SELECT count(*) FROM slice JOIN slice parent ON slice.parent_id = parent.id
            WHERE slice.ts < parent.ts OR slice.ts + slice.dur > parent.ts + parent.dur"""), [(0,)])

    def test_tasks_of_any_number(self):
        """Also those that the trace's own processes and tracks have, one that is no number of Linux's, and none."""
        made = recordings.Recording()
        tasks = (1, 2, 11, 12, 13, 2**30 + 1, 2**32 - 1, None)
        for i, task in enumerate(tasks):
            for side in ("sender", "receiver")[: 1 + (i % 2)]:
                made.call(1000 * i, 500, f"call_{task}", recordings.folded("page cache", "pipe", "cpu", "f", 100),
                          task=task, side=side)
        path = support.SCRATCH / "tasks.json"
        made.write(path)
        trace = self.read(path, "tasks")
        found = dict(trace.rows("SELECT name, count(DISTINCT track_id) FROM slice WHERE category = 'syscall' GROUP BY 1"))
        self.assertEqual(found, {f"call_{task}": 1 for task in tasks})
        self.assertEqual(trace.rows("SELECT count(DISTINCT track_id) FROM slice WHERE category = 'syscall'"),
                         [(len(tasks),)])

    def test_calls_that_overlap(self):
        """They cannot in one task; a viewer gets legal nesting all the same, and the whole duration in words."""
        made = recordings.Recording()
        made.call(100, 1000, "read", recordings.folded("page cache", "user buffer", "cpu", "f", 900))
        made.call(400, 5000, "write")
        made.call(500, 10, "close")
        trace, _ = self.made(made, "overlap")
        self.assertEqual(trace.rows(f"SELECT name, ts, dur, depth, {self.arg('whole_duration')} FROM slice "
                                    "WHERE category = 'syscall' ORDER BY slice.id"),
                         [("read", 100, 300, 0, 1000), ("write", 400, 100, 0, 5000), ("close", 500, 10, 0, None)])

    def test_this_machine(self):
        support.need_root()
        for method, data in support.measure("read_write", "sendfile", "--kernel", "host", "--size", "1MiB").items():
            path = support.SCRATCH / f"host-{method}.json"
            path.write_text(json.dumps(data))
            self.check_run(self.read(path, f"host-{method}"), data)


class Perfetto(Traces, unittest.TestCase):
    form, prefix = "perfetto", "debug"

    def test_names_are_written_once(self):
        path = support.SCRATCH / "names.json"
        recordings.read_write().write(path)
        written = export(path, "names", self.form).read_bytes()
        for name in (b"cpu copy, page cache to user buffer", b"_copy_from_iter", b"segments"):
            self.assertEqual(written.count(name), 1, name)

    def test_the_clock(self):
        trace = self.read(ONE_BYTE, "clock")
        self.assertEqual(trace.rows("SELECT int_value FROM metadata WHERE name = 'trace_time_clock_id'"), [(3,)])


class Chrome(Traces, unittest.TestCase):
    form, prefix = "chrome", "args"

    def check_nesting(self, path):
        """By the numbers as they stand, and as a reader has them that computes in doubles."""
        for number in (decimal.Decimal, float):
            lanes = collections.defaultdict(list)
            for event in json.loads(path.read_text(), parse_float=number)["traceEvents"]:
                if event["ph"] == "X":
                    lanes[event["pid"], event["tid"]].append((event["ts"], -(event["ts"] + event["dur"])))
            self.assertTrue(lanes)
            for lane in lanes.values():
                ends = []
                for begin, negative_end in lane:
                    while ends and ends[-1] <= begin and ends[-1] < -negative_end:
                        ends.pop()
                    self.assertTrue(not ends or ends[-1] >= -negative_end, begin)
                    ends.append(-negative_end)

    def test_strictly_nested(self):
        awkward = recordings.Recording()
        t = 0
        for step in range(1, 400):  # times that no double of microseconds holds
            awkward.call(t, 7 * step, "read", recordings.folded("page cache", "user buffer", "cpu", "f", 7 * step),
                         recordings.folded("page cache", "pipe", "cpu", "f", 3 * step))
            t += 7 * step + 10**12 * (step % 3)
        for name, made in (("read-write", recordings.read_write()), ("awkward", awkward)):
            path = support.SCRATCH / f"nested-{name}.json"
            made.write(path)
            self.check_nesting(export(path, f"nested-{name}", self.form))

    def test_any_json_reader_can_read_it(self):
        whole = json.loads(export(ONE_BYTE, "plain", self.form).read_text())
        self.assertEqual({event["ph"] for event in whole["traceEvents"]}, {"M", "X", "i", "C"})


if __name__ == "__main__":
    support.main()
