"""python3: socket.sendfile, a program that sends one half of a file by read and write, the other by sendfile, and TLS."""

import pathlib
import sys

import stage as st

SIZE = 4 << 20
SERVER = pathlib.Path(__file__).parent / "python_server.py"


def serve(name, by_copy):
    """The first `by_copy` bytes by read and write."""

    def trace(stage):
        path, port = stage.file(f"{name}.bin", SIZE), st.free_port()
        with stage.server(name, [sys.executable, SERVER, port, path, by_copy], port):
            st.receive(port, path)

    return trace


def tls(stage):
    """The ssl module's: encrypted in the program's own memory."""
    path, port = stage.file("python_tls.bin", SIZE), st.free_port()
    pem = st.certificate(stage.scratch("python_tls_keys"))
    with stage.server("python_tls", [sys.executable, SERVER, port, path, SIZE, pem], port):
        st.receive(port, path, tls=True)


PROGRAMS = {"python_sendfile": serve("python_sendfile", 0), "mixed": serve("mixed", SIZE // 2),
            "python_tls": tls}
WHY = {"python_sendfile": {}, "mixed": {("mixed.bin", "socket"): ["buffer_to_socket"]},
       "python_tls": {("python_tls.bin", "python3"): ["read_for_tls"], ("python3", "socket"): ["own_tls"]}}
