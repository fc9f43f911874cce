"""Pulsar under trace: how messages and packages left its disk, told from its trace alone, to the byte.

`OnThisMachine` is quick, and exact where this machine's kernel is. `InTheLab` is exact everywhere and takes minutes,
because its processor is emulated: tests/run -C whole -R pulsar. What it leaves is kept for `zctrace claims`.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lab"), str(HERE)]
import brokers  # noqa: E402
import lab_support as support  # noqa: E402
import pulsar  # noqa: E402

GIVEN = ("pulsar_package",)  # what J7 rests on
ENDING = 512  # bytes: some words to each reader that it closes


def is_entry_log(flow):
    return "/bookkeeper/current/" in flow["from"]["name"] and flow["from"]["name"].endswith(".log")


class Told(brokers.Told):
    """What every trace of it must tell, whoever made it."""

    def bytes_of(self, topic):
        messages, size = pulsar.TOPICS[topic]
        return messages * size

    def test_what_was_sent_is_what_the_client_received(self):
        for name in pulsar.DOCUMENTS:
            # When it ends it says to each of its readers that it closes.
            self.check_received(name, more=ENDING if name == "pulsar_exec" else 0)

    def test_a_package_is_read_and_written(self):
        parts = self.parts("pulsar_package", lambda flow: flow["from"]["name"].endswith("/package/v1/data"))
        self.assertEqual(sum(part["bytes"] for part in parts), pulsar.PACKAGED)
        self.assertEqual({part["method"] for part in parts}, {"read"})
        self.check_disk(sum(part["disk_bytes"] for part in parts))
        self.check_copies("pulsar_package", 1)

    def check_disk(self, bytes):
        self.assertEqual(bytes, pulsar.PACKAGED)

    def test_what_lies_on_the_disk_is_read_and_written_twice(self):
        """By the bookkeeper to the broker, over a socket within the process; by the broker to the reader."""
        all = sum(self.bytes_of(topic) for topic in pulsar.FILLED)
        read = self.parts("pulsar", is_entry_log)
        self.assertGreaterEqual(sum(part["bytes"] for part in read), all)
        self.assertEqual({part["method"] for part in read}, {"read"})
        written = self.parts("pulsar", lambda flow: flow["to"]["kind"] == "socket")
        self.assertGreaterEqual(sum(part["bytes"] for part in written), 2 * all)
        self.assertLessEqual({part["method"] for part in written}, {"write", "read_write"})

    def test_who_follows_is_served_from_memory(self):
        self.assertEqual(self.parts("pulsar_follow", is_entry_log), [])
        written = self.parts("pulsar_follow", lambda flow: flow["to"]["kind"] == "socket")
        self.assertLessEqual({part["method"] for part in written}, {"write", "read_write"})


class OnThisMachine(Told, brokers.OnThisMachine):
    broker = pulsar

    def check_disk(self, bytes):
        """A machine short of memory gives up what it read ahead, and reads it once more."""
        self.assertGreaterEqual(bytes, pulsar.PACKAGED)


class InTheLab(Told, brokers.InTheLab):
    broker, given, title, jar = pulsar, GIVEN, "Apache Pulsar", "pulsar-broker"


del brokers.OnThisMachine, brokers.InTheLab
support.main()
