# SPDX-License-Identifier: GPL-2.0-only
"""--explain on VMX, with what only that has: exits of loops of PAUSE, EPT misconfigurations."""
import re

import bochs
from harness import check, check_equal, path

# Exits, the rules that they fit, and what else is said.
RUNS = [
    (["cpuid=200", "--spin", "20000", "--pause"], ["pause-exits"],
     "Checked     kvm_intel.ple_gap: 128\n"),
    (["mmio_write=4000"], ["doorbells"], "mmio write 0x500000: 4000 exits, "),
    (["in=4000", "--port", "0x71"], ["rtc-polled"], "io in 0x71 (RTC data): 4000 exits, "),
    (["wrmsr=8000", "--msr", "0x6e0"], ["timer-writes"],
     "msr wrmsr 0x6e0 (IA32_TSC_DEADLINE): 8000 exits, "),
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


CASES = [("vmx/advice", rules_of_vmx)]
