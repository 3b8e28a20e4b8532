# SPDX-License-Identifier: GPL-2.0-only
"""KVM is not loaded: it says which module to load."""
import errors

CASES = [
    ("no-kvm/names-the-module", errors.fails, 3, ["KVM is not loaded", "modprobe kvm_amd"]),
    ("no-kvm/not-root", errors.not_root),
]
