# SPDX-License-Identifier: GPL-2.0-only
"""diff names nothing of the same guest, run after run.

On a host whose time is its instructions: what shares this machine slows others down for a second
or two, which is a change, and rightly named.
"""
import os
import sys

import harness
from harness import check, path
from report import diff, named, record, sleeper

PAIRS = 20


def same_twice():
    alarms = []
    with sleeper(2000):
        record("before", 4)
        for i in range(PAIRS):
            record("now", 4)
            text, doc = diff("before", "now")
            if named(doc):
                alarms.append(f"pair {i}: {named(doc)}")
                print(text, file=sys.stderr)
            os.rename(path("now"), path("before"))
    check(not alarms, f"{len(alarms)} of {PAIRS}: {alarms}")
    harness.remark = f"nothing named of {PAIRS} pairs"


CASES = [("report/same-twice", same_twice)]
