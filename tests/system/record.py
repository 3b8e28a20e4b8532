# SPDX-License-Identifier: GPL-2.0-only
"""Recordings: what is in them is what was counted, whatever became of who wrote them."""
import collections
import json
import os
import signal
import subprocess

import documents
import files
import harness
import tools
from harness import check, check_equal, path, wait_for

FRAMES = f"{tools.BUILD}/tests/frames"

Recorded = collections.namedtuple("Recorded", "moments cut")


def read(filename):
    """Its moments as documents, and what is missing of it: None, or a text."""
    done = harness.run_command([FRAMES, filename])
    check_equal(f"frames ({done.stderr.strip()})", (done.returncode, done.stderr), (0, ""))
    *moments, last = done.stdout.splitlines()
    if moments:
        documents.parse(moments[-1])
    return Recorded([json.loads(moment) for moment in moments], json.loads(last)["cut"])


def ns(moment):
    return moment["interval"]["ns"]


def check_order(recorded):
    """Counts only grow, and so does the time."""
    for before, after in zip(recorded.moments, recorded.moments[1:]):
        check(ns(before) < ns(after), f"{ns(after)} ns come after {ns(before)}")
        check(documents.total(before) <= documents.total(after), "exits went away")


def record(filename, *options, command=(), status=0):
    """To its end; it prints nothing where no terminal is."""
    done = tools.exitstat("record", "-o", filename, *options, command=command, status=status)
    check_equal("stdout", done.stdout, "")
    if not status:
        check_equal("stderr", done.stderr, "")
    return done


class Recorder:
    """exitstat-bpf record beside what the case does."""

    def __init__(self, filename, *options):
        self.filename = filename
        with open(path("recorder.err"), "w") as err:
            self.process = harness.spawn(
                [tools.EXITSTAT, "record", "-i", "0.1", "-o", filename, *options],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)

    def has_moments(self):
        """Some seconds' worth of them."""
        wait_for("a recording", lambda: os.path.exists(self.filename)
                 and os.path.getsize(self.filename) > 2000)
        return self

    def end(self, signum, status=0):
        self.process.send_signal(signum)
        return self.ended(status)

    def ended(self, status):
        found = self.process.wait(harness.CASE_TIMEOUT)
        with open(path("recorder.err")) as file:
            err = file.read()
        check_equal(f"status ({err.strip()})", found, status)
        return err


def exact(*options):
    """Its last moment is what exitgen did, and what --json has of the same run."""
    file = path("run.exitrec")
    record(file, "-i", "0.05", "--json", path("run.json"), *options, command=tools.exitgen_to(
        path("exitgen.json"), "cpuid=3000", "out=300", "hlt=100", "--vcpus", "2"))
    recorded = read(file)
    check_equal("what is missing", recorded.cut, None)
    check(len(recorded.moments) > 2, f"{len(recorded.moments)} moments")
    check_order(recorded)
    documents.check_exact(recorded.moments[-1], tools.read_report(path("exitgen.json")))
    check_equal("the last moment", recorded.moments[-1], documents.read(path("run.json")))


def signalled(signum):
    """It is ended in good order: whole, and exact."""
    recorder = Recorder(path("run.exitrec")).has_moments()
    report = tools.Vm("cpuid=1000", "out=50").wait()
    check_equal("stderr", recorder.end(signum), "")
    recorded = read(path("run.exitrec"))
    check_equal("what is missing", recorded.cut, None)
    documents.check_exact(recorded.moments[-1], report)


def killed():
    """All up to the last whole interval is there, and that it is cut is said."""
    tools.Vm(*tools.BUSY, "--vcpus", "2").running()
    recorder = Recorder(path("run.exitrec"), "--detail", "--split").has_moments()
    recorder.end(signal.SIGKILL, -signal.SIGKILL)
    recorded = read(path("run.exitrec"))
    check(recorded.cut and recorded.cut.startswith("cut at byte "), f"cut: {recorded.cut}")
    check(documents.total(recorded.moments[-1]) > 0, "no exits")
    check_order(recorded)


def full_disk():
    """The run ends then, its command too, with a line; what was written is good."""
    files.mount("size=16k")
    try:
        done = record(path("fs/run.exitrec"), "-i", "0.05", status=1,
                      command=[tools.EXITGEN, *tools.BUSY, "--vcpus", "2"])
        check_equal("lines", len(done.stderr.splitlines()), 1)
        for words in path("fs/run.exitrec"), "No space left on device":
            check(words in done.stderr, f"'{words}' is not in {done.stderr}")
        recorded = read(path("fs/run.exitrec"))
        check(recorded.cut and recorded.cut.startswith("cut at byte "), f"cut: {recorded.cut}")
        check(documents.total(recorded.moments[-1]) > 0, "no exits")
        check_order(recorded)
    finally:
        files.unmount()


def rotated():
    """Each file is whole, and begins where the older one ends."""
    file = path("run.exitrec")
    record(file, "-i", "0.05", "--rotate", "4K,1000", command=tools.exitgen_to(
        path("exitgen.json"), "cpuid=60000", "out=300", "--vcpus", "2"))
    found = sorted((int(name.rpartition(".")[2]) for name in os.listdir(harness.directory)
                    if name.startswith("run.exitrec.")), reverse=True)
    check_equal("their numbers", found, list(range(len(found), 0, -1)))
    check(found, "nothing was put aside")
    before = None
    for name in *(f"{file}.{number}" for number in found), file:
        recorded = read(name)
        check_equal(f"{name}: what is missing", recorded.cut, None)
        check_order(recorded)
        check(before is None or recorded.moments[0] == before,
              f"{name} does not begin where the older one ends")
        before = recorded.moments[-1]
    documents.check_exact(before, tools.read_report(path("exitgen.json")))


def cut_at_random():
    """Cut at 1,000 places: read up to there, and never taken for whole."""
    file = path("run.exitrec")
    record(file, "-i", "0.1", "--detail",
           command=tools.exitgen_to(path("exitgen.json"), "cpuid=5000", "out=300"))
    check(len(read(file).moments) > 2, "hardly a moment")
    done = harness.run_command([FRAMES, "--cuts", "1000", file])
    check_equal("1,000 cuts", (done.returncode, done.stderr), (0, ""))


def to_stdout():
    """Into whatever the shell has opened."""
    report = path("exitgen.json")
    words = tools.exitgen_to(report, "cpuid=1000")
    script = 'file=$1; shift; "$@" | cat >"$file"'
    done = harness.run_command(["/bin/sh", "-c", script, "sh", path("run.exitrec"),
                                tools.EXITSTAT, "record", "-i", "0.2", "-o", "-", "--", *words])
    check_equal("stderr", done.stderr, "")
    recorded = read(path("run.exitrec"))
    check_equal("what is missing", recorded.cut, None)
    documents.check_exact(recorded.moments[-1], tools.read_report(report))


def refused():
    """Before anything is traced, and what is there stays."""
    for filename, words in ((path("no/such/x"), "No such file or directory"),
                            (harness.directory, "Is a directory")):
        done = record(filename, command=["touch", path("ran")], status=1)
        check(words in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr)
        check(not os.path.exists(path("ran")), "the command ran")
    files.write_text(path("old"), files.OLD)
    record(path("old"), "-p", "0", status=2)
    check_equal("the old file", files.read_text(path("old")), files.OLD)


CASES = [
    ("record/exact", exact),
    ("record/exact-all", exact, "--detail", "--split", "--slowest", "5"),
    ("record/to-stdout", to_stdout),
    *((f"record/{signum.name}", signalled, signum)
      for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)),
    ("record/killed", killed),
    ("record/full-disk", full_disk),
    ("record/rotated", rotated),
    ("record/cut-at-random", cut_at_random),
    ("record/refused", refused),
]
