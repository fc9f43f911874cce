#!/usr/bin/env python3
"""The documents of a tour, as they might have been measured: tour_documents.py FOLDER

Their figures are consistent with each other, their events are all those of read + write. Not measured.
"""

import copy
import json
import pathlib
import sys

import big_document

BASE = big_document.document(800)
SIZE, CHUNKS = BASE["run"]["size"], BASE["run"]["size"] // BASE["run"]["chunk"]


def moved(start, end, by, function, via="", size=SIZE):
    return {"from": start, "to": end, "by": by, "function": function, "via": via, "bytes": size, "calls": CHUNKS,
            "side": "sender", "context": "syscall", "evidence": "exact"}


def made(method, way, calls, sockets=1, scatter_gather=True, kernel_faults=0, cached=True):
    document = copy.deepcopy(BASE)
    run, ledger = document["run"], document["ledger"]
    run["method"], run["sinks"] = method, sockets
    run["path"]["scatter_gather"] = run["path"]["tso"] = scatter_gather
    disk, to_card = ledger["copies"][0], dict(ledger["copies"][3], bytes=sockets * SIZE)
    ledger["copies"] = [*([disk] if cached else []), *way, to_card, ledger["copies"][4]]
    ledger["copies"][-1]["bytes"] = ledger["received_bytes"] = sockets * SIZE
    ledger["cpu_copies_per_byte"] = sum(row["bytes"] for row in way if row["by"] == "cpu") / SIZE
    ledger["syscalls"] = calls
    switches = 2 * sum(calls.values())
    ledger["mode_switches"] = {"total": switches, "syscall": switches, "fault": 0}
    ledger["mode_switches_per_chunk"] = switches / CHUNKS
    ledger["page_faults"]["kernel"] = kernel_faults
    ledger["dma"]["nic_bytes"] = sockets * SIZE
    sent = ledger["transmit"]
    sent["payload_bytes"] = sockets * SIZE
    sent["paged_bytes"], sent["linear_bytes"] = (sockets * SIZE, 0) if scatter_gather else (0, SIZE)
    return document


def documents():
    warm = copy.deepcopy(BASE)
    warm["run"]["cache"], warm["run"]["source"]["resident_bytes"] = "warm", SIZE
    warm["ledger"]["dma"].update(disk_bytes=0, disk_requests=0)
    del warm["ledger"]["copies"][0]
    mapped = [moved("page cache", "user buffer", "reference", "mmap"),
              moved("page cache", "socket buffer", "cpu", "_copy_from_iter")]
    maps = {"mmap": 1, "munmap": 1, "write": CHUNKS}
    passed = moved("page cache", "socket buffer", "reference", "skb_splice_from_iter")
    to_pipe = moved("page cache", "pipe", "reference", "filemap_splice_read")
    from_pipe = moved("pipe", "socket buffer", "reference", "skb_splice_from_iter")
    return {
        "read_write": BASE,
        "read_write_warm": warm,
        "mmap_write": made("mmap_write", mapped, maps, kernel_faults=CHUNKS + 1),
        "mmap_populate": made("mmap_populate", mapped, maps),
        "sendfile": made("sendfile", [passed], {"sendfile": CHUNKS}),
        "sendfile_sg_off": made("sendfile", [passed, moved("socket buffer", "socket buffer", "cpu", "skb_copy_bits",
                                                           "skb_segment")], {"sendfile": CHUNKS}, scatter_gather=False),
        "splice": made("splice", [to_pipe, from_pipe], {"splice": 2 * CHUNKS}),
        "tee": made("tee", [to_pipe, moved("pipe", "pipe", "reference", "do_tee"), dict(from_pipe, bytes=2 * SIZE)],
                    {"splice": 3 * CHUNKS, "tee": CHUNKS}, sockets=2),
        "direct_io": made("direct_io", [moved("disk", "user buffer", "dma", "block_rq_complete"),
                                        moved("user buffer", "socket buffer", "cpu", "_copy_from_iter")],
                          {"read": CHUNKS, "write": CHUNKS}, cached=False),
    }


def write(folder, change=lambda name, document: None):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        document = copy.deepcopy(document)
        change(name, document)
        (folder / f"{name}.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    write(sys.argv[1])
