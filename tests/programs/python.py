"""python3: socket.sendfile, and a program that sends one half of a file by read and write, the other by sendfile."""

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


PROGRAMS = {"python_sendfile": serve("python_sendfile", 0), "mixed": serve("mixed", SIZE // 2)}
