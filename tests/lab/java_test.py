"""The methods in Java: what their JVM asks of the kernel, measured as the others are."""

import os
import re
import shlex
import shutil
import subprocess
import unittest

import lab_support as support

JAVA = {"java_transferto": 0, "java_mapped": 1, "java_stream": 2}  # CPU copies per byte
CALLS = {"java_transferto": {"sendfile"}, "java_mapped": {"mmap", "write"}, "java_stream": {"read", "write"}}
SIZE, CHUNK = 4 << 20, 64 << 10
COPIER = """
import java.io.*;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

class Copier {
  public static void main(String[] files) throws Exception {
    Thread streams = new Thread(() -> {
      try (var in = new FileInputStream(files[0]); var out = new FileOutputStream(files[1])) { in.transferTo(out); }
      catch (IOException error) { throw new UncheckedIOException(error); }
    }, "by-streams");
    Thread arrays = new Thread(() -> {
      try (var in = new FileInputStream(files[0]); var out = new FileOutputStream(files[2])) {
        byte[] array = new byte[1 << 16];
        for (int got; (got = in.read(array)) > 0;) out.write(array, 0, got);
      }
      catch (IOException error) { throw new UncheckedIOException(error); }
    }, "by-arrays");
    Thread channels = new Thread(() -> {
      try (var in = FileChannel.open(Path.of(files[0]))) { in.read(java.nio.ByteBuffer.allocate((int) in.size())); }
      catch (IOException error) { throw new UncheckedIOException(error); }
    }, "by-channels");
    streams.start();
    streams.join();
    arrays.start();
    arrays.join();
    channels.start();
    channels.join();
  }
}
"""


class JavaTest(support.CleanTest):
    def check(self, method, data):
        self.check_exact(data)
        self.check_copies_per_byte(data, JAVA[method])
        self.check_own_copies(data, SIZE if method == "java_stream" else 0)
        calls = data["ledger"]["syscalls"]
        self.assertLessEqual(CALLS[method], set(calls))
        for call in CALLS[method] - {"mmap"}:
            self.assertEqual(calls[call], SIZE // CHUNK, call)

    def check_cpu_time(self, data):
        """That of the thread that moves the payload; a JVM's others sleep beside it."""
        at = {event["name"]: event["t"] for event in data["events"] if event["kind"] == "mark"}
        self.assertGreater(data["ledger"]["cpu_time_ns"], 0)
        self.assertLessEqual(data["ledger"]["cpu_time_ns"], at["transfer ends"] - at["transfer begins"])

    def check_own_copies(self, data, into):
        """A file's stream copies each byte into an array. A socket's stream takes them out of it without the JVM's own
        functions for arrays, and channels do not use arrays."""
        own = data["ledger"]["array_copies"]
        self.assertEqual(own["evidence"], "exact")
        self.assertEqual((own["into_bytes"], own["out_of_bytes"]), (into, 0))

    def copier(self):
        """A folder with a program and what it is to copy, and its command."""
        folder = support.SCRATCH / "copier"
        folder.mkdir()
        (folder / "Copier.java").write_text(COPIER)
        subprocess.run(["javac", "-d", folder, folder / "Copier.java"], check=True)
        (folder / "source").write_bytes(os.urandom(SIZE))
        command = [shutil.which("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", folder,
                   "Copier", folder / "source", "/run/zctrace/disk/copied", "/run/zctrace/disk/passed"]
        traced = shlex.join(map(str, [support.ZCTRACE, "exec", "-o", "/run/copier.json", "--", *command]))
        return ["/bin/sh", "-c", f"{traced} >/dev/null && cat /run/copier.json"]

    def check_copier(self, result):
        """What is told of a program that is followed from its start: which thread, and what its streams copied."""
        self.assertEqual(result.status, 0, result)
        (data,) = support.documents(result.out)
        own = data["ledger"]["array_copies"]
        self.assertEqual(own["evidence"], "exact")
        little = 64 << 10  # that a JVM copies when it starts
        for copied in (own["into_bytes"], own["out_of_bytes"]):
            self.assertTrue(2 * SIZE <= copied < 2 * SIZE + little, own)

        def threads(end, file):
            return {name for flow in data["ledger"]["flows"]["list"] if flow[end]["name"].endswith(file)
                    for part in flow["parts"] for name in part["threads"]}

        self.assertEqual(threads("from", "/source"), {"by-streams", "by-arrays", "by-channels"})
        self.assertEqual(threads("to", "/copied"), {"by-streams"})

        # Of a big array, what is copied in and what is copied out of it go through one piece of native memory. A
        # channel's read into an array copies as well, but no probe tells it, and it was of the same file.
        whys = {(flow["from"]["kind"], flow["to"]["name"].rpartition("/")[2]): flow.get("why", [])
                for flow in data["ledger"]["flows"]["list"] if flow["bytes"] >= SIZE}
        self.assertEqual(whys, {("file", "passed"): ["jvm_arrays_passed"], ("memory", "copied"): ["jvm_arrays_written"],
                                ("file", ""): []})

    def test_in_one_guest(self):
        """To a network card, over veth, and a program that does it by itself."""
        if not shutil.which("javac"):
            raise unittest.SkipTest("no JDK")
        runs = {path: ["run", *JAVA, "--kernel", "host", "--path", path, "--json"] for path in ("nic", "veth")}
        results = support.in_one_guest("6.12", *support.RUN_LOADED, **runs, copier=self.copier())
        with self.subTest("followed from its start"):
            self.check_copier(results.pop("copier"))
        for path, result in results.items():
            for method, data in support.measured(result).items():
                with self.subTest(path=path, method=method):
                    self.assertEqual(data["run"]["path"]["kind"], path)
                    self.check(method, data)

    def test_without_a_jdk(self):
        """What needs one says so; all others are run."""
        nowhere = {"PATH": "/usr/sbin:/sbin", "JAVA_HOME": ""}
        asked = support.run("run", "java_stream", "--kernel", "host", env=nowhere)
        self.check_error(asked, 1, "JDK", "default-jdk-headless")
        support.need_root()
        everything = support.run("run", "all", "--kernel", "host", "--size", "64KiB", "--json", env=nowhere)
        self.assertEqual(everything.status, 0, everything)
        self.assertIn("skipping java_transferto, java_mapped, java_stream: there is no JDK", everything.err)
        skipped = re.findall(r"^zctrace: skipping (.*?):", everything.err, re.MULTILINE)
        known = re.findall(r"^(\S+) ", support.run("list").out, re.MULTILINE)
        self.assertEqual(len(support.documents(everything.out)), len(known) - len(", ".join(skipped).split(", ")))


if __name__ == "__main__":
    support.main()
