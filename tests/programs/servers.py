"""Servers that send a file through memory of their own, in one trace: Apache, Go behind a wrapper, a stream of Node, Samba."""

import pathlib
import shutil
import subprocess

import stage as st

SIZE = 4 << 20
HERE = pathlib.Path(__file__).parent
MODULES = "/usr/lib/apache2/modules"
STREAM = """
const [port, file] = process.argv.slice(1);
require("net").createServer((socket) => require("fs").createReadStream(file).pipe(socket)).listen(+port, "127.0.0.1");
"""
NEEDED = {"apache": ["apache2"], "go": ["go_wrapped"], "node": ["node"], "samba": ["smbd", "smbclient"]}


def prepare(built):
    """What a guest would take minutes for."""
    if go := st.find("go"):
        subprocess.run([go, "build", "-o", built / "go_wrapped", HERE / "go_wrapped.go"], check=True, capture_output=True,
                       env={"HOME": str(built), "CGO_ENABLED": "0"})
        shutil.rmtree(built / ".cache")


def apache(stage, folder, _, port):
    """Without sendfile and without mappings, as for files of a network file system."""
    (folder / "apache.conf").write_text(f"""
LoadModule mpm_prefork_module {MODULES}/mod_mpm_prefork.so
LoadModule authz_core_module {MODULES}/mod_authz_core.so
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
Mutex file:{folder}
StartServers 1
MinSpareServers 1
DocumentRoot {stage.files}
EnableSendfile Off
EnableMMAP Off
""")
    return [st.find("apache2"), "-DFOREGROUND", "-f", folder / "apache.conf"]


def go(stage, _, path, port):
    return [stage.built / "go_wrapped", f"127.0.0.1:{port}", path]


def node(_, __, path, port):
    return [st.find("node"), "-e", f"'{STREAM}'", port, path]


def samba(stage, folder, _, port):
    kinds = "lock directory", "state directory", "cache directory", "pid directory", "private dir", "ncalrpc dir"
    places = "\n".join(f"{kind} = {folder}" for kind in kinds)
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
    daemon = pathlib.Path(stage.find("smbd"))
    libraries = daemon.parents[1] / "lib/x86_64-linux-gnu/samba"  # unpacked beside it, if any
    return ["env", f"LD_LIBRARY_PATH={libraries}", daemon, "--foreground", f"--configfile={folder}/smb.conf", f"--port={port}"]


def get_from_samba(port, path, folder):
    done = subprocess.run([st.find("smbclient"), "//127.0.0.1/files", "-N", "-p", str(port), "-s", folder / "smb.conf",
                           "-c", f"get {path.name} {folder}/got"], check=False, capture_output=True, timeout=st.PATIENCE)
    assert (folder / "got").exists(), done.stdout + done.stderr
    st.check_bytes((folder / "got").read_bytes(), path)


CLIENTS = {"apache": lambda port, path, _: st.fetch(port, path), "go": lambda port, path, _: st.receive(port, path),
           "node": lambda port, path, _: st.receive(port, path), "samba": get_from_samba}


def trace(stage):
    commands = stage.here("servers", {"apache": apache, "go": go, "node": node, "samba": samba}, NEEDED)
    folder = {name: stage.scratch(name) for name in commands}
    path = {name: stage.file(f"{name}.bin", SIZE) for name in commands}
    port = {name: st.free_port() for name in commands}
    script = "trap 'kill $all; wait' TERM\n"
    for name, command in commands.items():
        script += " ".join(map(str, command(stage, folder[name], path[name], port[name]))) + ' & all="$all $!"\n'
    # In a session of their own: Apache ends whoever is in its group.
    with stage.running("servers", stage.command("servers", ["setsid", "sh", "-c", script + "wait\n"]),
                       lambda: all(map(st.listens, port.values()))):
        for name in commands:
            CLIENTS[name](port[name], path[name], folder[name])


PROGRAMS = {"servers": trace}
WHY = {"servers": {(f"{name}.bin", "socket"): ["buffer_to_socket"] for name in NEEDED}}

STACKS = {
    "servers": {
        ("apache.bin", "socket"): ["ap_core_output_filter apr_file_read read", "ap_core_output_filter apr_socket_sendv writev"],
        ("go.bin", "socket"): ["runtime.goexit.abi0 main.main.func1 io.copyBuffer os.(*File).Read",
                               "runtime.goexit.abi0 main.main.func1 io.copyBuffer main.(*counted).Write net.(*conn).Write"],
        ("node.bin", "socket"): ["start_thread uv__fs_work read", "uv__try_write write"],
    },
}
