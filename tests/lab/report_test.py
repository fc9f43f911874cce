"""run --report: measured and drawn in one go."""

import base64
import gzip
import json
import re

import lab_support as support


def blocks(page, name):
    """What the page holds under that name (a pattern), unpacked."""
    packed = re.findall(rf'<script type="[^"]*" id="{name}">([^<]*)</script>', page.read_text())
    return [gzip.decompress(base64.b64decode(block)) for block in packed]


def recordings(page):
    return blocks(page, r"document-\d+")


class Report(support.CleanTest):
    def test_page_holds_what_was_measured(self):
        support.need_lab("6.12")
        page, folder = support.SCRATCH / "lab.html", support.SCRATCH / "measured"
        result = support.run("run", "read_write", "sendfile", "--kernel", "6.12", "--report", page, "-o", folder)
        self.assertEqual((result.status, result.err), (0, ""))
        # A loaded machine lets TCP merge a few bytes of its queue: measured, and shown as "<0.01".
        self.assertRegex(result.out, r"CPU copies per byte +2\.00 +(0\.00|<0\.01)")
        written = [(folder / f"{method}.json").read_bytes() for method in ("read_write", "sendfile")]
        self.assertEqual(recordings(page), written)
        report = json.loads(blocks(page, "report")[0])
        self.assertEqual([run["file"] for run in report["runs"]], ["read_write.json", "sendfile.json"])

    def test_on_this_machine(self):
        support.need_root()
        page = support.SCRATCH / "host.html"
        result = support.run("run", *support.METHODS, "--kernel", "host", "--report", page)
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(len(recordings(page)), len(support.METHODS))

    def test_failed_run_is_drawn_too(self):
        support.need_lab("6.12")
        page = support.SCRATCH / "failed.html"
        result = support.run("run", "read_write", "--kernel", "6.12", "--leave-out", "filemap_read",
                             "--report", page)
        self.assertEqual(result.status, 1)
        self.assertIn("disagree", result.err)
        self.assertEqual(len(recordings(page)), 1)

    def test_place_is_looked_at_before_measuring(self):
        for place, why in (("/nowhere/page.html", "cannot write /nowhere/page.html"), ("/tmp", "it is a directory")):
            with self.subTest(place=place):
                result = support.run("run", "splice", "--kernel", "host", "--report", place)
                self.assertEqual((result.status, result.out), (1, ""))
                self.assertIn(why, result.err)


if __name__ == "__main__":
    support.main()
