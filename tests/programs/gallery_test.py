"""Real programs, traced in one guest: how each moved its data, told from its trace alone.

A program that is not installed is skipped. The traces that claims of the documents rest on are kept where `zctrace claims`
looks for them.
"""

import collections
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lab"), str(HERE)]
import java  # noqa: E402
import jvm  # noqa: E402
import lab_support as support  # noqa: E402
import mariadb  # noqa: E402
import nginx  # noqa: E402
import python  # noqa: E402
import servers  # noqa: E402
import tools  # noqa: E402
import traces  # noqa: E402

FAMILIES = (tools, python, nginx, servers, mariadb, java)  # quick ones first
MIB = 1 << 20
GIVEN = ("nginx_default", "nginx_packaged", "tomcat", "netty", "mariadb")  # what claims rest on
JUDGED = ("J4", "J5", "J9", "J10")


def prepare(built):
    """What a guest would take minutes for, or cannot have: compiled classes, unpacked packages."""
    for name in ("nginx", "samba"):
        if (traces.FETCHED / name).exists():
            (built / name).symlink_to(traces.FETCHED / name)
    servers.prepare(built)
    for main, jars in java.SOURCES.items():
        if shutil.which("javac") and all(pathlib.Path(jar).exists() for jar in jars):
            subprocess.run(["javac", "-nowarn", "-d", built, "-cp", ":".join(jars), HERE / f"{main}.java"], check=True,
                           capture_output=True)


def versions():
    """Of what claims rest on."""
    def said(*command):
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, check=False, text=True)
        except OSError:
            return ""
        return (done.stdout + done.stderr).strip()

    def package(name):
        return said("dpkg-query", "-W", "-f", "${Version}", name)

    nginx = said(traces.FETCHED / "nginx/usr/sbin/nginx", "-v").split(": ")[-1]
    return {"nginx_default": nginx, "nginx_packaged": nginx,
            "tomcat": f"Tomcat {package('libtomcat10-embed-java')}, {jvm.version()}",
            "netty": f"Netty {package('libnetty-java')}, {jvm.version()}",
            "mariadb": f"MariaDB {package('mariadb-server-core')}"}


def end_of(flow, which):
    """A file by its own name, memory by whose it is, others by what they are."""
    end = flow[which]
    if end["kind"] == "memory" and "process" in flow:
        return flow["process"]["command"]
    return pathlib.Path(end["name"]).name if end["kind"] == "file" else end["kind"]


def is_within(chain, called):
    """Does one call the other in this order, others between them?"""
    left = iter(called)
    return all(function in left for function in chain)


class GalleryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.need_lab(traces.KERNEL)
        built, cls.folder = support.SCRATCH / "built", support.SCRATCH / "documents"
        built.mkdir()
        cls.folder.mkdir()
        prepare(built)
        cls.outcomes = traces.trace_all([family.__name__ for family in FAMILIES], built, cls.folder)
        traces.keep(cls.folder, [name for name in GIVEN if cls.outcomes[name] == "ok"], versions())

    def trace(self, name):
        outcome = self.outcomes[name]
        if outcome.startswith("skipped"):
            self.skipTest(f"{name} {outcome}")
        self.assertEqual(outcome, "ok")
        return support.document(self.folder / f"{name}.json")

    def flows(self, name, to, file=None):
        """Those of the program's own file: from it to that kind of end."""
        file = file or f"{name}.bin"
        return [flow for flow in self.trace(name)["ledger"]["flows"]["list"]
                if flow["from"]["name"].endswith(f"/{file}") and flow["to"]["kind"] == to]

    def check_flow(self, name, to, method, copies, file=None):
        (flow,) = self.flows(name, to, file)
        self.assertEqual((flow["method"], flow["bytes"]), (method, 4 * MIB))
        self.assertGreaterEqual(flow["cpu_copies_per_byte"], copies)
        self.assertLess(flow["cpu_copies_per_byte"], copies + 0.01)

    # Servers: from a file to a socket.

    def test_nginx_as_debian_configures_it(self):
        self.check_flow("nginx_packaged", "socket", "sendfile", 0)

    def test_nginx_as_it_is_compiled(self):
        self.check_flow("nginx_default", "socket", "read_write", 2)

    def test_nginx_without_sendfile(self):
        self.check_flow("nginx_ways", "socket", "read_write", 2, "sendfile_off.bin")

    def test_nginx_with_directio(self):
        self.check_flow("nginx_ways", "socket", "direct_io", 1, "directio.bin")

    def test_ten_files_to_ten_clients_are_ten_flows(self):
        log = dict(line.split() for line in (self.folder / "nginx_ten.log").read_text().splitlines())
        self.assertEqual(len(log), 10)
        sockets = set()
        for uri, sent in log.items():
            (flow,) = self.flows("nginx_ten", "socket", uri.strip("/"))
            self.assertEqual((flow["bytes"], flow["method"]), (int(sent), "sendfile"), uri)
            sockets.add(flow["to"]["name"])
        self.assertEqual(len(sockets), 10)

    def test_tomcat(self):
        self.check_flow("tomcat", "socket", "sendfile", 0)

    def test_netty(self):
        self.check_flow("netty", "socket", "sendfile", 0)

    def test_python_sendfile(self):
        self.check_flow("python_sendfile", "socket", "sendfile", 0)

    # TLS: what touched the bytes is said in the three lines below the command.

    def first_lines(self, name):
        self.flows(name, "socket")  # skips where the program is not here
        shown = support.run("show", str(self.folder / f"{name}.json"))
        self.assertEqual(shown.status, 0, shown.err)
        return " ".join(line.strip() for line in shown.out.splitlines()[:4])

    def check_own_tls(self, name):
        """Read and written by the program, which encrypts in between: not seen, and not told as something else."""
        text = self.first_lines(name)
        self.assertRegex(text, r"4\.\d+ MiB (read )?from .*, 4\.\d+ MiB written to .*not from the same buffers")
        self.assertIn("own passes over them are not visible", text)
        for flow in self.flows(name, "socket"):
            for part in flow["parts"]:
                self.assertNotIn("transform_bytes", part)

    def test_nginx_with_tls_of_its_own(self):
        self.check_own_tls("nginx_tls")

    def test_python_with_tls_of_its_own(self):
        self.check_own_tls("python_tls")

    def test_a_jvm_with_tls_of_its_own(self):
        self.check_own_tls("java_tls")

    def test_nginx_with_kernel_tls(self):
        (flow,) = self.flows("nginx_kernel_tls", "socket", "nginx_kernel_tls.bin")
        self.assertEqual((flow["method"], flow["bytes"], flow["cpu_copies_per_byte"]), ("sendfile", 4 * MIB, 0))
        (part,) = flow["parts"]
        self.assertEqual(part["transform_by"], ["aes_gcm"])
        # In each record of TLS 1.3 the cipher takes a byte more.
        self.assertEqual(part["transform_bytes"], 4 * MIB + 4 * MIB // 16384)
        text = self.first_lines("nginx_kernel_tls")
        self.assertIn("0.00 copies, 1.00 transforms per byte (AES-GCM by the CPU)", text)
        self.assertIn("not copied, but read and written by the cipher", text)

    def test_a_program_that_mixes_shows_both(self):
        (flow,) = self.flows("mixed", "socket")
        self.assertEqual((flow["method"], flow["bytes"]), ("mixed", 4 * MIB))
        self.assertEqual({part["method"]: part["bytes"] for part in flow["parts"]},
                         {"read_write": 2 * MIB, "sendfile": 2 * MIB})
        self.assertAlmostEqual(flow["cpu_copies_per_byte"], 1, delta=0.01)

    # Tools: from file to file, or to a pipe.

    def test_cp(self):
        self.check_flow("tools", "file", "copy_file_range", 1, "cp.bin")

    def test_dd(self):
        self.check_flow("tools", "file", "read_write", 2, "dd.bin")

    def test_dd_direct(self):
        self.check_flow("tools", "file", "direct_io", 1, "dd_direct.bin")

    def test_cat(self):
        self.check_flow("tools", "file", "copy_file_range", 1, "cat.bin")

    def test_cat_to_a_pipe(self):
        self.check_flow("tools", "pipe", "read_write", 2, "cat_pipe.bin")

    # A database.

    def test_innodb_goes_past_the_page_cache(self):
        by_method = collections.Counter()
        for flow in self.trace("mariadb")["ledger"]["flows"]["list"]:
            if ".ibd" in flow["from"]["name"] + flow["to"]["name"]:
                for part in flow["parts"]:
                    by_method[part["method"]] += part["bytes"]
        self.assertEqual(set(by_method), {"direct_io"})
        self.assertGreaterEqual(by_method["direct_io"], 8 * MIB)

    # Why they copy.

    def test_each_program_is_told_why_it_copies_and_nothing_else(self):
        for family in FAMILIES:
            self.assertEqual(set(family.WHY), set(family.PROGRAMS))
            for name, rows in family.WHY.items():
                with self.subTest(name):
                    self.check_whys(name, rows)

    def check_whys(self, name, rows):
        """Rules that are told of what may not always be there end in a question mark."""
        found = collections.defaultdict(set)
        for flow in self.trace(name)["ledger"]["flows"]["list"]:
            found[end_of(flow, "from"), end_of(flow, "to")].update(flow.get("why", []))
        for ends, rules in rows.items():
            if self.is_absent(name, ends):
                continue
            told = found.pop(ends, set())
            self.assertLessEqual({rule for rule in rules if not rule.endswith("?")}, told, ends)
            self.assertLessEqual(told, {rule.rstrip("?") for rule in rules}, ends)
        self.assertEqual({ends: rules for ends, rules in found.items() if rules}, {})
        if absent := self.absent(name):
            self.skipTest(f"{', '.join(absent)}: not here")

    def absent(self, name):
        told = self.folder / f"{name}.absent"
        return told.read_text().split() if told.exists() else []

    def is_absent(self, name, ends):
        return any(end.partition(".")[0] in self.absent(name) for end in ends)

    # Which code copies.

    def test_the_copies_are_made_by_the_right_code(self):
        for name, rows in ((name, rows) for family in FAMILIES for name, rows in getattr(family, "STACKS", {}).items()):
            stacks = self.trace(name)["ledger"]["copy_stacks"]
            flows = {(end_of(flow, "from"), end_of(flow, "to")): flow for flow in self.trace(name)["ledger"]["flows"]["list"]}
            for ends, chains in rows.items():
                if ends in flows or not self.is_absent(name, ends):
                    with self.subTest(name, ends=ends):
                        self.check_stacks(stacks, flows[ends], chains)

    def check_stacks(self, stacks, flow, chains):
        """Nearly all of the flow's copies are made in these chains of functions, and in each of them."""
        copied = collections.Counter()
        for by in flow["copied_by"]:
            frames = (stacks["frames"][frame] for frame in stacks["stacks"][by["stack"]]["frames"])
            called = [frame["name"] for frame in frames if not frame.get("kernel")]
            copied[next((chain for chain in chains if is_within(chain.split(), called)), str(called))] += by["bytes"]
        self.assertEqual(sum(copied.values()), flow["cpu_bytes"])
        self.assertEqual({chain for chain, bytes in copied.items() if bytes > flow["cpu_bytes"] / 20}, set(chains))

    # The claims of the documents.

    def test_the_claims_are_judged_from_the_traces(self):
        for name in GIVEN:
            self.trace(name)
        result = support.run("claims", "--from", self.folder, "--id", ",".join(JUDGED), "--json")
        verdicts = {claim["id"]: claim["verdict"] for claim in json.loads(result.out)["claims"]}
        self.assertEqual(verdicts, {"J4": "holds", "J5": "holds", "J9": "holds_if", "J10": "holds"})


support.main()
