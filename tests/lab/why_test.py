"""Why the CPU copies, or why the kernel refuses to pass bytes on: each reason is told where it was measured, and no other."""

import json
import pathlib
import subprocess

import lab_support as support

WAYS = pathlib.Path(__file__).with_name("why_ways.py")


def name_of(end):
    """A socket is known by its own address, a pipe by being one."""
    if end["kind"] in ("memory", "pipe"):
        return end["kind"]
    return end["name"].split(" - ")[0]


class WhyTest(support.CleanTest):
    def test_each_reason_and_no_other(self):
        support.need_lab("6.12")
        path, pem = support.SCRATCH / "why.json", support.SCRATCH / "why.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", pem, "-out", support.SCRATCH / "crt", "-days", "2", "-subj", "/CN=localhost"],
                       check=True, capture_output=True)
        pem.write_text(pem.read_text() + (support.SCRATCH / "crt").read_text())
        disk = "/run/zctrace/disk/why"
        result = support.run("exec", "--quiet", "--kernel", "6.12", "-o", path, "--", "sh", "-c",
                             f"mkdir -p {disk} && exec /usr/bin/python3 {WAYS} {disk} /dev/shm {pem}")
        self.assertEqual(result.status, 0, result.err)
        data = support.document(path)
        found = {}
        for flow in data["ledger"]["flows"]["list"]:
            found.setdefault((name_of(flow["from"]), name_of(flow["to"])), []).extend(flow.get("why", []))
        for line in result.out.splitlines():
            row = json.loads(line)
            with self.subTest(**row):
                self.assertIn((row["from"], row["to"]), found)
                self.assertEqual(found.pop((row["from"], row["to"])), row["rules"])
        # Nothing is told of what the interpreter read to start, of what was made up, or of what was dropped.
        self.assertEqual({ends: rules for ends, rules in found.items() if rules}, {})
        for language, words in (("en", ("why: MSG_ZEROCOPY on loopback always copies", "to avoid it: splice through a pipe")),
                                ("zh", ("原因：loopback 上的 MSG_ZEROCOPY 总会拷贝", "避免的办法：用 splice 经管道转发"))):
            shown = support.run("--lang", language, "show", "--all-flows", path).out
            for text in words:
                self.assertIn(text, shown)


if __name__ == "__main__":
    support.main()
