# SPDX-License-Identifier: GPL-2.0-only
"""What the guests printed, and the document build/reproduce.json made of it.

    {"writeups": [{"id", "layout", "commands": [{"command", "eax", "ebx", "ecx", "edx"}],
                   "boot_exits", "most", "least"}]}

commands has every cpuid that ran, in order, its registers as integers. boot_exits is
the first answer of the leaf of all exits; for 001, whose author rebooted the guest,
how much it grew by the reboot. most and least are {"code", "name", "count"}, the most
and the least frequent of the reasons that happened, by the first table.
"""
import re

LEAVES = {  # total, cycles, exits of a reason, cycles of a reason
    2021: (0x4FFFFFFF, 0x4FFFFFFE, 0x4FFFFFFD, 0x4FFFFFFC),
    2022: (0x4FFFFFFC, 0x4FFFFFFD, 0x4FFFFFFE, 0x4FFFFFFF),
}
REGISTERS = ("eax", "ebx", "ecx", "edx")
MOST, LEAST = 3, 5
ANSWER = re.compile(" *0x[0-9a-f]+ 0x[0-9a-f]+: "
                    + " ".join(f"{name}=0x([0-9a-f]+)" for name in REGISTERS))


class Transcript:
    """The commands of one write-up with their answers, taken line by line."""

    def __init__(self):
        self.commands = []

    def take(self, line):
        if line.startswith(("$ ", "+ ")):
            self.commands.append({"command": line[2:]})
        elif match := ANSWER.fullmatch(line):
            self.commands[-1].update(zip(REGISTERS, (int(word, 16) for word in match.groups())))

    def unanswered(self):
        return [entry["command"] for entry in self.commands if len(entry) != 1 + len(REGISTERS)]


def asked(entry):
    """Leaf and subleaf of a command."""
    words = entry["command"].split()
    subleaf = words[words.index("-s") + 1] if "-s" in words else "0"
    return int(words[words.index("-l") + 1], 0), int(subleaf, 0)


def count(entry):
    """Of a leaf of exits."""
    return entry["ebx"] << 32 | entry["eax"]


def cycles(entry):
    """Of a leaf of cycles."""
    return entry["ebx"] << 32 | entry["ecx"]


def undefined(entry):
    return entry["edx"] == 0xFFFFFFFF


def answers_of(writeup, leaf, subleaf=0):
    """All answers to this question, in order."""
    return [entry for entry in writeup["commands"] if asked(entry) == (leaf, subleaf)]


def tables(writeup, leaf):
    """Each table of the reasons 0 to 68 from this leaf: reason -> answer."""
    found = []
    for entry in writeup["commands"]:
        asked_leaf, reason = asked(entry)
        if asked_leaf != leaf:
            continue
        if reason == 0:
            found.append({})
        if found and reason == len(found[-1]):
            found[-1][reason] = entry
    return found


def boot_exits(writeup, how):
    readings = answers_of(writeup, LEAVES[writeup["layout"]][0])
    if how == "boot":
        return count(readings[0])
    return count(readings[-1]) - count(readings[-2])


def frequent(writeup, names):
    """The reasons that happened, the most frequent first."""
    table = tables(writeup, LEAVES[writeup["layout"]][2])[0]
    reasons = [{"code": code, "name": names[code], "count": count(entry)}
               for code, entry in table.items() if count(entry)]
    return sorted(reasons, key=lambda reason: -reason["count"])


def describe(theirs, transcript, names):
    """One write-up of the document."""
    writeup = {"id": theirs.id, "layout": theirs.layout, "commands": transcript.commands}
    reasons = frequent(writeup, names)
    return {**writeup, "boot_exits": boot_exits(writeup, theirs.boot),
            "most": reasons[:MOST], "least": reasons[::-1][:LEAST]}


def document(writeups, transcripts, readings):
    """Names of reasons are those that exitstat-guest has."""
    found = []
    for writeup in writeups:
        names = {reason["code"]: reason["name"]
                 for reason in readings[writeup.id]["readings"][0]["reasons"]}
        found.append(describe(writeup, transcripts[writeup.id], names))
    return {"writeups": found}
