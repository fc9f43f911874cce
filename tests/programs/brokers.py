"""What the tests of brokers share: filled on this machine, traced here or in a guest, and asked of their documents."""

import json
import unittest

import jvm
import lab_support as support
import stage
import traces


def prepared(broker):
    """A folder with a filled broker's data."""
    name, built = broker.__name__, support.SCRATCH / "built"
    built.mkdir(exist_ok=True)
    program = jvm.Program(traces.FETCHED / name)
    try:
        broker.prepare(program, built / f"{name}-filled")
    except stage.Missing as missing:
        raise unittest.SkipTest(str(missing)) from None
    (built / name).symlink_to(program.folder)
    return built


class Told:
    def document(self, name):
        return support.document(self.folder / f"{name}.json")

    def flows(self, name):
        return self.document(name)["ledger"]["flows"]["list"]

    def parts(self, name, meant):
        return [part for flow in self.flows(name) if meant(flow) for part in flow["parts"]]

    def check_received(self, name, more=0):
        """Connection by connection: what was written while it was traced is what the kernel had for the client;
        `more`: it may say that much when it ends."""
        received = json.loads((self.folder / f"{name}.received").read_text())
        self.assertTrue(received)
        for port, (least, most) in received.items():
            with self.subTest(name, port=port):
                sent = sum(flow["bytes"] for flow in self.flows(name) if flow["to"]["name"].endswith(f":{port}"))
                self.assertGreaterEqual(sent, least)
                self.assertLessEqual(sent, most + more)

    def check_copies(self, name, copies):
        """Of each byte that went to a socket; known where the kernel tells."""
        for part in self.parts(name, lambda flow: flow["to"]["kind"] == "socket"):
            self.assertEqual(part["copies_known"] or not self.exact, True)
            if part["copies_known"]:
                self.assertAlmostEqual(part["cpu_bytes"] / part["bytes"], copies, delta=0.01)


class OnThisMachine(unittest.TestCase):
    broker = None

    @classmethod
    def setUpClass(cls):
        support.need_root()
        built, cls.folder = prepared(cls.broker), support.SCRATCH / "documents"
        here = stage.Stage(support.ZCTRACE, support.SCRATCH / "stage", cls.folder, built)
        for trace in cls.broker.PROGRAMS.values():
            trace(here)
        first = support.document(next(cls.folder.glob("*.json")))
        cls.exact = first["run"]["evidence"]["copies"] == "exact"


class InTheLab(unittest.TestCase):
    broker = given = title = jar = None
    exact = True

    @classmethod
    def setUpClass(cls):
        support.need_lab(traces.KERNEL)
        built, cls.folder = prepared(cls.broker), support.SCRATCH / "documents"
        cls.folder.mkdir()
        name = cls.broker.__name__
        outcomes = traces.trace_all([name], built, cls.folder)
        for each in cls.broker.PROGRAMS:
            if outcomes[each] != "ok":
                raise AssertionError(f"{each}: {outcomes[each]}")
        program = f"{cls.title} {jvm.Program(traces.FETCHED / name).version(cls.jar)}, {jvm.version()}"
        traces.keep(cls.folder, cls.given, dict.fromkeys(cls.given, program))
