# SPDX-License-Identifier: GPL-2.0-only
"""exitstat-guest where nobody answers: one line and status 3, on any machine."""
import os

import guest
import harness
from harness import Skip, check, check_equal, path


def nobody_answers(done, *asked):
    check_equal(f"status of {asked}", done.returncode, 3)
    check_equal("stdout", done.stdout, "")
    lines = done.stderr.splitlines()
    check(len(lines) == 1 and "nobody answers" in lines[0] and "kvm.exitstat=1" in lines[0],
          f"stderr: {done.stderr!r}")


def on_this_machine():
    for options in [], ["--all"], ["-w", "1"], ["--json", path("x.json")]:
        nobody_answers(harness.run_command([guest.EXITSTAT_GUEST, *options]), *options)
    check(not os.path.exists(path("x.json")), "a file was made")


def in_a_guest():
    if os.path.exists("/sys/module/kvm/parameters/exitstat"):
        raise Skip("KVM is patched here")
    command = [*guest.linux_guest(), "--", guest.EXITSTAT_GUEST]
    nobody_answers(harness.run_command(command), "the guest")


def wrong_usage():
    for options in (["-w", "0"], ["-n", "2"], ["-r", "NOSUCH"], ["file"], ["--json="], ["--bogus"]):
        done = harness.run_command([guest.EXITSTAT_GUEST, *options], timeout=30)
        check_equal(f"status of {options}", done.returncode, 2)
        check_equal("lines", len(done.stderr.splitlines()), 1)
        check(done.stderr.startswith("exitstat-guest: "), f"stderr: {done.stderr!r}")


def needs_nothing():
    """It has to run wherever it is copied to."""
    done = harness.run_command(["readelf", "-lW", guest.EXITSTAT_GUEST])
    check_equal("readelf's status", done.returncode, 0)
    check("INTERP" not in done.stdout and "DYNAMIC" not in done.stdout, "it is not static")


CASES = [
    ("guest/wrong-usage", wrong_usage),
    ("guest/static", needs_nothing),
    ("guest/nobody-answers-here", on_this_machine),
    ("guest/nobody-answers-in-a-guest", in_a_guest),
]
