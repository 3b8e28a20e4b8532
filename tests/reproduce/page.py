# SPDX-License-Identifier: GPL-2.0-only
"""The tables of kernel-patch/REPRODUCE.md: theirs beside ours.

In the page each stands between <!-- table NAME --> and <!-- end -->; what is around
them is written by hand.
"""
import re

import answers
import theirs


def markdown(header, rows, align="---:"):
    """The first column to the left, the others, mostly numbers, to the right."""
    cells = [header, ["---"] + [align] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def number(value):
    return "-" if value is None else f"{value:,}"


def per_exit(cycles, exits):
    return number(round(cycles / exits) if exits else None)


def growing(counts):
    return " / ".join(number(count) for count in counts)


class Run:
    """What one run of all write-ups found."""

    def __init__(self, document, readings):
        self.writeups = {writeup["id"][:3]: writeup for writeup in document["writeups"]}
        self.readings = {name[:3]: found for name, found in readings.items()}

    def rows(self, writeup):
        """code -> what exitstat-guest read there, reading by reading."""
        found = {}
        for reading in self.readings[writeup]["readings"]:
            for reason in reading["reasons"]:
                found.setdefault(reason["code"], []).append(reason)
        return found

    def reasons(self):
        """Codes that they or we have seen, with their names."""
        ours = self.rows("003") | self.rows("000")
        codes = theirs.ROWS.keys() | {code for name in ("000", "003")
                                      for code, row in self.rows(name).items() if row[-1]["count"]}
        return [(code, f"{code} {ours[code][0]['name']}") for code in sorted(codes)]


def run_table(run):
    guest = run.readings["000"]["guest"]
    day = run.readings["000"]["readings"][0]["time"][:10]
    return (f"These tables are of a run on {day}: host and guests with Linux {guest['kernel']},"
            f" {guest['cpu']}, TSC {guest['tsc_khz'] // 1000} MHz.")


def boots_table(run):
    rows = []
    for writeup in theirs.WRITEUPS:
        ours = run.writeups[writeup.id[:3]]
        cycles = answers.answers_of(ours, answers.LEAVES[writeup.layout][1])
        rows.append([f"{writeup.id[:3]}, {writeup.boot}", writeup.boot_exits,
                     number(ours["boot_exits"]), writeup.boot_cycles,
                     number(answers.cycles(cycles[0]) if writeup.boot == "boot" else None)])
    return markdown(["write-up", "exits: theirs", "ours", "cycles handled: theirs", "ours"], rows)


def frequent_table(run):
    def codes(listed):
        return ", ".join(str(code) for code in listed) or "-"

    rows = []
    for writeup in theirs.WRITEUPS:
        ours = run.writeups[writeup.id[:3]]
        rows.append([writeup.id[:3], codes(writeup.most),
                     codes(f"{r['code']} ({r['count']:,})" for r in ours["most"]),
                     codes(writeup.least),
                     codes(f"{r['code']} ({r['count']:,})" for r in ours["least"])])
    return markdown(["write-up", "most: theirs", "ours", "least: theirs", "ours"], rows)


def reasons_table(run):
    ours = run.rows("000")
    rows = []
    for code, name in run.reasons():
        row, there = ours[code][0], theirs.ROWS.get(code)
        rows.append([name, number(there.count if there else None), number(row["count"]),
                     per_exit(there.cycles, there.count) if there else "-",
                     per_exit(row["handled"], row["count"]),
                     per_exit(row["away"], row["count"])])
    return markdown(["reason (000)", "exits: theirs", "ours", "cycles per exit: theirs",
                     "ours, handled", "ours, away"], rows)


def readings_table(run):
    tables = answers.tables(run.writeups["003"], answers.LEAVES[2021][2])
    watched = run.rows("003")
    rows = []
    for code, name in run.reasons():
        there = theirs.ROWS.get(code)
        counts = [reason["count"] for reason in watched[code]]
        rows.append([name, growing(there.readings) if there else "-",
                     growing(answers.count(table[code]) for table in tables if code in table),
                     " ".join(f"+{now - before:,}" for before, now in zip(counts, counts[1:]))])
    return markdown(["reason (003)", "theirs", "ours, by cpuid", "ours, by exitstat-guest"], rows)


def answers_table(run):
    rows = []
    for writeup, command, there in theirs.ANSWERS:
        found = [", ".join(f"{name} {entry[name]:#x}" for name in answers.REGISTERS if entry[name])
                 for entry in run.writeups[writeup]["commands"] if entry["command"] == command]
        rows.append([f"{writeup} `{command}`", there, "; ".join(text or "all 0" for text in found)])
    return markdown(["command", "theirs", "ours"], rows, "---")


TABLES = {
    "run": run_table,
    "boots": boots_table,
    "frequent": frequent_table,
    "reasons": reasons_table,
    "readings": readings_table,
    "answers": answers_table,
}


def fill(text, document, readings):
    """The page with the tables of this run."""
    run = Run(document, readings)
    return re.sub(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)",
                  lambda found: f"{found[1]}\n{TABLES[found[2]](run)}\n\n{found[3]}",
                  text, flags=re.DOTALL)
