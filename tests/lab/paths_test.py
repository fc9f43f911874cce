"""To a card, into a file and into a pipe, on each of the lab's four kernels; and what MAP_POPULATE spares.

A guest per kernel; that `run --kernel` leads to one is methods_test's.
"""

import lab_support as support
from lab_support import copies, moved

FILE = ("sendfile", "copy_file_range", "splice", "read_write", "preadv2_writev", "mmap_write", "mmap_populate")
PIPE = ("sendfile", "splice", "read_write")
CPU = {"sendfile": 1, "copy_file_range": 1, "splice": 1, "read_write": 2, "preadv2_writev": 2, "mmap_write": 1,
       "mmap_populate": 1}


def road(data, side="sender"):
    return {(row["from"], row["to"], row["by"]) for row in copies(data, side=side)} - {("disk", "page cache", "dma")}


class Paths:
    kernel = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run = {"card": ["splice", "--path", "nic"], "file": [*FILE, "--path", "file"], "pipe": [*PIPE, "--path", "pipe"]}
        cls.results = support.in_one_guest(
            cls.kernel, *support.RUN_LOADED, **{name: ["run", *words, "--kernel", "host", "--json"] for name, words in run.items()})

    def test_card(self):
        data = support.measured(self.results["card"])["splice"]
        facts = data["run"]
        self.assertTrue(facts["kernel"]["release"].startswith(self.kernel + "."), facts["kernel"])
        self.assertEqual(facts["kernel"]["where"], "lab")
        self.assertEqual((facts["path"]["kind"], facts["cache"]), ("nic", "cold"))
        self.check_exact(data)
        self.check_copies_per_byte(data, 0)
        self.assertEqual(data["ledger"]["syscalls"], {"splice": 128})
        for edge in (("page cache", "pipe"), ("pipe", "socket buffer")):
            self.assertEqual(moved(data, _from=edge[0], to=edge[1], by="reference"), facts["size"], edge)

    def measure(self, path, methods):
        documents = support.measured(self.results[path])
        self.assertEqual(set(documents), set(methods))
        for method, data in documents.items():
            with self.subTest(method=method):
                facts = data["run"]["path"]
                self.assertEqual((facts["kind"], facts["device"], facts["driver"], facts["dma"]), (path, "", "", False))
                self.check_exact(data)
                self.assertEqual(data["ledger"]["transmit"]["packets"], 0)
                self.assertEqual(data["ledger"]["dma"]["nic_bytes"], 0)
                for start, end, by in road(data):
                    self.assertEqual(moved(data, side="sender", _from=start, to=end, by=by), data["run"]["size"])
        return documents

    def test_file(self):
        documents = self.measure("file", FILE)
        for method, data in documents.items():
            with self.subTest(method=method):
                self.check_copies_per_byte(data, CPU[method], 1e-9)
                checked = {(row["side"], row["from"], row["to"]) for row in data["run"]["evidence"]["cross_check"]}
                self.assertEqual(checked, {("sender", start, end) for start, end, by in road(data) if by == "cpu"})
                self.assertEqual(road(data, "receiver"), set())
                self.assertEqual(data["ledger"]["receiver"]["syscalls"], {})
        for method in ("sendfile", "copy_file_range"):
            self.assertEqual(road(documents[method]), {("page cache", "file", "cpu")})
        self.assertEqual(road(documents["splice"]), {("page cache", "pipe", "reference"), ("pipe", "file", "cpu")})
        for method in ("read_write", "preadv2_writev"):
            self.assertEqual(road(documents[method]),
                             {("page cache", "user buffer", "cpu"), ("user buffer", "file", "cpu")})
        faults = {method: documents[method]["ledger"]["page_faults"] for method in ("mmap_write", "mmap_populate")}
        self.assertGreater(faults["mmap_write"]["kernel"], 0)
        self.assertEqual(faults["mmap_populate"], {"user": 0, "kernel": 0})

    def test_pipe(self):
        documents = self.measure("pipe", PIPE)
        for method, data in documents.items():
            with self.subTest(method=method):
                self.assertEqual(road(data, "receiver"), {("pipe", "user buffer", "cpu")})
                self.assertEqual(moved(data, side="receiver"), data["run"]["size"])
        self.check_copies_per_byte(documents["read_write"], 2, 1e-9)
        self.check_copies_per_byte(documents["splice"], 0, 1e-9)
        self.assertEqual(road(documents["splice"]), {("page cache", "pipe", "reference")})
        # 5.10 writes the file's pages into the pipe like a buffer's; later kernels pass them on.
        by = "cpu" if self.kernel == "5.10" else "reference"
        self.assertEqual(road(documents["sendfile"]), {("page cache", "pipe", by)})


class On510(Paths, support.CleanTest):
    kernel = "5.10"


class On61(Paths, support.CleanTest):
    kernel = "6.1"


class On612(Paths, support.CleanTest):
    kernel = "6.12"


class On72(Paths, support.CleanTest):
    kernel = "7.2"


if __name__ == "__main__":
    support.main()
