# SPDX-License-Identifier: GPL-2.0-only
"""Exact on VMX."""
import bochs
import detail
import documents
from exact import EVERY
from harness import check, check_equal

# One CPU takes the vCPUs' threads in turn.
RUNS = [
    ["cpuid=2000", "out=100", "in=50", "hlt=23", "rdmsr=31", "wrmsr=17", "mmio_read=11",
     "mmio_write=7", "hypercall=5", "cr_write=3"],
    [*EVERY, "--vcpus", "4"],
    [*EVERY, "--vcpus", "3", "--alternate"],
    [*EVERY, "--vms", "2", "--vcpus", "2"],
    [*EVERY, "--block", "300", "--reuse", "2"],
]


def every_kind():
    bochs.are_exact(RUNS)


def two_cpus():
    bochs.are_exact(RUNS, lab=["--smp", "2"])


def split_and_detail():
    """The parts and the keys of each reason add up to its time; sleep is the VMM's."""
    (doc, report), = bochs.run_all([["cpuid=300", "out=19", "--sleep", "1000"]],
                                   trace=["--split", "--detail"])[0]
    documents.check_exact(doc, report)
    for vcpu in doc["vms"][0]["vcpus"]:
        for reason in vcpu["reasons"]:
            whole = reason["cycles"]["sum"]
            check_equal(f"parts of {reason['name']}", sum(reason["split"].values()), whole)
            check_equal(f"keys of {reason['name']}",
                        sum(key["cycles"] for key in reason["detail"]), whole)
            if reason["name"] == "IO_INSTRUCTION":
                user = reason["split"]["user"] / doc["host"]["tsc_khz"]
                check(user >= 19, f"{user} ms in user space")


def alignment():
    """Alignment checks of three vCPUs: their vector is their key."""
    (doc, report), = bochs.run_all([["align=1009", "cpuid=37", "--vcpus", "3"]],
                                   trace=["--detail"])[0]
    documents.check_exact(doc, report)
    for vcpu in doc["vms"][0]["vcpus"]:
        keys = [(key["kind"], key.get("key"), key.get("name"), key["count"])
                for reason in vcpu["reasons"] if reason["name"] == "EXCEPTION_NMI"
                for key in reason["detail"]]
        check_equal("keys", keys, [("vector", 17, "#AC", 1009)])


def rips():
    times = detail.rip_times()
    exits = [f"{kind}={n}" for kind, n in times.items()]
    runs = [exits, [*exits, "--vcpus", "3"], [*exits, "--vcpus", "2", "--alternate"]]
    for doc, report in bochs.run_all(runs, trace=["--detail=rip"])[0]:
        documents.check_exact(doc, report)
        detail.check_rips(doc, times)


def every_key():
    """8192 keys of one vCPU, and some of three: each exactly as often as it was."""
    places = [(2048, 1024), (100, 16, "--vcpus", "3")]
    runs = [detail.exits_of(*place) for place in places]
    done, _ = bochs.run_all(runs, trace=["--detail"],
                            lab=["--kvm-args", "ignore_msrs=1 report_ignored_msrs=0"])
    for (times, spread, *_), (doc, report) in zip(places, done):
        documents.check_exact(doc, report)
        detail.check_keys(doc, times, spread)


CASES = [
    ("vmx/every-key", every_key),
    ("vmx/rip", rips),
    ("vmx/alignment", alignment),
    ("vmx/every-kind", every_kind),
    ("vmx/two-cpus", two_cpus),
    ("vmx/split", split_and_detail),
]
