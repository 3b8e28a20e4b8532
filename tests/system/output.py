# SPDX-License-Identifier: GPL-2.0-only
"""What it prints says the same as the JSON, and it ends and returns as it should."""
import datetime
import os
import re
import subprocess
import sys
import time

import documents
import harness
import tools
from harness import check, check_equal, path

EXITS = ["cpuid=800", "out=40", "hlt=5", "--vcpus", "2", "--vms", "2"]


def expected_tables(doc, by):
    """title -> reason -> count, as the summary should have them."""
    tables = {}
    for vm in doc["vms"]:
        for vcpu in vm["vcpus"]:
            title = f"{vm['name']} (pid {vm['pid']}, ended)"
            if by == "vcpu":
                title += f", vCPU {vcpu['id']}"
            if by == "reason":
                title = f"all VMs ({len(doc['vms'])})"
            table = tables.setdefault(title, {None: 0})
            for reason in vcpu["reasons"]:
                table[None] += reason["count"]
                table[reason["name"]] = table.get(reason["name"], 0) + reason["count"]
    return tables


def summary_by(by, *options):
    run = tools.trace(options, EXITS)
    documents.check_exact(run.doc, run.report)
    check_equal("tables", tools.read_summary(run.out), expected_tables(run.doc, by))
    check_equal("losses", tools.summary_losses(run.out), run.doc["losses"])
    check(" TSC cycles" in run.out, "the summary does not say what the times are")


def summary_columns():
    run = tools.trace(exits=EXITS)
    header = next((line for line in run.out.splitlines() if "TIME%" in line and "COUNT" in line),
                  "")
    check_equal("columns", header.split(), "REASON COUNT SHARE TIME TIME% BUSY MIN AVG P50 P99"
                " MAX".split())


def histogram():
    """The bars of each reason add up to what was timed."""
    run = tools.trace(["--histogram", "--by", "reason"], EXITS)
    timed = {}
    for vm in run.doc["vms"]:
        for vcpu in vm["vcpus"]:
            for reason in vcpu["reasons"]:
                count = sum(bucket["count"] for bucket in reason["histogram"])
                if count:
                    timed[reason["name"]] = timed.get(reason["name"], 0) + count
    drawn, name, last = {}, None, ""
    for line in run.out.splitlines():
        bar = re.fullmatch(r" +\S+ - \S* +(\d+) \|(#*)", line)
        if bar:
            name = last if name is None else name
            drawn[name] = drawn.get(name, 0) + int(bar[1])
        else:
            name, last = None, line.strip()
    check_equal("bars", drawn, timed)
    check("|########################################" in run.out, "no full bar")


def own_cost():
    """The kernel ran the programs as often as there were exits."""
    done = tools.exitstat("--self", "--json", path("self.json"), command=tools.exitgen_to(
        path("r.json"), *EXITS))
    doc = documents.read(path("self.json"))
    exits = sum(r["count"] for vm in doc["vms"] for v in vm["vcpus"] for r in v["reasons"])
    for program in doc["self"]["programs"]:
        check_equal(f"runs of {program['name']}", program["runs"], exits)
        check(program["ns"] > 0, f"{program} took no time")
        check(f"{program['name']} " in done.stdout, f"{program['name']} is not shown: {done.stdout}")
    check(0 < doc["self"]["process_ns"] < 60e9, f"self: {doc['self']}")
    check(re.search(r"^self: \S+ in BPF programs, \S+ an exit, ", done.stdout, re.M),
          f"not shown: {done.stdout}")


def no_own_cost():
    run = tools.trace(exits=EXITS)
    check("self" not in run.doc and "self:" not in run.out, "its cost, which nobody asked for")


def no_histogram():
    check("|#" not in tools.trace(exits=EXITS).out, "bars that nobody asked for")


def json_on_stdout():
    """The document and nothing else; the summary goes to stderr."""
    done = tools.exitstat("--json", "-", command=tools.exitgen_to(path("r.json"), *EXITS))
    doc = documents.parse(done.stdout)
    documents.check_exact(doc, tools.read_report(path("r.json")))
    check("losses: 0 " in done.stderr, f"stderr: {done.stderr}")


def json_to_device():
    tools.exitstat("--json", "/dev/null", "-d", "0.1")
    check(os.path.exists("/dev/null") and not os.path.isfile("/dev/null"),
          "/dev/null was replaced")


def duration():
    run = tools.Tracer("-d", "1.5").ended()
    check(1.5e9 <= run.doc["interval"]["ns"] < 6e9, f"interval: {run.doc['interval']}")


def interval():
    """A line per reason and interval, none when the first interval is never over."""
    tools.Vm(*tools.BUSY).running()
    often = tools.trace(["-i", "0.3"], command=["sleep", "3"])
    lines = [line for line in often.out.splitlines() if re.match(r"\d\d:\d\d:\d\d .* CPUID ", line)]
    most = often.doc["interval"]["ns"] / 0.3e9
    check(2 <= len(lines) <= most, f"{len(lines)} lines, expected at most {most}: {often.out}")
    check(re.search(r"^AT +VM +REASON +EXITS/S", often.out, re.M), "no header")
    never = tools.trace(["-i", "100"], command=["sleep", "1"])
    check("EXITS/S" not in never.out, f"a line before its time: {never.out}")
    check(tools.read_summary(never.out), f"no summary: {never.out}")


def returns(status, *command):
    done = tools.exitstat(command=command, status=status)
    check("losses: " in done.stdout, f"no summary: {done.stdout}")


def cannot_run(status, command):
    done = tools.exitstat(command=[command], status=status)
    check_equal("lines", len(done.stderr.splitlines()), 1)
    check(command in done.stderr, f"stderr: {done.stderr}")


def closed_stdout():
    """Its reader has gone: the file is written all the same."""
    script = '"$0" --json "$1" -i 0.2 -- "$2" cpuid=3000 2>"$3" | head -n 1; echo "${PIPESTATUS[0]}"'
    done = harness.run_command(["/bin/bash", "-c", script, tools.EXITSTAT, path("x.json"),
                                tools.EXITGEN, path("err")])
    documents.read(path("x.json"))
    check("141" not in done.stdout.splitlines()[-1:], "killed by SIGPIPE")


def never_read_stdout():
    """Closed from the start, and the command does all it has to do."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    child = harness.spawn(
        [tools.EXITSTAT, "-i", "100", "--json", path("x.json"), "--",
         *tools.exitgen_to(path("r.json"), *EXITS)],
        stdout=write_end, stderr=subprocess.DEVNULL)
    os.close(write_end)
    child.wait(harness.CASE_TIMEOUT)
    documents.check_exact(documents.read(path("x.json")), tools.read_report(path("r.json")))


def clock_is_set():
    """A day on, while tracing: that is said, and the interval is as long as it was."""
    day = 24 * 3600
    # The command: it begins when all is attached, however long that took.
    setting = f"import time; time.clock_settime(time.CLOCK_REALTIME, time.time() + {day})"
    process = harness.spawn([tools.EXITSTAT, "--json", path("x.json"), "--",
                             sys.executable, "-c", setting], stdout=subprocess.PIPE, text=True)
    try:
        out, _ = process.communicate(timeout=harness.WAIT_TIMEOUT)
    finally:
        time.clock_settime(time.CLOCK_REALTIME, time.time() - day)
    check_equal("status", process.returncode, 0)
    check("clock: the time of day was set while tracing, by +86" in out, f"stdout: {out}")
    interval_of = documents.read(path("x.json"))["interval"]
    check(abs(interval_of["clock_set_ns"] / 1e9 - day) < 1, f"interval: {interval_of}")
    start, end = (datetime.datetime.fromisoformat(interval_of[key].replace("Z", "+00:00"))
                  for key in ("start", "end"))
    check_equal("end - start", round((end - start).total_seconds(), 3),
                round(interval_of["ns"] / 1e9, 3))


CASES = [
    ("output/by-default", summary_by, "vm"),
    ("output/by-vm", summary_by, "vm", "--by", "vm"),
    ("output/by-vcpu", summary_by, "vcpu", "--by", "vcpu"),
    ("output/by-reason", summary_by, "reason", "--by", "reason"),
    ("output/columns", summary_columns),
    ("output/histogram", histogram),
    ("output/no-histogram", no_histogram),
    ("output/own-cost", own_cost),
    ("output/no-own-cost", no_own_cost),
    ("output/json-on-stdout", json_on_stdout),
    ("output/json-to-device", json_to_device),
    ("output/duration", duration),
    ("output/interval", interval),
    ("output/clock-is-set", clock_is_set),
    ("output/closed-stdout", closed_stdout),
    ("output/never-read-stdout", never_read_stdout),
    ("output/status-0", returns, 0, "true"),
    ("output/status-42", returns, 42, "/bin/sh", "-c", "exit 42"),
    ("output/status-signal", returns, 128 + 9, "/bin/sh", "-c", "kill -9 $$"),
    ("output/not-found", cannot_run, 127, "/no/such/command"),
    ("output/not-executable", cannot_run, 126, "/etc/passwd"),
]
