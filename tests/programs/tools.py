"""Tools that copy files, each as it is found in scripts, in one trace: from file to file, from a socket, into a pipe."""

import pathlib
import subprocess
import sys

import stage as st

SIZE = 4 << 20
MEMORY = pathlib.Path("/dev/shm")  # another file system
COPYFILE = "import shutil, sys; shutil.copyfile(*sys.argv[1:])"
COPYFILEOBJ = "import shutil, sys; shutil.copyfileobj(open(sys.argv[1], 'rb', 0), open(sys.argv[2], 'wb', 0))"
COMMANDS = {
    "cp": "cp {source} {target}",
    "cp_across": "cp {source} {target}",
    "dd": "dd if={source} of={target} bs=64K status=none",
    "dd_direct": "dd if={source} of={target} bs=64K iflag=direct status=none",
    "cat": "cat {source} > {target}",
    "cat_appended": "cat {source} >> {target}",
    "copyfile": f'{sys.executable} -S -c "{COPYFILE}" {{source}} {{target}}',
    "copyfileobj": f'{sys.executable} -S -c "{COPYFILEOBJ}" {{source}} {{target}}',
    "rsync": "rsync --whole-file {source} {target}",
    "curl": "curl --silent --show-error --output {target} http://127.0.0.1:{port}/curl.bin",
    "cat_pipe": "cat {source}",  # the only one that writes to its output
}
NEEDED = {"rsync": ["rsync"], "curl": ["curl"]}


def trace(stage):
    commands = stage.here("tools", COMMANDS, NEEDED)
    folder = stage.scratch("tools")
    source = {name: stage.file(f"{name}.bin", SIZE) for name in commands}
    target = {name: (MEMORY if name == "cp_across" else folder) / f"{name}.copy" for name in commands}
    with st.upstream(stage.files) as port:
        lines = [command.format(source=source[name], target=target[name], port=port) for name, command in commands.items()]
        output = stage.run("tools", ["sh", "-c", "\n".join(["set -e", *lines])], stdout=subprocess.PIPE)
    st.check_bytes(output, source["cat_pipe"])
    for name in commands:
        if name != "cat_pipe":
            st.check_bytes(target[name].read_bytes(), source[name])
            target[name].unlink()


PROGRAMS = {"tools": trace}
WHY = {
    "tools": {
        ("cp.bin", "cp.copy"): ["blocks_not_shared"],
        ("cp_across.bin", "cp_across.copy"): ["other_filesystem_refused"],
        ("dd.bin", "dd.copy"): ["buffer_to_file"],
        ("dd_direct.bin", "dd_direct.copy"): ["direct_to_file"],
        ("cat.bin", "cat.copy"): ["blocks_not_shared"],
        ("cat_appended.bin", "cat_appended.copy"): ["append_copy_refused"],
        ("copyfile.bin", "copyfile.copy"): ["spliced_to_file"],
        ("copyfileobj.bin", "copyfileobj.copy"): ["buffer_to_file"],
        # It copies in its own memory, and once more from process to process.
        ("rsync.bin", "rsync"): ["own_memory_read"],
        ("rsync", "socket"): ["own_memory_written"],
        ("socket", "rsync"): ["own_memory_read"],
        ("rsync", "rsync.copy"): ["own_memory_written"],
        # What does not fill a block goes through a buffer of the C library's.
        ("socket", "curl.copy"): ["socket_to_file"],
        ("socket", "curl"): ["own_memory_read?"],
        ("curl", "curl.copy"): ["own_memory_written?"],
        ("cat_pipe.bin", "pipe"): ["buffer_with_pipe"],
    },
}

STACKS = {
    "tools": {
        ("cp.bin", "cp.copy"): ["copy_file_range"],
        ("dd.bin", "dd.copy"): ["read", "write"],
        ("copyfileobj.bin", "copyfileobj.copy"): ["PyEval_EvalCode _PyEval_EvalFrameDefault _Py_read read",
                                                  "PyEval_EvalCode _PyEval_EvalFrameDefault write"],
    },
}
