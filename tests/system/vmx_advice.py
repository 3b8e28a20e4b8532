# SPDX-License-Identifier: GPL-2.0-only
"""--explain on VMX, with what only that has: exits of loops of PAUSE, EPT misconfigurations,
split locks."""
import re

import bochs
import tools
from harness import check, check_equal, path

# Exits, the rules that they fit, and what else is said.
RUNS = [
    (["cpuid=200", "--spin", "20000", "--pause"], ["pause-exits"],
     "Checked     kvm_intel.ple_gap: 128\n"),
    (["mmio_write=4000"], ["doorbells"], "mmio write 0x500000: 4000 exits, "),
    (["in=4000", "--port", "0x71"], ["rtc-polled"], "io in 0x71 (RTC data): 4000 exits, "),
    (["wrmsr=8000", "--msr", "0x6e0"], ["timer-writes"],
     "msr wrmsr 0x6e0 (IA32_TSC_DEADLINE): 8000 exits, "),
    (["align=4000"], [], "Consistent with nothing that we know of.\n"),
    (["cpuid=200", "--spin", "20000"], [], "Consistent with nothing that we know of.\n"),
    ([*(f"{kind}=90" for kind in "cpuid out in hlt rdmsr wrmsr mmio_write".split())], [],
     "Consistent with nothing that we know of.\n"),
]


def rules_of_vmx():
    bochs.run_all([exits for exits, _, _ in RUNS], lab=["--kvm-args", "kvm_intel.ple_window_grow=0"],
                  trace=["--detail", "--split", "--explain"])
    for i, (exits, rules, said) in enumerate(RUNS):
        with open(path(f"out/{i}.out"), encoding="utf-8") as out:
            text = out.read().partition("\nwhat ")[2]
        check_equal(f"rules of {exits}: {text}", sorted(re.findall(r"\[([a-z-]+)\]\n", text)), rules)
        check(said in text, f"'{said}' is not in: {text}")


LOCKS = f"{tools.BUILD}/tests/locks"
DETECTS = "the CPU's flags for split locks: split_lock_detect; "

# On a host that detects split locks. Of alignment checks, whose exits are the same and short,
# neither the rule nor anybody can tell.
LOCKING = {
    "locks": (f"{LOCKS} 8000", ["split-locks"]),
    "align": (f"{tools.EXITGEN} align=4000", ["split-locks"]),
    "few": (f"{tools.EXITGEN} align=90 cpuid=90 out=90 hlt=90", []),
    "none": (f"{LOCKS} 8000", []),
}


def split_locks():
    """KVM has the guest sleep, and the log names it."""
    options = {name: "" if name == "none" else "--detail --split" for name in LOCKING}
    said = bochs.in_lab(
        "vmx", ["--split-locks", "--kvm-args", "kvm_intel.unrestricted_guest=0", "--carry", LOCKS],
        "sh", "-c", "\n".join(["set -e", "cd $OUT", *(
            f"{tools.EXITSTAT} --explain {options[name]} --json {name}.json -- {command} >{name}.out"
            for name, (command, _) in LOCKING.items()), "dmesg"]))
    check(re.search(r"split lock detection: #AC: locks/\d+ took a split_lock trap", said), said)
    for name, (_, rules) in LOCKING.items():
        with open(path(f"out/{name}.out"), encoding="utf-8") as out:
            text = out.read().partition("\nwhat ")[2]
        check_equal(f"rules of {name}: {text}", re.findall(r"\[([a-z-]+)\]\n", text), rules)
        check(not rules or DETECTS in " ".join(text.split()), f"not checked: {text}")
        check(("  Not judged: split-locks: trace with --detail=vector\n" in text) ==
              (name == "none"), f"open: {text}")
    vm, = bochs.read_document(path("out/locks.json"), "vmx")["vms"]
    traps, = (reason for reason in vm["vcpus"][0]["reasons"] if reason["code"] == 0)
    check_equal("keys", [(key["name"], key["count"]) for key in traps["detail"]],
                [("#AC", traps["count"])])
    check(traps["split"]["blocked"] > 0.9 * traps["cycles"]["sum"], f"asleep: {traps['split']}")


CASES = [
    ("vmx/advice", rules_of_vmx),
    ("vmx/split-locks", split_locks),
]
