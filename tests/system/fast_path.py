# SPDX-License-Identifier: GPL-2.0-only
"""Exact on SVM where KVM has a fast path: it re-enters the guest after an IPI.

SVM's needs the next RIP, which QEMU's CPU does not save, but Bochs' does. So it is with
alignment checks.
"""
import bochs

RUNS = [["cpuid=2000", "ipi=1000", "out=100", "align=1009", "--end-out"],
        ["cpuid=200", "ipi=3000", "--vcpus", "3", "--end-out"]]


def fast_path():
    bochs.are_exact(RUNS, isa="svm", lab=["--smp", "2"])


CASES = [("svm/fast-path", fast_path)]
