# SPDX-License-Identifier: GPL-2.0-only
"""The ledger: what there was no room for is counted."""
import documents
import tools
from harness import check, check_equal


def kept_and_lost(run):
    kept, losses = documents.total(run.doc), run.doc["losses"]
    made = documents.exitgen_total(run.report)
    check_equal("kept + lost", kept + losses["map_full"], made)
    check_equal("other losses", (losses["unpaired"], losses["missed"]), (0, 0))
    check_equal("losses in the summary", tools.summary_losses(run.out), losses)


def too_small():
    run = tools.trace(["--max-vcpus", "1"], ["cpuid=2000", "out=100", "hlt=5", "--vcpus", "4"])
    kept_and_lost(run)
    check(run.doc["losses"]["map_full"] > 3 * 2000, f"losses: {run.doc['losses']}")
    check("--max-vcpus" in run.out, "the summary does not say what to do")
    vcpus = [vcpu for vm in run.doc["vms"] for vcpu in vm["vcpus"]]
    check_equal("vCPUs kept", len(vcpus), 1)
    # What is kept is exact: it is that vCPU's, whole.
    for vcpu in run.report["vms"][0]["vcpus"]:
        if vcpu["id"] != vcpus[0]["id"]:
            vcpu["exits"] = None
    run.report["vms"][0]["vcpus"] = [v for v in run.report["vms"][0]["vcpus"] if v["exits"]]
    for difference in documents.differences(run.doc, run.report):
        check(False, difference)


def just_enough():
    run = tools.trace(["--max-vcpus", "4"], ["cpuid=500", "--vcpus", "4"])
    documents.check_exact(run.doc, run.report)
    check_equal("losses in the summary", tools.summary_losses(run.out), documents.NO_LOSSES)
    check("with --max-vcpus" not in run.out, "advice where nothing is lost")


def too_fast():
    """VMs that come faster than slots can be freed: any may be lost, none in silence."""
    kept_and_lost(tools.trace(["--max-vcpus", "2"], ["cpuid=20", "--reuse", "100"]))


CASES = [
    ("losses/max-vcpus-1", too_small),
    ("losses/max-vcpus-4", just_enough),
    ("losses/too-fast", too_fast),
]
