# SPDX-License-Identifier: GPL-2.0-only
"""exitstat-bpf audit where it cannot: one line that says why, status 3."""
import harness
import tools
from harness import check, check_equal


def refused(expected, argv):
    done = harness.run_command(argv)
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 3)
    check_equal("stderr", len(done.stderr.splitlines()), 1)
    check(expected in done.stderr, done.stderr.strip())


def not_patched():
    refused("kernel-patch", [tools.EXITSTAT, "audit", "-d", "1"])


def not_root():
    refused("sudo", ["setpriv", "--reuid", "65534", "--clear-groups", tools.EXITSTAT, "audit"])


CASES = [
    ("audit/not-patched", not_patched),
    ("audit/not-root", not_root),
]
