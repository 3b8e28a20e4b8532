# SPDX-License-Identifier: GPL-2.0-only
"""A bucket begins again at 0 after 2^32 exits, which would take an hour: so it is put ahead.

Nothing reads the maps meanwhile but the timer that is there for this.
"""
import contextlib
import json
import os
import signal
import struct
import time

import documents
import harness
import tools
from harness import check_equal

CPUID = 0x72

# Of struct exitstat_record (bpf/exitstat.h): formats and offsets.
REASON = "<I", 0
TIMES = "<3Q", 8  # count, sum_ns, min_ns
HIST = "<512I", 128

# The second step is the one over the edge.
STEPS = 0xC0000000, 0x40000000

# Longer than the reader lets pass (WRAPS_NS of user/trace/wraps.h).
MINUTE = 62


def bpftool(*words):
    done = harness.run_command([tools.BPFTOOL, "-j", "map", *words])
    check_equal(f"bpftool {words[0]} ({done.stderr.strip()})", done.returncode, 0)
    return done.stdout


def to_bytes(words):
    return bytearray(int(word, 16) for word in words)


def to_words(data):
    return [f"{byte:#04x}" for byte in data]


def get(value, member):
    return struct.unpack_from(member[0], value, member[1])


def put(value, member, *numbers):
    struct.pack_into(member[0], value, member[1], *numbers)


def low_of(bucket):
    """The shortest time in it; exitstat_bucket_low() of bpf/exitstat.h."""
    return bucket if bucket < 16 else (bucket % 8 + 8) << (bucket // 8 - 1)


class Record:
    """The record of a reason, in the map of a tracer that has one vCPU."""

    def __init__(self, tracer, reason):
        maps = tools.kernel_has("map", tracer.kernel_ids()["map"])
        self.map = next(str(entry["id"]) for entry in maps
                        if entry["name"] == "record_chunks" and entry["type"] == "array")
        self.key = next(key for key, value in self._dump() if get(value, REASON) == (reason,))

    def _dump(self):
        for entry in json.loads(bpftool("dump", "id", self.map)):
            yield entry["key"], to_bytes(entry["value"])

    def put_ahead(self, exits):
        """As if there had been so many more, all of them in the bucket that has the most."""
        value = next(value for key, value in self._dump() if key == self.key)
        (count, total, shortest), hist = get(value, TIMES), list(get(value, HIST))
        most = hist.index(max(hist))
        each = max(low_of(most), shortest)
        hist[most] = hist[most] + exits & 0xFFFFFFFF
        put(value, TIMES, count + exits, total + exits * each, shortest)
        put(value, HIST, *hist)
        bpftool("update", "id", self.map, "key", *self.key, "value", *to_words(value))


def has_stopped(pid):
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/stat", encoding="utf-8") as file:
            if file.read().rpartition(")")[2].split()[0] != "T":
                return False
    return True


@contextlib.contextmanager
def stopped(vm):
    """No vCPU of it exits, so nobody else writes to its records."""
    os.kill(vm.pid, signal.SIGSTOP)
    harness.wait_for("the VM to stop", lambda: has_stopped(vm.pid))
    yield
    os.kill(vm.pid, signal.SIGCONT)


def over_the_edge():
    tracer = tools.Tracer("-i", "1000", "--max-vcpus", "1").attached()
    vm = tools.Vm("cpuid=100000").running()
    with stopped(vm):
        record = Record(tracer, CPUID)
        record.put_ahead(STEPS[0])
        time.sleep(MINUTE)
        record.put_ahead(STEPS[1])
    report = vm.wait()
    run = tracer.end()
    report["vms"][0]["vcpus"][0]["exits"]["cpuid"] += sum(STEPS)
    documents.check_exact(run.doc, report)
    for reason in run.doc["vms"][0]["vcpus"][0]["reasons"]:
        if reason["code"] == CPUID:
            check_equal("in the histogram", sum(b["count"] for b in reason["histogram"]),
                        reason["count"])


CASES = [
    ("wraps/a-bucket", over_the_edge),
]
