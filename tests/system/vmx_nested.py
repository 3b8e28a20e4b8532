# SPDX-License-Identifier: GPL-2.0-only
"""Levels on VMX."""
import bochs
import nested
import tools
from harness import check, check_equal, path

# A hypervisor always gets CPUID. Which VMREADs and VMWRITEs make no exit is the CPU's business.
EXITS = ["out=200", "hlt=30", "rdmsr=400", "--reflect", "cpuid=500", "out=100", "hlt=20",
         "rdmsr=70"]
SHADOWED = ["vmread", "vmwrite"]


def traced(name, *options):
    return (f"{tools.EXITSTAT} {' '.join(options)} --json {name}.json --"
            f" sh -c '{nested.NESTED} {' '.join(EXITS)} >{name}.report' >{name}.out")


def check_document(name):
    doc = bochs.read_document(path(f"out/{name}.json"), "vmx")
    report = tools.read_report(path(f"out/{name}.report"))
    check_equal("losses", doc["losses"], {"map_full": 0, "unpaired": 0, "missed": 0})
    vm, = doc["vms"]
    check_equal("reflected exits not seen", nested.check_rows(
        vm, report, nested.VMX_CODES, nested.VMX_NOISE, SHADOWED), 0)
    nested.check_sums(vm)
    return vm


def exact():
    """Twice, once with the programs of --detail; and what such exits are consistent with."""
    bochs.in_lab("vmx", ["--carry", nested.NESTED], "sh", "-c", "\n".join([
        "set -e", "cd $OUT", traced("plain"), traced("detail", "--detail"),
        f"{tools.EXITSTAT} --explain -- {nested.NESTED} --reflect cpuid=4000 >explained.out"]))
    check_document("plain")
    vm = check_document("detail")
    ports = {reason.get("level", 1): [(row["key"], row["count"]) for row in reason["detail"]
                                      if row["kind"] == "io"]
             for reason in vm["vcpus"][0]["reasons"] if reason["code"] == nested.VMX_CODES["out"]}
    # Of what goes to the hypervisor KVM names no port.
    check_equal("ports", ports, {1: [(0x10, 6)], 2: [(0xE9, 200)]})
    with open(path("out/plain.out"), encoding="utf-8") as file:
        text = file.read()
    check("LEVEL" in text and "exits of L1 for each of L2" in text, text)
    with open(path("out/explained.out"), encoding="utf-8") as file:
        text = file.read()
    check("[nested-exits]\n" in text and "[cpuid-storm]" not in text, text)


CASES = [
    ("vmx-nested/exact", exact),
]
