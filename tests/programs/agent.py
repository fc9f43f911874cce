"""ZCTRACE BUILT UNIT RULES PAGE: the agent in a guest, with the capabilities of its systemd unit, beside nginx, a Prometheus that
scrapes it and the rules that travel with zctrace; each query of the page is asked. nginx sends by sendfile; then its sendfile is switched off.

Writes what came of it to standard output, as JSON.
"""

import contextlib
import json
import pathlib
import re
import signal
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
import nginx  # noqa: E402
import stage as st  # noqa: E402

SIZE = 1 << 20
PORT = 8080  # not one of those that the kernel chooses
WINDOW = 15  # seconds, in place of the rules' five minutes
PATIENCE = 90


def quicker(rules):
    """With the same names, but not over minutes."""
    return rules.replace("[5m]", f"[{WINDOW}s]").replace("for: 5m", "for: 0s").replace("[1d]", "[10m]")


def queries(page):
    return re.findall(r"^```promql\n(.*?)```$", page, re.MULTILINE | re.DOTALL)


def capabilities(unit):
    (words,) = re.findall(r"^CapabilityBoundingSet=(.*)$", unit, re.MULTILINE)
    return ["-all", *("+" + word.removeprefix("CAP_").lower() for word in words.split())]


@contextlib.contextmanager
def load(port, path):
    """A client, until it is not needed any more."""
    done = threading.Event()

    def fetch():
        while not done.wait(0.2):
            st.fetch(port, path)

    client = threading.Thread(target=fetch)
    client.start()
    try:
        yield
    finally:
        done.set()
        client.join()


class Prometheus:
    def __init__(self, port):
        self.port = port

    def ask(self, what):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{what}", timeout=30) as answer:
            return json.load(answer)["data"]

    def value(self, query):
        """Of the only series; None where there is none."""
        found = self.ask("query?query=" + urllib.parse.quote(query))["result"]
        return float(found[0]["value"][1]) if len(found) == 1 else None

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=30):
                return True
        except OSError:
            return False

    def firing(self):
        return [alert["labels"] for alert in self.ask("alerts")["alerts"] if alert["state"] == "firing"]


def wait_until(holds):
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        time.sleep(1)


def main():
    zctrace, built, unit, rules, page = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        stage = st.Stage(None, pathlib.Path(folder) / "stage", pathlib.Path(folder) / "results", built)
        path = stage.file("page.bin", SIZE)
        metrics, port = st.free_port(), st.free_port()
        (stage.folder / "zctrace.rules.yml").write_text(quicker(pathlib.Path(rules).read_text()))
        (stage.folder / "prometheus.yml").write_text(f"""
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: [zctrace.rules.yml]
scrape_configs: [{{ job_name: zctrace, static_configs: [{{ targets: ["127.0.0.1:{metrics}"] }}] }}]
""")
        server, at = nginx.serve(stage, "nginx", "sendfile on;", port=PORT)
        agent = ["setpriv", f"--bounding-set={','.join(capabilities(pathlib.Path(unit).read_text()))}", "--no-new-privs",
                 zctrace, "agent", "--comm", "nginx", "--prometheus", metrics]
        program = stage.built / "prometheus/usr/bin/prometheus"
        st.need(program)
        collector = [program, f"--web.listen-address=127.0.0.1:{port}", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
        prometheus = Prometheus(port)
        outcome = {"port": at}
        with (server as served, stage.running("agent", agent, lambda: st.listens(metrics)),
              stage.running("prometheus", collector, prometheus.ready, folder=stage.folder), load(at, path)):
            copies = f'zctrace:copies_per_byte:rate5m{{comm="nginx",from="file",to="tcp :{at}"}}'
            wait_until(lambda: prometheus.value(copies) is not None)
            time.sleep(WINDOW)
            outcome["before"] = {"copies": prometheus.value(copies), "firing": prometheus.firing()}
            settings = stage.folder / "nginx/nginx.conf"
            settings.write_text(settings.read_text().replace("sendfile on;", "sendfile off;"))
            served.send_signal(signal.SIGHUP)
            wait_until(prometheus.firing)
            time.sleep(WINDOW)
            outcome["after"] = {"copies": prometheus.value(copies), "firing": prometheus.firing()}
            outcome["queries"] = {query: len(prometheus.ask("query?query=" + urllib.parse.quote(quicker(query)))["result"])
                                  for query in queries(pathlib.Path(page).read_text())}
            with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=30) as answer:
                outcome["metrics"] = answer.read().decode()
        outcome["agent"] = (stage.folder / "agent.said").read_text()
        json.dump(outcome, sys.stdout)


main()
