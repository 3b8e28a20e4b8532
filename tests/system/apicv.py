# SPDX-License-Identifier: GPL-2.0-only
"""APICv and AVIC: whether it is active, what inhibits it, and each change of that.

The emulated CPU has no AVIC, but kvm_amd can be made to believe in it: what inhibits it is
KVM's own account, which is all that is tested here.
"""
import documents
import tools
from harness import check, check_equal


def states(*exits):
    run = tools.trace(exits=exits)
    documents.check_exact(run.doc, run.report)
    check_equal("on", run.doc["host"]["apicv"]["on"], True)
    check("PIT_REINJ" in run.doc["host"]["apicv"]["reasons"], run.doc["host"])
    return run, [vm["apicv"] for vm in run.doc["vms"]]


def no_chips():
    """Of VMs without an interrupt controller in the kernel, which are alike."""
    run, found = states("cpuid=100", "--vms", "2")
    check_equal("state", found, 2 * [{"active": False, "inhibited": ["ABSENT"], "changes": []}])
    check("AVIC: all 2 VMs: inhibited by no interrupt controller in the kernel\n" in run.out,
          run.out)


def active():
    _, (found,) = states("cpuid=100", "ipi=3")
    check_equal("state", found, {"active": True, "inhibited": [], "changes": []})


def changes(times, vms, *more):
    """PIT reinjection is on from the start, and a system call of the VM's; the debugger is not,
    and one of a vCPU's."""
    run, found = states("out=10", "--inhibit", str(times), "--vms", str(vms), *more)
    on, off = times // 2, times - times // 2
    blocks = {"reason": "BLOCKIRQ", "set": off, "cleared": on}
    reinjects = {"reason": "PIT_REINJ", "set": on, "cleared": off}
    check_equal("VMs", len(found), vms)
    for state in found:
        check_equal("changes", state["changes"], [blocks, reinjects])
        check_equal("inhibited", state["inhibited"], ["BLOCKIRQ"] if times % 2 else ["PIT_REINJ"])
        check_equal("active", state["active"], False)
    check(f", PIT reinjection (set {on}, cleared {off})\n" in run.out, run.out)


def not_asked(option):
    """A VM that is left out has none of this."""
    run = tools.trace(options=[option], exits=["out=10", "--inhibit", "5"])
    check_equal("VMs", run.doc["vms"], [])


CASES = [
    ("apicv/no-chips", no_chips),
    ("apicv/active", active),
    ("apicv/changes", changes, 7, 1),
    ("apicv/many", changes, 2000, 1, "--vcpus", "2"),
    ("apicv/vms", changes, 8, 3),
    ("apicv/one-process", changes, 9, 3, "--one-process"),
    ("apicv/left-out", not_asked, "--vcpu=5"),
]
