# SPDX-License-Identifier: GPL-2.0-only
"""--split: a VMM that spends known times, and where they are found again.

That the parts of each reason add up to its cycles is checked of every document.
"""
import contextlib
import os

import documents
import tools
from harness import check, check_equal, path

IO, HLT, CPUID = "IO", "HLT", "CPUID"
PARAMETERS = "/sys/module/kvm/parameters"
NAMES = {"kvm", "user", "polled", "blocked", "runnable"}


def trace(*exits, options=()):
    run = tools.trace(options=["--split", *options], exits=exits)
    documents.check_exact(run.doc, run.report)
    check_equal("parts", set(run.doc["split"]["parts"]), NAMES)
    return run.doc


def parts(doc, name):
    """Of all vCPUs together, in ms."""
    sums = dict.fromkeys(NAMES, 0)
    for vm in doc["vms"]:
        for vcpu in vm["vcpus"]:
            for reason in vcpu["reasons"]:
                if reason["name"] == name:
                    for part, cycles in reason["split"].items():
                        sums[part] += cycles / doc["host"]["tsc_khz"]
    return sums


def about(what, value, wanted):
    """At least so many ms; a busy machine adds to that."""
    check(wanted * 0.99 <= value <= wanted * 3, f"{what}: {value} ms, {wanted} were spent")


def asleep_in_user_space(*more):
    """29 times 4 ms in the VMM, and nothing of it elsewhere."""
    doc = trace("out=29", "cpuid=100", "--sleep", "4000", *more)
    found, others = parts(doc, IO), parts(doc, CPUID)
    about("user", found["user"], 29 * 4)
    check(found["blocked"] + found["polled"] == 0, f"blocked: {found}")
    check(others["user"] + others["blocked"] + others["polled"] == 0, f"CPUID: {others}")


@contextlib.contextmanager
def polling(ns):
    """KVM polls so long from the first HLT on, before it sleeps."""
    before = {}
    for name in "halt_poll_ns_grow_start", "halt_poll_ns":
        with open(os.path.join(PARAMETERS, name)) as file:
            before[name] = file.read()
    try:
        for name in before:
            tools.set_text(os.path.join(PARAMETERS, name), str(ns))
        yield
    finally:
        for name, value in before.items():
            tools.set_text(os.path.join(PARAMETERS, name), value)


def halted():
    """20 times 5 ms in HLT: asleep where KVM does not poll, and polled where it does."""
    with polling(0):
        asleep = parts(trace("hlt=20", "--block", "5000"), HLT)
    about("blocked", asleep["blocked"], 20 * 4.5)
    check(asleep["polled"] == 0, f"polled: {asleep}")
    with polling(20 * 1000 * 1000):
        polled = parts(trace("hlt=20", "--block", "5000"), HLT)
    check(polled["polled"] > 40, f"polled: {polled}")
    check(polled["blocked"] < asleep["blocked"] / 2, f"blocked: {polled}, {asleep} without")


def one_cpu_for_two():
    """Two vCPUs on one CPU: each waits while the other runs."""
    doc = trace("cpuid=6000", "--vcpus", "2", "--pin", "0")
    found = parts(doc, CPUID)
    whole = sum(found.values())
    everywhere = sum(sum(parts(doc, name).values()) for name in ("INTR", CPUID))
    waited = sum(parts(doc, name)["runnable"] for name in ("INTR", CPUID))
    check(waited > everywhere / 4, f"waited {waited} of {everywhere} ms: {found}")
    check(found["user"] + found["blocked"] + found["polled"] < whole / 100, f"CPUID: {found}")


def one_alone():
    """Nobody waits who has a CPU of his own; the tracer and the machine take a little."""
    found = parts(trace("cpuid=6000"), CPUID)
    check(found["runnable"] < sum(found.values()) / 4, f"waited: {found}")


def every_kind():
    """With all that goes to user space, in another thread too, and with detail."""
    every = [f"{kind}=40" for kind in "cpuid out in hlt mmio_read hypercall".split()]
    trace(*every, "--vcpus", "4")
    trace(*every, "--vcpus", "3", "--alternate", options=["--detail"])
    trace(*every, "--vms", "2", "--vcpus", "2", "--reuse", "3", options=["--detail"])
    trace(*every, "--block", "500", "--vcpus", "6", options=["--detail"])


def shown():
    """A table of its own, sorted by a column of it."""
    run = tools.exitstat("--split", "--sort", "vmm", command=[
        tools.EXITGEN, "cpuid=3000", "out=20", "--sleep", "1000"])
    lines = run.stdout.splitlines()
    header = next(i for i, line in enumerate(lines) if "RUNNABLE" in line)
    check_equal("columns", lines[header].split(),
                "REASON TIME BUSY KVM VMM POLLED BLOCKED RUNNABLE".split())
    check_equal("first by its time in the VMM", lines[header + 1].split()[0], IO)
    check(lines[header + 1].split()[4].endswith("ms"), lines[header + 1])


CASES = [
    ("split/user-space", asleep_in_user_space),
    ("split/user-space-threads", asleep_in_user_space, "--vcpus", "1", "--alternate"),
    ("split/halted", halted),
    ("split/one-cpu-for-two", one_cpu_for_two),
    ("split/one-alone", one_alone),
    ("split/every-kind", every_kind),
    ("split/shown", shown),
]
