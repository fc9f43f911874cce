"""docs/faults.md names tests that exist."""

import pathlib
import re
import unittest

HOME = pathlib.Path(__file__).resolve().parents[2]


class Faults(unittest.TestCase):
    def test_each_row_has_its_test(self):
        tables = re.findall(r"^\| fault \|.*\n\|-.*\n((?:\|.*\n)+)", (HOME / "docs/faults.md").read_text(), re.MULTILINE)
        rows = [row for table in tables for row in table.splitlines()]
        self.assertGreaterEqual(len(rows), 40)
        for row in rows:
            with self.subTest(row):
                name, test = re.search(r"`(tests/[\w/.]+)` `([^`]+)` \|$", row).groups()
                self.assertIn(test, (HOME / name).read_text())


if __name__ == "__main__":
    unittest.main(argv=["faults_test"])
