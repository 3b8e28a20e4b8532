# SPDX-License-Identifier: GPL-2.0-only
"""The leaves on VMX: exitgen's readings, and what their own test program finds."""
import bochs
import documents
import leaves
import vmx_exact
from harness import check


def are_exact(layout):
    """The kernel has nothing to say about it."""
    parameters = f"exitstat=1 exitstat_layout={layout} force_emulation_prefix=1"
    runs, said = bochs.run_all(
        vmx_exact.RUNS, "--leaves", lab=["--patched", "--kvm-args", parameters], then=[
            'before="$(dmesg)"', f"{leaves.LEAVES} check 1000", f"{leaves.LEAVES} capability",
            'test "$before" = "$(dmesg)"'])
    for doc, report in runs:
        documents.check_exact(doc, report)
        leaves.check_readings("vmx", report, layout)
    check("skipped" not in said, said.strip())


CASES = [
    ("vmx/leaves-2021", are_exact, 2021),
    ("vmx/leaves-2022", are_exact, 2022),
]
