"""RocketMQ's broker under trace: how its consumers' messages left its mapped log, told from its trace alone, to the byte.

`OnThisMachine` is quick, and exact where this machine's kernel is. `InTheLab` is exact everywhere and takes minutes,
because its processor is emulated: tests/run -C whole -R rocketmq. What it leaves is kept for `zctrace claims`.
"""

import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lab"), str(HERE)]
import brokers  # noqa: E402
import lab_support as support  # noqa: E402
import rocketmq  # noqa: E402

GIVEN = ("rocketmq", "rocketmq_mapped")  # what J8 rests on
ENDING = 512  # bytes: a message of some 150 to each consumer, of at most two


class Told(brokers.Told):
    """What every trace of it must tell, whoever made it."""

    def stored(self, name):
        return json.loads((self.folder / f"{rocketmq.DOCUMENTS[name]}.stored").read_text())[name]

    def mapped(self, name, figure="bytes"):
        return sum(part[figure] for part in self.parts(name, lambda flow: "/commitlog/" in flow["from"]["name"])
                   if (part["method"], part["link"]) == ("mmap_write", "mapping"))

    def test_what_was_sent_is_what_the_client_received(self):
        for name in rocketmq.DOCUMENTS:
            # As it ends it closes its consumers' connections, and tells each of those still open which others are left.
            self.check_received(name, ENDING if name == "rocketmq_exec" else 0)

    def test_by_default_it_writes_from_its_heap(self):
        for name in ("rocketmq", "rocketmq_follow"):
            self.assertEqual(self.mapped(name), 0)
            for part in self.parts(name, lambda flow: flow["to"]["kind"] == "socket"):
                self.assertEqual((part["method"], part["link"]), ("write", "none"))
            self.check_copies(name, 1)

    def test_otherwise_it_writes_from_its_mapped_log(self):
        for name in ("rocketmq_mapped", "rocketmq_mapped_follow"):
            self.assertEqual(self.mapped(name), sum(self.stored(name).values()))
            self.check_copies(name, 1)
        # A call for each message, and one for each answer's head.
        self.assertEqual(self.mapped("rocketmq_mapped", "calls"), sum(rocketmq.TOPICS[topic][0] for topic in ("small", "large")))

    def test_the_setting_decides_in_one_run_too(self):
        self.assertEqual(self.mapped("rocketmq_exec"), self.stored("rocketmq_exec")["large"])

    def test_who_lags_has_it_read_from_the_disk_by_page_faults(self):
        for name in ("rocketmq", "rocketmq_mapped"):
            self.assertGreater(self.document(name)["ledger"]["dma"]["disk_bytes"], 0)
        if self.exact:
            self.assertGreaterEqual(self.document("rocketmq")["ledger"]["dma"]["disk_bytes"], sum(self.stored("rocketmq").values()))


class OnThisMachine(Told, brokers.OnThisMachine):
    broker = rocketmq


class InTheLab(Told, brokers.InTheLab):
    broker, given, title, jar = rocketmq, GIVEN, "Apache RocketMQ", "rocketmq-broker"


del brokers.OnThisMachine, brokers.InTheLab
support.main()
