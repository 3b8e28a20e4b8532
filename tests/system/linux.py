# SPDX-License-Identifier: GPL-2.0-only
"""A real guest: Linux under QEMU."""
import os
import shutil

import documents
import split
import tools
from harness import check, check_equal, path

LINUX_GUEST = os.path.join(os.path.dirname(__file__), "../lab/linux-guest")


def linux_guest():
    """Named as its user knows it, all its exits there, as many as perf sees."""
    guest = tools.to_file(path("guest.out"), LINUX_GUEST, "--name", "web1", "--seconds", "3",
                          "--smp", "2")
    run = tools.trace(command=tools.perf(path("perf.csv"), *guest))
    documents.check_losses(run.doc)
    check_equal("VMs", [vm["name"] for vm in run.doc["vms"]], ["web1"])
    vm = run.doc["vms"][0]
    check_equal("vCPUs", [vcpu["id"] for vcpu in vm["vcpus"]], [0, 1])
    counts = documents.counts(vm)
    for code, name in (0x72, "CPUID"), (0x7B, "IO"), (0x400, "NPF"), (0x7C, "MSR"), (0x78, "HLT"):
        check(counts[code] > 0, f"no {name} exits: {dict(counts)}")
    check_equal("perf's count", tools.perf_count(path("perf.csv")), documents.total(run.doc))
    check(f"web1 (pid {vm['pid']}, ended): " in run.out, f"summary: {run.out[-2000:]}")


def symbols():
    """The guest's kernel is the host's, and both are where they were linked to be."""
    file = path("kallsyms")
    shutil.copyfile("/proc/kallsyms", file)
    run = tools.trace(options=["--detail=rip", f"--guest-symbols=web1={file}"],
                      command=tools.to_file(path("guest.out"), LINUX_GUEST, "--name", "web1",
                                            "--seconds", "3"))
    documents.check_losses(run.doc)
    found = {reason["name"]: {row.get("name", "-").split("+")[0]: row for row in reason["detail"]}
             for reason in run.doc["vms"][0]["vcpus"][0]["reasons"]}
    halts = [name for name in found["HLT"] if "halt" in name or "idle" in name]
    check(halts, f"no halt among {list(found['HLT'])}")
    check(found["HLT"][halts[0]]["key"].startswith("0xffffffff"), found["HLT"])
    check(any("cpuid" in name for name in found["CPUID"]), f"CPUID: {list(found['CPUID'])}")


def halts(poll_ns):
    """What HLT's time was, of a guest that boots and works; each reason's parts add up."""
    guest = tools.to_file(path("guest.out"), LINUX_GUEST, "--seconds", "1")
    with split.polling(poll_ns):
        run = tools.trace(options=["--split"], command=guest)
    documents.check_losses(run.doc)
    return split.parts(run.doc, split.HLT)


def polled_and_blocked():
    """HLT's polled part moves with halt_poll_ns."""
    asleep, polled = halts(0), halts(2000000)
    check(asleep["polled"] == 0 and asleep["blocked"] > 0, f"without polling: {asleep}")
    check(polled["polled"] > 0, f"with polling: {polled}")


CASES = [
    ("linux/guest", linux_guest),
    ("linux/split", polled_and_blocked),
    ("linux/symbols", symbols),
]
