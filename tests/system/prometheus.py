# SPDX-License-Identifier: GPL-2.0-only
"""What serve tells, of a made-up host, to Debian's Prometheus; the rules and the dashboard."""
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import harness
import prom
import tools
from harness import check, check_equal, wait_for

SAMPLE = os.path.join(tools.BUILD, "tests/metrics-sample")
TESTS = os.path.join(prom.TOP, "tests/prometheus/rules.test.yml")
VMS, VCPUS = 5, 2


class Exporter:
    """What the made-up host tells, each time a second later, until it is held."""

    def __init__(self):
        self.made = harness.spawn([SAMPLE, str(VMS), str(VCPUS)], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        self.lock = threading.Lock()
        self.held = None
        self.accepted = set()
        exporter = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                accept = self.headers.get("Accept", "")
                body = exporter.tell(accept)
                self.send_response(200)
                self.send_header("Content-Type", f"{prom.OPENMETRICS}; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def target(self):
        return f"127.0.0.1:{self.server.server_address[1]}"

    def ask(self, form):
        self.made.stdin.write(f"{form}\n".encode())
        self.made.stdin.flush()
        return self.made.stdout.read(int(self.made.stdout.readline()))

    def tell(self, accept):
        with self.lock:
            self.accepted.add(accept)
            return self.held or self.ask("openmetrics")

    def hold(self):
        """From now on it stays as it is: what that is."""
        with self.lock:
            self.held = self.ask("openmetrics")
        return prom.read_samples(self.held.decode())


def check_metrics():
    exporter = Exporter()
    text = exporter.ask("text")
    tool = harness.spawn([prom.need("promtool"), "check", "metrics"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = tool.communicate(text)[0].decode()
    check_equal(f"status ({said})", tool.returncode, 0)
    check_equal("what promtool says", said, "")


def both_formats():
    """The same series; of counters both have the same, a second apart."""
    exporter = Exporter()
    first = prom.read_samples(exporter.ask("text").decode())
    second = exporter.ask("openmetrics").decode()
    check(second.endswith("# EOF\n"), f"the end: {second[-50:]}")
    prom.check_same_series("series", prom.read_samples(second), first)


def node_exporter():
    """A file of --textfile is told on as it is, beside what node_exporter tells of itself."""
    text = Exporter().ask("text")
    told = prom.read_samples(text.decode())
    folder = harness.path("textfiles")
    os.mkdir(folder)
    with open(os.path.join(folder, "exitstat.prom"), "wb") as file:
        file.write(text)
    port = prom.free_port()
    with open(harness.path("log"), "w", encoding="utf-8") as log:
        harness.spawn([prom.need("prometheus-node-exporter"), "--collector.disable-defaults",
                       "--collector.textfile", f"--collector.textfile.directory={folder}",
                       f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    found = wait_for("node_exporter", lambda: get(f"http://127.0.0.1:{port}/metrics"))
    check(float(found.pop(("node_textfile_scrape_error", ()))) == 0, "it could not read the file")
    ours = {key: float(value) for key, value in found.items() if key[0].startswith("exitstat_")}
    check_equal("what it tells", ours, {key: float(value) for key, value in told.items()})


def get(where):
    """Its samples; None: nobody answers."""
    try:
        with urllib.request.urlopen(where, timeout=60) as answer:
            return prom.read_samples(answer.read().decode())
    except urllib.error.URLError:
        return None


def rules():
    prom.promtool("check", "rules", prom.RULES, prom.ALERTS)
    print(prom.promtool("test", "rules", TESTS), file=sys.stderr)


def scraped():
    """Each value of it is there, each recorded one is made, each panel of the dashboard has data."""
    exporter = Exporter()
    prometheus = prom.Prometheus(exporter.target)
    for _ in range(4):
        prometheus.scraped()
    told = exporter.hold()
    prometheus.scraped().scraped()
    check(any("openmetrics" in accept for accept in exporter.accepted), f"{exporter.accepted}")
    series = prometheus.number("exitstat_series")
    check_equal("samples that were scraped", prometheus.number("scrape_samples_scraped"), series)
    check_equal("series that were told", len(told), series)
    found = {(labels.pop("__name__"), tuple(sorted(labels.items()))): value
             for labels, value in prometheus.query('{instance!="",__name__=~"exitstat_.*"}')
             if labels.pop("job") and labels.pop("instance")}
    prom.check_same_series("series", found, told)
    for key, value in told.items():
        check_equal(f"{key}", found[key], float(value))
    recorded(prometheus)
    panels(prometheus)


def recorded(prometheus):
    with open(prom.RULES, encoding="utf-8") as file:
        names = re.findall(r"record: (\S+)", file.read())
    check(len(names) > 5, f"rules: {names}")
    for name in names:
        wait_for(name, lambda: prometheus.query(name))
    broken = [rule for group in prometheus.api("rules")["groups"] for rule in group["rules"]
              if rule["health"] not in ("ok", "unknown")]
    check_equal("rules with errors", broken, [])


def panels(prometheus):
    for title, query in prom.dashboard_queries():
        rows = prometheus.query(query)
        print(f"{title}: {query}", *rows[:5], sep="\n  ", file=sys.stderr)
        check(rows, f"panel {title}: nothing for {query}")


def variables():
    """What Grafana fills its lists with is there."""
    with open(prom.DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    exporter = Exporter()
    told = prom.read_samples(exporter.ask("text").decode())
    for variable in dashboard["templating"]["list"][1:]:
        match = re.match(r"label_values\((\w+)(?:\{.*\})?, (\w+)\)", variable["definition"])
        name, label = match[1], match[2]
        check(any(key[0] == name and (label == "instance" or label in dict(key[1])) for key in told),
              f"no {name} with {label}")


CASES = [
    ("prometheus/check-metrics", check_metrics),
    ("prometheus/both-formats", both_formats),
    ("prometheus/node-exporter", node_exporter),
    ("prometheus/rules", rules),
    ("prometheus/variables", variables),
    ("prometheus/scraped", scraped),
]
