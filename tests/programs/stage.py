"""What the programs of the gallery share: a folder of files to serve, a start under trace, clients that check each byte."""

import contextlib
import ctypes
import http.client
import http.server
import json
import mmap
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import tracing

PATIENCE = 600  # seconds, for a JVM on an emulated machine that is busy


class Missing(Exception):
    """What a program needs is not on this machine."""


def need(*paths):
    for path in paths:
        if not pathlib.Path(path).exists():
            raise Missing(f"{path} is missing")


def find(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin:/usr/local/go/bin")


class Stage:
    def __init__(self, zctrace, folder, results, built, stacked=()):
        """`zctrace`: None starts the programs untraced. `built`: what was compiled or unpacked beforehand. `stacked`: the
        traces with stacks."""
        self.zctrace, self.folder, self.stacked = zctrace, pathlib.Path(folder), stacked
        self.results, self.built = pathlib.Path(results), pathlib.Path(built)
        self.files = self.folder / "files"
        self.files.mkdir(parents=True)
        self.results.mkdir()

    def file(self, name, size):
        """A file of bytes that no other file has; what it holds comes from the disk or from memory, as it may."""
        path = self.files / name
        if not path.exists():
            path.write_bytes(random.Random(name).randbytes(size))
        return path

    def find(self, name):
        """A program that was built or unpacked beforehand, or is installed."""
        places = [self.built / name, *self.built.glob(f"*/usr/sbin/{name}")]
        return next((path for path in places if path.exists()), None) or find(name)

    def here(self, trace, programs, needed):
        """Those of the programs whose needs are met; the others are named in TRACE.absent."""
        absent = [name for name in programs if not all(map(self.find, needed.get(name, ())))]
        (self.results / f"{trace}.absent").write_text("\n".join(absent))
        return {name: program for name, program in programs.items() if name not in absent}

    def scratch(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder

    def command(self, name, command):
        stacks = ["--stacks"] if name in self.stacked else []
        tracer = [self.zctrace, "exec", "--quiet", *stacks, "-o", self.results / f"{name}.json", "--"]
        return [str(word) for word in [*(tracer if self.zctrace else []), *command]]

    def run(self, name, command, **more):
        """A program that ends by itself, and well; returns its output, where that is a pipe. What zctrace draws goes where
        it does no harm."""
        done = subprocess.run(self.command(name, command), timeout=PATIENCE, check=False, stderr=subprocess.PIPE, **more)
        if done.returncode:
            raise AssertionError(f"{command[0]}: status {done.returncode}\n{done.stderr.decode(errors='replace')}")
        return done.stdout

    def server(self, name, command, port):
        """A program that serves at a port, until it is told to end."""
        return self.running(name, self.command(name, command), lambda: listens(port))

    @contextlib.contextmanager
    def running(self, name, command, answers, folder=None):
        """A program from where it answers until it is told to end, which it must do well."""
        said = self.folder / f"{name}.said"
        with open(said, "ab") as words:
            started = subprocess.Popen([str(word) for word in command], stdout=words, stderr=words,
                                       stdin=subprocess.DEVNULL, cwd=folder)
        try:
            until(answers, started, f"{name} to answer")
            yield started
            started.send_signal(signal.SIGTERM)
            started.wait(PATIENCE)
        except Exception as error:
            raise AssertionError(f"{name}: {error}\n{said.read_text(errors='replace')[-2000:]}") from error
        finally:
            if started.poll() is None:
                started.kill()
                started.wait()

    @contextlib.contextmanager
    def attached_while_received(self, name, process, receives):
        """Traces it; leaves in NAME.received how much more `receives` tells from after the trace's begin to before its
        end, and from before its begin to after its end: what was sent while it was traced lies between."""
        before = receives()
        with self.attached(name, process):
            began = receives()
            yield
            least = receives()
        most = receives()
        self.note(name, {port: (least[port] - began.get(port, 0), most[port] - before.get(port, 0)) for port in least})

    def note(self, name, more):
        (self.results / f"{name}.received").write_text(json.dumps({port: span for port, span in more.items() if span[1]}))

    @contextlib.contextmanager
    def attached(self, name, process):
        """Traces a running program."""
        command = [self.zctrace, "attach", "-p", process.pid, "-o", self.results / f"{name}.json"]
        started = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL)
        try:
            until(lambda: tracing.is_tracing(started.pid), started, "its hooks")
            yield
            started.send_signal(signal.SIGINT)
            said = started.communicate(timeout=PATIENCE)[1].decode(errors="replace")
            if started.returncode:
                raise AssertionError(f"zctrace attach: status {started.returncode}\n{said}")
        finally:
            if started.poll() is None:
                started.kill()
                started.wait()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def upstream(folder):
    """Serves its files by HTTP, untraced; yields its port."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=folder)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def listens(port):
    """Looked up, for to try it would be a connection more for the program to serve."""
    wanted = f"0100007F:{port:04X}", f"00000000:{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A" and (local in wanted or local.endswith(f":{port:04X}")):
                return True
    return False


def received(process, *ports):
    """What each of a process's open connections to these ports has brought it: the bytes, by the process's own port."""
    asked = " or ".join(f"dport = :{port}" for port in ports)
    shown = subprocess.run(["ss", "-OtinpH", f"( {asked} )"], check=True, capture_output=True, text=True).stdout
    brought = {}
    for line in shown.splitlines():
        if f"pid={process.pid}," in line:
            bytes = re.search(r"bytes_received:(\d+)", line)
            brought[line.split()[3].rpartition(":")[2]] = int(bytes[1]) if bytes else 0
    return brought


def until(condition, program, what):
    """Not longer than the program runs."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if program.poll() is not None:
            raise AssertionError(f"waiting for {what}: it ended with status {program.returncode}")
        if time.monotonic() > deadline:
            raise AssertionError(f"waiting for {what}: not in {PATIENCE} s")
        time.sleep(0.1)


def uncached(*files):
    """What is read of them next comes from the disk. The kernel passes over a page that somebody holds just then."""
    for path in files:
        with open(path, "rb") as file:
            os.fsync(file)
            for _ in range(100):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                if not resident(file):
                    break
                time.sleep(0.05)
            else:
                raise AssertionError(f"{path} stays in the page cache")


def resident(file):
    """How many of its pages are in the page cache."""
    size, libc = os.fstat(file.fileno()).st_size, ctypes.CDLL(None, use_errno=True)
    if not size:
        return 0
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    at = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
    pages = (ctypes.c_ubyte * -(-size // mmap.PAGESIZE))()
    told = libc.mincore(ctypes.c_void_p(at), ctypes.c_size_t(size), pages)
    libc.munmap(ctypes.c_void_p(at), ctypes.c_size_t(size))
    assert told == 0, os.strerror(ctypes.get_errno())
    return sum(page & 1 for page in pages)



def certificate(folder):
    """A key and a certificate that nobody need trust, in one file."""
    need("/usr/bin/openssl")
    path = folder / "tls.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=localhost", "-keyout", path, "-out", folder / "certificate.pem"], check=True,
                   capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "certificate.pem").read_bytes())
    return path


def trusting():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def fetch(port, path, tls=False):
    """By HTTP/1.0, so that the server closes: the bytes must be the file's."""
    connection = (http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=trusting()) if tls else
                  http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE))
    connection.request("GET", f"/{path.name}", headers={"Connection": "close"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status == 200, f"status {response.status}"
    check_bytes(body, path)


def receive(port, path, tls=False):
    """All that the server sends unasked until it closes: the bytes must be the file's."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain, \
            (trusting().wrap_socket(plain) if tls else plain) as connection:
        body = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    check_bytes(body, path)


def check_bytes(body, path):
    wanted = path.read_bytes()
    assert body == wanted, f"{len(body)} bytes arrived, not the {len(wanted)} of {path.name}"
