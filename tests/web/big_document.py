#!/usr/bin/env python3
"""A timeline document of any length, of the shape that a real one has: big_document.py EVENTS FILE

read + write of a file to a card: the events are consistent with the ledger, and every copy is counted. Not measured.
"""

import json
import random
import sys

CHUNK = 64 * 1024
SENDER, RECEIVER = 175, 174
ROUND = 12  # events of a chunk without its disk request, which every other chunk has


class Big:
    def __init__(self, events):
        self.random = random.Random(1)  # the same document each time
        self.events, self.now = [], 0
        self.calls = {"sender": {"read": 0, "write": 0}, "receiver": {"read": 0}}
        self.switched = {("sender", "voluntary"): 0, ("sender", "involuntary"): 0, ("receiver", "voluntary"): 0}
        self.rounds = self.disks = self.packets = 0
        self.mark("transfer begins", SENDER, "sender")
        while len(self.events) + ROUND + 1 + 3 <= events:
            self.chunk()
        end = self.now
        self.mark("transfer ends", SENDER, "sender")
        self.mark("received", RECEIVER, "receiver")
        while len(self.events) < events:
            self.add("softirq", end - 1000 * (events - len(self.events)), "sender", SENDER, vector="TIMER", dur=900)
        self.events.sort(key=lambda event: event["t"])
        self.duration = end

    def add(self, kind, t, side, task, **more):
        # The order of members in which zctrace writes them.
        self.events.append({"t": t, "kind": kind, "side": side, "task": task, "cpu": t // 5_000_000 % 2, **more})

    def mark(self, name, task, side):
        self.now += 1000
        self.add("mark", self.now, side, task, name=name)

    def call(self, t, dur, side, task, name, function, ends, pieces):
        self.calls[side][name] += 1
        copy = {"function": function, "from": ends[0], "to": ends[1], "by": "cpu", "calls": pieces, "bytes": CHUNK,
                "at": dur // 4}
        self.add("syscall", t, side, task, dur=dur, name=name, ret=CHUNK, copies=[copy])

    def wait(self, t, dur, side, task, reason):
        self.switched[side, reason] += 1
        self.add("off_cpu", t, side, task, dur=dur, reason=reason)

    def chunk(self):
        start, some = self.now, self.random.randrange(3000)
        if self.rounds % 2 == 0:
            self.disks += 1
            self.add("disk", start + 2000, "sender", SENDER, dur=60_000, bytes=2 * CHUNK, payload=2 * CHUNK, op="read")
        self.call(start, 90_000 + some, "sender", SENDER, "read", "_copy_to_iter", ("page cache", "user buffer"), 16)
        self.wait(start + 5000, 70_000, "sender", SENDER, "voluntary")
        write = start + 95_000 + some
        self.call(write, 80_000, "sender", SENDER, "write", "_copy_from_iter", ("user buffer", "socket buffer"), 4)
        for piece in range(4):
            self.packets += 1
            self.add("transmit", write + 30_000 + 9000 * piece, "sender", SENDER, device="eth0", segments=12, linear=0,
                     paged=CHUNK // 4, headers=66)
        self.add("softirq", write + 70_000, "sender", SENDER, vector="NET_RX", dur=4000)
        self.wait(write + 82_000, 6000, "sender", SENDER, "involuntary")
        self.wait(write + 20_000, 40_000, "receiver", RECEIVER, "voluntary")
        self.add("softirq", write + 55_000, "receiver", RECEIVER, vector="NET_RX", dur=7000)
        self.call(write + 10_000, 75_000, "receiver", RECEIVER, "read", "_copy_to_iter", ("socket buffer", "user buffer"),
                  46)
        self.rounds += 1
        self.now = write + 90_000

    def copy(self, start, end, by, function, calls, side="sender"):
        return {"from": start, "to": end, "by": by, "function": function, "via": "",
                "bytes": self.rounds * CHUNK if start != "disk" else self.disks * 2 * CHUNK, "calls": calls,
                "side": side, "context": "syscall", "evidence": "exact"}

    def figures(self, side):
        calls = self.calls[side]
        switches = 2 * sum(calls.values())
        return {"syscalls": calls, "cpu_time_ns": 1000 * switches, "mode_switches": {"total": switches, "syscall": switches, "fault": 0},
                "page_faults": {"user": 0, "kernel": 0},
                "context_switches": {"voluntary": self.switched[side, "voluntary"],
                                     "involuntary": self.switched.get((side, "involuntary"), 0)}}

    def document(self):
        size = self.rounds * CHUNK
        evidence = dict.fromkeys(("copies", "receiver_copies", "system_calls", "page_faults", "context_switches", "disk",
                                  "nic"), "exact")
        run = {
            "method": "read_write", "command": ["zctrace", "run", "read_write"], "size": size, "chunk": CHUNK,
            "cache": "cold", "kernel": {"release": "6.12.107", "where": "lab", "arch": "x86_64"},
            "source": {"device": "nvme0n1", "filesystem": "ext4", "dma": True, "file": "", "resident_bytes": 0},
            "path": {"kind": "nic", "device": "eth0", "driver": "vmxnet3", "dma": True, "scatter_gather": True,
                     "tx_checksum": True, "tso": True},
            "evidence": {**evidence, "copies_unknown": False, "mechanism": "breakpoints", "cross_check": [], "hooks": [],
                         "notes": []},
            "lost": {"events": 0, "by_kind": {}}, "duration_ns": self.duration, "sinks": 1, "complete": True}
        copies = [
            self.copy("disk", "page cache", "dma", "block_rq_complete", self.disks),
            self.copy("page cache", "user buffer", "cpu", "_copy_to_iter", 16 * self.rounds),
            self.copy("user buffer", "socket buffer", "cpu", "_copy_from_iter", 4 * self.rounds),
            self.copy("socket buffer", "nic", "dma", "net_dev_start_xmit", self.packets),
            self.copy("socket buffer", "user buffer", "cpu", "_copy_to_iter", 46 * self.rounds, "receiver")]
        sender = self.figures("sender")
        ledger = {
            "payload_bytes": size, "received_bytes": size, "cpu_copies_per_byte": 2.0, "copies": copies, **sender,
            "mode_switches_per_chunk": 4.0,
            "dma": {"disk_bytes": copies[0]["bytes"], "disk_requests": self.disks, "nic_bytes": size,
                    "nic_packets": self.packets},
            "transmit": {"packets": self.packets, "payload_bytes": size, "linear_bytes": 0, "paged_bytes": size,
                         "header_bytes": 66 * self.packets},
            "receiver": {"cpu_copies_per_byte": 1.0, **self.figures("receiver")}}
        return {"schema": "zctrace.timeline/2", "run": run, "ledger": ledger, "events": self.events}


def document(events):
    return Big(events).document()


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(document(int(sys.argv[1])), file, separators=(",", ":"))
        file.write("\n")
