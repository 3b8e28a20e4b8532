# SPDX-License-Identifier: GPL-2.0-only
"""The ends of vCPUs are not seen, and new ones come to the same addresses."""
import documents
import inject
import tools
from harness import check_equal

KPROBES = "/sys/kernel/debug/kprobes/enabled"


def all_apart(tracer, *runs):
    """Each with as many VMs as it is to show."""
    reports = [tools.Vm(*exits).wait() for exits in runs]
    run = tracer.end()
    vms = [vm for report in reports for vm in report["vms"]]
    check_equal("VMs", len(run.doc["vms"]), len(vms))
    documents.check_exact(run.doc, {"vms": vms})


def typed(*exits):
    """Those of one process one after another, too, by thread and by process the same."""
    tracer = tools.Tracer().attached()
    inject.close(tracer.pid, tracer.link_of("destroy_fentry"))
    all_apart(tracer, ["cpuid=300", *exits, "--reuse", "5"], ["cpuid=200", *exits])


def plain(*exits):
    """Each of another process."""
    tracer = tools.Tracer().attached()
    tools.mount_debugfs()
    tools.set_text(KPROBES, "0")
    try:
        all_apart(tracer, *(["cpuid=300", *exits] for _ in range(6)))
    finally:
        tools.set_text(KPROBES, "1")


CASES = [
    ("life/unseen-ends", typed),
    ("life/unseen-ends-3-vcpus", typed, "--vcpus", "3"),
]
