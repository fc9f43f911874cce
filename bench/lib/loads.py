"""What is measured under each tracer. A group has a title, the unit of its figures, its variants, the one that the
others are divided by, and measures one of them: wall and CPU time in ns, memory and documents in bytes."""

import os
import pathlib
import re
import signal
import socket
import time

from lib import tracers
from lib.children import Failed

PATIENCE = 20  # seconds for nginx to answer
SOURCE_BYTES = 16 << 20  # load.c has it too
CALLS = {
    "getppid": ("getppid", ("getppid", 0)),
    "pair-4k": ("read + write to TCP on loopback, 4 KiB", ("pair", 4096)),
    "pair-64k": ("read + write to TCP on loopback, 64 KiB", ("pair", 65536)),
    "sendfile": ("sendfile to TCP on loopback, 64 KiB", ("sendfile", 65536)),
    "splice": ("splice, file to pipe to TCP on loopback, 64 KiB", ("splice", 65536)),
}


def source(children):
    """A file for the loads to read, of random bytes."""
    file = children.scratch / "source"
    if not file.exists():
        file.write_bytes(pathlib.Path("/dev/urandom").open("rb").read(SOURCE_BYTES))
    return file


def run_load(children, way, load, seconds, processes=1):
    """(operations, CPU ns, wall ns) as the load itself measured them, and the Usage of all of it."""
    result = children.scratch / "load"
    result.unlink(missing_ok=True)
    usage = children.run(way([children.programs.load, *load, seconds, source(children), result, processes]))
    if not result.exists():
        raise Failed("the load has left no result")
    return *map(int, result.read_text().split()), usage


class Calls:
    """A loop of system calls: ns for each, of the loop itself; starting and ending the tracer is not in it."""

    unit, base = "ns", tracers.UNTRACED

    def __init__(self, children, ways, name, seconds):
        self.title, self._load = CALLS[name]
        self.variants, self._children, self._seconds = ways, children, seconds

    def measure(self, variant):
        operations, cpu, wall, usage = run_load(self._children, self.variants[variant], self._load, self._seconds)
        tracers.check_traced(self._children, variant, operations)
        return {"wall": wall / operations, "cpu": cpu / operations, "peak": usage.peak}


class Start:
    """From the start of `true` to its end."""

    title, unit, base = "starting and ending: true", "ns", tracers.STRACE

    def __init__(self, children, ways):
        self.variants, self._children = ways, children

    def measure(self, variant):
        return self._children.run(self.variants[variant](["true"]))._asdict()


NGINX = """daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr crit;
events {{}}
http {{
  access_log off; sendfile on; keepalive_requests 100000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


class Nginx:
    """ns for each request: of the clock, and of nginx' own CPU time. One process: not every tracer follows children."""

    title, unit, base = "nginx under wrk, 8 connections, 64 KiB by sendfile", "ns", tracers.UNTRACED

    def __init__(self, children, ways, seconds):
        self.variants, self._children, self._seconds = ways, children, max(1, round(4 * seconds))
        (children.scratch / "file").write_bytes(source(children).read_bytes()[: 64 << 10])

    def measure(self, variant):
        folder = self._children.scratch
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=port))
        (folder / "nginx.pid").unlink(missing_ok=True)
        nginx = ["nginx", "-p", folder, "-c", config]
        with self._children.started(self.variants[variant](nginx)) as tracer:
            pid, said = self._await(tracer, folder / "nginx.pid"), folder / "wrk"
            before = cpu_ns(pid)
            self._children.run(["wrk", "-t1", "-c8", f"-d{self._seconds}s", f"http://127.0.0.1:{port}/file"], said)
            cpu = cpu_ns(pid) - before
            os.kill(pid, signal.SIGTERM)
            usage = tracer.wait()
        found = re.search(r"(\d+) requests in [^R]*Requests/sec: *([\d.]+)", said.read_text())
        errors = re.search(r"Socket errors.*|Non-2xx.*", said.read_text())
        if not found or errors:
            raise Failed(f"wrk: {errors[0] if errors else 'no requests'}")
        tracers.check_traced(self._children, variant, int(found[1]))
        return {"wall": 1e9 / float(found[2]), "cpu": cpu / int(found[1]), "peak": usage.peak}

    @staticmethod
    def _await(tracer, file):
        """nginx writes its number when it listens."""
        deadline = time.monotonic() + PATIENCE
        while tracer.running() and time.monotonic() < deadline:
            if file.exists() and (text := file.read_text().strip()):
                return int(text)
            time.sleep(0.01)
        if not tracer.running():
            tracer.wait()
        raise Failed("nginx has not started")


def cpu_ns(pid):
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0])
