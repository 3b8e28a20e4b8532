# SPDX-License-Identifier: GPL-2.0-only
"""A locked down kernel lets nobody read its memory."""
import errors
from harness import check


def is_locked_down():
    """This boot tests what it is to test."""
    with open("/sys/kernel/security/lockdown") as file:
        text = file.read()
    check("[confidentiality]" in text, f"lockdown: {text}")


CASES = [
    ("lockdown/is-on", is_locked_down),
    ("lockdown/says-so", errors.fails, 3, ["locked down", "lockdown="]),
]
