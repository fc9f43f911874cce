"""RocketMQ, one broker: filled beforehand, then read by its own client while it is traced.

`transferMsgByHeap` decides how it answers who asks for messages, and may be changed while it runs. Its log of messages is
mapped, and what was touched of a mapping stays in the page cache: a broker's topic comes from the disk once.
"""

import contextlib
import json
import shutil
import socket
import struct

import jvm
import stage as st

BROKER, CLIENT = "org.apache.rocketmq.broker.BrokerStartup", "RocketmqClient"
HEAP, CLIENTS_HEAP = 192, 96  # MiB
MIB = 1 << 20
# Messages and their size. When it starts it reads the three last files of its log: those of "padding".
TOPICS = {"small": (4096, 4096), "large": (16, MIB), "padding": (16, MIB), "followed": (256, 4096)}
FILLED = ("small", "large", "padding")
MAPPED = "transferMsgByHeap=false"
CLUSTER_INFO, RUNTIME_INFO, UPDATE_CONFIG = 106, 28, 25

SETTINGS = """\
brokerClusterName=cluster
brokerName=broker
brokerId=0
namesrvAddr=127.0.0.1:{names}
brokerIP1=127.0.0.1
listenPort={port}
haListenPort={replicas}
storePathRootDir={data}
storePathCommitLog={data}/commitlog
mappedFileSizeCommitLog=4194304
# They would make files of half a gigabyte.
messageIndexEnable=false
timerWheelEnable=false
# Where a disk is fuller than this, it deletes old messages.
diskMaxUsedSpaceRatio=95
{more}
"""


class Node:
    """A broker's settings, in a folder of its own, and who knows its name: a server in the client's process."""

    def __init__(self, program, folder, data):
        self.program, self.folder, self.data = program, folder, data
        self.port, self.names, self.replicas = (st.free_port() for _ in range(3))
        (folder / "names.conf").write_text(f"listenPort={self.names}\n")

    def command(self, start, more=""):
        settings = self.folder / "broker.conf"
        settings.write_text(SETTINGS.format(names=self.names, port=self.port, replicas=self.replicas, data=self.data,
                                            more=more))
        return start(BROKER, "-c", settings, heap=HEAP, flags=self.flags())

    def client(self, start):
        return jvm.Talking(start(CLIENT, heap=CLIENTS_HEAP, flags=[*self.flags(), f"-Dnames=127.0.0.1:{self.names}"]),
                           self.folder / "client.said")

    def flags(self):
        return [jvm.knowing_itself(self.folder), "-Dcom.rocketmq.remoting.client.connect.timeout=300000",
                f"-Drocketmq.home.dir={self.folder}", f"-Duser.home={self.folder}"]

    def answers(self):
        """It tells about itself, and has told who knows its name."""
        return ask(self.port, RUNTIME_INFO) is not None and b'"broker"' in (ask(self.names, CLUSTER_INFO) or b"")

    def log(self):
        return sorted((self.data / "commitlog").iterdir())


def ask(port, code, body=b""):
    """A request of RocketMQ's protocol; the answer's body, or None."""
    if not st.listens(port):
        return None
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=st.PATIENCE) as connection:
            header = json.dumps({"code": code, "language": "OTHER", "version": 0, "opaque": 1, "flag": 0}).encode()
            connection.sendall(struct.pack(">II", 4 + len(header) + len(body), len(header)) + header + body)
            answer = connection.makefile("rb")
            size, header = struct.unpack(">II", answer.read(8))
            said = json.loads(answer.read(header & 0xFFFFFF))
            return answer.read(size - 4 - (header & 0xFFFFFF)) if said["code"] == 0 else None
    except (OSError, struct.error):
        return None


def prepare(program, folder):
    """On the host: topics, and what the JVMs learn while they are filled."""
    program.need()
    program.compile()
    folder.mkdir()
    node, stage = Node(program, folder, folder / "data"), st.Stage(None, folder / "stage", folder / "results", folder)
    with node.client(program.learning) as client:
        client.ask("serve", folder / "names.conf")
        with stage.running("rocketmq", node.command(program.learning), node.answers):
            for topic in FILLED:
                client.ask("fill", topic, *TOPICS[topic])
            client.ask("read", "large", *TOPICS["large"])
            client.ask("close")


@contextlib.contextmanager
def filled(stage, name, more=""):
    """A broker's data and settings, the command that starts it, and a client; leaves NAME.stored."""
    program = jvm.Program(stage.built / "rocketmq")
    program.need()
    st.need(stage.built / "rocketmq-filled")
    folder = stage.scratch(name)
    shutil.copytree(stage.built / "rocketmq-filled/data", folder / "data")
    node = Node(program, folder, folder / "data")
    st.uncached(*node.log())
    with node.client(program.command) as client:
        client.ask("serve", folder / "names.conf")
        reader = Reader(client, node)
        yield node, node.command(program.command, more), reader
        (stage.results / f"{name}.stored").write_text(json.dumps(reader.stored))
        client.ask("close")


class Reader:
    """Our client, and the bytes of stored messages that came to it while which document was recorded."""

    def __init__(self, client, node):
        self.client, self.node, self.stored = client, node, {}

    def ask(self, name, command, *topics):
        for topic in topics:
            (got,) = self.client.ask(command, topic, *TOPICS[topic])
            self.stored.setdefault(name, {})[topic] = int(got)

    def received(self):
        return st.received(self.client.process, self.node.port)


def attached(name, more=""):
    """A consumer that lags, and one that follows."""

    def trace(stage):
        with (filled(stage, f"{name}_running", more) as (node, command, reader),
              stage.running(f"{name}_broker", command, node.answers) as broker):
            with stage.attached_while_received(name, broker, reader.received):
                reader.ask(name, "read", "small", "large")
            with stage.attached_while_received(f"{name}_follow", broker, reader.received):
                reader.ask(f"{name}_follow", "follow", "followed")

    return trace


def started(stage):
    """Traced from its start to its end; the setting is changed in between."""
    with (filled(stage, "rocketmq_started") as (node, command, reader),
          stage.running("rocketmq_exec", stage.command("rocketmq_exec", command), node.answers)):
        reader.ask("rocketmq_exec", "read", "small")
        assert ask(node.port, UPDATE_CONFIG, MAPPED.encode()) is not None
        reader.ask("rocketmq_exec", "read", "large")
        stage.note("rocketmq_exec", {}, reader.received(), reader.received())


PROGRAMS = {"rocketmq_heap": attached("rocketmq"), "rocketmq_mapping": attached("rocketmq_mapped", MAPPED),
            "rocketmq_started": started}
# Who leaves which documents.
DOCUMENTS = {"rocketmq": "rocketmq_running", "rocketmq_follow": "rocketmq_running",
             "rocketmq_mapped": "rocketmq_mapped_running", "rocketmq_mapped_follow": "rocketmq_mapped_running",
             "rocketmq_exec": "rocketmq_started"}
