# SPDX-License-Identifier: GPL-2.0-only
"""Exact on VMX, and on SVM with a fast path: from outside, as Bochs' hosts have no Python."""
import json
import os
import shlex

import audit
import documents
import leaves
import tools
from exact import EVERY
from harness import CASE_TIMEOUT, check, check_equal, path, run_command

LAB = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../lab/run")

# One CPU takes the vCPUs' threads in turn.
RUNS = [
    ["cpuid=2000", "out=100", "in=50", "hlt=23", "rdmsr=31", "wrmsr=17", "mmio_read=11",
     "mmio_write=7", "hypercall=5", "cr_write=3"],
    [*EVERY, "--vcpus", "4"],
    [*EVERY, "--vcpus", "3", "--alternate"],
    [*EVERY, "--vms", "2", "--vcpus", "2"],
    [*EVERY, "--block", "300", "--reuse", "2"],
]


# KVM's fast path: it re-enters the guest after an IPI. SVM's needs the next RIP, which
# QEMU's CPU does not save.
FAST_PATH = [["cpuid=2000", "ipi=1000", "out=100", "--end-out"],
             ["cpuid=200", "ipi=3000", "--vcpus", "3", "--end-out"]]


def run_all(*options, isa="vmx", runs=None, lab=(), then=()):
    """All RUNS on one emulated host, then these commands: the documents and the reports."""
    runs = runs or RUNS
    out = path("out")
    os.mkdir(out)
    lines = ["set -e", "cd $OUT"]
    for i, exits in enumerate(runs):
        command = shlex.join([tools.EXITGEN, *exits, *options])
        lines.append(f"{tools.EXITSTAT} --json {i}.json -- sh -c '{command} >{i}.report' >{i}.out")
    done = run_command(
        [LAB, "--isa", isa, "--emulator", "bochs", "--timeout", str(CASE_TIMEOUT - 20), *lab, "--carry", tools.EXITSTAT,
         "--carry", tools.EXITGEN, "--carry", leaves.LEAVES, "--", "sh", "-c",
         "\n".join([*lines, *then])], env={**os.environ, "OUT": out})
    check_equal(f"status ({done.stderr.strip()[-300:]})", done.returncode, 0)
    return [(read_document(f"{out}/{i}.json", isa), tools.read_report(f"{out}/{i}.report"))
            for i in range(len(runs))], done.stdout


def read_document(name, isa):
    with open(name, encoding="utf-8") as file:
        text = file.read()
    documents.keep(text)
    doc = json.loads(text)
    check_equal("isa", doc["host"]["isa"], isa)
    return doc


def is_exact(**how):
    for doc, report in run_all(**how)[0]:
        documents.check_exact(doc, report)


def leaves_are_exact(layout):
    """The leaves too, and what their own test program finds; the kernel has nothing to say."""
    parameters = f"exitstat=1 exitstat_layout={layout} force_emulation_prefix=1"
    runs, said = run_all("--leaves", lab=["--patched", "--kvm-args", parameters], then=[
        'before="$(dmesg)"', f"{leaves.LEAVES} check 1000", f"{leaves.LEAVES} capability",
        'test "$before" = "$(dmesg)"'])
    for doc, report in runs:
        documents.check_exact(doc, report)
        leaves.check_readings("vmx", report, layout)
    check("skipped" not in said, said.strip())


def synthetic_exits():
    """Without unrestricted guests KVM emulates real mode, and its handler runs with no exit.

    A guest that asks 3 times 2000 times is answered, and what it is told is right: neither
    observer takes KVM's made-up exits for real ones.
    """
    os.mkdir(path("out"))
    done = run_command(
        [LAB, "--isa", "vmx", "--timeout", str(CASE_TIMEOUT - 20), "--patched", "--kvm-args",
         "exitstat=1 kvm_intel.unrestricted_guest=0", "--carry", leaves.LEAVES, "--",
         tools.EXITSTAT, "audit", "--counters", "--json", path("out/audit.json"), "--",
         leaves.LEAVES, "unreal", "2000", "0x4fffffff"], env={**os.environ, "OUT": path("out")})
    check_equal(f"status ({done.stderr.strip()[-300:]})", done.returncode, 0)
    doc = audit.read(path("out/audit.json"))
    audit.nothing_wrong(doc)
    check_equal("answers that agree", doc["answers"]["agreed"], 6000)
    exits = sum(vm["exits"] for vm in doc["vms"])
    check(exits < 1000, f"{exits} exits: the guest was not emulated")


def two_cpus():
    is_exact(lab=["--smp", "2"])


def fast_path():
    is_exact(isa="svm", runs=FAST_PATH, lab=["--smp", "2"])


CASES = [
    ("vmx/every-kind", is_exact),
    ("vmx/two-cpus", two_cpus),
    ("svm/fast-path", fast_path),
    ("vmx/leaves-2021", leaves_are_exact, 2021),
    ("vmx/leaves-2022", leaves_are_exact, 2022),
    ("vmx/synthetic-exits", synthetic_exits),
]
