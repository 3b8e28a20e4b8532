# SPDX-License-Identifier: GPL-2.0-only
"""The audit on VMX."""
import audit
import bochs
import documents
import leaves
import tools
from exact import EVERY
from harness import check, check_equal, path


def audited(parameters, *command):
    """The document of an audit of this command, in which nothing is wrong."""
    bochs.in_lab("vmx", ["--patched", "--kvm-args", f"exitstat=1 {parameters}"], tools.EXITSTAT,
                 "audit", "--counters", "--json", path("out/audit.json"), "--", *command)
    doc = audit.read(path("out/audit.json"))
    audit.nothing_wrong(doc)
    return doc


def agrees():
    """Every answer to the questions of two VMs, with three vCPUs each."""
    report_file = path("out/report")
    doc = audited("", *tools.exitgen_to(report_file, *EVERY, "--vcpus", "3", "--vms", "2",
                                        "--leaves"))
    report = tools.read_report(report_file)
    asked = sum(vm["vcpus"][-1]["also"]["asked"] for vm in report["vms"])
    check_equal("answers", doc["answers"], {"checked": asked, "agreed": asked, "explained": 0,
                                            "wrong": 0})
    check_equal("exits", sum(vm["exits"] for vm in doc["vms"]), documents.exitgen_total(report))
    check(doc["counters"]["checked"], "no counters were compared")


def synthetic_exits():
    """Without unrestricted guests KVM emulates real mode, and its handler runs with no exit.

    A guest that asks 3 times 2000 times is answered, and what it is told is right: neither
    observer takes KVM's made-up exits for real ones.
    """
    doc = audited("kvm_intel.unrestricted_guest=0", leaves.LEAVES, "unreal", "2000", "0x4fffffff")
    check_equal("answers that agree", doc["answers"]["agreed"], 6000)
    exits = sum(vm["exits"] for vm in doc["vms"])
    check(exits < 1000, f"{exits} exits: the guest was not emulated")


CASES = [
    ("vmx/audit", agrees),
    ("vmx/synthetic-exits", synthetic_exits),
]
