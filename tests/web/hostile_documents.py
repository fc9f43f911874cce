"""Timeline documents that nobody should have to fear: name -> bytes. All are made of one good document.

`shown`: odd, but documents: a command may draw them, or refuse them in one line. `refused`: no documents at all.
`wrong_events`: refused by all that read the events; the others pass over them.
"""

import copy
import json

import big_document

TEXTS = {
    "script": "</script><script>alert(1)</script>",
    "comment and script": "<!--<script>alert(1)",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "style": "</style><style>*{display:none}</style>",
    "svg": "</text></svg><svg onload=alert(1)>",
    "cdata": "]]><![CDATA[ &lt; &amp; &#0; &x;",
    "link": "javascript:alert(1)",
    "template": "${alert(1)} {{7*7}} {} {0} {:99999999} %s%n",
    "controls": "a\x00\x01\x07\x08\x1b[2J\x1b]0;title\x07\x7f\x85\x9b31mz\r",
    "lines": "one\ntwo\n}\n{\n",
    "separators": "a\u2028b\u2029c\ufffe\uffff",
    "bidi": "\u202egnp.exe\u202c\u2066\u2067x\u2069\u200f",
    "formula": "=cmd|' /C calc'!A0",
    "wide": "\u96f6\u62f7\u8d1d" * 60,
    "combining": "e" + "\u0301" * 500,
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "one long word": "x" * 3000,
    "prototype": "__proto__",
    "constructor": "constructor",
    "empty": "",
    "blank": "   ",
}
HUGE = {"10^18": 10**18, "2^63": 2**63, "most": 2**64 - 1, "zero": 0}
WRONG = {"negative": "-1", "NaN": "NaN", "Infinity": "Infinity", "10^30": str(10**30), "fraction": "1.5", "exponent": "1e400",
         "text": '"7"', "null": "null", "true": "true", "list": "[]", "object": "{}"}
# What a schema lists by name; anything else in these is refused.
CHOSEN = {"schema", "kind", "side", "from", "to", "by", "context", "state", "evidence", "mode"}
EVIDENCE = {"copies", "receiver_copies", "system_calls", "page_faults", "context_switches", "disk", "nic"}


def good(events=60):
    """With everything in it that a document can hold."""
    data = big_document.document(events)
    evidence = data["run"]["evidence"]
    evidence["notes"] = [{"id": "verbatim", "args": ["A note."], "text": "A note."}]
    evidence["hooks"] = [{"name": "tcp_sendmsg_locked", "kind": "fexit", "state": "fired"}]
    evidence["cross_check"] = [
        {"side": "sender", "from": "page cache", "to": "user buffer", "by_breakpoint": "_copy_to_iter",
         "by_ftrace": "filemap_read", "breakpoint_bytes": 65536, "ftrace_bytes": 65535, "agree": False}]
    data["run"]["lost"] = {"events": 3, "by_kind": {"copy": 3}}
    data["ledger"]["copies"].append(dict(data["ledger"]["copies"][1], to="user buffer", via="skb_segment"))
    at = data["events"][-1]["t"]
    one = {"t": at, "side": "sender", "task": 175, "cpu": 0}
    ends = {"from": "socket buffer", "to": "socket buffer", "by": "cpu", "calls": 1, "bytes": 9}
    data["events"] += [dict(one, kind="copy", function="skb_copy_bits", via="skb_segment", **ends, context="softirq"),
                       dict(one, kind="fault", mode="user"), dict(one, kind="mark", name="end")]
    return data


def encoded(data):
    return json.dumps(data).encode()


def changed(data, leaf, key=None):
    """The same with `leaf(value, place)` for each value; `key(name, place)` for each name in a table of counts."""

    def walk(value, place):
        if isinstance(value, dict):
            counts = place[-1:] in (("syscalls",), ("by_kind",))
            return {key(name, place) if key and counts else name: walk(item, (*place, name))
                    for name, item in value.items()}
        if isinstance(value, list):
            return [walk(item, place) for item in value]
        return leaf(value, place)

    return walk(data, ())


def free_text(place):
    return place[-1] not in CHOSEN and place[-2:-1] != ("evidence",) or place[-1] in ("mechanism", "notes")


def with_text(data, text):
    """In each place where a document has words of its own."""
    return changed(data, lambda value, place: text if isinstance(value, str) and free_text(place) else value,
                   lambda name, place: text)


def with_number(data, number):
    """In each place where a document has a number, as far as it is kept in that many bits."""
    most = {"cpu": 2**16 - 1, "ret": 2**63 - 1, "headers": 2**63 - 1, "sinks": 2**32 - 1}
    most |= dict.fromkeys(("task", "calls", "at", "segments", "faults"), 2**32 - 1)

    def leaf(value, place):
        if isinstance(value, (bool, str)) or value is None:
            return value
        if place[0] == "events" or place[-1] == "sinks":
            return max(min(number, most.get(place[-1], number)), 1 if place[-1] == "calls" else 0)
        return number

    return changed(data, leaf)


def shown():
    base = good()
    found = {f"text: {name}": encoded(with_text(base, text)) for name, text in TEXTS.items()}
    found |= {f"number: {name}": encoded(with_number(base, number)) for name, number in HUGE.items()}
    found["a name of 1 MB"] = encoded(dict(base, run=with_text(base["run"], "y" * 1_000_000)))
    for place in (("run", "command"), ("run", "evidence", "hooks"), ("run", "evidence", "notes"), ("events",),
                  ("run", "evidence", "cross_check"), ("ledger", "copies")):
        data = copy.deepcopy(base)
        holder = data
        for name in place[:-1]:
            holder = holder[name]
        holder[place[-1]] = []
        found[f"no {place[-1]}"] = encoded(data)
    found["events backwards"] = encoded(dict(base, events=base["events"][::-1]))
    mover = [{"from": start, "to": end, "by": by, "function": f"f{number}", "via": "", "bytes": number + 1, "calls": 1,
              "side": side, "context": "softirq", "evidence": "inferred"}
             for number in range(30) for start in ("disk", "nic", "file", "pipe") for end in ("nic", "disk", "file", "pipe")
             for by in ("cpu", "dma", "reference") for side in ("sender", "receiver")]
    found["every edge"] = encoded(dict(base, ledger=dict(base["ledger"], copies=mover)))
    found["20,000 calls"] = encoded(dict(base, ledger=dict(base["ledger"], syscalls={f"c{i}": i for i in range(20_000)})))
    event = next(event for event in base["events"] if event["kind"] == "syscall")
    found["3,000 tasks"] = encoded(dict(base, events=[dict(event, task=i, name=f"call{i}") for i in range(3000)]))
    found["duplicate keys"] = encoded(base).replace(b'"method": "read_write"', b'"method": "a", "method": "b"')
    found["unknown members"] = encoded(dict(base, later={"a": [1, {"b": None}]}))
    found["two documents"] = encoded(base) + b"\n" + encoded(base) + b"\n"
    found["surrogate pair"] = encoded(base).replace(b'"nvme0n1"', b'"\\ud83d\\ude00"')
    return found


def wrong_numbers(text, member):
    name = f'"{member}": '.encode()
    at = text.index(name) + len(name)
    end = min(text.index(sign, at) for sign in (b",", b"}"))
    return {f"{member} is {what}": text[:at] + wrong.encode() + text[end:] for what, wrong in WRONG.items()}


def wrong_events():
    text = encoded(good())
    found = {"an event of a foreign kind": text.replace(b'"kind": "transmit"', b'"kind": "\\u001b[2J<b>"'),
             "events are a text": encoded(dict(good(), events="text")),
             "events are an object": encoded(dict(good(), events={"a": []}))}
    for member in ("t", "dur", "task", "segments", "ret", "at"):
        for what, data in wrong_numbers(text, member).items():
            if member != "ret" or "negative" not in what:
                found[what] = data
    return found


def refused():
    base = good()
    text = encoded(base)
    found = {
        "empty": b"",
        "blanks": b" \n\n ",
        "binary": bytes(range(256)) * 8,
        "foreign object": b'{"traceEvents": [{"ph": "X"}]}',
        "foreign list": b"[1, 2, 3]",
        "a number": b"42",
        "html": b"<!doctype html><script>alert(1)</script>",
        "newer schema": text.replace(b"timeline/2", b"timeline/3"),
        "schema that would steer a terminal": text.replace(b"timeline/2", b"timeline/\\u001b[2J\\n\\u202e"),
        "deep": b'{"schema": "zctrace.timeline/2", "x": ' + b"[" * 1_000_000,
        "deep objects": b'{"schema": "zctrace.timeline/2", "run": ' + b'{"a":' * 200_000,
        "invalid UTF-8": text.replace(b"nvme0n1", b"\xff\xfe\xc0\xaf\xed\xa0\x80"),
        "lone surrogate": text.replace(b'"nvme0n1"', b'"\\ud800"'),
        "raw control character": text.replace(b"nvme0n1", b"a\x1b[2Jb"),
        "UTF-16": text.decode().encode("utf-16"),
        "a foreign mover": text.replace(b'"by": "cpu"', b'"by": "magic"'),
        "name with a terminal's commands": text.replace(b'"syscalls": {"read":', b'"syscalls": {"\\u001b[2J\\n": -1, "read":', 1),
        "followed by more": text + b"x",
    }
    found |= {f"cut to {tenths} tenths": text[: len(text) * tenths // 10] for tenths in range(1, 10)}
    for member in ("size", "duration_ns", "payload_bytes", "breakpoint_bytes", "disk_requests"):
        found |= wrong_numbers(text, member)
    for section in ("run", "ledger"):
        for member in base[section]:
            if member in ("cpu_copies_per_byte", "mode_switches_per_chunk"):
                continue  # follow from the others; they are for people
            if member != "cpu_time_ns":  # older documents have none
                found[f"no {section}.{member}"] = encoded(
                    dict(base, **{section: {name: item for name, item in base[section].items() if name != member}}))
            found[f"{section}.{member} of a wrong type"] = encoded(dict(base, **{section: dict(base[section], **{member: 7.5})}))
    for section in ("schema", "run", "ledger", "events"):
        found[f"no {section}"] = encoded({name: item for name, item in base.items() if name != section})
        if section != "events":
            found[f"{section} is a text"] = encoded(dict(base, **{section: "text"}))
    return found
