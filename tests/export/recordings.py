"""Timeline documents for the export tests, made as a recording would be: events first, their sums in the ledger."""

import collections
import copy
import json

EXACT = ("copies", "receiver_copies", "system_calls", "page_faults", "context_switches", "disk", "nic")


class Recording:
    def __init__(self, method="read_write", release="6.12.107", scatter_gather=True, **run):
        self.events = []
        self.run = {
            "method": method, "command": ["zctrace-workload", method], "size": 262144, "chunk": 65536, "cache": "cold",
            "kernel": {"release": release, "where": "lab", "arch": "x86_64"},
            "source": {"device": "nvme0n1", "filesystem": "ext4", "dma": True, "file": "", "resident_bytes": 0},
            "path": {"kind": "nic", "device": "eth0", "driver": "vmxnet3", "dma": True,
                     "scatter_gather": scatter_gather, "tx_checksum": True, "tso": scatter_gather},
            "evidence": {**dict.fromkeys(EXACT, "exact"), "copies_unknown": False, "mechanism": "breakpoints",
                         "cross_check": [], "hooks": [], "notes": []},
            "lost": {"events": 0, "by_kind": {}}, "duration_ns": 1_000_000, "sinks": 1, "complete": True, **run,
        }

    def add(self, kind, t, side="sender", task=175, cpu=1, **more):
        self.events.append({"t": t, "kind": kind, "side": side, "task": task, "cpu": cpu, **more})
        if task is None:
            del self.events[-1]["task"]

    def call(self, t, dur, name, *copies, ret=65536, **more):
        self.add("syscall", t, dur=dur, name=name, ret=ret, **more)
        if copies:
            self.events[-1]["copies"] = list(copies)

    def document(self):
        events = sorted(self.events, key=lambda event: event["t"])
        sides = {side: self.side(side) for side in ("sender", "receiver")}
        disk = [event for event in events if event["kind"] == "disk"]
        sent = [event for event in events if event["kind"] == "transmit"]
        linear, paged = sum(event["linear"] for event in sent), sum(event["paged"] for event in sent)
        copies = self.copies()
        if disk:
            copies.append(row("disk", "page cache", "dma", "block_rq_complete", sum(e["payload"] for e in disk),
                              len(disk), context="softirq"))
        if sent:
            copies.append(row("socket buffer", "nic", "dma", "net_dev_start_xmit", linear + paged, len(sent)))
        return {
            "schema": "zctrace.timeline/2", "run": copy.deepcopy(self.run),
            "ledger": {
                "payload_bytes": self.run["size"], "received_bytes": self.run["size"], "copies": copies,
                **sides["sender"],
                "dma": {"disk_bytes": sum(event["payload"] for event in disk), "disk_requests": len(disk),
                        "nic_bytes": linear + paged, "nic_packets": len(sent)},
                "transmit": {"packets": len(sent), "payload_bytes": linear + paged, "linear_bytes": linear,
                             "paged_bytes": paged, "header_bytes": sum(event["headers"] for event in sent)},
                "mode_switches_per_chunk": 2.0, "receiver": sides["receiver"],
            },
            "events": events,
        }

    def side(self, side):
        mine = [event for event in self.events if event["side"] == side]
        calls = collections.Counter(event["name"] for event in mine if event["kind"] == "syscall")
        faults = collections.Counter(event["mode"] for event in mine if event["kind"] == "fault")
        waits = collections.Counter(event["reason"] for event in mine if event["kind"] == "off_cpu")
        switches = 2 * sum(calls.values())
        copied = sum(line["bytes"] for line in self.copies() if line["side"] == side and line["by"] == "cpu")
        return {
            "cpu_copies_per_byte": copied / max(1, self.run["size"]), "syscalls": dict(calls),
            "mode_switches": {"total": switches + 2 * faults["user"], "syscall": switches, "fault": 2 * faults["user"]},
            "page_faults": {"user": faults["user"], "kernel": faults["kernel"]},
            "context_switches": {"voluntary": waits["voluntary"], "involuntary": waits["involuntary"]},
        }

    def copies(self):
        rows = {}
        for event in self.events:
            for each in [event] if event["kind"] == "copy" else event.get("copies", []):
                line = row(each["from"], each["to"], each["by"], each["function"], 0, 0, event["side"],
                           each.get("context", "syscall"), each.get("via", ""))
                line = rows.setdefault(json.dumps(line), line)
                line["bytes"] += each["bytes"]
                line["calls"] += each["calls"]
        return list(rows.values())

    def write(self, path):
        path.write_text(json.dumps(self.document(), indent=1) + "\n")
        return self.document()


def row(start, end, by, function, size, calls, side="sender", context="syscall", via=""):
    return {"from": start, "to": end, "by": by, "function": function, "via": via, "bytes": size, "calls": calls,
            "side": side, "context": context, "evidence": "exact"}


def folded(start, end, by, function, at, size=65536, calls=16):
    return {"function": function, "from": start, "to": end, "by": by, "calls": calls, "bytes": size, "at": at}


def read_write(**run):
    """Four chunks, each read and written by one task and received by another, with all that happens on the way."""
    made = Recording(**run)
    made.add("mark", 0, name="transfer begins")
    for chunk in range(4):
        t = 1000 + 100_000 * chunk
        made.call(t, 40_000, "read", folded("page cache", "user buffer", "cpu", "_copy_to_iter", 30_000), faults=1)
        made.add("disk", t + 2000, dur=20_000, bytes=69632, payload=65536, op="read")
        made.add("off_cpu", t + 3000, dur=19_500, reason="voluntary")
        made.add("fault", t + 41_000, mode="user")
        made.call(t + 45_000, 30_000, "write", folded("user buffer", "socket buffer", "cpu", "_copy_from_iter", 5000),
                  folded("socket buffer", "socket buffer", "cpu", "skb_copy_bits", 9000, 100, 2))
        # A third kind of copy, for which the call's own record has no room.
        made.add("copy", t + 56_000, function="skb_copy_bits", via="skb_segment", by="cpu", calls=3, bytes=300,
                 context="syscall", **{"from": "socket buffer", "to": "socket buffer"})
        made.add("transmit", t + 60_000, device="eth0", segments=1, linear=0, paged=65536, headers=66)
        made.add("softirq", t + 61_000, vector="NET_RX", dur=8000, task=174, side="receiver", cpu=0)
        made.add("copy", t + 62_000, function="skb_copy_bits", via="__pskb_pull_tail", by="cpu", calls=1, bytes=56,
                 context="softirq", task=174, cpu=0, **{"from": "socket buffer", "to": "socket buffer"})
        made.call(t + 70_000, 20_000, "read", folded("socket buffer", "user buffer", "cpu", "_copy_to_iter", 1000),
                  side="receiver", task=174, cpu=0)
    made.add("mark", 400_000, name="transfer ends")
    return made


def sendfile(**run):
    """Pages are passed along; requests of the disk overlap."""
    made = Recording(method="sendfile", **run)
    for chunk in range(4):
        t = 1000 + 100_000 * chunk
        made.call(t, 50_000, "sendfile",
                  folded("page cache", "socket buffer", "reference", "skb_splice_from_iter", 20_000, calls=1))
        for request in range(3):
            made.add("disk", t + 1000 * request, dur=150_000, bytes=65536, payload=65536, op="read")
        made.add("transmit", t + 30_000, device="eth0", segments=45, linear=0, paged=65536, headers=66, task=None)
        made.call(t + 70_000, 20_000, "read", folded("socket buffer", "user buffer", "cpu", "_copy_to_iter", 1000),
                  side="receiver", task=174, cpu=0)
    return made
