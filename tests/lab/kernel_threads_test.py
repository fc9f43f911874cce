"""What kernel threads do to the bytes of a program: over a network file system, and below the device mapper."""

import csv
import io
import json
import pathlib

import lab_support as support

WAYS = pathlib.Path(__file__).with_name("kernel_thread_ways.py")
SERVER = pathlib.Path(__file__).with_name("nfs_server.sh")
CIPHER = f"0 2048 crypt aes-xts-plain64 {'a5' * 64} 0 /dev/ram1 0"
MARK = "--- recording ---\n"

# The server is the kernel's own, and the same machine's: its threads are of no traced program. The modules are there
# before the trace begins: then the kernel tells of their structures, and has tested the cipher.
SCRIPT = """
folder=/run/zctrace/disk/exported
mkdir -p $folder /run/zctrace/disk/ways && head -c 262144 /dev/urandom >$folder/source && sync
sh {server} $folder /run/nfs >&2 || exit
modprobe -a dm-mod dm-crypt && modprobe brd rd_nr=3 rd_size=16384 || exit
dmsetup create --noudevsync --noudevrules first --table "{cipher}" && dmsetup remove --noudevsync first || exit
echo 3 >/proc/sys/vm/drop_caches
LC_ALL=C.UTF-8 {zctrace} --lang en exec --kernel host -o /run/recording.json -- python3 {ways} /run/nfs /run/zctrace/disk/ways || exit
echo '--- recording ---'
cat /run/recording.json
"""


class KernelThreadsTest(support.CleanTest):
    def record(self, kernel):
        """What the ways say, and the document."""
        script = SCRIPT.format(zctrace=support.ZCTRACE, ways=WAYS, server=SERVER, cipher=CIPHER)
        result = support.run(kernel, "sh", "-c", script, program=support.ZCTRACE.parent / "zctrace-in-guest")
        self.assertEqual(result.status, 0, result.err)
        told, document = result.out.split(MARK)
        rows = [json.loads(line) for line in told.splitlines()]
        self.assertEqual(len(rows), 11)
        path = support.SCRATCH / f"{self.id()}.json"
        path.write_text(document)
        return result, rows, path, support.document(path)

    def check_on(self, kernel):
        support.need_lab(kernel)
        result, rows, path, data = support.without_skips(lambda: self.record(kernel))
        for row in rows:
            with self.subTest(kernel=kernel, **row):
                parts = [part for flow in data["ledger"]["flows"]["list"] for part in flow["parts"]
                         if flow["from"]["name"] == row["from"] and part["method"] == row["method"]
                         and flow["to"]["name"].split(" - ")[0] == row["to"]]
                self.assertEqual(sum(part["bytes"] for part in parts), row["bytes"])
                if "copied" in row:
                    self.assertEqual(sum(part["cpu_bytes"] for part in parts), row["copied"])
                self.assertGreaterEqual(sum(part["cpu_bytes"] for part in parts), row.get("copied_at_least", 0))
                self.assertEqual(sum(part.get("transform_bytes", 0) for part in parts), row.get("transformed", 0))
                self.assertEqual({part.get("at_least_by") for part in parts}, {row.get("bound")})
                self.assertEqual({part.get("unexplained_by") for part in parts}, {row.get("why")})
                if row.get("transformed"):
                    self.assertEqual([part["transform_by"] for part in parts], [["aes_xts"]] * len(parts))
        notes = {note["id"] for note in data["run"]["evidence"]["notes"]}
        self.assertIn("note_at_least_network", notes)
        for bound in ("≥ 0.00", "≥ 2.00"):
            self.assertIn(bound, result.err)
        table = support.run("export", str(path), "--format", "csv")
        self.assertEqual(table.status, 0, table.err)
        evidence = {line["evidence"] for line in csv.DictReader(io.StringIO(table.out))
                    if line["kind"] == "flow" and line["by"] == "cpu" and line["from"] == rows[0]["from"]}
        self.assertEqual(evidence, {"at_least"})

    def test_on_5_10(self):
        self.check_on("5.10")

    def test_on_6_12(self):
        self.check_on("6.12")

    def test_on_7_2(self):
        self.check_on("7.2")


if __name__ == "__main__":
    support.main()
