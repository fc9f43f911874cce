"""`zctrace export --format csv`, read back with Python's csv and with SQL."""

import csv
import io
import json
import pathlib
import sqlite3
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "lab"))

import lab_support as support  # noqa: E402
import recordings  # noqa: E402

ONE_BYTE = HERE / "one_byte.json"
EDGE = ("side", "from", "to", "by", "function", "via", "context", "evidence")


def export(*files):
    target = support.SCRATCH / "ledger.csv"
    result = support.run("export", *files, "-o", target)
    if (result.status, result.out, result.err) != (0, "", ""):
        raise AssertionError(result)
    return target.read_bytes().decode()


def table(*files):
    return list(csv.DictReader(io.StringIO(export(*files), newline=""), strict=True))


def made(recording, name):
    path = support.SCRATCH / name
    return path, recording.write(path)


class Csv(unittest.TestCase):
    def check_run(self, rows, data):
        """The ledger of the run, all of it, and nothing else."""
        ledger, run = data["ledger"], data["run"]
        copies = [tuple(row[part] for part in EDGE) + (row["value"], row["unit"], row["calls"])
                  for row in rows if row["kind"] == "copy"]
        self.assertEqual(copies, [tuple(line[part] for part in EDGE) + (str(line["bytes"]), "bytes", str(line["calls"]))
                                  for line in ledger["copies"]])
        figures = {(row["side"], row["kind"], row["name"]): row["value"] for row in rows if row["kind"] != "copy"}
        self.assertEqual(len(figures), sum(row["kind"] != "copy" for row in rows), "no figure twice")
        for side, sums in (("sender", ledger), ("receiver", ledger["receiver"])):
            calls = {name: int(value) for (where, kind, name), value in figures.items()
                     if (where, kind) == (side, "syscall")}
            self.assertEqual(calls, sums["syscalls"])
            for part, name in (("syscall", "mode_switches"), ("fault", "mode_switches"), ("user", "page_faults"),
                               ("kernel", "page_faults"), ("voluntary", "context_switches"),
                               ("involuntary", "context_switches")):
                self.assertEqual(figures[side, "figure", f"{name}_{part}"], str(sums[name][part]))
        self.assertEqual(figures["sender", "disk", "payload"], str(ledger["dma"]["disk_bytes"]))
        self.assertEqual(figures["sender", "transmit", "paged"], str(ledger["transmit"]["paged_bytes"]))
        self.assertEqual(figures["sender", "figure", "payload"], str(ledger["payload_bytes"]))
        self.assertEqual(figures["", "figure", "duration"], str(run["duration_ns"]))
        for row in rows:
            self.assertEqual((row["method"], row["kernel"], row["size"], row["lost_events"]),
                             (run["method"], run["kernel"]["release"], str(run["size"]), str(run["lost"]["events"])))

    def test_a_real_recording(self):
        self.check_run(table(ONE_BYTE), json.loads(ONE_BYTE.read_text()))

    def test_several_runs_are_told_apart(self):
        first, second = made(recordings.read_write(), "first.json"), made(recordings.sendfile(release="5.10"), "2.json")
        rows = table(first[0], second[0])
        for run, (path, data) in (("1", first), ("2", second)):
            mine = [row for row in rows if row["run"] == run]
            self.check_run(mine, data)
            self.assertEqual({row["file"] for row in mine}, {str(path)})

    def test_the_form(self):
        """RFC 4180: lines end in CR LF, each has as many fields as the header, and there is one."""
        text = export(ONE_BYTE)
        self.assertTrue(text.endswith("\r\n"))
        self.assertEqual(text.count("\n"), text.count("\r\n"))
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        self.assertEqual({len(line) for line in lines}, {len(lines[0])})
        self.assertEqual(lines[0][:2], ["run", "file"])

    def test_sql(self):
        rows = table(made(recordings.read_write(), "sql.json")[0])
        database = sqlite3.connect(":memory:")
        columns = ", ".join(f'"{name}"' for name in rows[0])
        database.execute(f"CREATE TABLE ledger ({columns})")
        database.executemany(f"INSERT INTO ledger VALUES ({', '.join('?' * len(rows[0]))})",
                             [list(row.values()) for row in rows])
        copied, = database.execute("""SELECT sum(value) FROM ledger
                                      WHERE kind = 'copy' AND "by" = 'cpu' AND side = 'sender'""").fetchone()
        self.assertEqual(copied, 4 * (2 * 65536 + 100 + 300 + 56))
        ratio, = database.execute("SELECT value FROM ledger WHERE name = 'cpu_copies_per_byte' AND side = 'sender'"
                                  ).fetchone()
        self.assertAlmostEqual(float(ratio), copied / 262144)

    def test_unknown_is_empty_and_not_zero(self):
        recording = recordings.sendfile()
        recording.run["evidence"].update(copies_unknown=True, copies="inferred", page_faults="none", disk="none")
        rows = {(row["side"], row["name"]): row for row in table(made(recording, "unknown.json")[0])}
        for key in (("sender", "cpu_copies_per_byte"), ("sender", "page_faults_user"), ("sender", "requests"),
                    ("sender", "cpu_time")):
            self.assertEqual((rows[key]["value"], rows[key]["evidence"]), ("", "none"), key)
        self.assertEqual(rows["sender", "context_switches_voluntary"]["value"], "0")
        self.assertEqual(rows["receiver", "cpu_copies_per_byte"]["evidence"], "exact")

    def test_no_text_is_a_formula(self):
        names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", 'a,"b"', "line\nbreak\x00", "数据", "'", ""]
        recording = recordings.Recording(method="=cmd|' /C calc'!A0", cache="@x", lost={"events": 1, "by_kind": {"=k": 1}})
        for i, name in enumerate(names):
            recording.call(i, 1, name, recordings.folded("page cache", "pipe", "cpu", name, 0))
        rows = table(made(recording, "=hostile.json")[0].relative_to(support.SCRATCH))
        for row in rows:
            for field in row.values():
                self.assertNotIn(field[:1], set("=+-@\t\r"), row)
                self.assertTrue(all(ord(character) >= 32 for character in field), row)
        called = [row["name"] for row in rows if row["kind"] == "syscall"]
        for name in ("'=1+1", "'+1", "'-1", "'@SUM(A1)", '?=1', 'a,"b"', "line?break?", "数据"):
            self.assertIn(name, called)


if __name__ == "__main__":
    support.main()
