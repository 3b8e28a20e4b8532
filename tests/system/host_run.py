# SPDX-License-Identifier: GPL-2.0-only
"""make test-host, on an emulated host: it is one that has KVM."""
import os
import re

import harness
from harness import check, check_equal, path

RUN = os.path.realpath(os.path.join(os.path.dirname(__file__), "../host/run"))
AS_USER = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def passes():
    done = harness.run_command([RUN, path("report.md")])
    lines = done.stdout.splitlines()
    check_equal(f"status ({lines[-3:]}, {done.stderr.strip()})", done.returncode, 0)
    check_equal("sum", lines[-1], "19 passed, 0 failed, 0 skipped")
    with open(path("report.md"), encoding="utf-8") as file:
        report = file.read()
    for line in lines[:-2]:
        check(line in report, f"the report has not: {line}")
    check(os.uname().release in report, "the report does not say which kernel")
    rows = re.findall(r"^\| (cpuid|out|hlt) \| .* \| [\d.]+ \| [+-]", report, re.M)
    check_equal("rows of costs", len(rows), 15)


def refuses(status, words, *argv):
    done = harness.run_command([*argv])
    check_equal("status", done.returncode, status)
    check(words in done.stderr and done.stderr.count("\n") == 1, f"stderr: {done.stderr}")
    check(not os.path.exists(path("report.md")), "there is a report")


CASES = [
    ("host/passes", passes),
    ("host/not-root", lambda: refuses(3, "as root", *AS_USER, RUN, path("report.md"))),
    ("host/usage", refuses, 2, "takes the file", RUN),
    ("host/unknown-option", refuses, 2, "takes the file", RUN, "--frobnicate"),
]
