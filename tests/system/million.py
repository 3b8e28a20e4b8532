# SPDX-License-Identifier: GPL-2.0-only
"""Exact over two million exits."""
import documents
import exact
from harness import check


def millions(at_least, *exits):
    run = exact.is_exact(*exits)
    check(documents.total(run.doc) >= at_least, f"only {documents.total(run.doc)} exits")


CASES = [
    ("exact/2-million", millions, 2000000, "cpuid=480000", "out=20000", "--vcpus", "4"),
]
