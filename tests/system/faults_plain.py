# SPDX-License-Identifier: GPL-2.0-only
"""The same where KVM's modules have no BTF, by plain tracepoints."""
import faults

CASES = [
    ("faults/plain", faults.each_refused, 40),
]
