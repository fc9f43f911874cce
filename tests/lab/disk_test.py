"""What disks do for traced programs: reads and writes by DMA, by bounce buffers, and by disks that are none."""

import csv
import io
import json
import pathlib

import lab_support as support

DISK_WAYS = pathlib.Path(__file__).with_name("disk_ways.py")
FOLDER = "/run/zctrace/disk/ways"


class DiskTest(support.CleanTest):
    def check_on(self, kernel, append=""):
        support.need_lab(kernel)
        path = support.SCRATCH / f"{self.id()}.json"
        script = f"mkdir -p {FOLDER}; exec python3 {DISK_WAYS} {FOLDER}"
        options = ["--append", append] if append else []

        def trace():
            result = support.run("exec", "--kernel", kernel, *options, "-o", str(path), "--", "sh", "-c", script)
            self.assertEqual(result.status, 0, result.err)
            return result, support.document(path)

        result, data = support.without_skips(trace)
        self.assertEqual(data["run"]["kernel"].get("parameters", ""), append)
        rows = [json.loads(line) for line in result.out.splitlines()]
        self.assertGreaterEqual(len(rows), 13)
        for row in rows:
            with self.subTest(kernel=kernel, **row):
                self.check_row(row, data)
        written = sum(part.get("written_bytes", 0) for flow in data["ledger"]["flows"]["list"] for part in flow["parts"])
        dma = data["ledger"]["dma"]
        by_drivers = support.moved(data, to="disk", function="block_bio_queue")
        self.assertEqual(dma["written_bytes"] + by_drivers, written)
        self.assertEqual(support.moved(data, to="disk", by="dma"), dma["written_bytes"])
        self.assertGreater(dma["write_requests"], 0)
        self.assertGreaterEqual(dma["unseen_disk_bytes"], 2 << 20)
        self.check_bounces(data, bool(append))
        self.check_shown(path, result.err)

    def check_row(self, row, data):
        found = [part for flow in data["ledger"]["flows"]["list"] for part in flow["parts"]
                 if flow["from"]["name"] == row["from"] and flow["to"]["name"] == row["to"]
                 and part["method"] == row["method"]]
        total = {key: sum(part.get(key, 0) for part in found)
                 for key in ("bytes", "written_bytes", "written_later_bytes", "cpu_bytes", "disk_bytes")}
        if row.get("and_more"):  # of others, by the same way
            self.assertGreaterEqual(total["bytes"], row["bytes"])
        else:
            self.assertEqual(total["bytes"], row["bytes"])
        for expected, key in (("written", "written_bytes"), ("later", "written_later_bytes"), ("copied", "cpu_bytes")):
            if expected in row:
                self.assertEqual(total[key], row[expected], key)
        if "copied_at_least" in row:
            self.assertGreaterEqual(total["cpu_bytes"], row["copied_at_least"])
        if "fetched" in row:
            self.assertGreaterEqual(total["disk_bytes"], row["fetched"])
        if "by_cpu" in row:
            self.assertGreaterEqual(support.moved(data, _from="disk", by="cpu", function="block_bio_queue"),
                                    row["by_cpu"])
        self.assertEqual({part.get("unexplained_by") for part in found}, {row.get("why")})
        self.assertEqual({part["copies_known"] for part in found}, {"why" not in row})
        self.assertEqual({part.get("at_least_by") for part in found}, {row.get("bound")})

    def check_bounces(self, data, forced):
        bounced = support.copies(data, function="swiotlb_bounced")
        if not forced:
            self.assertEqual(bounced, [])
            return
        # Each byte that a real disk moved was bounced.
        for way in ({"_from": "disk"}, {"to": "disk"}):
            self.assertEqual(support.moved(data, by="cpu", function="swiotlb_bounced", **way),
                             support.moved(data, by="dma", **way))

    def check_shown(self, path, terminal):
        self.assertIn("written to disk: 8.00 MiB", terminal)
        self.assertIn("later by the kernel's write-back", terminal)
        self.assertIn("not on the disk yet when the trace ended", terminal)
        self.assertIn("A disk without hardware", terminal)
        table = support.run("export", str(path), "--format", "csv")
        self.assertEqual(table.status, 0, table.err)
        written = [line for line in csv.DictReader(io.StringIO(table.out)) if line["kind"] == "disk"]
        self.assertIn("written", {line["name"] for line in written})

    def test_files_in_the_lab(self):
        """What the lab puts between a program and its files is said, and a folder on its disk is as on the host."""
        support.need_lab("6.12")
        folder = support.SCRATCH / "folder"
        (folder / "below").mkdir(parents=True)
        (folder / "a file").write_bytes(b"a" * 500000)
        (folder / "a file").chmod(0o640)
        (folder / "below/link").symlink_to("../a file")
        path = support.SCRATCH / "on-disk.json"
        script = "stat -c %a,%U '../a file'; cp link copy; cp link /tmp/copy; sync copy; findmnt -no FSTYPE -T ."
        traced = ["exec", "--quiet", "--kernel", "6.12", "-o", str(path)]
        result = support.run(*traced, "--on-disk", folder, "--", "sh", "-c", script, cwd=folder / "below")
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(result.out.split(), ["640,root", "ext4"])
        data = support.document(path)
        flows = {flow["to"]["name"]: flow for flow in data["ledger"]["flows"]["list"]
                 if flow["from"]["name"] == f"{folder}/a file"}
        copied = flows[f"{folder}/below/copy"]
        self.assertEqual(copied["method"], "copy_file_range")
        self.assertGreaterEqual(copied["disk_bytes"], 500000)
        self.assertGreaterEqual(copied["parts"][0]["written_bytes"], 500000)
        self.assertFalse([note for note in data["run"]["evidence"]["notes"] if note["id"] == "note_lab_files"])
        self.assertFalse((folder / "below/copy").exists())

        result = support.run(*traced, "--", "cp", folder / "a file", "/tmp/copy")
        self.assertEqual(result.status, 0, result.err)
        notes = {note["id"]: note["text"] for note in support.document(path)["run"]["evidence"]["notes"]}
        self.assertIn(f"{folder}/a file → /tmp/copy: in the lab these files are on no disk", notes["note_lab_files"])
        for wrong in (["--on-disk", folder / "a file"], ["--on-disk", "/"]):
            self.assertEqual(support.run(*traced, *wrong, "--", "true").status, 2)
        for lab_only in (["--on-disk", folder], ["--append", "swiotlb=force"]):
            refused = support.run("exec", "--kernel", "host", *lab_only, "--", "true")
            self.assertEqual(refused.status, 2)
            self.assertIn("is for the lab", refused.err)

    def test_on_5_10(self):
        self.check_on("5.10", "swiotlb=force")

    def test_on_6_12(self):
        self.check_on("6.12", "swiotlb=force")

    def test_on_7_2(self):
        self.check_on("7.2")


if __name__ == "__main__":
    support.main()
