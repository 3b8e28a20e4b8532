# SPDX-License-Identifier: GPL-2.0-only
"""make reproduce: Debian's cpuid in Linux guests on VMX, one write-up of each layout."""
import json
import os
import sys

import guest
import guest_patched
from harness import CASE_TIMEOUT, check, check_equal, path, run_command

REPRODUCE = os.path.join(guest.TOP, "tests/reproduce")
sys.path.insert(0, REPRODUCE)
import answers  # noqa: E402

WRITEUPS = {"001_42fa35a2664b4192": 2022, "003_6e18655e5cf06086": 2021}
UNDEFINED = [35, 38, 42, 65]
ABOVE_THE_TABLE = 77  # which only newer kernels have a name for
NEVER_ENABLED = [3, 4, 5, 6, 11, 16, 17, 33, 34, 51, 63, 64, 66, 67, 68]
NOT_WHEN_IDLE = [0, 28, 29, 46, 47, 54, 55]
CPUID = 10
LEAST_OF_A_BOOT = 10000  # exits of a kernel that boots


def registers(entry):
    return tuple(entry[name] for name in answers.REGISTERS)


# --- the document's form --------------------------------------------------------------


def check_form(writeup):
    check_equal("id and layout", writeup["layout"], WRITEUPS[writeup["id"]])
    check_equal("members", set(writeup),
                {"id", "layout", "commands", "boot_exits", "most", "least"})
    for entry in writeup["commands"]:
        check_equal("members of a command", set(entry), {"command", *answers.REGISTERS})
        check(entry["command"].startswith("cpuid "), f"a command is {entry['command']!r}")
        check(all(type(value) is int and 0 <= value < 1 << 32 for value in registers(entry)),
              f"not registers: {entry}")


def check_frequent(writeup, table):
    counts = sorted(filter(None, (answers.count(entry) for entry in table.values())))
    check_equal("most", [reason["count"] for reason in writeup["most"]], counts[:-4:-1])
    check_equal("least", [reason["count"] for reason in writeup["least"]], counts[:5])
    for reason in writeup["most"] + writeup["least"]:
        check_equal(f"count of {reason['name']}", reason["count"],
                    answers.count(table[reason["code"]]))


# --- the answers ------------------------------------------------------------------------


def defines_71():
    """As the manuals of 2022; newer kernels define more."""
    line = ".".join(os.environ.get("KERNEL", "6.1").split(".")[:2])
    return guest_patched.DEFINED[line]["vmx"] == 71


def check_rules(writeup, exits, cycles):
    """Undefined, never enabled, and the registers that each leaf leaves 0."""
    for leaf in exits, cycles:
        for reason in [*UNDEFINED, *([ABOVE_THE_TABLE] if defines_71() else [])]:
            check_equal(f"{leaf:#x} of {reason}",
                        {registers(entry) for entry in answers.answers_of(writeup, leaf, reason)},
                        {(0, 0, 0, 0xFFFFFFFF)})
        for reason in 4, 5:
            check_equal(f"{leaf:#x} of {reason}",
                        {registers(entry) for entry in answers.answers_of(writeup, leaf, reason)},
                        {(0, 0, 0, 0)})
    for entry in answers.answers_of(writeup, exits, CPUID):
        check(entry["eax"] and not entry["ecx"] and not entry["edx"], f"exits: {entry}")
    for entry in answers.answers_of(writeup, cycles, CPUID):
        check(entry["ecx"] and not entry["eax"] and not entry["edx"], f"cycles: {entry}")


def check_table(table):
    check_equal("reasons of a table", list(table), list(range(69)))
    check_equal("undefined", [code for code, entry in table.items() if answers.undefined(entry)],
                UNDEFINED)
    check_equal("counts of what KVM never enables",
                [code for code in NEVER_ENABLED if any(registers(table[code]))], [])


def check_growth(writeup, leaves):
    """No answer is less than an earlier one; how many exits one cpuid is."""
    total, total_cycles, exits, cycles = leaves
    questions = {answers.asked(entry) for entry in writeup["commands"]}
    for leaf, reason in questions:
        value = answers.count if leaf in (total, exits) else answers.cycles
        values = [value(entry) for entry in answers.answers_of(writeup, leaf, reason)]
        check(values == sorted(values), f"{leaf:#x} of {reason} goes back: {values}")
        if reason == CPUID or leaf in (total, total_cycles):
            check(len(set(values)) == len(values), f"{leaf:#x} does not grow: {values}")
    thrice = [answers.count(entry) for entry in writeup["commands"]
              if entry["command"] == f"cpuid -1 -r -l {exits:#x} -s {CPUID}"][-3:]
    check_equal("growth by a cpuid", thrice[2] - thrice[1], thrice[1] - thrice[0])
    return thrice[1] - thrice[0]


def check_sum(writeup, total, table):
    """The rows are read one by one, between two readings of the total."""
    totals = [answers.count(entry) for entry in answers.answers_of(writeup, total)]
    rows = sum(answers.count(entry) for entry in table.values())
    check(totals[0] <= rows <= totals[1], f"{rows} exits are not between {totals[0]}, {totals[1]}")


def check_writeup(writeup):
    leaves = answers.LEAVES[writeup["layout"]]
    total, _, exits, cycles = leaves
    check_form(writeup)
    check_rules(writeup, exits, cycles)
    tables = answers.tables(writeup, exits)
    for table in tables:
        check_table(table)
    check_frequent(writeup, tables[0])
    check_sum(writeup, total, tables[-1])
    check(writeup["boot_exits"] > LEAST_OF_A_BOOT, f"a boot of {writeup['boot_exits']} exits")
    return check_growth(writeup, leaves), tables


# --- what is special to each ------------------------------------------------------------


def check_reboot(writeup):
    before, after = (answers.count(entry) for entry in writeup["commands"][-2:])
    check_equal("the last command", writeup["commands"][-1]["command"], "cpuid -l 0x4ffffffc")
    check_equal("exits of the reboot", writeup["boot_exits"], after - before)


def check_three_tables(tables, by_cpuid):
    check_equal("tables", len(tables), 3)
    growth = []
    for before, now in zip(tables, tables[1:]):
        growth.append(answers.count(now[CPUID]) - answers.count(before[CPUID]))
        grown = [code for code in NOT_WHEN_IDLE if registers(before[code]) != registers(now[code])]
        check_equal("grown while idle", grown, [])
    # A table is 69 times cpuid, and a sleep.
    check(growth[0] == growth[1] > 69 * by_cpuid, f"CPUID grows by {growth}, {by_cpuid} by one")


def check_three_readings(name):
    with open(path(f"reproduce/{name}.json"), encoding="utf-8") as file:
        readings = json.load(file)["readings"]
    check_equal("readings", len(readings), 3)
    for before, now in zip(readings, readings[1:]):
        apart = (now["monotonic_ns"] - before["monotonic_ns"]) / 1e9
        check(4.9 < apart < 5.5, f"{apart} s apart, not 5")
        old, new = ({r["code"]: r["count"] for r in reading["reasons"]} for reading in (before, now))
        check_equal("grown while idle",
                    [code for code in NOT_WHEN_IDLE if old[code] != new[code]], [])
        check_equal("growth of CPUID", new[CPUID] - old[CPUID],
                    now["own"]["in_cpuid"] - before["own"]["in_cpuid"])


def both_layouts():
    done = run_command([os.path.join(REPRODUCE, "run"), "--to", path(""), *WRITEUPS],
                       timeout=CASE_TIMEOUT - 20)
    check_equal(f"status ({done.stderr.strip()[-300:]})", done.returncode, 0)
    with open(path("reproduce.json"), encoding="utf-8") as file:
        document = json.load(file)
    check_equal("document", list(document), ["writeups"])
    check_equal("write-ups", [writeup["id"] for writeup in document["writeups"]], list(WRITEUPS))
    first, second = document["writeups"]
    check_writeup(first)
    check_reboot(first)
    by_cpuid, tables = check_writeup(second)
    check_three_tables(tables, by_cpuid)
    check_three_readings(second["id"])


CASES = [("writeups/both-layouts", both_layouts)]
