"""What people run every day, and why the CPU copies there: a program each, with the reason that must be told in EXPECTED.

Those that Debian has and that would start a server when they are installed are unpacked by tests/run into
build/programs/debian.
"""

import contextlib
import gzip
import http.client
import http.server
import os
import pathlib
import shutil
import subprocess
import sys
import threading

import nginx
import stage as st

SIZE = 4 << 20
MEMORY = pathlib.Path("/dev/shm")  # another file system
NODE = """
const [port, file] = process.argv.slice(1);
require("net").createServer((socket) => require("fs").createReadStream(file).pipe(socket)).listen(+port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
"""


def debian(stage, program):
    """One that is unpacked or installed, as a command with its libraries."""
    root = stage.built / "debian"
    if not (root / program).exists():
        st.need(f"/{program}")
        return [pathlib.Path("/") / program]
    libraries = root / "usr/lib/x86_64-linux-gnu"
    return ["env", f"LD_LIBRARY_PATH={libraries}:{libraries}/samba", root / program]


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


def nginx_gzip(stage):
    path = stage.file("nginx_gzip.bin", SIZE)
    server, port = nginx.serve(stage, "nginx_gzip", "gzip on; gzip_comp_level 1; gzip_http_version 1.0;")
    with server:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=st.PATIENCE)
        connection.request("GET", f"/{path.name}", headers={"Accept-Encoding": "gzip", "Connection": "close"})
        st.check_bytes(gzip.decompress(connection.getresponse().read()), path)
        connection.close()


def nginx_proxy(stage):
    path = stage.file("nginx_proxy.bin", SIZE)
    with upstream(stage.files) as behind:
        server, port = nginx.serve(stage, "nginx_proxy", "", location=f"proxy_pass http://127.0.0.1:{behind};")
        with server:
            st.fetch(port, path)


def apache(name, settings):
    def trace(stage):
        command, path, folder, port = debian(stage, "usr/sbin/apache2"), stage.file(f"{name}.bin", SIZE), stage.scratch(name), st.free_port()
        modules = command[-1].parents[1] / "lib/apache2/modules"
        loaded = "\n".join(f"LoadModule {module}_module {modules}/mod_{module}.so" for module in ("mpm_prefork", "authz_core"))
        (folder / "apache.conf").write_text(f"""
{loaded}
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
Mutex file:{folder}
StartServers 1
DocumentRoot {stage.files}
{settings}
""")
        with stage.server(name, [*command, "-DFOREGROUND", "-f", folder / "apache.conf"], port):
            st.fetch(port, path)

    return trace


def go_wrapped(stage):
    st.need(stage.built / "go_wrapped")
    path, port = stage.file("go_wrapped.bin", SIZE), st.free_port()
    with stage.server("go_wrapped", [stage.built / "go_wrapped", f"127.0.0.1:{port}", path], port):
        st.receive(port, path)


def node_stream(stage):
    node = shutil.which("node")
    if not node:
        raise st.Missing("node is missing")
    path, port = stage.file("node_stream.bin", SIZE), st.free_port()
    with stage.server("node_stream", [node, "-e", NODE, port, path], port):
        st.receive(port, path)


def java_copies(stage):
    """A JVM, three ways: to a file, to a socket, and to a channel that wraps one."""
    program = shutil.which("java")
    if not program:
        raise st.Missing("java is missing")
    st.need(stage.built / "JavaCopies.class")
    ports = [st.free_port() for _ in range(2)]
    # Sizes by which they are told apart.
    paths = [stage.file(f"java_{way}.bin", SIZE + (number << 19)) for number, way in enumerate(("file", "socket", "wrapped"))]
    command = [program, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true",
               "-cp", stage.built, "JavaCopies", *ports, *paths, stage.scratch("java_copies") / "copy"]
    with stage.server("java_copies", command, ports[1]):
        for port, path in zip(ports, paths[1:], strict=True):
            st.receive(port, path)


def python_shutil(stage):
    """copyfile, which asks the kernel to copy, and copyfileobj, which does not."""
    path, target = stage.file("python_shutil.bin", SIZE), stage.scratch("python_shutil")
    code = ("import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2] + '/asked'); "
            "shutil.copyfileobj(open(sys.argv[1], 'rb', 0), open(sys.argv[2] + '/through', 'wb', 0))")
    stage.run("python_shutil", [sys.executable, "-c", code, path, target], stdout=subprocess.DEVNULL)


def cp_across(stage):
    path = stage.file("cp_across.bin", SIZE)
    target = MEMORY / "cp_across.copy"
    stage.run("cp_across", ["cp", path, target], stdout=subprocess.DEVNULL)
    st.check_bytes(target.read_bytes(), path)
    target.unlink()


def curl(stage):
    program = shutil.which("curl")
    if not program:
        raise st.Missing("curl is missing")
    path, target = stage.file("curl.bin", SIZE), stage.scratch("curl") / "got"
    with upstream(stage.files) as port:
        stage.run("curl", [program, "--silent", "--show-error", "--output", target, f"http://127.0.0.1:{port}/{path.name}"],
                  stdout=subprocess.DEVNULL)
    st.check_bytes(target.read_bytes(), path)


def rsync(stage):
    command, path, target = debian(stage, "usr/bin/rsync"), stage.file("rsync.bin", SIZE), stage.scratch("rsync") / "copy"
    stage.run("rsync", [*command, "--whole-file", path, target], stdout=subprocess.DEVNULL)
    st.check_bytes(target.read_bytes(), path)


def samba(stage):
    command, path, folder, port = debian(stage, "usr/sbin/smbd"), stage.file("samba.bin", SIZE), stage.scratch("samba"), st.free_port()
    modules = pathlib.Path("/usr/lib/x86_64-linux-gnu/samba")  # where it looks for them
    if not modules.exists():
        modules.symlink_to(stage.built / "debian/usr/lib/x86_64-linux-gnu/samba")
    kinds = "lock", "state", "cache", "pid", "private", "ncalrpc"
    places = "\n".join(f"{kind} {'dir' if kind in ('private', 'ncalrpc') else 'directory'} = {folder}" for kind in kinds)
    (folder / "smb.conf").write_text(f"""
[global]
{places}
log file = {folder}/log
interfaces = lo
bind interfaces only = yes
disable netbios = yes
map to guest = Bad User
guest account = root
rpc start on demand helpers = no
load printers = no
printing = bsd
[files]
path = {stage.files}
guest ok = yes
""")
    with stage.server("samba", [*command, "--foreground", "--no-process-group", f"--configfile={folder}/smb.conf",
                                f"--port={port}"], port):
        got = folder / "got"
        done = subprocess.run([*map(str, debian(stage, "usr/bin/smbclient")), "//127.0.0.1/files", "-N", "-p", str(port),
                               "-s", folder / "smb.conf", "-c", f"get {path.name} {got}"], check=False, capture_output=True,
                              timeout=st.PATIENCE)
        assert got.exists(), done.stdout + done.stderr
        st.check_bytes(got.read_bytes(), path)


def prepare(built):
    """What a guest would take minutes for."""
    here = pathlib.Path(__file__).parent
    if shutil.which("go"):
        subprocess.run(["go", "build", "-o", built / "go_wrapped", here / "go_wrapped.go"], check=True, capture_output=True,
                       env=dict(os.environ, GOFLAGS="-mod=mod", CGO_ENABLED="0"))


PROGRAMS = {
    "nginx_gzip": nginx_gzip,
    "nginx_proxy": nginx_proxy,
    "apache_mapping": apache("apache_mapping", "EnableSendfile Off"),
    "apache_no_mapping": apache("apache_no_mapping", "EnableSendfile Off\nEnableMMAP Off"),
    "go_wrapped": go_wrapped,
    "node_stream": node_stream,
    "java_copies": java_copies,
    "python_shutil": python_shutil,
    "cp_across": cp_across,
    "curl": curl,
    "rsync": rsync,
    "samba": samba,
}
SOURCES = {"JavaCopies": []}
