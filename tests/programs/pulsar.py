"""Pulsar, one broker with its bookkeeper in one process: filled beforehand, then read while it is traced.

What it packs for `functions` lies in files of its own, and is downloaded by the interface for administrators.
"""

import contextlib
import http.client
import random
import shutil

import jvm
import stage as st

BROKER, CLIENT = "org.apache.pulsar.PulsarStandaloneStarter", "PulsarUser"
HEAP, DIRECT, CLIENTS_HEAP = 192, 128, 128  # MiB
MIB = 1 << 20
TOPICS = {"small": (4096, 4096), "large": (16, MIB), "followed": (1024, 4096)}  # messages and their size
FILLED = ("small", "large")
PACKAGE, PACKAGED = "function://public/default/package@v1", 16 * MIB
# As its own start script asks for, on Java 17.
OPEN = ["java.base/java.nio", "java.base/jdk.internal.misc", "java.base/sun.net", "java.base/java.lang",
        "java.base/java.util.zip", "java.base/jdk.internal.platform", "java.management/sun.management",
        "jdk.management/com.sun.management.internal"]

# What its standalone.conf says otherwise than its classes do; and small pools.
SETTINGS = """\
clusterName=standalone
bindAddress=127.0.0.1
advertisedAddress=127.0.0.1
brokerServicePort={port}
webServicePort={web}
managedLedgerDefaultEnsembleSize=1
managedLedgerDefaultWriteQuorum=1
managedLedgerDefaultAckQuorum=1
loadBalancerEnabled=false
loadManagerClassName=org.apache.pulsar.broker.loadbalance.NoopLoadManager
ledgerStorageClass=org.apache.bookkeeper.bookie.storage.ldb.DbLedgerStorage
journalSyncData=false
flushInterval=60000
allowLoopback=true
diskUsageThreshold=0.99
diskUsageWarnThreshold=0.99
keepAliveIntervalSeconds=600
numIOThreads=2
numHttpServerThreads=4
managedLedgerCacheSizeMB=16
enablePackagesManagement=true
packagesManagementStorageProvider=org.apache.pulsar.packages.management.storage.filesystem.FileSystemPackagesStorageProvider
STORAGE_PATH={data}/packages
"""


class Node:
    """A broker's settings, in a folder of its own.

    Its bookkeeper keeps the port that it had when its data were made, and wants to find them at the same path: a
    relative one.
    """

    def __init__(self, program, folder):
        self.program, self.folder, self.data = program, folder, folder / "data"
        self.port, self.web_port = st.free_port(), st.free_port()
        self.broker, self.web = f"pulsar://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.web_port}"

    def command(self, start):
        settings = self.folder / "standalone.conf"
        settings.write_text(SETTINGS.format(port=self.port, web=self.web_port, data=self.data))
        return start(BROKER, "--config", settings, "--no-functions-worker", "--no-stream-storage", "--num-bookies", "1",
                     "--metadata-dir", "data/metadata", "--bookkeeper-dir", "data/bookkeeper", heap=HEAP,
                     flags=[f"-XX:MaxDirectMemorySize={DIRECT}m", *self.flags()])

    def client(self, start):
        return jvm.Talking(start(CLIENT, heap=CLIENTS_HEAP, flags=self.flags()), self.folder / "client.said")

    def flags(self):
        return [jvm.knowing_itself(self.folder), "-Dio.netty.tryReflectionSetAccessible=true",
                "-Dlog4j2.configurationFile=quiet.xml", *(f"--add-opens={package}=ALL-UNNAMED" for package in OPEN)]

    def answers(self):
        """It says that it is ready, and has the namespace that everybody uses."""
        if not st.listens(self.web_port):
            return False
        return get(self.web_port, "brokers/ready") == b"ok" and b"public/default" in get(self.web_port, "namespaces/public")

    def files(self):
        return [path for path in self.data.rglob("*") if path.is_file()]


def get(port, path):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=st.PATIENCE)
        connection.request("GET", f"/admin/v2/{path}", headers={"Connection": "close"})
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return b""


def package():
    return random.Random(PACKAGE).randbytes(PACKAGED)


def prepare(program, folder):
    """On the host: topics, a package, and what the JVMs learn while they are filled."""
    program.need()
    program.compile()
    folder.mkdir()
    node, stage = Node(program, folder), st.Stage(None, folder / "stage", folder / "results", folder)
    (folder / "package").write_bytes(package())
    with (stage.running("pulsar", node.command(program.learning), node.answers, folder),
          node.client(program.learning) as client):
        for topic in FILLED:
            client.ask("fill", node.broker, topic, *TOPICS[topic])
        client.ask("upload", node.web, PACKAGE, folder / "package")
        client.ask("read", node.broker, "large", *TOPICS["large"])
        client.ask("download", node.web, PACKAGE, folder / "downloaded")
        client.ask("close")


@contextlib.contextmanager
def filled(stage, name):
    """A broker's data and settings, the command that starts it, and who reads from it."""
    program = jvm.Program(stage.built / "pulsar")
    program.need()
    st.need(stage.built / "pulsar-filled")
    folder = stage.scratch(name)
    shutil.copytree(stage.built / "pulsar-filled/data", folder / "data")
    node = Node(program, folder)
    st.uncached(*node.files())
    with node.client(program.command) as client:
        yield node, node.command(program.command), Reader(client, node)
        client.ask("close")


class Reader:
    def __init__(self, client, node):
        self.client, self.node = client, node

    def ask(self, command, *topics):
        for topic in topics:
            self.client.ask(command, self.node.broker, topic, *TOPICS[topic])

    def download(self):
        self.client.ask("download", self.node.web, PACKAGE, self.node.folder / "downloaded")
        assert (self.node.folder / "downloaded").read_bytes() == package(), "the package is another"

    def received(self):
        return st.received(self.client.process, self.node.port, self.node.web_port)


def attached(stage):
    """A reader of what lies on the disk, one that follows, and who downloads a package."""
    with (filled(stage, "pulsar_running") as (node, command, reader),
          stage.running("pulsar_broker", command, node.answers, node.folder) as broker):
        with stage.attached_while_received("pulsar_package", broker, reader.received):
            reader.download()
        with stage.attached_while_received("pulsar", broker, reader.received):
            reader.ask("read", *FILLED)
        with stage.attached_while_received("pulsar_follow", broker, reader.received):
            reader.ask("follow", "followed")


def started(stage):
    """Traced from its start to its end."""
    with filled(stage, "pulsar_started") as (node, command, reader):
        start = stage.command("pulsar_exec", command)
        with stage.running("pulsar_exec", start, node.answers, node.folder):
            reader.ask("read", "large")
            reader.download()
            stage.note("pulsar_exec", {port: (got, got) for port, got in reader.received().items()})


PROGRAMS = {"pulsar_attached": attached, "pulsar_started": started}
DOCUMENTS = ("pulsar_package", "pulsar", "pulsar_follow", "pulsar_exec")
