# SPDX-License-Identifier: GPL-2.0-only
"""report and diff: a run that was recorded, shown again in parts, and against another."""
import contextlib
import csv
import datetime
import io
import json
import subprocess
import sys

import documents
import guest
import harness
import tools
from harness import check, check_equal, path

DIFF_SCHEMA = f"{guest.TOP}/user/doc/exitstat-diff.schema.json"

PHASES = [["cpuid=4000", "out=300", "hlt=20", "--block", "2000"],
          ["rdmsr=2500", "cpuid=70", "--vcpus", "2"],
          ["in=400", "mmio_write=300", "cpuid=1500"]]


def report(*options):
    return harness.run_command([tools.EXITSTAT, "report", *options])


def document(*options):
    """What report --json writes; checked for sense as all documents are.

    Reasons are read one after the other: of a vCPU that runs, each may have an exit under way.
    """
    done = report("--json", path("part.json"), *options)
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 0)
    return documents.read(path("part.json"), running="--to" in options)


def rows(*options):
    done = report("--csv", *options)
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 0)
    check("losses: 0 not counted" in done.stderr, f"losses are not said: {done.stderr}")
    return list(csv.DictReader(io.StringIO(done.stdout, newline="")))


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def moments(start):
    """When the recording has one, after which there were exits: seconds since its start."""
    found = {row["start"] for row in rows("--per", "0.01", "--columns", "count", path("run"))}
    return [f"{seconds_of(text) - start:.6f}" for text in sorted(found)][1:]


def record_phases():
    """One after the other, with times between which nothing happens."""
    lines = []
    for i, phase in enumerate(PHASES):
        report_file = path(f"phase-{i}.json")
        lines += [f"{tools.EXITGEN} {' '.join(phase)} >{report_file}", "sleep 1",
                  f"date +%s.%N >>{path('marks')}", "sleep 1"]
    done = tools.exitstat("record", "-o", path("run"), "-i", "0.2", "--json", path("whole.json"),
                          command=["/bin/sh", "-c", " && ".join(lines)])
    check_equal("stdout", done.stdout, "")
    with open(path("marks"), encoding="utf-8") as file:
        marks = [float(line) for line in file]
    whole = documents.read(path("whole.json"))
    return whole, marks, seconds_of(whole["interval"]["start"])


def of_phase(i):
    return tools.read_report(path(f"phase-{i}.json"))


def phases():
    """Each phase has exactly its exits, by seconds and by the clock; they add up to the run."""
    whole, marks, start = record_phases()
    edges = [0, *(mark - start for mark in marks)]
    for i in range(len(PHASES)):
        part = document("--from", f"{edges[i]:.3f}", "--to", f"{edges[i + 1]:.3f}", path("run"))
        documents.check_exact(part, of_phase(i))
    clock = [datetime.datetime.fromtimestamp(mark).isoformat(timespec="milliseconds")
             for mark in marks]
    documents.check_exact(document("--from", clock[0], "--to", clock[1][11:], path("run")),
                          of_phase(1))
    # Written again it is the document that the run itself wrote.
    again = document(path("run"))
    check(again == whole, "the recording's document is not the run's")
    per = rows("--per", "0.5", "--columns", "count", path("run"))
    check_equal("exits in half seconds", sum(int(row["count"]) for row in per),
                documents.total(whole))
    check(len({row["start"] for row in per}) >= len(PHASES), f"hardly a piece: {per}")
    # Wherever it is cut, with exits under way.
    middle = moments(start)[1]
    parts = [["--to", middle], ["--from", middle]]
    check_equal("exits of two parts",
                sum(int(row["count"]) for part in parts for row in rows(*part, path("run"))),
                documents.total(whole))
    # One that was under way then is in both documents, which is said.
    again = sum(documents.total(document(*part, path("run"))) for part in parts)
    said = "under way when the part began" in report("--json", path("part.json"), *parts[1],
                                                      path("run")).stdout
    check_equal("said", said, again > documents.total(whole))
    check(again - documents.total(whole) <= 1, f"{again} exits in two documents")


def under_way():
    """Cut while exits are under way, with their keys and their parts: documents like others."""
    vm = tools.Vm("cpuid=4000000", "out=4000000", "--vcpus", "3").running()
    tools.exitstat("record", "-o", path("run"), "-i", "0.1", "-d", "6", "--detail", "--split")
    vm.kill()
    start = seconds_of(document(path("run"))["interval"]["start"])
    cuts = moments(start)
    first, second = cuts[len(cuts) // 3], cuts[2 * len(cuts) // 3]
    for edges in (["--to", first], ["--from", first, "--to", second], ["--from", second]):
        part = document(*edges, path("run"))
        check(documents.total(part) > 10, f"hardly an exit: {part['interval']}")
        done = report(path("part.json"))
        check_equal(f"status ({done.stderr})", done.returncode, 0)


def of_a_document():
    """--snapshots are frames as well: counts are exact, and what is not known is said."""
    tools.exitstat("-i", "0.2", "--snapshots", "--json", path("run"),
                   command=["/bin/sh", "-c", f"{tools.EXITGEN} cpuid=3000 out=200 "
                            f">{path('phase-0.json')}; sleep 1; {tools.EXITGEN} cpuid=9 "
                            f">{path('phase-1.json')}"])
    whole = documents.read(path("run"))
    check(document(path("run")) == whole, "the document is not the same")
    per = rows("--per", "0.4", "--columns", "count,p99", path("run"))
    check_equal("exits", sum(int(row["count"]) for row in per), documents.total(whole))
    check_equal("percentiles", {row["p99_ns"] for row in per}, {""})
    # Where some exits are before it: of all that there are, the distributions are known.
    cut = moments(seconds_of(whole["interval"]["start"]))[0]
    done = report("--from", cut, path("run"))
    check("have counts and times only" in done.stdout, f"not said: {done.stdout}")
    done = report("--from", cut, "--json", path("part.json"), path("run"))
    check_equal("status", done.returncode, 3)


def tables():
    """The live command's tables, of a file."""
    live = tools.exitstat("record", "-o", path("run"), "--detail", "--split",
                          command=[tools.EXITGEN, "cpuid=500", "out=50"])
    check_equal("status", live.returncode, 0)
    shown = report("--histogram", "--sort", "count", path("run")).stdout
    table = tools.read_summary(shown)
    check_equal("VMs", len(table), 1)
    found, = table.values()
    check(found["CPUID"] == 500 and found["IO"] >= 50, f"{found}")
    for word in "RUNNABLE", "debug console", "|####", "losses: 0 not counted":
        check(word in shown, f"'{word}' is not in: {shown}")
    chosen = report("--columns", "p99,vmm", path("run")).stdout
    check(any(line.split() == ["REASON", "P99", "VMM"] for line in chosen.splitlines()),
          f"columns: {chosen}")


def live_csv():
    """The rows of intervals, and of what is left after them, are all exits."""
    done = tools.exitstat("--csv", "-i", "0.2", "--json", path("whole.json"), "--by", "vcpu",
                          command=tools.exitgen_to(path("r.json"), "cpuid=3000", "out=200",
                                                   "--vcpus", "2"))
    doc = documents.read(path("whole.json"))
    documents.check_exact(doc, tools.read_report(path("r.json")))
    found = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    check_equal("exits", sum(int(row["count"]) for row in found), documents.total(doc))
    check_equal("vCPUs", {row["vcpu"] for row in found}, {"0", "1"})
    check("losses: 0 not counted" in done.stderr, f"losses are not said: {done.stderr}")


@contextlib.contextmanager
def sleeper(us):
    """A guest that sleeps for so long, again and again."""
    vm = tools.Vm("hlt=4000000", "--block", str(us)).running()
    try:
        yield
    finally:
        vm.kill()


def record(name, seconds):
    """Of whatever runs."""
    tools.exitstat("record", "-o", path(name), "-i", "0.1", "-d", str(seconds))


def diff(a, b, *options, status=0):
    """What it says, and its document."""
    done = harness.run_command([tools.EXITSTAT, "diff", path(a), path(b), "--json",
                                path("diff.json"), *options])
    check_equal(f"status ({done.stdout} {done.stderr.strip()})", done.returncode, status)
    valid = subprocess.run([sys.executable, f"{guest.TOP}/tests/validate-json", DIFF_SCHEMA,
                            path("diff.json")], stderr=subprocess.PIPE, text=True, check=False)
    check_equal(f"validate-json ({valid.stderr.strip()})", valid.returncode, 0)
    with open(path("diff.json"), encoding="utf-8") as file:
        return done.stdout, json.load(file)


def named(doc):
    """(reason, metric) -> the change, of all that has changed."""
    return {(row["reason"], metric): change["change"] for row in doc["rows"]
            for metric, change in row.items()
            if isinstance(change, dict) and change["judgement"] == "changed"}


def longer_sleeps():
    """A guest that sleeps five times as long: HLT is named, and fails a gate."""
    for name, us in ("short", 400), ("long", 2000):
        with sleeper(us):
            record(name, 12)
    text, doc = diff("short", "long", "--fail-if", "HLT.p50>+50%", "--fail-if",
                     "TASK_SWITCH.count>1", status=1)
    print(text, file=sys.stderr)
    check(any(reason == "HLT" for reason, _ in named(doc)), f"HLT is not named: {text}")
    check("fail-if HLT.p50>+50%: FAILED" in text, text)
    check("fail-if TASK_SWITCH.count>1: FAILED, as there is no such value" in text, text)


CASES = [
    ("report/phases", phases),
    ("report/under-way", under_way),
    ("report/of-a-document", of_a_document),
    ("report/tables", tables),
    ("report/live-csv", live_csv),
    ("report/longer-sleeps", longer_sleeps),
]
