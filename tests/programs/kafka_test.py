"""Kafka's broker under trace: how its consumers' messages left the disk, told from its trace alone, to the byte.

`OnThisMachine` is quick, and exact where this machine's kernel is. `InTheLab` is exact everywhere and takes minutes,
because its processor is emulated: tests/run -C whole -R kafka. What it leaves is kept for `zctrace claims`.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lab"), str(HERE)]
import brokers  # noqa: E402
import kafka  # noqa: E402
import lab_support as support  # noqa: E402

GIVEN = ("kafka", "kafka_follow", "kafka_packed", "kafka_tls")  # what J6 rests on


class Told(brokers.Told):
    """What every trace of it must tell, whoever made it."""

    def sizes(self, name):
        return json.loads((self.folder / f"{kafka.DOCUMENTS[name]}.sizes").read_text())

    def read_of(self, name, topic):
        """Of what was read of the topic's segments."""
        return self.parts(name, lambda flow: re.search(rf"/{topic}-0/\d+\.log$", flow["from"]["name"]))

    def carried(self, name, topic, method, figure="bytes"):
        return sum(part[figure] for part in self.read_of(name, topic) if part["method"] == method)

    def sent(self, name, port="plain"):
        """To the clients of that port."""
        own = f"tcp 127.0.0.1:{self.sizes(name)[port]} - "
        return [flow for flow in self.flows(name) if flow["to"]["name"].startswith(own)]

    def check_parts(self, parts, copies):
        """Of each byte; known where the kernel tells."""
        for part in parts:
            if part["copies_known"]:
                self.assertAlmostEqual(part["cpu_bytes"] / part["bytes"], copies, delta=0.01)
        if self.exact:
            self.assertTrue(all(part["copies_known"] for part in parts))

    def check_sendfile(self, name, topic, size):
        """All but the heads of batches that the broker looks for an offset in; a batch cut off by a response's limit
        is sent again with the next one."""
        sent = self.carried(name, topic, "sendfile")
        self.assertGreaterEqual(sent, size)
        self.assertLess(sent, size * 1.05)
        self.assertLess(self.carried(name, topic, "read"), size * 0.01)
        self.check_parts([part for part in self.read_of(name, topic) if part["method"] == "sendfile"], 0)

    def test_what_was_sent_is_what_the_client_received(self):
        for name in ("kafka", "kafka_follow", "kafka_packed", "kafka_exec"):
            with self.subTest(name):
                sizes = self.sizes(name)
                asked = sizes["answered"] if name == "kafka_exec" else 0  # whether it is ready
                self.assertEqual(sum(flow["bytes"] for flow in self.sent(name)), sizes["received"][name] + asked)

    def test_a_consumer_that_lags_is_sent_the_file_from_the_disk(self):
        log = self.sizes("kafka")["log"]
        for topic in ("small", "large"):
            self.check_sendfile("kafka", topic, log[topic])
            read = self.carried("kafka", topic, "sendfile", "disk_bytes") + self.carried("kafka", topic, "read", "disk_bytes")
            self.assertGreaterEqual(read, log[topic] * 0.99)
        # Batches of more than a response's limit come alone and whole.
        self.assertEqual(self.carried("kafka", "large", "sendfile"), log["large"])

    def test_a_consumer_that_follows_is_sent_what_is_in_memory(self):
        size = self.sizes("kafka_follow")["log"]["live"]
        self.check_sendfile("kafka_follow", "live", size)
        self.assertEqual(self.carried("kafka_follow", "live", "sendfile", "disk_bytes"), 0)
        (written,) = [flow for flow in self.flows("kafka_follow")
                      if re.search(r"/live-0/\d+\.log$", flow["to"]["name"]) and flow["from"]["kind"] == "memory"]
        self.assertEqual(written["bytes"], size)

    def test_what_the_producer_compressed_is_sent_as_it_is(self):
        log = self.sizes("kafka_packed")["log"]["packed"]
        messages, size, *_ = kafka.TOPICS["packed"]
        self.assertLess(log, messages * size * 0.8)
        self.check_sendfile("kafka_packed", "packed", log)

    def test_tls_is_read_and_written(self):
        sizes, sent = self.sizes("kafka_tls"), self.sent("kafka_tls", "tls")
        self.assertEqual(self.carried("kafka_tls", "secret", "sendfile"), 0)
        read, written = self.read_of("kafka_tls", "secret"), [part for flow in sent for part in flow["parts"]]
        heads = sum(part["bytes"] for part in read) - sizes["log"]["secret"]  # 17 bytes of a batch each
        self.assertEqual(heads % 17, 0)
        self.assertIn(heads // 17, range(1, 40))
        self.check_parts([part for part in read + written if part["bytes"] > 4096], 1)
        # Each record of it has a head, a type and a tag.
        self.assertGreater(sum(part["bytes"] for part in written), sizes["received"]["kafka_tls"])
        self.assertLess(sum(part["bytes"] for part in written), sizes["received"]["kafka_tls"] * 1.01)
        self.assertIn("own passes over them are not visible", self.shown("kafka_tls", 4))

    def test_segments_are_told_together_from_the_start(self):
        self.assertEqual(self.carried("kafka_exec", "many", "sendfile"), self.sizes("kafka_exec")["log"]["many"])
        self.check_sendfile("kafka_exec", "many", self.sizes("kafka_exec")["log"]["many"])
        self.assertRegex(self.shown("kafka_exec", 60), r"many-0/\*\.log ×17 → tcp")

    def test_it_is_called_by_its_class(self):
        for name in ("kafka", "kafka_exec"):
            self.assertTrue(self.shown(name, 1).startswith("java … kafka.Kafka"), self.shown(name, 1))

    def shown(self, name, lines):
        result = support.run("show", str(self.folder / f"{name}.json"))
        self.assertEqual(result.status, 0, result.err)
        return " ".join(line.strip() for line in result.out.splitlines()[:lines])


class OnThisMachine(Told, brokers.OnThisMachine):
    broker = kafka


class InTheLab(Told, brokers.InTheLab):
    broker, given, title, jar = kafka, GIVEN, "Apache Kafka", "kafka_2.13"


del brokers.OnThisMachine, brokers.InTheLab
support.main()
