# SPDX-License-Identifier: GPL-2.0-only
"""Patched modules without exitstat=1 are as the stock ones: from outside, booting both."""
import os

import leaves
import tools
from harness import check, check_equal, run_command

TESTS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..")


def in_lab(options, *command):
    done = run_command([f"{TESTS}/lab/run", "--isa", "svm", *options, "--", *command])
    check_equal(f"status ({done.stderr.strip()[-300:]})", done.returncode, 0)
    return done.stdout.splitlines()


# On one CPU, whose number is in some answers.
DUMP = "taskset", "-c", "0", leaves.LEAVES, "dump"
# The same while KVM counts another VM, whose VMM asked for it.
BESIDE = ["sh", "-c", f"""
    {tools.EXITGEN} cpuid=1 --exitstat --leaves --hold >/tmp/report &
    until grep -q total /tmp/report; do sleep 0.1; done
    {" ".join(DUMP)} && kill $!"""]


def answers():
    """7 ranges of 40 leaves, 4 subleaves each."""
    stock, patched = in_lab([], *DUMP), in_lab(["--patched"], *DUMP)
    check_equal("answers", len(stock), 7 * 40 * 4)
    for name, others in ("off", patched), ("beside", in_lab(["--patched"], *BESIDE)):
        different = [f"{a} / {b}" for a, b in zip(stock, others) if a != b]
        check(len(others) == len(stock) and not different,
              f"{name}: {len(different)} answers differ: {different[:3]}")
    counting = in_lab(["--patched", "--kvm-args", "exitstat=1"], *DUMP)
    changed = {line.split()[0] for line, other in zip(stock, counting) if line != other}
    check(changed and all("4ffffff9" <= leaf <= "4fffffff" for leaf in changed),
          f"counting changes the answers of leaves {sorted(changed)}")


def selftest():
    """exitgen's, 34 cases against the kernel's own histogram of kvm_exit."""
    lines = in_lab(["--patched"], f"{TESTS}/exitgen/selftest", tools.EXITGEN)
    good = [line for line in lines if line.startswith("ok - ")]
    check(len(good) > 30 and lines[-1] == f"1..{len(good)}", f"{lines[-1]}: {len(good)} hold")


CASES = [
    ("off/answers-as-stock", answers),
    ("off/exitgen-selftest", selftest),
]
