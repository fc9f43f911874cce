"""Odd surroundings, on this machine: as much as a command line holds, no environment, many at once."""

import json
import os

import lab_support as support


class Surroundings(support.CleanTest):
    def setUp(self):
        support.need_root()
        super().setUp()

    def test_a_mebibyte_of_arguments(self):
        words = ["x" * 100_000 + str(i) for i in range(11)]
        path = support.SCRATCH / "long.json"
        result = support.run("exec", "--kernel", "host", "-o", path, "--", "sh", "-c", 'printf %s "${11}" | wc -c', "sh", *words)
        self.assertEqual((result.status, result.out), (0, "100002\n"), result.err[-1000:])
        self.assertLess(path.stat().st_size, 8 << 20)
        support.validated(support.document(path))
        shown = support.run("show", path)
        self.assertEqual((shown.status, shown.err), (0, ""))
        self.assertLess(max(map(len, shown.out.splitlines())), 400)

    def test_no_environment(self):
        """No HOME, no locale, no PATH: what is found, is; the rest is said in English and ASCII."""
        for command, status in ((["doctor"], 0), (["exec", "--kernel", "host", "--quiet", "--", "/bin/true"], 0),
                                (["lab", "list"], 0), (["run", "splice", "--kernel", "9.9"], 2)):
            with self.subTest(command=command):
                result = support.run("-i", support.ZCTRACE, *command, program="/usr/bin/env")
                self.assertEqual(result.status, status, result.err)
                self.assertTrue((result.out + result.err).isascii())

    def test_ten_at_once(self):
        paths = [support.SCRATCH / f"{i}.json" for i in range(10)]
        source = support.SCRATCH / "source"
        source.write_bytes(os.urandom(100_000))
        started = [support.start("exec", "--kernel", "host", "--quiet", "-o", path, "--", "cp", source, f"{path}.copy")
                   for path in paths]
        for process, path in zip(started, paths, strict=True):
            result = support.wait(process)
            self.assertEqual((result.status, result.err), (0, ""))
            flows = json.loads(path.read_text())["ledger"]["flows"]["list"]
            copied = [flow for flow in flows if flow["to"]["name"] == f"{path}.copy"]
            self.assertEqual([flow["from"]["name"] for flow in copied], [str(source)])
            self.assertEqual(sum(part["bytes"] for part in copied[0]["parts"]), 100_000)


if __name__ == "__main__":
    support.main()
