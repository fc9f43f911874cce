"""cp, dd and cat: from file to file, and into a pipe."""

import subprocess

import stage as st

SIZE = 4 << 20


def copy(name, command, reads_output=False):
    """`command` of the source and the target; one that writes to its output gets the target there."""

    def trace(stage):
        source, target = stage.file(f"{name}.bin", SIZE), stage.scratch(name) / "copy.bin"
        if reads_output:
            with open(target, "wb") as output:
                stage.run(name, command(source, target), stdout=output)
        else:
            stage.run(name, command(source, target), stdout=subprocess.DEVNULL)
        st.check_bytes(target.read_bytes(), source)

    return trace


def cat_to_pipe(stage):
    source = stage.file("cat_pipe.bin", SIZE)
    with subprocess.Popen(stage.command("cat_pipe", ["cat", source]), stdout=subprocess.PIPE) as started:
        body = started.stdout.read()
    assert started.returncode == 0, f"status {started.returncode}"
    st.check_bytes(body, source)


PROGRAMS = {
    "cp": copy("cp", lambda source, target: ["cp", source, target]),
    "dd": copy("dd", lambda source, target: ["dd", f"if={source}", f"of={target}", "bs=64K", "status=none"]),
    "dd_direct": copy("dd_direct", lambda source, target: ["dd", f"if={source}", f"of={target}", "bs=64K",
                                                            "iflag=direct", "status=none"]),
    "cat": copy("cat", lambda source, target: ["cat", source], reads_output=True),
    "cat_pipe": cat_to_pipe,
}
