# SPDX-License-Identifier: GPL-2.0-only
"""This boot tests what it is to test: the kernel can be preempted anywhere."""
import tools
from harness import check_equal


def is_full():
    check_equal("preemption", tools.preemption_mode(), "full")


CASES = [("preempt/is-full", is_full)]
