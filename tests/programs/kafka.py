"""Kafka, one node: filled beforehand, then read by its own client while it is traced.

One broker serves all: what is traced of it is one consumer each, by `attach`; then another one from its start.
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
          "packed": (2048, 4096, "lz4", DEFAULT_SEGMENT), "many": (2048, 4096, "none", MIB)}
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
                return connection.recv(8)[4:] == struct.pack(">i", 7)
        except OSError:
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
        client.ask("read", plain, "-", "many", *TOPICS["many"][:2])
        client.ask("read", f"127.0.0.1:{node.tls}", node.clients_tls, "many", *TOPICS["many"][:2])


def trace(stage):
    program = jvm.Program(stage.built / "kafka")
    program.need()
    folder = stage.scratch("kafka")
    shutil.copytree(stage.built / "kafka-filled/data", folder / "data")
    node = Node(program, folder, folder / "data")
    start = program.command(BROKER, node.settings, heap=HEAP)
    plain, tls, received = f"127.0.0.1:{node.plain}", f"127.0.0.1:{node.tls}", {}
    with jvm.Talking(program.command(CLIENT, heap=CLIENTS_HEAP), folder / "client.said") as client:

        def read(name, *topics, broker=plain, properties="-", cold=True):
            for topic in topics:
                if cold:
                    st.uncached(*node.segments(topic))
                (got,) = client.ask("read", broker, properties, topic, *TOPICS[topic][:2])
                received.setdefault(name, {})[topic] = int(got)

        with stage.running("kafka_broker", start, node.answers) as broker:
            @contextlib.contextmanager
            def attached(name):
                with stage.attached(name, broker):
                    yield

            with attached("kafka"):
                read("kafka", "small", "large")
            with attached("kafka_warm"):
                read("kafka_warm", "small", cold=False)
            with attached("kafka_follow"):
                (got,) = client.ask("follow", plain, "-", "live", *LIVE)
                received["kafka_follow"] = {"live": int(got)}
            with attached("kafka_packed"):
                read("kafka_packed", "packed")
            with attached("kafka_many"):
                read("kafka_many", "many")
            with attached("kafka_tls"):
                read("kafka_tls", "small", broker=tls, properties=node.clients_tls)
        with stage.running("kafka_exec", stage.command("kafka_exec", start), node.answers):
            read("kafka_exec", "small", "large")
    sizes = {topic: [path.stat().st_size for path in node.segments(topic)] for topic in [*TOPICS, "live"]}
    (stage.results / "kafka.received").write_text(json.dumps({"received": received, "segments": sizes}))


PROGRAMS = {"kafka": trace}
