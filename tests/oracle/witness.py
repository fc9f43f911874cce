"""Runs zctrace in a guest under the witness (witness.c), and reads what the witness saw.

The witness tells stores apart by where they were made. Whose a copy is, follows here from who had called the routine
that stored: the innermost caller that is known to work for one side.
"""

import bisect
import collections
import functools
import itertools
import os
import shutil
import struct

import lab_support as support

PLUGIN = support.ZCTRACE.parent / "libwitness.so"
MAGIC = 0xC39A5AE7  # as in witness.c

# The window of a transfer over a network: from its first connection to the last end of one.
GATES = ("tcp_v4_connect", "tcp_close")

# The innermost caller of these tells whose copy it is.
SIDES = {
    "sender": """tcp_sendmsg tcp_sendmsg_locked tcp_sendpage do_tcp_sendpages tcp_write_xmit __tcp_transmit_skb
        __dev_queue_xmit dev_hard_start_xmit validate_xmit_skb tcp_retransmit_skb __tcp_retransmit_skb tcp_send_mss
        filemap_read generic_file_buffered_read filemap_splice_read ext4_file_read_iter copy_splice_read
        skb_copy_ubufs skb_segment vmsplice_to_pipe pipe_write anon_pipe_write io_read tls_sw_sendmsg tls_push_record
        tls_sw_sendpage
        __x64_sys_process_vm_readv""",
    "receiver": """tcp_recvmsg tcp_recvmsg_locked inet_recvmsg sock_recvmsg skb_copy_datagram_iter tcp_splice_read
        tcp_zerocopy_receive tcp_v4_rcv tcp_v4_do_rcv tcp_rcv_established tcp_data_queue skb_try_coalesce tcp_collapse
        ip_rcv ip_local_deliver __netif_receive_skb_core generic_perform_write tls_sw_recvmsg tls_sw_splice_read
        napi_gro_receive""",
    # Pages of programs' memory are copied with whatever is left in them: when one writes to a page that it shares since a
    # fork, or to make larger ones of them. In zctrace's that is the file that it prepared.
    "memory": "do_wp_page wp_page_copy khugepaged migrate_pages",
    "cipher": "crypto_aead_encrypt crypto_aead_decrypt",
    # The kernel saves what a program had in its registers when it switches to another.
    "registers": "__switch_to save_fpregs_to_fpstate copy_fpregs_to_fpstate switch_fpu_prepare",
}
SIDE_OF = {name: side for side, names in SIDES.items() for name in names.split()}
# What the drivers of the two cards copy is the driver's, whoever called it.
DRIVERS = ("vmxnet3", "virtio_net")
# zctrace makes the file that is sent, and compares what arrived with it, by these two; no method uses them.
HARNESS = ("__x64_sys_pread64", "__x64_sys_pwrite64")


def make_payload(path, number, size):
    """A file whose bytes tell their places: words of 8 bytes, each its own index, the number and the magic word."""
    words = range(-(-size // 8))
    path.write_bytes(b"".join(struct.pack("<Q", MAGIC << 32 | number << 24 | index) for index in words)[:size])


class Symbols:
    """Names of the functions, as /proc/kallsyms lists them."""

    def __init__(self, listing):
        lines = (line.split() for line in listing.splitlines())
        found = sorted((int(line[0], 16), line[2], line[3].strip("[]") if len(line) > 3 else "")
                       for line in lines if line[1] in "tTwW" and not line[2].startswith("__pfx_"))
        self.addresses = [address for address, _, _ in found]
        self.names = [(name, module) for _, name, module in found]

    def at(self, address):
        """(name, module) of the function."""
        index = bisect.bisect_right(self.addresses, address) - 1
        return self.names[index] if index >= 0 else ("?", "")


class Seen:
    """Bytes of one payload in its window: by side, and by (side, function, its callers)."""

    def __init__(self):
        self.sides = collections.Counter()
        self.ways = collections.Counter()


def side_of(function, callers):
    if any(name in HARNESS for name, _ in callers):
        return "harness"
    for name, module in [function, *callers]:
        if module in DRIVERS:
            return "driver"
        if name in SIDE_OF:
            return SIDE_OF[name]
    return "unknown"


def read_lines(path):
    chains, lines = {}, []
    for line in path.read_text().splitlines():
        words = line.split()
        if words[0] == "chain":
            chains[int(words[1])] = [int(site, 16) for site in words[2:]]
        else:
            lines.append(words)
    return chains, lines


def windows(lines, payload):
    """(first line, last line) of each transfer of the payload."""
    found, moved = [], True
    ours = [index for index, words in enumerate(lines) if words[0] == "stores" and int(words[2]) == payload]
    # The kernel saves registers with payload in them long after.
    compared = max((index for index in ours if lines[index][6] == "user"), default=0)
    for index in range(ours[0] if ours else 0, compared):
        kind = lines[index][:2]
        if kind == ["gate", "0"] and moved:  # a second connection of the same transfer comes before any payload
            found.append([index, index])
            moved = False
        elif kind == ["gate", "1"] and found:
            found[-1][1] = index
        elif kind[0] == "stores" and lines[index][6] == "user":
            moved = True
    return found


def read_window(stores, chains, symbols):
    seen = Seen()
    for _, _, _, _, count, pc, _, chain in stores:
        if chain == "-1":
            seen.sides["program"] += int(count)
            continue
        function = symbols.at(int(pc, 16))
        callers = [symbols.at(site) for site in reversed(chains[int(chain)])]
        callers = [caller for caller in callers if not caller[0].startswith(("__x86_", "asm_", "bpf_"))]
        side = side_of(function, callers)
        seen.sides[side] += int(count)
        seen.ways[side, function[0], tuple(name for name, _ in callers[:8])] += int(count)
    return seen


def read_witness(path, payload, symbols):
    """What was seen of the payload: one Seen for each transfer."""
    chains, lines = read_lines(path)
    # A transfer that makes no connection is the only one of its payload.
    return [read_window([words for words in lines[begin:end] if words[0] == "stores" and int(words[2]) == payload],
                        chains, symbols) for begin, end in windows(lines, payload) or [(0, len(lines))]]


def times_measured(data):
    """zctrace measures again where the kernel skipped runs of its programs."""
    notes = data["run"]["evidence"]["notes"]
    return max((int(note["args"][0]) for note in notes if note["id"] == "note_measured_again"), default=1)


@functools.cache
def addresses_of_gates(kernel):
    """Of functions in a kernel that lies where it was linked for: the same in each boot."""
    listed = support.in_one_guest(kernel, gates=["/bin/grep", "-wE", "|".join(GATES), "/proc/kallsyms"])["gates"]
    found = {line.split()[2]: line.split()[0] for line in listed.out.splitlines()}
    return [found[gate] for gate in GATES]


def witnessed(kernel, size, runs):
    """Runs `zctrace run` in one guest of the kernel: name of a run -> a list of (document, Seen).

    runs: name -> its arguments; to these comes the file.
    """
    support.need_lab(kernel)
    folder = support.SCRATCH / f"witness-{kernel}-{'-'.join(runs)}"
    folder.mkdir()
    emulator = folder / "qemu-system-x86_64"
    gates = "".join(f",gate={address}" for address in addresses_of_gates(kernel))
    emulator.write_text(f'#!/bin/sh\nexec {shutil.which(emulator.name)} "$@" -plugin {PLUGIN},out={folder}/$$.seen{gates}\n')
    emulator.chmod(0o755)
    commands = {"symbols": ["/bin/cat", "/proc/kallsyms"]}
    for number, (name, arguments) in enumerate(runs.items(), 1):
        make_payload(folder / name, number, size)
        commands[name] = ["run", *arguments, "--kernel", "host", "--file", folder / name, "--json"]
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}:{before}"
    try:
        # Booted under the witness: it would find no state of the emulator's to start from.
        results = support.in_one_guest(kernel, "--append", "nokaslr", **commands)
    finally:
        os.environ["PATH"] = before
    symbols = Symbols(results["symbols"].out)
    boots = sorted(folder.glob("*.seen"), key=lambda path: path.stat().st_mtime)
    found = {}
    for number, name in enumerate(runs, 1):
        assert results[name].status == 0, results[name].err
        documents = support.documents(results[name].out)
        if not documents:  # the kernel lacks it
            found[name] = []
            continue
        seen = max((read_witness(boot, number, symbols) for boot in boots), key=len)
        # Of one that was measured again the last is the one that counts.
        last = [attempts - 1 for attempts in itertools.accumulate(map(times_measured, documents))]
        assert len(seen) == last[-1] + 1, f"{name}: {len(seen)} transfers were seen, {last[-1] + 1} measured"
        found[name] = [(data, seen[index]) for data, index in zip(documents, last)]
    return found
