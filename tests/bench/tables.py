# SPDX-License-Identifier: GPL-2.0-only
"""The outcome as text, and in the page that shows it."""
import re



PLACE = ("isa", "exit", "vcpus", "vms")
COLUMNS = "TOOL", "INSTRUCTIONS", "ADDED", "RATIO"
UNITS = {"attach-ms": "CPU time from start to attached, ms", "maps-kib": "memory of the maps, KiB",
         "resident-kib": "memory of the process, KiB", "snapshot-ms": "to read a snapshot, ms",
         "busy-refresh-ms": "CPU time of a refresh, all vCPUs busy, ms"}


def places(found):
    """(isa, exit, vcpus, vms) -> its rows, in the order measured."""
    of = {}
    for row in found["rows"]:
        of.setdefault(tuple(row[name] for name in PLACE), []).append(row)
    return of


def cells(rows):
    """One table, without its head: added, and that in terms of exitstat-bpf's."""
    mine = next((row["added"] for row in rows if row["tool"] == "exitstat-bpf"), None)
    for row in rows:
        ratio = f"{row['added'] / mine:.2f}" if mine and row["tool"] != "none" else "-"
        yield row["tool"], f"{row['instructions']:.1f}", f"{row['added']:.1f}", ratio


def title(place):
    isa, kind, vcpus, vms = place
    return f"{isa.upper()}, {kind}, {vcpus} vCPU{'s' * (vcpus > 1)}, {vms} VM{'s' * (vms > 1)}"


def cost_lines(found):
    for cost in found["costs"]:
        reasons = f" with {cost['reasons']} reasons" if cost["reasons"] else ""
        yield f"{UNITS[cost['what']]}", f"{cost['vcpus'] or 'as they come'}{reasons}", f"{cost['value']:g}"


def text(found):
    lines = []
    for place, rows in places(found).items():
        lines += ["", title(place)]
        for row in (COLUMNS, *cells(rows)):
            lines.append("  {:22} {:>12} {:>9} {:>7}".format(*row))
    if found["costs"]:
        lines += ["", "exitstat-bpf itself, by vCPUs"]
        lines += ["  {:44} {:22} {:>10}".format(*line) for line in cost_lines(found)]
    for skip in found["skipped"]:
        lines.append(f"skipped: {skip['tool']} on {skip['isa']}: {skip['reason']}")
    return "\n".join([*lines, ""])


def markdown(found, verdicts):
    lines = []
    for place, rows in places(found).items():
        lines += ["", f"**{title(place)}**", "", "| tool | instructions | added | of exitstat-bpf's |",
                  "| --- | ---: | ---: | ---: |"]
        lines += [f"| {' | '.join(row)} |" for row in cells(rows)]
    lines += ["", "**exitstat-bpf itself**", "", "| what | vCPUs | |", "| --- | --- | ---: |"]
    lines += [f"| {' | '.join(line)} |" for line in cost_lines(found)]
    lines += ["", "**Targets**", "", *(f"- {line}" for line in verdicts), ""]
    lines += [f"- skipped: {skip['tool']} on {skip['isa']}: {skip['reason']}"
              for skip in found["skipped"]]
    return "\n".join([*lines, ""])


def fill(path, found, verdicts):
    """The part of the page between its two marks."""
    with open(path, encoding="utf-8") as file:
        page = file.read()
    new = re.sub(r"(<!-- results -->\n).*(<!-- end -->)",
                 lambda marks: marks[1] + markdown(found, verdicts) + "\n" + marks[2], page,
                 flags=re.DOTALL)
    with open(path, "w", encoding="utf-8") as file:
        file.write(new)
