"""Kafka, one node: filled beforehand, then read by its own client while it is traced.

A running broker is traced by `attach`, once for each kind of consumer; then one from its start, by `exec`.
"""

import contextlib
import json
import shutil
import socket
import struct

import jvm
import stage as st

BROKER, CLIENT, FORMAT = "kafka.Kafka", "KafkaClient", "kafka.tools.StorageTool"
HEAP, CLIENTS_HEAP = 192, 96  # MiB
MIB = 1 << 20
DEFAULT_SEGMENT = 1 << 30
# Messages, their size, the producer's compression, the size of the topic's segments.
TOPICS = {"small": (4096, 4096, "none", DEFAULT_SEGMENT), "large": (16, MIB, "none", DEFAULT_SEGMENT),
          "packed": (2048, 4096, "lz4", DEFAULT_SEGMENT), "many": (4096, 4096, "none", MIB),
          "secret": (2048, 4096, "none", MIB)}
LIVE = 2048, 4096
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qg"

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{control}
listeners=PLAINTEXT://127.0.0.1:{plain},SSL://127.0.0.1:{tls},CONTROLLER://127.0.0.1:{control}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL
log.dirs={data}
offsets.topic.replication.factor=1
message.max.bytes=4194304
ssl.keystore.type=PEM
ssl.keystore.location={certificate}
# So that the heap can be small.
log.cleaner.dedupe.buffer.size=4194304
"""
CLIENTS_TLS = """\
security.protocol=SSL
ssl.truststore.type=PEM
ssl.truststore.location={certificate}
ssl.endpoint.identification.algorithm=
"""


class Node:
    """A broker's settings, in a folder of its own."""

    def __init__(self, program, folder, data):
        self.program, self.folder, self.data = program, folder, data
        self.answered = 0  # bytes
        self.plain, self.tls, control = (st.free_port() for _ in range(3))
        certificate = st.certificate(folder)
        self.settings = folder / "server.properties"
        self.settings.write_text(SETTINGS.format(plain=self.plain, tls=self.tls, control=control, data=data,
                                                 certificate=certificate))
        self.clients_tls = folder / "tls.properties"
        self.clients_tls.write_text(CLIENTS_TLS.format(certificate=folder / "certificate.pem"))

    def answers(self):
        """It tells which requests it understands: 18 is ApiVersions, without headers of later versions."""
        if not st.listens(self.plain):
            return False
        try:
            with socket.create_connection(("127.0.0.1", self.plain), timeout=st.PATIENCE) as connection:
                request = struct.pack(">hhih", 18, 0, 7, -1)
                connection.sendall(struct.pack(">i", len(request)) + request)
                with connection.makefile("rb") as answer:
                    (length,) = struct.unpack(">i", answer.read(4))
                    number, said = answer.read(4), answer.read(length - 4)
                    self.answered = 8 + len(said)
                    return number == struct.pack(">i", 7)
        except (OSError, struct.error):
            return False

    def segments(self, topic):
        return sorted((self.data / f"{topic}-0").glob("*.log"))


def prepare(program, folder):
    """On the host: topics, and what the JVMs learn while they are filled."""
    program.need()
    program.compile()
    folder.mkdir()
    node, stage = Node(program, folder, folder / "data"), st.Stage(None, folder / "stage", folder / "results", folder)
    jvm.quietly(*program.command(FORMAT, "format", "-t", CLUSTER, "-c", node.settings, heap=64))
    with (stage.running("kafka", program.learning(BROKER, node.settings, heap=HEAP), node.answers),
          jvm.Talking(program.learning(CLIENT, heap=CLIENTS_HEAP), folder / "client.said") as client):
        plain = f"127.0.0.1:{node.plain}"
        for topic, (messages, size, compression, segment) in TOPICS.items():
            client.ask("fill", plain, "-", topic, messages, size, compression, segment)
        client.ask("read", plain, "-", "secret", *TOPICS["secret"][:2])
        client.ask("read", f"127.0.0.1:{node.tls}", node.clients_tls, "secret", *TOPICS["secret"][:2])


class Reader:
    """Our client, and what it received while which document was recorded."""

    def __init__(self, client, node):
        self.client, self.node, self.received = client, node, {}

    def ask(self, name, command, *words, tls=False):
        port, properties = (self.node.tls, self.node.clients_tls) if tls else (self.node.plain, "-")
        (got,) = self.client.ask(command, f"127.0.0.1:{port}", properties, *words)
        self.received[name] = self.received.get(name, 0) + int(got)

    def read(self, name, *topics, tls=False):
        """From the disk."""
        for topic in topics:
            st.uncached(*self.node.segments(topic))
            self.ask(name, "read", topic, *TOPICS[topic][:2], tls=tls)


@contextlib.contextmanager
def filled(stage, name):
    """A broker's data and settings, the command that starts it, and a client; leaves NAME.sizes."""
    program = jvm.Program(stage.built / "kafka")
    program.need()
    folder = stage.scratch(name)
    st.need(stage.built / "kafka-filled")
    shutil.copytree(stage.built / "kafka-filled/data", folder / "data")
    node = Node(program, folder, folder / "data")
    with jvm.Talking(program.command(CLIENT, heap=CLIENTS_HEAP), folder / "client.said") as client:
        reader = Reader(client, node)
        yield node, program.command(BROKER, node.settings, heap=HEAP), reader
    sizes = {topic: sum(path.stat().st_size for path in node.segments(topic)) for topic in [*TOPICS, "live"]}
    (stage.results / f"{name}.sizes").write_text(json.dumps(
        {"received": reader.received, "answered": node.answered, "log": sizes, "plain": node.plain, "tls": node.tls}))


@contextlib.contextmanager
def running(stage, name):
    """The broker, untraced as yet, and who reads from it."""
    with (filled(stage, name) as (node, command, reader),
          stage.running(f"{name}_broker", command, node.answers) as broker):
        yield broker, reader


def as_they_come(stage):
    """A consumer that lags, and one that follows."""
    with running(stage, "kafka_plain") as (broker, reader):
        with stage.attached("kafka", broker):
            reader.read("kafka", "small", "large")
        with stage.attached("kafka_follow", broker):
            reader.ask("kafka_follow", "follow", "live", *LIVE)


def changed(stage):
    """Compressed by the producer; encrypted by the broker."""
    with running(stage, "kafka_changed") as (broker, reader):
        with stage.attached("kafka_packed", broker):
            reader.read("kafka_packed", "packed")
        with stage.attached("kafka_tls", broker):
            reader.read("kafka_tls", "secret", tls=True)


def started(stage):
    """Traced from its start to its end."""
    with (filled(stage, "kafka_started") as (node, command, reader),
          stage.running("kafka_exec", stage.command("kafka_exec", command), node.answers)):
        reader.read("kafka_exec", "many")


PROGRAMS = {"kafka_plain": as_they_come, "kafka_changed": changed, "kafka_started": started}
# Who leaves which documents.
DOCUMENTS = {"kafka": "kafka_plain", "kafka_follow": "kafka_plain", "kafka_packed": "kafka_changed",
             "kafka_tls": "kafka_changed", "kafka_exec": "kafka_started"}
