"""RocketMQ, one broker: filled beforehand, then read by its own client while it is traced.

`transferMsgByHeap` decides how it answers who asks for messages, and may be changed while it runs. Its log of messages is
mapped, and what is mapped and was touched stays in the page cache: a topic comes from the disk once only.
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
TOPICS = {"small": (4096, 4096), "large": (16, MIB), "padding": (16, MIB), "followed": (1024, 4096),
          "followed_mapped": (1024, 4096)}
FILLED, READ = ("small", "large", "padding"), ("small", "large")
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
        return [jvm.knowing_itself(self.folder), f"-Drocketmq.home.dir={self.folder}", f"-Duser.home={self.folder}"]

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


def trace(stage):
    program = jvm.Program(stage.built / "rocketmq")
    program.need()
    folder = stage.scratch("rocketmq")
    shutil.copytree(stage.built / "rocketmq-filled/data", folder / "data")
    node, stored, connections = Node(program, folder, folder / "data"), {}, {}
    st.uncached(*node.log())
    with node.client(program.command) as client:
        client.ask("serve", folder / "names.conf")

        @contextlib.contextmanager
        def attached(name):
            with stage.attached(name, broker):
                yield
            close(name)

        def read(name, *topics, command="read"):
            stored[name] = sum(int(client.ask(command, topic, *TOPICS[topic])[0]) for topic in topics)

        def close(name):
            """When the trace is at its end: closing is answered, too."""
            connections[name] = st.received(client.process, node.port)
            client.ask("close")

        with stage.running("rocketmq_broker", node.command(program.command), node.answers) as broker:
            with attached("rocketmq"):
                read("rocketmq", *READ)
            with attached("rocketmq_follow"):
                read("rocketmq_follow", "followed", command="follow")
            assert ask(node.port, UPDATE_CONFIG, b"transferMsgByHeap=false") is not None
            with attached("rocketmq_mapped"):
                read("rocketmq_mapped", *READ)
            with attached("rocketmq_mapped_follow"):
                read("rocketmq_mapped_follow", "followed_mapped", command="follow")
        st.uncached(*node.log())
        start = node.command(program.command, "transferMsgByHeap=false")
        with stage.running("rocketmq_exec", stage.command("rocketmq_exec", start), node.answers):
            read("rocketmq_exec", *READ)
            connections["rocketmq_exec"] = st.received(client.process, node.port)
        client.ask("close")
    (stage.results / "rocketmq.received").write_text(json.dumps({"stored": stored, "connections": connections}))


PROGRAMS = {"rocketmq": trace}
