# SPDX-License-Identifier: GPL-2.0-only
"""--split and --slowest: a VMM that spends known times, and where they are found again.

That the parts of each reason add up to its cycles, and that no exit took longer than the
slowest that are shown, is checked of every document.
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


def at_least(what, value, wanted):
    """So many ms; how much a busy machine adds to that is not known."""
    check(wanted * 0.99 <= value, f"{what}: {value} ms, {wanted} were spent")


def asleep_in_user_space(*more):
    """29 times 4 ms in the VMM, and nothing of it elsewhere."""
    doc = trace("out=29", "cpuid=100", "--sleep", "4000", *more)
    found, others = parts(doc, IO), parts(doc, CPUID)
    at_least("user", found["user"], 29 * 4)
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
    """40 times 5 ms in HLT: asleep where KVM does not poll, and polled where it does.

    After a sleep that a busy machine makes longer than that KVM does not poll for the next. Were
    what is polled among what is asleep, that would be as much as without.
    """
    with polling(0):
        asleep = parts(trace("hlt=40", "--block", "5000"), HLT)
    at_least("blocked", asleep["blocked"], 40 * 4.5)
    check(asleep["polled"] == 0, f"polled: {asleep}")
    with polling(20 * 1000 * 1000):
        polled = parts(trace("hlt=40", "--block", "5000"), HLT)
    check(polled["polled"] > 40, f"polled: {polled}")
    check(polled["blocked"] < asleep["blocked"] * 3 / 4, f"blocked: {polled}, {asleep} without")


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


def slowest():
    """Each as long as it was asleep in user space, with its port; HLT only when asked for."""
    doc = trace("out=20", "cpuid=500", "hlt=9", "--block", "30000", "--sleep", "9000",
                options=["--slowest", "12"])
    found, = (vm["slowest"] for vm in doc["vms"])
    check_equal("how many", (doc["slowest"]["n"], len(found)), (12, 12))
    for exit_ in found:
        check_equal(f"HLT: {exit_}", exit_["name"] != HLT, True)
    asleep = [exit_ for exit_ in found if exit_["name"] == IO]
    check(asleep, f"none of those 20 that slept: {found}")
    for exit_ in asleep:
        # An alarm that was meant for a HLT wakes it, after which it may wait for a CPU.
        away = exit_["split"]["user"] + exit_["split"]["runnable"]
        check(away / doc["host"]["tsc_khz"] >= 9, f"user: {exit_}")
        key = exit_["key"]
        check_equal("key", (key["kind"], key["key"], key["write"], key["accesses"]),
                    ("io", 0xE9, True, 1))
    run = tools.exitstat("-r", "HLT", "--slowest", "3", "--json", path("hlt.json"), command=[
        tools.EXITGEN, "cpuid=50", "hlt=9", "--block", "3000"])
    found, = (vm["slowest"] for vm in documents.read(path("hlt.json"))["vms"])
    check_equal("of HLT", [exit_["name"] for exit_ in found], [HLT] * 3)
    check("the 3 slowest exits\n" in run.stdout, run.stdout)


def who_had_the_cpu():
    """Of two vCPUs on one CPU the slow exits that waited did so for the other's thread."""
    doc = trace("cpuid=6000", "--vcpus", "2", "--pin", "0", options=["--slowest", "32"])
    found, = (vm["slowest"] for vm in doc["vms"])
    waited = [exit_ for exit_ in found if exit_["split"]["runnable"] > exit_["cycles"] / 2]
    names = [exit_.get("before", {}).get("name", "") for exit_ in waited]
    check(sum(name.startswith("vcpu ") for name in names) >= 3, f"{names}, {found}")


CASES = [
    ("split/user-space", asleep_in_user_space),
    ("split/user-space-threads", asleep_in_user_space, "--vcpus", "1", "--alternate"),
    ("split/halted", halted),
    ("split/one-cpu-for-two", one_cpu_for_two),
    ("split/one-alone", one_alone),
    ("split/every-kind", every_kind),
    ("split/shown", shown),
    ("split/slowest", slowest),
    ("split/who-had-the-cpu", who_had_the_cpu),
]
