"""Programs of a JVM whose jars tests/run fetched by NAME/pom.xml into build/programs/NAME.

Their own classes, and what a JVM has learnt of all of them, are made beforehand: a guest would take minutes for it.
"""

import pathlib
import select
import shutil
import socket
import subprocess

import stage as st

HERE = pathlib.Path(__file__).resolve().parent
# To start soon matters more than to run fast. Loopback has no second protocol to look for.
FLAGS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true",
         "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]


class Program:
    """`folder`: that of its jars."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()  # an archive is of these paths
        self.name = self.folder.name

    def need(self):
        if not shutil.which("java"):
            raise st.Missing("java is missing")
        st.need(self.folder)

    def compile(self):
        """The classes of NAME/*.java and NAME/resources, as one more jar: an archive of classes knows of no folders."""
        if not shutil.which("javac"):
            raise st.Missing("javac is missing")
        sources, jar = sorted((HERE / self.name).glob("*.java")), self.folder / "ours.jar"
        resources = HERE / self.name / "resources"
        inputs = [*sources, *resources.glob("*")]
        if jar.exists() and jar.stat().st_mtime > max(path.stat().st_mtime for path in inputs):
            return
        jars, classes = self.jars(), self.folder / "ours"
        quietly("javac", "-nowarn", "-d", classes, "-cp", jars, *sources)
        folders = [classes, *([resources] if resources.exists() else [])]
        quietly("jar", "--create", "--file", jar, *(word for folder in folders for word in ("-C", folder, ".")))
        shutil.rmtree(classes)

    def version(self, jar):
        """In the name of that jar."""
        (found,) = self.folder.glob(f"{jar}-[0-9]*.jar")  # not another one whose name goes on
        return found.stem[len(jar) + 1:]

    def jars(self):
        return ":".join(str(jar) for jar in sorted(self.folder.glob("*.jar")))

    def command(self, main, *arguments, heap, flags=()):
        """Of a class and its arguments; `heap` in MiB."""
        archive = self.archive(main)
        shared = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
        return [shutil.which("java"), f"-Xmx{heap}m", *FLAGS, *shared, *flags, "-cp", self.jars(), main, *arguments]

    def learning(self, main, *arguments, heap, flags=()):
        """The same command; where there is no archive of its classes yet, its process leaves one when it ends."""
        archive, jars = self.archive(main), self.folder.glob("*.jar")
        if archive.exists() and archive.stat().st_mtime <= max(jar.stat().st_mtime for jar in jars):
            archive.unlink()
        learn = [] if archive.exists() else [f"-XX:ArchiveClassesAtExit={archive}"]
        return self.command(main, *arguments, heap=heap, flags=[*learn, *flags])

    def archive(self, main):
        return self.folder / f"{main}.jsa"


def knowing_itself(folder):
    """A flag by which a JVM finds its own host's name, which nobody can tell it in a guest."""
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()}\n")
    return f"-Djdk.net.hosts.file={hosts}"


def version():
    """ "OpenJDK 17.0.15" """
    said = subprocess.run(["java", "-version"], capture_output=True, check=False, text=True).stderr
    return "OpenJDK " + said.split('"')[1]


def quietly(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False, timeout=st.PATIENCE)
    if done.returncode:
        raise AssertionError(f"{command[0]}: status {done.returncode}\n{done.stderr.decode(errors='replace')}")


class Talking:
    """A program of ours that obeys a line of its input with a line of its output: "ok ..." or what is wrong."""

    def __init__(self, command, said):
        self.said = pathlib.Path(said)
        with open(self.said, "ab") as words:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=words, text=True)

    def ask(self, *words):
        """What follows its "ok"."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], st.PATIENCE)
        answer = self.process.stdout.readline() if ready else f"nothing in {st.PATIENCE} s"
        if not answer.startswith("ok"):
            raise AssertionError(f"{words}: {answer}\n{self.said.read_text(errors='replace')[-2000:]}")
        return answer.split()[1:]

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        if error:
            self.process.kill()
        self.process.communicate(timeout=st.PATIENCE)
