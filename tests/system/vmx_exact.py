# SPDX-License-Identifier: GPL-2.0-only
"""Exact on VMX."""
import bochs
from exact import EVERY

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


CASES = [
    ("vmx/every-kind", every_kind),
    ("vmx/two-cpus", two_cpus),
]
