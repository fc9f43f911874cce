"""`zctrace matrix`: a document a cell, and tables that say what the documents say."""

import csv
import json
import shutil

import lab_support as support

KERNEL = "6.12"
METHODS, PATHS = ("read_write", "sendfile", "reflink"), ("veth", "file")


class Matrix(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        support.need_lab(KERNEL)
        cls.folder = support.SCRATCH / "matrix"
        cls.result = support.run(
            "matrix", "--kernel", KERNEL, "--method", ",".join(METHODS), "--path", ",".join(PATHS), "--size", "256KiB",
            "-o", cls.folder,
        )  # fmt: skip
        with (cls.folder / "matrix.csv").open(encoding="utf-8") as file:
            cls.rows = list(csv.DictReader(file))

    def test_every_cell_has_a_document_and_a_line(self):
        self.assertEqual((self.result.status, self.result.err), (0, ""))
        # Two methods over veth (four offloads) and into a file, one into a file only; cold and warm.
        self.assertEqual(len(self.rows), 2 * (2 * 4 + 2) + 2)
        self.assertEqual(len(list((self.folder / KERNEL).glob("*.json"))), len(self.rows))

    def test_the_line_says_what_the_document_says(self):
        for row in self.rows:
            offload = row["offload"] or "device"
            name = f"{row['method']}.{row['path']}.{offload}.{row['cache']}.json"
            data = json.loads((self.folder / KERNEL / name).read_text())
            with self.subTest(cell=name):
                if "cell" in data:
                    self.assertEqual((row["method"], row["reason"]), ("reflink", data["skipped"]))
                    continue
                self.check_exact(data)
                self.assertEqual(row["counts"], "agree")
                self.assertAlmostEqual(float(row["sender"]), data["ledger"]["cpu_copies_per_byte"], places=5)
                self.assertEqual(data["run"]["path"]["kind"], row["path"])
                self.assertEqual(data["run"]["cache"], row["cache"])
                if row["offload"] == "sg=off":
                    self.assertFalse(data["run"]["path"]["scatter_gather"])

    def test_the_lesson_stands_in_the_table(self):
        """Without scatter-gather sendfile copies; what is the same in all settings is one row."""
        lines = [line.split() for line in self.result.out.splitlines()]
        sendfile = [line for line in lines if line[:2] == ["sendfile", "veth"]]
        self.assertGreaterEqual(len(sendfile), 2, self.result.out)
        self.assertTrue(any(line[2].startswith(("0.00", "<0.01")) for line in sendfile), self.result.out)
        self.assertTrue(any(line[2].startswith("1.00") and "sg=off" in " ".join(line) for line in sendfile), self.result.out)
        self.assertIn("| sendfile | veth |", (self.folder / "matrix.md").read_text())
        self.assertIn(f"{KERNEL}, reflink: ", self.result.out)
        self.assertIn("id=\"matrix\"", (self.folder / "matrix.html").read_text())

    def test_the_tables_of_recordings_that_are_there(self):
        again = support.SCRATCH / "again"
        shutil.copytree(self.folder, again)
        tables = {name: (again / name).read_text() for name in ("matrix.md", "matrix.csv")}
        for name in tables:
            (again / name).unlink()
        result = support.run("matrix", "--from", again)
        self.assertEqual((result.status, result.err, result.out), (0, "", self.result.out))
        self.assertEqual({name: (again / name).read_text() for name in tables}, tables)
        self.check_error(support.run("matrix", "--from", support.SCRATCH / "none"), 1, "holds no recordings")

    def test_what_there_is_not_is_said_at_once(self):
        for options, what in ((["--method", "sendfle"], "method 'sendfle'"), (["--path", "wire"], "path 'wire'")):
            result = support.run("matrix", "--kernel", KERNEL, *options, "-o", support.SCRATCH / "none")
            self.check_error(result, 2, what, "  hint: ")


if __name__ == "__main__":
    support.main()
