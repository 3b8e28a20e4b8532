# SPDX-License-Identifier: GPL-2.0-only
"""exitstat-bpf has the very counts that exitgen printed."""
import copy

import documents
import tools
from harness import Failure, check, check_equal

KINDS = "cpuid out in hlt rdmsr wrmsr mmio_read mmio_write hypercall cr_write".split()
EVERY = [f"{kind}={1 + 37 * i}" for i, kind in enumerate(KINDS)]


def is_exact(*exits):
    run = tools.trace(exits=exits)
    documents.check_exact(run.doc, run.report)
    check_equal("total", documents.total(run.doc), documents.exitgen_total(run.report))
    return run


def separate_vms(number, *exits):
    """Exact, and as many VMs, whether or not they have a process of their own."""
    run = is_exact(*exits)
    check_equal("VMs", len(run.doc["vms"]), number)


def names_and_codes():
    """What exit is which is no question of counts alone."""
    run = is_exact(*EVERY, "--name", "a b,c")
    vm = run.doc["vms"][0]
    check_equal("name", vm["name"], "a b,c")
    names = {reason["code"]: reason["name"] for reason in vm["vcpus"][0]["reasons"]}
    for code, name in (0x72, "CPUID"), (0x7B, "IO"), (0x78, "HLT"), (0x7C, "MSR"), (0x400, "NPF"):
        check_equal(f"name of {code:#x}", names.get(code), name)
    check_equal("isa", run.doc["host"]["isa"], "svm")


def notices_errors():
    """The comparison itself: one exit more, one less, in the wrong place, a VM too few."""
    run = tools.trace(exits=[*EVERY, "--vcpus", "2"])
    documents.check_exact(run.doc, run.report)

    def reasons(doc, vcpu=0):
        return doc["vms"][0]["vcpus"][vcpu]["reasons"]

    def more(doc):
        reasons(doc)[0]["count"] += 1

    def less(doc):
        reasons(doc)[-1]["count"] -= 1

    def swapped(doc):
        reasons(doc)[0]["count"], reasons(doc)[1]["count"] = (
            reasons(doc)[1]["count"], reasons(doc)[0]["count"])

    def elsewhere(doc):
        reasons(doc, 0)[0]["count"] += 1
        reasons(doc, 1)[0]["count"] -= 1

    def new_reason(doc):
        reasons(doc)[0]["code"] = 0x6E

    def no_vm(doc):
        doc["vms"].pop()

    def twice(doc):
        doc["vms"] *= 2

    def loss(doc):
        doc["losses"]["unpaired"] = 1

    for change in more, less, swapped, elsewhere, new_reason, no_vm, twice, loss:
        doc = copy.deepcopy(run.doc)
        change(doc)
        try:
            documents.check_exact(doc, run.report)
        except Failure:
            continue
        raise Failure(f"'{change.__name__}' was not noticed")


def more_than_two_to_a_hash():
    """Of so many vCPUs some ten have a hash that two others have, and no line but their slot's."""
    run = tools.trace(["--max-vcpus", "1024"],
                      ["cpuid=4", "out=3", "--vcpus", "64", "--vms", "16"])
    check(len(run.doc["vms"]) == 16, f"{len(run.doc['vms'])} VMs")
    documents.check_exact(run.doc, run.report)


def typed_programs():
    """This boot tests what it is to test."""
    tracer = tools.Tracer().attached()
    names = {prog["name"] for prog in tools.kernel_has("prog", tracer.kernel_ids()["prog"])}
    check("typed_exit" in names and "plain_exit" not in names, f"programs: {names}")
    tracer.end()


CASES = [
    ("comparison", notices_errors),
    ("typed-programs", typed_programs),
    *((f"exact/{kind}", is_exact, f"{kind}=1009") for kind in KINDS),
    ("exact/nothing", is_exact, "cpuid=0"),
    ("exact/names", names_and_codes),
    ("exact/4-vcpus", is_exact, *EVERY, "--vcpus", "4"),
    ("exact/16-vcpus", is_exact, *EVERY, "--vcpus", "16"),
    ("exact/2-vms", separate_vms, 2, "cpuid=20000", "out=1009", "hlt=23", "--vms", "2",
     "--vcpus", "2"),
    ("exact/2-vms-one-process", separate_vms, 2, *EVERY, "--vms", "2", "--vcpus", "2",
     "--one-process"),
    ("exact/16-vms", separate_vms, 16, "cpuid=100", "mmio_read=7", "--vms", "16", "--vcpus", "2"),
    ("exact/1024-vcpus", more_than_two_to_a_hash),
    ("exact/pinned", is_exact, "cpuid=3000", *EVERY[1:], "--vcpus", "3", "--pin", "1,0"),
    ("exact/pinned-together", is_exact, *EVERY, "--vcpus", "4", "--pin", "1"),
    ("exact/moved", is_exact, "cpuid=20000", *EVERY[1:], "--vcpus", "2", "--move", "1000"),
    ("exact/moved-fast", is_exact, "cpuid=5000", "out=500", "--vcpus", "3", "--move", "100"),
    ("exact/alternate", is_exact, *EVERY, "--vcpus", "4", "--alternate"),
    ("exact/alternate-vms", separate_vms, 3, *EVERY, "--vms", "3", "--vcpus", "2", "--alternate",
     "--one-process"),
    ("exact/alternate-moved", is_exact, *EVERY, "--vcpus", "2", "--alternate", "--move", "1000"),
    ("exact/reuse", separate_vms, 6, *EVERY, "--reuse", "5"),
    ("exact/reuse-vcpus", separate_vms, 8, *EVERY, "--reuse", "3", "--vcpus", "3", "--vms", "2"),
    ("exact/reuse-alternate", separate_vms, 8, *EVERY, "--reuse", "3", "--vcpus", "2", "--vms",
     "2", "--one-process", "--alternate"),
    ("exact/block", is_exact, *EVERY, "--block", "200"),
    ("exact/block-vcpus", is_exact, *EVERY, "--block", "1", "--vcpus", "3"),
    ("exact/block-moved", is_exact, *EVERY, "--block", "300", "--vcpus", "2", "--move", "500",
     "--reuse", "2"),
]
