# SPDX-License-Identifier: GPL-2.0-only
"""A Linux guest that boots, works and idles, recorded: its phases are what the whole is."""
import collections

import documents
import record
import report
import tools
from harness import check, check_equal, path
from linux import LINUX_GUEST


def exits_of(doc):
    """(vCPU, code) -> count, of the one VM."""
    return collections.Counter({(vcpu["id"], reason["code"]): reason["count"]
                                for vm in doc["vms"] for vcpu in vm["vcpus"]
                                for reason in vcpu["reasons"]})


def phases():
    """A third of the time each; of each reason an exit under way at an edge is in both."""
    file = path("run")
    tools.exitstat("record", "-o", file, "-i", "0.5", "--detail", "--split", "--json",
                   path("whole.json"), command=tools.to_file(
                       path("guest.out"), LINUX_GUEST, "--name", "web1", "--seconds", "6"))
    whole = documents.read(path("whole.json"))
    check_equal("losses", whole["losses"], {**documents.NO_LOSSES,
                                            "missed": whole["detail"]["missed"]})
    check(report.document(file) == whole, "the recording's document is not the run's")
    ends = [moment["interval"]["ns"] / 1e9 for moment in record.read(file).moments]
    edges = [f"{ends[len(ends) * i // 3]:.6f}" for i in (1, 2)]
    parts = [report.document(*options, file) for options in (
        ["--to", edges[0]], ["--from", edges[0], "--to", edges[1]], ["--from", edges[1]])]
    sums = sum(map(exits_of, parts), collections.Counter())
    twice = sums - exits_of(whole)
    check_equal("exits that are in no part", exits_of(whole) - sums, collections.Counter())
    check(max(twice.values(), default=0) <= 2, f"exits that are in two parts: {twice}")
    for part in parts:
        check(documents.total(part) > 100, f"hardly an exit: {part['interval']}")


CASES = [
    ("recorded/phases", phases),
]
