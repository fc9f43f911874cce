"""TLS by the kernel and by the program: what is copied, what is encrypted, and what nobody can see.

A guest per kernel, the edges of sizes on one of them. Debian's 5.10 has no module tls.
"""

import csv
import io

import lab_support as support
from lab_support import copies, moved

METHODS = ("openssl_write", "ktls_send", "ktls_sendfile")
FRAMING = 22  # bytes of a record beside what it holds: head, inner type, tag
RUNS = {"nic": ["--path", "nic", "--cache", "cold"],
        "veth": ["--path", "veth", "--cache", "warm"],
        "without_sg": ["--path", "nic", "--size", 65537, "--offload", "sg=off"]}
SIZES = {"no_multiple": ["--path", "nic", "--size", 1000003, "--chunk", 10007],
         "small": ["--path", "nic", "--size", 4095],
         "one_byte": ["--path", "nic", "--size", 1]}


def records(size, chunk):
    """None holds more than 16 KiB, or bytes of two calls."""
    whole, rest = divmod(size, chunk)
    return whole * -(-chunk // 16384) + -(-rest // 16384)


class Tls:
    kernel, runs = None, RUNS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        results = support.in_one_guest(cls.kernel, *support.RUN_LOADED, **{
            name: ["run", *METHODS, "--kernel", "host", "--json", *words] for name, words in cls.runs.items()})
        cls.documents = {(name, method): data for name, result in results.items()
                         for method, data in support.measured(result).items()}

    def of(self, *methods, runs=None):
        return [(f"{method}, {name}", self.documents[name, method]) for name in runs or self.runs for method in methods]

    def test_every_byte_arrives_and_is_counted_twice(self):
        for label, data in self.of(*METHODS):
            with self.subTest(label):
                self.check_exact(data)
                size, chunk = data["run"]["size"], data["run"]["chunk"]
                self.assertEqual(data["ledger"]["received_bytes"], size)
                self.assertEqual(data["ledger"]["framing_bytes"], FRAMING * records(size, chunk))
                arrived = size + data["ledger"]["framing_bytes"]
                self.assertEqual(moved(data, side="receiver", to="user buffer"), arrived)
                self.assertGreaterEqual(data["ledger"]["transmit"]["payload_bytes"], arrived)

    def test_the_kernel_encrypts_each_byte_once(self):
        for label, data in self.of("ktls_send", "ktls_sendfile"):
            with self.subTest(label):
                size = data["run"]["size"]
                through = moved(data, side="sender", by="transform")
                self.assertEqual(through, size + records(size, data["run"]["chunk"]), "a record has a byte of its own")
                self.assertAlmostEqual(data["ledger"]["transforms_per_byte"], through / size, places=9)
                rows = copies(data, side="sender", by="transform")
                self.assertEqual({(row["from"], row["to"], row["cipher"]) for row in rows},
                                 {("socket buffer", "socket buffer", "aes_gcm")})
                self.assertTrue(data["run"]["kernel_tls"])

    def test_what_is_copied(self):
        for label, data in self.of(*METHODS, runs=self.runs.keys() & {"nic", "veth", "no_multiple"}):
            with self.subTest(label):
                expected = {"openssl_write": 2, "ktls_send": 1, "ktls_sendfile": 0}[data["run"]["method"]]
                self.check_copies_per_byte(data, expected)
        for label, data in self.of("ktls_sendfile"):
            with self.subTest(label):
                self.assertEqual(moved(data, side="sender", _from="page cache", to="socket buffer", by="reference"),
                                 data["run"]["size"])
        for label, data in self.of("ktls_send"):
            with self.subTest(label):
                # The cipher reads the program's pages where they are, or what was copied from them.
                into = [moved(data, side="sender", _from="user buffer", to="socket buffer", by=by)
                        for by in ("cpu", "reference")]
                self.assertEqual(sum(into), data["run"]["size"])

    def test_without_scatter_gather_the_records_are_copied(self):
        for label, data in self.of(*METHODS, runs=("without_sg",)):
            with self.subTest(label):
                ledger = data["ledger"]
                arrived = data["run"]["size"] + ledger["framing_bytes"]
                copied = moved(data, side="sender", by="cpu", _from="socket buffer", to="socket buffer")
                self.assertGreaterEqual(copied, arrived)

    def test_own_passes_are_not_visible(self):
        for label, data in self.of("openssl_write", runs=("nic",)):
            with self.subTest(label):
                self.assertTrue(data["run"]["own_passes"])
                self.assertNotIn("transforms_per_byte", data["ledger"])
                text = self.shown(data)
                self.assertIn("own passes per byte not visible", text)
                self.assertIn("the program's own passes over them are not visible", text)
        for label, data in self.of("ktls_send", runs=("nic",)):
            with self.subTest(label):
                self.assertNotIn("own_passes", data["run"])

    def test_no_encryption_is_called_zero_copy(self):
        for label, data in self.of(*METHODS, runs=("nic",)):
            with self.subTest(label):
                self.assertNotIn("zero-copy", self.shown(data).replace("not zero-copy", ""))
        for label, data in self.of("ktls_sendfile", runs=("nic",)):
            with self.subTest(label):
                self.assertIn("1.00 transforms per byte: AES-GCM by the CPU", self.shown(data))
                path = self.written(data)
                table = csv.DictReader(io.StringIO(support.run("export", path, "--format", "csv").out))
                rows = [row for row in table if row["kind"] == "copy" and row["by"] == "transform"]
                self.assertEqual([(row["via"], row["evidence"]) for row in rows], [("aes_gcm", "exact")])
                for language, words in (("en", "AES-GCM by the CPU"), ("zh", "CPU 执行 AES-GCM")):
                    picture = support.run("--lang", language, "chart", path, "-o", "-").out
                    self.assertIn(words, picture)
                    self.assertIn('class="transform-line"', picture)

    def written(self, data):
        path = support.SCRATCH / f"{self.kernel}-{data['run']['method']}.json"
        path.write_text(support.json.dumps(data))
        return path

    def shown(self, data):
        result = support.run("show", self.written(data))
        self.assertEqual((result.status, result.err), (0, ""))
        return result.out


class On61(Tls, support.CleanTest):
    kernel = "6.1"


class On612(Tls, support.CleanTest):
    kernel, runs = "6.12", RUNS | SIZES


class On72(Tls, support.CleanTest):
    kernel = "7.2"


class On510(support.CleanTest):
    def test_what_the_kernel_has_not_is_said_in_a_line(self):
        results = support.in_one_guest("5.10", one=["run", "ktls_send", "--kernel", "host"], list=["list"])
        self.check_error(results["one"], 1, "ktls_send: the kernel's module tls is not loaded")
        self.assertIn("Linux 5.1 or later: TLS 1.3, module tls (not this kernel", results["list"].out)


if __name__ == "__main__":
    support.main()
