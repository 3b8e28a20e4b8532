# SPDX-License-Identifier: GPL-2.0-only
"""Running exitstat-bpf, exitgen and perf."""
import collections
import contextlib
import json
import os
import re
import signal
import subprocess

import documents
import harness
from harness import Failure, Skip, check, check_equal, path, wait_for

BUILD = os.path.abspath(os.environ.get("O", "build"))
EXITSTAT = f"{BUILD}/exitstat-bpf"
EXITGEN = f"{BUILD}/tests/exitgen"
BPFTOOL = "/usr/sbin/bpftool"
STRACE = "/usr/bin/strace"

# Far more than any case can wait for: a VM that is busy until it is killed.
BUSY = ["cpuid=4000000000"]

Run = collections.namedtuple("Run", "status out err doc report")


def to_file(filename, *argv):
    """This command, its stdout in a file."""
    return ["/bin/sh", "-c", 'file=$1; shift; exec "$@" >"$file"', "sh", filename, *argv]


def exitgen_to(filename, *arguments):
    return to_file(filename, EXITGEN, *arguments)


def read_report(filename):
    with open(filename, encoding="utf-8") as file:
        return json.load(file)


def exitstat(*options, command=(), status=0, inside=(), **kwargs):
    """exitstat-bpf to its end, no JSON asked for; run by the words of "inside"."""
    argv = [*inside, EXITSTAT, *options, *(["--", *command] if command else [])]
    done = harness.run_command(argv, **kwargs)
    check(done.returncode == status,
          f"status {done.returncode} instead of {status}: {done.stderr.strip()}")
    return done


def trace(options=(), exits=(), command=(), status=0):
    """exitstat-bpf with --json while exitgen (or a command) runs: all that came of it."""
    json_file, report_file = path("exitstat.json"), path("exitgen.json")
    done = exitstat("--json", json_file, *options,
                    command=command or exitgen_to(report_file, *exits), status=status)
    report = read_report(report_file) if os.path.exists(report_file) else None
    return Run(done.returncode, done.stdout, done.stderr, documents.read(json_file), report)


def need_strace():
    if not os.path.exists(STRACE):
        raise Skip("strace is not installed")


@contextlib.contextmanager
def refused(pid, call, errno):
    """All such system calls of a process that is there fail; yields their log."""
    need_strace()
    log = path("refused.log")
    strace = harness.spawn([STRACE, "-p", str(pid), "-o", log, "-e", "signal=none", "-e",
                            f"trace={call}", "-e", f"inject={call}:error={errno}"])

    def is_traced():
        with open(f"/proc/{pid}/status") as file:
            return "\nTracerPid:\t0\n" not in file.read()

    wait_for("strace to attach", is_traced)
    try:
        yield log
    finally:
        strace.terminate()
        strace.wait()


# --- the kernel's own switches ----------------------------------------------------

PREEMPT = "/sys/kernel/debug/sched/preempt"


def preemption_mode():
    """none, voluntary or full"""
    mount_debugfs()
    with open(PREEMPT) as known:
        return re.search(r"\((\w+)\)", known.read())[1]


@contextlib.contextmanager
def preemption(mode):
    """The kernel is preempted like that."""
    before = preemption_mode()
    try:
        set_text(PREEMPT, mode)
        yield
    finally:
        set_text(PREEMPT, before)


def mount_debugfs():
    if not os.path.exists("/sys/kernel/debug/sched"):
        harness.run_command(["mount", "-t", "debugfs", "none", "/sys/kernel/debug"])


def set_text(file, text):
    with open(file, "w") as out:
        out.write(text)


# --- exitstat-bpf beside what the case does ----------------------------------------


class Tracer:
    """exitstat-bpf without a command; its output goes to files."""

    def __init__(self, *options, argv=(EXITSTAT,)):
        self.json = path(f"tracer-{id(self):x}.json")
        with open(path("tracer.out"), "w") as out, open(path("tracer.err"), "w") as err:
            self.process = harness.spawn([*argv, "--json", self.json, *options],
                                         stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def pid(self):
        return self.process.pid

    def errors(self):
        with open(path("tracer.err")) as file:
            return file.read().strip()

    def _alive(self):
        check(self.process.poll() is None,
              f"exitstat-bpf ended with {self.process.returncode}: {self.errors()}")

    def descriptors(self):
        folder = f"/proc/{self.pid}/fd"
        found = []
        for fd in os.listdir(folder):
            try:
                found.append((fd, os.readlink(f"{folder}/{fd}")))
            except FileNotFoundError:
                pass
        return found

    def attached(self):
        """It makes its timer when all programs are attached."""
        def has_timer():
            self._alive()
            return any("[timerfd]" in target for _, target in self.descriptors())

        wait_for("exitstat-bpf to attach", has_timer)
        return self

    def signals_blocked(self):
        """From here on no signal may cost the summary."""
        def blocks():
            self._alive()
            with open(f"/proc/{self.pid}/status") as file:
                mask = next(line.split()[1] for line in file if line.startswith("SigBlk"))
            return int(mask, 16) & 1 << (signal.SIGTERM - 1)

        wait_for("exitstat-bpf to block signals", blocks)
        return self

    def _kernel_objects(self):
        """Descriptors, with what the kernel tells of them."""
        for fd, target in self.descriptors():
            if "bpf" in target:
                with open(f"/proc/{self.pid}/fdinfo/{fd}") as file:
                    yield fd, dict(line.strip().split(":\t", 1) for line in file if ":\t" in line)

    def kernel_ids(self):
        """What it has in the kernel: prog, map and link -> ids."""
        ids = collections.defaultdict(set)
        for _, info in self._kernel_objects():
            for kind in "prog", "map", "link":
                if f"{kind}_id" in info:
                    ids[kind].add(int(info[f"{kind}_id"]))
        return ids

    def link_of(self, name):
        """The descriptor that keeps its program of that name attached."""
        ids = {prog["id"] for prog in kernel_has("prog", self.kernel_ids()["prog"])
               if prog["name"] == name}
        found = [int(fd) for fd, info in self._kernel_objects()
                 if "link_id" in info and int(info.get("prog_id", 0)) in ids]
        check_equal(f"links of {name}", len(found), 1)
        return found[0]

    def end(self, signum=signal.SIGINT, status=0):
        """Stop it, and read what it wrote."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        return self.ended(status)

    def ended(self, status=0):
        check_equal(f"status ({self.errors()})", self.process.wait(harness.WAIT_TIMEOUT), status)
        with open(path("tracer.out")) as file:
            out = file.read()
        return Run(status, out, self.errors(), documents.read(self.json), None)


def kernel_has(kind, ids):
    """Which of these programs, maps or links are in the kernel."""
    done = harness.run_command([BPFTOOL, "-j", kind, "show"])
    check_equal(f"bpftool {kind} ({done.stderr.strip()})", done.returncode, 0)
    found = {entry["id"]: entry for entry in json.loads(done.stdout)}
    return [found[number] for number in sorted(ids & found.keys())]


# --- VMs beside exitstat-bpf -------------------------------------------------------


class Vm:
    """exitgen in the background; held back until go() where its pid must be known before."""

    def __init__(self, *arguments, held=False):
        self.report_file = path(f"vm-{id(self):x}.json")
        argv = exitgen_to(self.report_file, *arguments)
        if held:
            argv = ["/bin/sh", "-c", 'read -r go && exec "$@"', "sh", *argv]
        self.process = harness.spawn(argv, stdin=subprocess.PIPE)

    @property
    def pid(self):
        return self.process.pid

    def go(self):
        self.process.stdin.write(b"go\n")
        self.process.stdin.close()
        return self

    def report(self):
        """What it did: as soon as it says so, while it may still hold its VMs."""
        def whole():
            check(self.process.poll() in (None, 0), "exitgen failed")
            try:
                return read_report(self.report_file)
            except (FileNotFoundError, json.JSONDecodeError):
                return None

        return wait_for("exitgen's report", whole, harness.CASE_TIMEOUT)

    def wait(self):
        check_equal("exitgen's status", self.process.wait(harness.CASE_TIMEOUT), 0)
        return self.report()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_running(self):
        """Whether a vCPU of it has been in the guest: it has used the CPU for a while."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12]) > 20

    def running(self):
        wait_for("the VM to run", self.is_running)
        return self


# --- perf ----------------------------------------------------------------------------


def perf(filename, *argv):
    """This command under perf, which counts all exits of all VMs."""
    return ["perf", "stat", "-x,", "-o", filename, "-a", "-e", "kvm:kvm_exit", "--", *argv]


def perf_count(filename):
    with open(filename) as file:
        for line in file:
            if "kvm:kvm_exit" in line and line.split(",")[0].isdigit():
                return int(line.split(",")[0])
    raise Failure("perf counted nothing")


# --- the summary, as people see it ---------------------------------------------------


def read_summary(text):
    """title -> reason -> count, of the tables of a summary; of a nested guest's CPUID/L2."""
    tables, rows, columns = {}, None, []
    for line in text.splitlines():
        title, colon, rest = line.partition(": ")
        if colon and " exits, " in rest:
            tables[title] = rows = {}
            rows[None] = int(rest.split()[0])
        elif rows is not None and not line.strip():
            rows = None
        elif line.startswith("REASON"):
            columns = line.split()
        elif rows is not None and title != "nested":
            row = dict(zip(columns, line.split()))
            nested = "/L2" if row.get("LEVEL") == "L2" else ""
            rows[row["REASON"] + nested] = int(row["COUNT"])
    return tables


def summary_losses(text):
    line = next((line for line in text.splitlines() if line.startswith("losses: ")), None)
    check(line, "the summary has no losses")
    words = line.replace("losses: ", "").split(", ")
    return dict(zip(("map_full", "unpaired", "missed"), (int(word.split()[0]) for word in words)))
