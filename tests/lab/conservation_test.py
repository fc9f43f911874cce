"""The law of conservation: bytes that a call moved and no hook explains are unknown, never zero copies."""

import csv
import io
import json
import pathlib

import lab_support as support

UNSEEN_WAYS = pathlib.Path(__file__).with_name("unseen_ways.py")


def is_at(end, expected):
    """Is it the end that the program meant? What was cut says so, and is known by its own end."""
    if expected == "unix":
        return end["kind"] == "socket" and end["name"].startswith("unix")
    name = end["name"].split(" - ")[0]
    if expected.startswith("…"):
        return name.startswith("…/") and expected[1:].endswith(name[1:])
    return name == expected


class ConservationTest(support.CleanTest):
    def check_on(self, kernel, ways):
        support.need_lab(kernel)
        path = support.SCRATCH / f"{self.id()}.json"
        folder = "/run/zctrace/disk/unseen"
        script = f"ip link set lo up; mkdir -p {folder}; exec python3 {UNSEEN_WAYS} {folder}"
        result = support.run("exec", "--quiet", "--kernel", kernel, "-o", str(path), "--", "sh", "-c", script)
        self.assertEqual(result.status, 0, result.err)
        expected = [json.loads(line) for line in result.out.splitlines()]
        self.assertGreaterEqual(len(expected), ways)
        data = support.document(path)
        unknown = set()
        for row in expected:
            with self.subTest(**row):
                found = [(flow, part) for flow in data["ledger"]["flows"]["list"] for part in flow["parts"]
                         if is_at(flow["from"], row["from"]) and is_at(flow["to"], row["to"])
                         and part["method"] == row["method"]]
                moved = sum(part["bytes"] for _, part in found)
                if row["to"] == "/dev/null":  # the shell's too
                    self.assertGreaterEqual(moved, row["bytes"])
                else:
                    self.assertEqual(moved, row["bytes"])
                self.assertEqual(sum(part.get("unexplained_bytes", 0) for _, part in found), row["unexplained"])
                # Kernel TLS: into the records by copies or references, once; and through the cipher, once.
                self.assertEqual(sum(part.get("transform_bytes", 0) for _, part in found), row.get("transformed", 0))
                if row.get("transformed") and row["method"] != "read":
                    self.assertEqual(sum(part["cpu_bytes"] + part["reference_bytes"] for _, part in found), moved)
                for flow, part in found:
                    if row.get("transformed"):
                        self.assertEqual(part["transform_by"], ["aes_gcm"])
                    self.assertEqual(part["copies_known"], not row["unexplained"])
                    if not row["unexplained"]:
                        continue
                    self.assertEqual(part["unexplained_by"], row["why"])
                    self.assertIsNone(flow["cpu_copies_per_byte"])
                    unknown.add((flow["from"]["name"], flow["to"]["name"], row["method"]))
        notes = " ".join(note["text"] for note in data["run"]["evidence"]["notes"])
        self.assertIn("No hook saw how", notes)
        # Nothing was passed on from what was overwritten.
        self.assertFalse([flow for flow in data["ledger"]["flows"]["list"]
                          if flow["from"]["name"].endswith("/source") and flow["to"]["name"].endswith("/refilled")])
        # Whoever shows these flows shows no number.
        table = support.run("export", str(path), "--format", "csv")
        self.assertEqual(table.status, 0, table.err)
        for line in csv.DictReader(io.StringIO(table.out)):
            if line["kind"] == "flow" and line["by"] == "cpu" and \
                    (line["from"], line["to"], line["name"]) in unknown:
                self.assertEqual(line["value"], "")

    def test_on_5_10(self):
        self.check_on("5.10", 8)

    def test_on_6_12(self):
        self.check_on("6.12", 12)

    def test_on_7_2(self):
        self.check_on("7.2", 12)


if __name__ == "__main__":
    support.main()
