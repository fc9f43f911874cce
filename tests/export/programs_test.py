"""Documents of traced programs: what the schema says of them, and what the exports make of them."""

import csv
import io
import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "lab"))

import lab_support as support  # noqa: E402

PROGRAM = HERE.parent / "golden/program.json"  # tests/unit/timeline_flows_test.cpp writes it
DATA = json.loads(PROGRAM.read_text())
FLOWS = DATA["ledger"]["flows"]


def changed(name, change):
    data = json.loads(PROGRAM.read_text())
    change(data)
    path = support.SCRATCH / name
    path.write_text(json.dumps(data))
    return path


class Programs(unittest.TestCase):
    def zctrace(self, *arguments):
        result = support.run(*arguments)
        self.assertEqual((result.status, result.err), (0, ""), arguments)
        return result.out

    def test_the_schema_holds(self):
        support.VALIDATOR.validate(DATA)
        for wrong in (lambda data: data["ledger"]["flows"].pop("merged"),
                      lambda data: data["ledger"]["flows"]["list"][0].update(method="magic"),
                      lambda data: data["ledger"]["flows"]["list"][0].update(parts=[]),
                      lambda data: data["ledger"]["flows"]["list"][0]["from"].pop("kind"),
                      lambda data: data["run"]["detail"].pop("omitted")):
            data = json.loads(PROGRAM.read_text())
            wrong(data)
            self.assertFalse(support.VALIDATOR.is_valid(data))

    def test_csv_holds_each_part(self):
        target = support.SCRATCH / "program.csv"
        self.zctrace("export", PROGRAM, "-o", target)
        rows = list(csv.DictReader(io.StringIO(target.read_bytes().decode(), newline=""), strict=True))
        mine = [row for row in rows if row["kind"] == "flow"]
        parts = [(flow, part) for flow in FLOWS["list"] for part in flow["parts"]]
        self.assertEqual(len(mine), 5 * len(parts))
        for i, (flow, part) in enumerate(parts):
            moved, copied, passed, read, switches = mine[5 * i:5 * i + 5]
            for row in mine[5 * i:5 * i + 5]:
                self.assertEqual((row["name"], row["from"], row["to"]),
                                 (part["method"], flow["from"]["name"], flow["to"]["name"]))
            self.assertEqual((moved["value"], moved["calls"], moved["via"]),
                             (str(part["bytes"]), str(part["calls"]), part["link"]))
            self.assertEqual((copied["by"], copied["value"], copied["evidence"]),
                             ("cpu", str(part["cpu_bytes"]), "exact"))
            self.assertEqual((passed["by"], passed["value"]), ("reference", str(part["reference_bytes"])))
            self.assertEqual((read["by"], read["value"]), ("dma", str(part["disk_bytes"])))
            self.assertEqual((switches["unit"], switches["value"]), ("switches", str(part["mode_switches"])))
        unattributed, = (row for row in rows if (row["kind"], row["name"]) == ("flows", "unattributed"))
        self.assertEqual(unattributed["value"], str(FLOWS["unattributed"]["bytes"]))

    def test_what_is_not_known_is_empty(self):
        path = changed("unknown.json", lambda data: data["ledger"]["flows"]["list"][0]["parts"][0].update(
            copies_known=False))
        target = support.SCRATCH / "unknown.csv"
        self.zctrace("export", path, "-o", target)
        rows = list(csv.DictReader(io.StringIO(target.read_bytes().decode(), newline=""), strict=True))
        copied = next(row for row in rows if (row["kind"], row["by"]) == ("flow", "cpu"))
        self.assertEqual((copied["value"], copied["evidence"]), ("", "none"))
        self.assertIn("unknown", self.zctrace("show", path))

    def test_chrome_tells_the_flows(self):
        target = support.SCRATCH / "program.json"
        self.zctrace("export", PROGRAM, "--format", "chrome", "-o", target)
        told, = (event["args"] for event in json.loads(target.read_text())["traceEvents"]
                 if "flows" in event.get("args", {}))
        first = FLOWS["list"][0]
        self.assertTrue(told["flows"].startswith(f"{first['from']['name']} → {first['to']['name']}: "), told["flows"])
        self.zctrace("export", PROGRAM, "--format", "perfetto", "-o", support.SCRATCH / "program.pb")

    def test_two_traces_are_compared_by_what_lasts(self):
        def later(data):
            for flow in data["ledger"]["flows"]["list"]:
                flow["to"]["name"] = flow["to"]["name"].replace(":410", ":529")
        text = self.zctrace("compare", PROGRAM, changed("later.json", later))
        self.assertNotIn(":410", text)
        self.assertNotIn(":529", text)
        # Of the very same traffic nothing is new or gone.
        self.assertNotIn("new", text.split())
        self.assertNotIn("gone", text.split())

        def copied(data):
            part = data["ledger"]["flows"]["list"][0]["parts"][0]
            part.update(method="read_write", link="buffer", cpu_bytes=2 * part["bytes"], reference_bytes=0)
        text = self.zctrace("compare", PROGRAM, changed("copied.json", copied))
        self.assertIn("part-10.bin → tcp", " ".join(text.split()))
        self.assertIn("gone", text)
        self.assertIn("new", text)

    def test_names_steer_nothing(self):
        def hostile(data):
            flow = data["ledger"]["flows"]["list"][0]
            flow["from"]["name"] = "=1+1\x1b[31m\n<script>alert(1)</script>"
            flow["to"]["name"] = "\u202e,\"x\""
        path = changed("hostile.json", hostile)
        self.assertNotIn("\x1b", self.zctrace("show", path))
        target = support.SCRATCH / "hostile.csv"
        self.zctrace("export", path, "-o", target)
        rows = list(csv.DictReader(io.StringIO(target.read_bytes().decode(), newline=""), strict=True))
        self.assertTrue(any(row["from"].startswith("'=1+1?[31m?") for row in rows))
        svg = self.zctrace("chart", path)
        self.assertNotIn("<script", svg)

    def test_a_wrong_member_is_one_line(self):
        for change, place in (
                (lambda data: data["ledger"]["flows"].update(list={}), "ledger.flows.list: must be a list"),
                (lambda data: data["ledger"]["flows"]["list"][1].update(parts=3), "list[1].parts: must be a list"),
                (lambda data: data["ledger"]["flows"]["list"][0]["to"].update(kind=1), "to.kind: must be a string"),
                (lambda data: data["run"].update(detail=[]), "run.detail")):
            result = support.run("show", changed("wrong.json", change))
            self.assertEqual((result.status, result.out, result.err.count("\n")), (1, "", 1), result)
            self.assertIn(place, result.err)


if __name__ == "__main__":
    support.main()
