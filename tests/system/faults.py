# SPDX-License-Identifier: GPL-2.0-only
"""The kernel refuses a BPF call, each in turn: exact numbers all the same, or one line and a
status; nothing stays behind."""
import json
import os
import re
import sys

import documents
import harness
import tools
from harness import check, check_equal, path
from usage import one_line

ERRORS = ["EPERM", "ENOMEM", "E2BIG"]  # one after the other: the kernel's own reasons
EXITS = ["cpuid=40", "out=7"]

# Asked for each module and program, one like the other: the first and the last of them.
ALIKE = ["BPF_BTF_GET_NEXT_ID", "BPF_BTF_GET_FD_BY_ID", "BPF_OBJ_GET_INFO_BY_FD"]
FIRST, LAST = 2, 4

# What may be said while all numbers are right.
HARMLESS = ["an exit of the last moment may be counted and not timed",
            "this kernel shows no ends of VMs"]


def run_under(strace, name, arguments):
    """exitstat-bpf while a VM runs: what came of it, its document, what the VM did."""
    doc, report = path(f"{name}.json"), path(f"{name}.report")
    done = harness.run_command(
        [tools.STRACE, "-o", path(f"{name}.log"), "-e", "signal=none", *strace, tools.EXITSTAT,
         *arguments, "--json", doc, "--", *tools.exitgen_to(report, *EXITS)])
    return done, doc, report


def calls(arguments):
    """(system call, which of these, its command) of a run that nothing disturbs."""
    done, _, _ = run_under(["-e", "trace=bpf,perf_event_open"], "whole", arguments)
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 0)
    found = []
    with open(path("whole.log"), encoding="utf-8", errors="replace") as log:
        for line in log:
            if match := re.match(r"(bpf|perf_event_open)\((\w*)", line):
                nth = 1 + sum(call == match[1] for call, _, _ in found)
                found.append((match[1], nth, match[2]))
    return found


def chosen(found):
    """All that differ."""
    for command in {command for _, _, command in found}:
        same = [entry for entry in found if entry[2] == command]
        yield from same if command not in ALIKE else same[:FIRST] + same[FIRST:][-LAST:]


def exact(doc, report):
    """Else what is wrong."""
    return next(iter(documents.differences(documents.read(doc), tools.read_report(report))), None)


def outcome(done, doc, report):
    """What is wrong with what came of it; None: nothing."""
    lines = done.stderr.splitlines()
    if done.returncode == 0:
        return exact(doc, report) or next(
            (line for line in lines if not any(words in line for words in HARMLESS)), None)
    try:
        one_line(done, done.returncode)
    except harness.Failure as failure:
        return str(failure)
    if done.returncode not in (1, 3):
        return f"status {done.returncode}: {lines[0]}"
    return f"left {doc}" if os.path.exists(doc) else None


def refuse(call, nth, command, arguments):
    """What comes of that; None: nothing is wrong."""
    errno = ERRORS[nth % len(ERRORS)]
    done, doc, report = run_under(["-e", f"trace={call}", "-e",
                                   f"inject={call}:error={errno}:when={nth}"],
                                  f"{call}-{nth}", arguments)
    why = outcome(done, doc, report)
    if why:
        print(f"{call} {nth}, {command} {errno}: {why}", file=sys.stderr, flush=True)
    return why and f"{call} {nth}, {command} {errno}: {why}"


def attached():
    """What of BPF is in the kernel."""
    found = set()
    for kind in "prog", "link", "map":
        done = harness.run_command([tools.BPFTOOL, "-j", kind, "show"])
        check_equal(f"bpftool {kind} ({done.stderr.strip()})", done.returncode, 0)
        found |= {(kind, entry["id"]) for entry in json.loads(done.stdout or "[]")}
    return found


def each_refused(least, *arguments):
    tools.need_strace()
    before = attached()
    todo = list(chosen(calls(arguments)))
    check(len(todo) >= least, f"only {len(todo)} calls")
    found = [refuse(*call, arguments) for call in todo]
    wrong = [why for why in found if why]
    check(not wrong, f"{len(wrong)} of {len(todo)}: {' / '.join(wrong)}")
    harness.wait_for("the kernel to forget it all", lambda: attached() <= before)


CASES = [
    ("faults/trace", each_refused, 50, "--snapshots"),
]
