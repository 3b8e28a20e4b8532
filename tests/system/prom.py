# SPDX-License-Identifier: GPL-2.0-only
"""Debian's Prometheus: scrapes a target, and is asked what it has."""
import json
import os
import re
import shutil
import socket
import urllib.error
import urllib.parse
import urllib.request

import harness
from harness import Failure, Skip, check, check_equal, path, wait_for

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
RULES = os.path.join(TOP, "user/packaging/prometheus/exitstat.rules.yml")
ALERTS = os.path.join(TOP, "user/packaging/prometheus/exitstat.alerts.yml")
DASHBOARD = os.path.join(TOP, "user/packaging/grafana/exitstat.json")
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
PACKAGES = {"promtool": "prometheus"}
SAMPLE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

CONFIG = """
global:
  scrape_interval: {interval}
  scrape_timeout: {interval}
  evaluation_interval: {interval}
rule_files: [{rules}]
scrape_configs:
  - job_name: exitstat
    static_configs: [{{targets: ["{target}"]}}]
"""


def need(program):
    found = shutil.which(program)
    if not found:
        raise Skip(f"no {program} here: apt-get install {PACKAGES.get(program, program)}")
    return found


def check_same_series(what, found, expected):
    differ = sorted(set(found) ^ set(expected))
    check(not differ, f"{what}: {len(differ)} differ, {differ[:3]}")


def promtool(*arguments, **options):
    done = harness.run_command([need("promtool"), *arguments], **options)
    check_equal(f"status of promtool {arguments[:2]} ({done.stdout}{done.stderr})",
                done.returncode, 0)
    return done.stdout


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def read_samples(text):
    """What an exposition has: name and labels -> value, as text. An empty label is none."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.match(line)
        check(match, f"no sample: {line}")
        labels = {name: re.sub(r"\\(.)", lambda escape: "\n" if escape[1] == "n" else escape[1], value)
                  for name, value in LABEL.findall(match[2] or "")}
        key = (match[1], tuple(sorted(item for item in labels.items() if item[1])))
        check(key not in found, f"twice: {key}")
        found[key] = match[3]
    return found


class Prometheus:
    """Scrapes one target, by the shipped rules; queries are at the time of its last scrape."""

    def __init__(self, target, interval="1s", wait=harness.WAIT_TIMEOUT):
        self.port = free_port()
        with open(path("prometheus.yml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(target=target, interval=interval,
                                     rules=f'"{RULES}", "{ALERTS}"'))
        with open(path("prometheus.log"), "w", encoding="utf-8") as log:
            self.process = harness.spawn(
                [need("prometheus"), f"--config.file={path('prometheus.yml')}",
                 f"--storage.tsdb.path={path('tsdb')}", "--log.level=warn",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)
        wait_for("Prometheus to be ready", self._is_ready, wait)

    def log(self):
        with open(path("prometheus.log"), encoding="utf-8") as file:
            return file.read()

    def _is_ready(self):
        check(self.process.poll() is None, f"Prometheus ended: {self.log()[-300:]}")
        try:
            self._get("/-/ready")
            return len(self.api("targets")["activeTargets"]) == 1
        except urllib.error.URLError:
            return False

    def _get(self, where):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{where}", timeout=60) as answer:
            return answer.read()

    def api(self, what, **parameters):
        answer = json.loads(self._get(f"/api/v1/{what}?{urllib.parse.urlencode(parameters)}"))
        check_equal(f"status of {what} {parameters}", answer["status"], "success")
        return answer["data"]

    def target(self):
        return self.api("targets")["activeTargets"][0]

    def query(self, expression):
        """[(labels, value)]"""
        found = self.api("query", query=expression)
        if found["resultType"] == "scalar":
            return [({}, float(found["result"][1]))]
        return [(sample["metric"], float(sample["value"][1])) for sample in found["result"]]

    def number(self, expression):
        """Of an expression that has one value; None: it has none yet."""
        found = self.query(expression)
        check(len(found) < 2, f"{expression}: {found}")
        return found[0][1] if found else None

    def scraped(self, wait=harness.WAIT_TIMEOUT):
        """At least once more, from now on."""
        before = self.target()["lastScrape"]

        def again():
            target = self.target()
            if target["lastError"]:
                raise Failure(f"scraping: {target['lastError']}")
            return target["lastScrape"] > before and target["health"] == "up"

        wait_for("a scrape", again, wait)
        return self


def write_panels(filename, found):
    """What the dashboard shows, as tables: of (title, query, rows) each."""
    with open(filename, "w", encoding="utf-8") as file:
        file.write("# What the dashboard shows\n\nOf VMs of exitgen's on the lab's emulated host; "
                   "`tests/run serve` makes `build/tests/logs/serve/panels.md` anew.\n")
        for title, query, rows in found:
            rows = sorted(rows, key=lambda row: float(row[0].get("le", 0)))
            file.write(f"\n## {title}\n\n```\n{query}\n```\n\n")
            names = sorted({name for labels, _ in rows for name in labels})
            lines = [[*names, "value"], ["---"] * (len(names) + 1),
                     *([*(labels.get(name, "") for name in names), f"{value:.6g}"]
                       for labels, value in rows)]
            file.writelines(f"| {' | '.join(line)} |\n" for line in lines if rows)
            file.write("" if rows else "Nothing.\n")


def dashboard_queries(rate="1m", span="5m"):
    """(panel's title, query), as Grafana would ask with everything chosen."""
    with open(DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            query = target["expr"]
            for name, value in (("$__rate_interval", rate), ("$__range", span), ("$host", ".*"),
                                ("$vm", ".*"), ("$reason", ".*")):
                query = query.replace(name, value)
            check("$" not in query, f"a variable is left: {query}")
            yield panel["title"], query
