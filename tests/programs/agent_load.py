"""ZCTRACE SECONDS: the agent in a guest, while a program makes ten thousand calls a second that move bytes.

Writes a line of JSON every few seconds: the calls that the agent has counted, and what itself has cost, from its metrics.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request

PORT, EVERY = 9435, 10
LOAD = """
import os, time
source, sink = os.open("/usr/bin/python3", os.O_RDONLY), os.open("/dev/null", os.O_WRONLY)
begin, rounds = time.monotonic(), 0
while True:
    for _ in range(50):
        os.write(sink, os.pread(source, 4096, 0))
    rounds += 1
    time.sleep(max(0, begin + rounds / 100 - time.monotonic()))
"""


def values():
    """None until it is there and its hooks are attached."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics", timeout=60) as answer:
            text = answer.read().decode()
    except OSError:
        return None
    own = dict(re.findall(r"^zctrace_agent_(\w+) (\S+)$", text, re.MULTILINE))
    calls = sum(float(value) for value in re.findall(r"^zctrace_flow_calls_total\{.* (\S+)$", text, re.MULTILINE))
    if not own:
        return None
    return {"calls": calls, "cpu": float(own["cpu_seconds_total"]), "resident": float(own["resident_bytes"])}


def main():
    zctrace, seconds = sys.argv[1], float(sys.argv[2])
    load = subprocess.Popen([sys.executable, "-c", LOAD])
    agent = subprocess.Popen([zctrace, "agent", "-p", str(load.pid), "--prometheus", str(PORT)], stderr=sys.stderr)
    begin = time.monotonic()
    try:
        while time.monotonic() < begin + seconds:
            time.sleep(EVERY)
            if agent.poll() is not None:
                sys.exit("the agent has ended")
            if found := values():
                print(json.dumps({"t": time.monotonic(), **found}), flush=True)
    finally:
        load.kill()
        agent.terminate()
        agent.wait()


main()
