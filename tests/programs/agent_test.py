"""zctrace agent for Prometheus: its metrics, the rules and the alert that travel with it, and its systemd unit."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lab"), str(HERE)]
import lab_support as support  # noqa: E402
import traces  # noqa: E402

PACKAGING = HERE.parents[1] / "packaging"
RULES = PACKAGING / "prometheus/zctrace.rules.yml"
PAGE = HERE.parents[1] / "docs/agent.md"
UNIT = PACKAGING / "systemd/zctrace-agent.service"

MINUTES = float(os.environ.get("ZCTRACE_SOAK_MINUTES", "0"))


def need(*paths):
    for path in paths:
        if not (path and pathlib.Path(path).exists()):
            raise unittest.SkipTest(f"{path} is missing")


class AgentTest(support.CleanTest):
    def test_the_rules_by_promtool(self):
        promtool = traces.FETCHED / "prometheus/usr/bin/promtool"
        need(promtool)
        done = subprocess.run([promtool, "test", "rules", RULES.with_name("zctrace.rules.test.yml")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_unit_by_systemd(self):
        need(shutil.which("systemd-analyze"))
        unit = support.SCRATCH / UNIT.name
        unit.write_text(UNIT.read_text().replace("/usr/bin/zctrace", str(support.ZCTRACE)))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_an_alert_fires_when_a_server_starts_to_copy(self):
        support.need_lab(traces.KERNEL)
        need(traces.FETCHED / "prometheus", traces.FETCHED / "nginx")
        result = support.in_one_guest(traces.KERNEL, *support.PROGRAMS_LOADED, agent=[
            sys.executable, HERE / "agent.py", support.ZCTRACE, traces.FETCHED, UNIT, RULES, PAGE])["agent"]
        self.assertEqual(result.status, 0, result.err)
        outcome = json.loads(result.out)
        self.assertIsNotNone(outcome["before"]["copies"], outcome["metrics"])
        self.assertLess(outcome["before"]["copies"], 0.05)
        self.assertEqual(outcome["before"]["firing"], [])
        self.assertAlmostEqual(outcome["after"]["copies"], 2, delta=0.1)
        (alert,) = outcome["after"]["firing"]
        self.assertEqual((alert["alertname"], alert["comm"], alert["from"], alert["to"]),
                         ("ZctraceZeroCopyLost", "nginx", "file", f"tcp :{outcome['port']}"))
        self.assertEqual([query for query, found in outcome["queries"].items() if not found], [])
        self.assertGreater(len(outcome["queries"]), 5)
        self.check_metrics(outcome["metrics"])
        self.assertEqual(re.sub(r"\d{4,5}", "PORT", outcome["agent"]).splitlines()[0], "zctrace: metrics at http://127.0.0.1:PORT/metrics")

    @unittest.skipUnless(MINUTES, "long: ZCTRACE_SOAK_MINUTES=60")
    def test_it_stays_small_under_load(self):
        """Ten thousand calls a second that move bytes. Its memory is what it was after a tenth of the time."""
        support.need_lab(traces.KERNEL)
        result = support.run("--minutes", int(MINUTES) + 10, traces.KERNEL, sys.executable, HERE / "agent_load.py",
                             support.ZCTRACE, 60 * MINUTES, program=support.ZCTRACE.parent / "zctrace-in-guest",
                             timeout=60 * MINUTES + 600)
        self.assertEqual(result.status, 0, result.err)
        samples = [json.loads(line) for line in result.out.splitlines()]
        print(*(samples[at] for at in (0, len(samples) // 10, -1)), sep="\n", file=sys.stderr)
        first, last = samples[len(samples) // 10], samples[-1]
        seconds = last["t"] - first["t"]
        self.assertGreater((last["calls"] - first["calls"]) / seconds, 9_900)
        self.assertLess(last["resident"], first["resident"] + (1 << 20))
        self.assertLess((last["cpu"] - first["cpu"]) / seconds, 0.02)

    def check_metrics(self, text):
        """Few series, of labels that stay the same; and what the agent itself costs."""
        labels = set(re.findall(r'(?:from|to)="([^"]*)"', text))
        self.assertFalse([label for label in labels if "/" in label or re.search(r"\d+\.\d+\.\d+\.\d+", label)], labels)
        self.assertLess(text.count("zctrace_flow_bytes_total{"), 30, text)
        values = dict(re.findall(r"^(zctrace_agent_\w+) (\S+)$", text, re.MULTILINE))
        self.assertGreater(float(values["zctrace_agent_cpu_seconds_total"]), 0)
        self.assertTrue(8 << 20 < float(values["zctrace_agent_resident_bytes"]) < 256 << 20, values)


if __name__ == "__main__":
    support.main()
