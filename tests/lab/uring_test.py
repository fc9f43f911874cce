"""Requests of io_uring and libaio are calls of their own: each byte in its flow, by what was done to it."""

import json
import pathlib
import unittest

import lab_support as support

WAYS = pathlib.Path(support.ZCTRACE).with_name("zctrace-uring-ways")
# What the io_uring of 5.15, which 5.10 has, does not know.
NEWER = {"zerocopy", "zerocopy-registered", "multishot"}
ALL = {"plain", "worker", "polled", "linked", "registered", "spliced", "direct", "received", "odds", "unseen",
       "libaio"} | NEWER


def is_at(end, expected):
    return end["name"].split(" - ")[0] == expected


class UringTest(support.CleanTest):
    def trace(self, *arguments):
        """The rows that the program printed, with the parts of their flows, and the document."""
        path = support.SCRATCH / f"{self.id()}.json"
        result = support.run("exec", "--quiet", "-o", path, *arguments)
        self.assertEqual(result.status, 0, result.err)
        data = support.document(path)
        rows = [json.loads(line) for line in result.out.splitlines()]
        flows = data["ledger"]["flows"]["list"]
        found = {row["way"]: [(flow, part) for flow in flows for part in flow["parts"]
                              if is_at(flow["from"], row["from"]) and is_at(flow["to"], row["to"])] for row in rows}
        # Nothing that a request moved is told of other ends than those.
        told = {id(flow) for parts in found.values() for flow, _ in parts}
        stray = [flow for flow in flows if id(flow) not in told and not self.is_of_probing(flow)
                 and any(part.get("requests") for part in flow["parts"])]
        self.assertFalse(stray)
        self.assertEqual(data["ledger"]["flows"]["dropped"], {"calls": 0, "bytes": 0})
        return rows, found, data

    def is_of_probing(self, flow):
        """The read before the send that this kernel does not know."""
        return flow["from"]["name"].split("/")[-1] in NEWER and flow["to"]["kind"] == "memory"

    def check_row(self, row, parts):
        self.assertEqual(len(parts), 1)
        flow, part = parts[0]
        self.assertEqual((part["method"], part["bytes"]), (row["method"], row["bytes"]))
        self.assertEqual(part["calls"], 0)
        if row["requests"]:
            self.assertEqual(part["requests"], row["requests"])
        self.assertIsNone(flow["mode_switches_per_mib"])  # system calls ask for many requests together
        linked = {"splice": "pipe"}.get(part["method"], "buffer") if row["from"] and row["to"] else "none"
        self.assertEqual(part["link"], linked)

    def check_on(self, kernel, ways):
        support.need_lab(kernel)
        folder = "/run/zctrace/disk/uring"
        script = f"ip link set lo up; mkdir -p {folder}; exec {WAYS} {folder}"
        rows, found, data = self.trace("--kernel", kernel, "--", "sh", "-c", script)
        self.assertEqual({row["way"] for row in rows}, ways)
        for row in rows:
            with self.subTest(**row):
                self.check_row(row, found[row["way"]])
                flow, part = found[row["way"]][0]
                self.assertEqual(part.get("unexplained_bytes", 0), row["unexplained"])
                self.assertEqual(part["copies_known"], not row["unexplained"])
                self.assertEqual((part["cpu_bytes"], part["disk_bytes"]), (row["cpu"], row["disk"]))
                if row["unexplained"]:
                    self.assertIsNone(flow["cpu_copies_per_byte"])
                    continue
                self.assertAlmostEqual(flow["cpu_copies_per_byte"], row["cpu"] / row["bytes"])
                if row["to"].startswith("tcp"):
                    self.assertGreaterEqual(flow["sent_bytes"], row["bytes"])  # on a busy machine some is sent again
        # Workers and the polling thread copy in no system call.
        workers = support.copies(data, context="worker", by="cpu")
        self.assertTrue({"user buffer", "socket buffer"} <= {row["to"] for row in workers})

    def test_on_5_10(self):
        self.check_on("5.10", ALL - NEWER)

    def test_on_6_1(self):
        self.check_on("6.1", ALL)

    def test_on_6_12(self):
        self.check_on("6.12", ALL)

    def test_on_7_2(self):
        self.check_on("7.2", ALL)

    def test_by_tracepoints_alone(self):
        """This machine's kernel: told by the results, not passed over in silence."""
        support.need_root()
        folder = support.SCRATCH / "uring"
        folder.mkdir()
        rows, found, data = self.trace("--kernel", "host", "--", WAYS, folder)
        if data["run"]["evidence"]["copies"] != "inferred":
            raise unittest.SkipTest("this kernel permits more")
        if not any(row["way"] == "plain" for row in rows):
            raise unittest.SkipTest("this kernel has no io_uring")
        for row in rows:
            if row["way"] == "libaio":  # nothing tells of it
                continue
            with self.subTest(**row):
                self.check_row(row, found[row["way"]])
                flow, part = found[row["way"]][0]
                known = row["method"] not in ("splice", "msg_zerocopy") and not row["unexplained"]
                self.assertEqual(part["copies_known"], known)
                if known:
                    self.assertAlmostEqual(flow["cpu_copies_per_byte"], row["cpu"] / row["bytes"])
                else:
                    self.assertIsNone(flow["cpu_copies_per_byte"])


if __name__ == "__main__":
    support.main()
