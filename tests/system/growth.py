# SPDX-License-Identifier: GPL-2.0-only
"""Room for vCPUs as they come: more of them than there was room for at the start, and exact."""
import collections
import json
import os

import documents
import harness
import tools
from harness import check, check_equal, wait_for

FIRST = 256  # vCPUs there is room for at least
RECORDS = 16  # for each
DEBUGFS = "/sys/kernel/debug"
GROUP = "/sys/fs/cgroup/exitstat-test"
MANY = ["--vcpus", "64", "--vms", "8"]
EVERY = [f"{kind}=7" for kind in ("cpuid", "out", "rdmsr", "mmio_read", "hypercall")]


def chunks():
    """How many there are of vCPUs' indexes and of records, by the number of their entries."""
    done = harness.run_command([tools.BPFTOOL, "-j", "map", "show"])
    return collections.Counter(entry["max_entries"] for entry in json.loads(done.stdout)
                               if entry["type"] == "array"
                               and entry.get("name") in ("indexes", "record_chunks"))


def as_they_come():
    """512 vCPUs where there was room for 255: none of their exits is lost."""
    tools.mount_debugfs()
    tracer = tools.Tracer().attached()
    check_equal("at the start", chunks(), {FIRST: 1, FIRST * RECORDS: 1})
    vm = tools.Vm(*EVERY, *MANY, "--hold")
    report = vm.report()
    check_equal("then", chunks(), {FIRST: 3, FIRST * RECORDS: 2})
    run = tracer.end()
    vm.kill()
    documents.check_exact(run.doc, report)


def no_memory():
    """While there is none for more, what has no room is counted, and nothing else is lost."""
    tools.mount_debugfs()
    tracer = tools.Tracer("-i", "1000").attached()
    tools.set_text("/sys/fs/cgroup/cgroup.subtree_control", "+memory")
    os.makedirs(GROUP, exist_ok=True)
    tools.set_text(f"{GROUP}/cgroup.procs", str(tracer.pid))
    # Less than a chunk of records, from here on; to read what there is takes more.
    tools.set_text(f"{GROUP}/memory.max", str(FIRST * RECORDS * 2048))
    vms = [tools.Vm(*EVERY, *MANY, "--hold") for _ in range(2)]
    for vm in vms:
        vm.report()
    check_equal("chunks of records", chunks()[FIRST * RECORDS], 1)
    tools.set_text(f"{GROUP}/memory.max", "max")
    vms.append(tools.Vm(*EVERY, "--hold"))
    made = sum(documents.exitgen_total(vm.report()) for vm in vms)
    wait_for("a chunk more", lambda: chunks()[FIRST * RECORDS] > 1)
    run = tracer.end()
    for vm in vms:
        vm.kill()
    losses = run.doc["losses"]
    check(losses["map_full"], "all had room")
    check_equal("kept and lost", documents.total(run.doc) + losses["map_full"], made)
    check_equal("not timed", losses["unpaired"], 0)


def what_is_there():
    """There is room for all that run when it starts, in the first chunk."""
    tools.mount_debugfs()
    vm = tools.Vm("cpuid=40", *MANY, "--hold")
    vm.report()
    tracer = tools.Tracer().attached()
    check_equal("at the start", chunks(), {4 * FIRST: 1, 4 * FIRST * RECORDS: 1})
    of_others = tools.Tracer("--pid", str(os.getpid())).attached()
    check_equal("of one process's", chunks(),
                {4 * FIRST: 1, 4 * FIRST * RECORDS: 1, FIRST: 1, FIRST * RECORDS: 1})
    of_others.end()
    documents.check_losses(tracer.end().doc)
    vm.kill()


def nobody_tells():
    """Without debugfs nobody knows how many run: there is room for some."""
    harness.run_command(["umount", DEBUGFS])
    tracer = tools.Tracer().attached()
    check_equal("at the start", chunks(), {4 * FIRST: 1, 4 * FIRST * RECORDS: 1})
    tracer.end()
    tools.mount_debugfs()


def all_at_once():
    """What is asked for is made, and no more."""
    tracer = tools.Tracer("--max-vcpus", "300").attached()
    check_equal("at the start", chunks(), {301: 1, 301 * RECORDS: 1})
    tracer.end()


def all_that_is_kept():
    """The keys and the slowest exits of vCPUs that came late, too, if not all come at once."""
    tools.mount_debugfs()
    tracer = tools.Tracer("--detail", "--split", "--slowest", "3").attached()
    vms, report = [], {"vms": []}
    for _ in range(8):
        vms.append(tools.Vm("cpuid=40", "out=3", "--vcpus", "64", "--hold"))
        report["vms"] += vms[-1].report()["vms"]
    run = tracer.end()
    for vm in vms:
        vm.kill()
    documents.check_exact(run.doc, report)
    for vm in run.doc["vms"]:
        check_equal(f"slowest of {vm['name']}", len(vm["slowest"]), 3)
        for vcpu in vm["vcpus"]:
            for reason in vcpu["reasons"]:
                kept(f"{vm['name']}, vCPU {vcpu['id']}, {reason['name']}", reason)


def kept(what, reason):
    rows = reason["detail"]
    check_equal(f"exits of {what}", sum(row["count"] for row in rows), reason["count"])
    check_equal(f"rest of {what}", [row for row in rows if row["kind"] == "rest"], [])


CASES = [
    ("growth/as-they-come", as_they_come),
    ("growth/no-memory", no_memory),
    ("growth/what-is-there", what_is_there),
    ("growth/nobody-tells", nobody_tells),
    ("growth/all-at-once", all_at_once),
    ("growth/all-that-is-kept", all_that_is_kept),
]
