"""The law of conservation: bytes that a call moved and no hook explains are unknown, never zero copies."""

import csv
import io
import json
import pathlib

import lab_support as support

UNSEEN_WAYS = pathlib.Path(__file__).with_name("unseen_ways.py")
MAP = pathlib.Path(__file__).parents[2] / "docs/paths.md"
MARK = "--- map or recording ---\n"

# The modules are there before the trace begins: then their functions can be hooked.
SCRIPT = """
for module in fuse btrfs loop; do
  modprobe $module 2>/dev/null || for modules in {kernels}/*/lib/modules/$(uname -r); do
    modprobe -d ${{modules%/lib/modules/*}} $module
  done
done
ip link set lo up
mkdir -p {folder} /run/btrfs
truncate -s 128M {folder}.img && mkfs.btrfs -q {folder}.img >&2 && mount -o loop {folder}.img /run/btrfs && btrfs=/run/btrfs
{zctrace} exec --quiet --kernel host -o {folder}.json -- python3 {ways} {folder} $btrfs || exit
echo '--- map or recording ---'
{zctrace} --lang en doctor --paths
echo '--- map or recording ---'
cat {folder}.json
echo '--- map or recording ---'
[ -z "$btrfs" ] || {zctrace} run reflink copy_file_range --kernel host --workdir $btrfs --size 1000003 --json
"""


def is_at(end, expected):
    """Is it the end that the program meant? What was cut says so, and is known by its own end."""
    if expected == "unix":
        return end["kind"] == "socket" and end["name"].startswith("unix")
    name = end["name"].split(" - ")[0]
    if expected.startswith("…"):
        return name.startswith("…/") and expected[1:].endswith(name[1:])
    return name == expected


class ConservationTest(support.CleanTest):
    def check_map(self, kernel, paths):
        """docs/paths.md says of this kernel what its doctor says."""
        header, _, *rows = (line.strip("| ").split(" | ") for line in MAP.read_text().splitlines() if line.startswith("|"))
        told = {line[2:26].strip(): line[40:49].strip() for line in paths.splitlines() if line[:1] in "+~-"}
        self.assertTrue(told)
        for row in rows:
            if row[0] in told:
                self.assertEqual(row[header.index(kernel)], told[row[0]], row[0])

    def check_shared(self, documents):
        """Between two files of btrfs no byte is moved: they share its blocks."""
        self.assertEqual([data["run"]["method"] for data in documents], ["reflink", "copy_file_range"])
        for data in documents:
            with self.subTest(method=data["run"]["method"]):
                self.check_exact(data)
                self.check_copies_per_byte(data, 0)
                self.assertEqual(data["run"]["source"]["filesystem"], "btrfs")
        (shared,) = support.copies(documents[0], side="sender")
        self.assertEqual((shared["from"], shared["to"], shared["by"], shared["bytes"]),
                         ("file", "file", "reference", 1000003))
        self.assertEqual(support.copies(documents[1], side="sender"), [])
        self.assertEqual(documents[0]["ledger"]["syscalls"]["ioctl"], 1)

    def check_on(self, kernel, ways):
        support.need_lab(kernel)
        path = support.SCRATCH / f"{self.id()}.json"
        folder = "/run/zctrace/disk/unseen"
        script = SCRIPT.format(zctrace=support.ZCTRACE, ways=UNSEEN_WAYS, folder=folder,
                               kernels=support.USERS_CACHE / "kernels")
        result = support.run(*support.PROGRAMS_LOADED, kernel, "sh", "-c", script,
                             program=support.ZCTRACE.parent / "zctrace-in-guest")
        self.assertEqual(result.status, 0, result.err)
        told, paths, document, shared = result.out.split(MARK)
        path.write_text(document)
        expected = [json.loads(line) for line in told.splitlines()]
        self.assertGreaterEqual(len(expected), ways)
        data = support.document(path)
        self.check_map(kernel, paths)
        self.check_shared(support.documents(shared))
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
                copied = sum(part["cpu_bytes"] for _, part in found)
                passed_on = sum(part["reference_bytes"] for _, part in found)
                for key, value in (("copied", copied), ("passed_on", passed_on), ("both", copied + passed_on)):
                    self.assertEqual(value, row.get(key, value), key)
                # Kernel TLS: into the records by copies or references, once; and through the cipher, once.
                self.assertEqual(sum(part.get("transform_bytes", 0) for _, part in found), row.get("transformed", 0))
                if row.get("transformed") and row["method"] != "read":
                    self.assertEqual(sum(part["cpu_bytes"] + part["reference_bytes"] for _, part in found), moved)
                for flow, part in found:
                    if row.get("transformed"):
                        self.assertEqual(part["transform_by"], ["aes_gcm"])
                    self.assertEqual(part["copies_known"], not row["unexplained"])
                    self.assertEqual(part.get("at_least_by"), row.get("bound"))
                    if not row["unexplained"]:
                        continue
                    self.assertEqual(part["unexplained_by"], row["why"])
                    self.assertIsNone(flow["cpu_copies_per_byte"])
                    unknown.add((flow["from"]["name"], flow["to"]["name"], row["method"]))
        notes = " ".join(note["text"] for note in data["run"]["evidence"]["notes"])
        self.assertIn("No hook saw how", notes)
        # Pages that a device or a copy fills for the call are not the page cache's.
        edges = {(copy["from"], copy["to"], copy["by"]) for copy in data["ledger"]["copies"]}
        self.assertIn(("disk", "pipe", "dma"), edges)
        self.assertIn(("pipe", "socket buffer", "reference"), edges)
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
        self.check_on("5.10", 30)

    def test_on_6_12(self):
        self.check_on("6.12", 37)

    def test_on_7_2(self):
        self.check_on("7.2", 37)


if __name__ == "__main__":
    support.main()
