# SPDX-License-Identifier: GPL-2.0-only
"""exitstat-guest in Linux guests of a host whose KVM is patched and counts."""
import json
import os

import guest
from harness import Skip, check, check_equal

CPUID = {"svm": 0x72, "vmx": 10}
UNDEFINED = {"svm": 0xB0, "vmx": 35}
# Which codes these are: user/model/reasons.c.
DEFINED = {"6.1": {"svm": 171, "vmx": 71}, "6.12": {"svm": 171, "vmx": 71},
           "7.3": {"svm": 173, "vmx": 75}}

COMMANDS = {
    "once": "$guest --json=$OUT/once.json",
    "all": "$guest --all --json $OUT/all.json",
    "nobody": "exec setpriv --reuid 65534 --regid 65534 --clear-groups $guest --json -",
    "watch": "$guest -w 0.3 -n 8 --all --json=$OUT/watch.json",
    "chosen": "$guest -r cpuid -r 35 -r 0xb0 --json=$OUT/chosen.json",
    "interrupted": "timeout --preserve-status -s INT 2 $guest -w 0.2 --json=$OUT/interrupted.json",
    "other-isa": "$guest -r EPT_VIOLATION -r NPF",
    "closed": "$guest >&-",
    "full": "$guest >/dev/full",
    "no-file": "$guest --json=$OUT/none/x.json",
}


def need_counting():
    try:
        with open("/sys/module/kvm/parameters/exitstat") as file:
            if file.read().strip() != "Y":
                raise Skip("KVM does not count: kvm.exitstat is off")
    except FileNotFoundError:
        raise Skip("KVM is not patched here") from None


def defined(isa):
    return DEFINED[".".join(os.uname().release.split(".")[:2])][isa]


def layout():
    with open("/sys/module/kvm/parameters/exitstat_layout") as file:
        return int(file.read())


# --- what holds for every reading -----------------------------------------------------


def counts(reading):
    return {reason["code"]: reason["count"] for reason in reading["reasons"]}


def check_reading(reading, smp):
    own = reading["own"]
    check(0 < own["reading"] <= own["so_far"], f"own exits: {own}")
    check(own["in_total"] <= own["so_far"], f"own exits: {own}")
    known = [reason for reason in reading["reasons"] if reason["count"] is not None]
    check(reading["total"]["count"] >= sum(reason["count"] for reason in known),
          "the total is less than its parts")
    check([r["code"] for r in known] == sorted({r["code"] for r in known}), "not in order")
    for sums in [*known, reading["total"]]:
        check(sums["count"] or not sums["handled"] and not sums["away"], f"no exit took: {sums}")
        # With one vCPU nothing but the reader's own exit is open while it reads.
        check(smp > 1 or sums["handled"] <= sums["away"], f"handled is more than away: {sums}")


def check_document(name, smp):
    doc = json.loads(guest.read(name))
    isa = doc["guest"]["isa"]
    check_equal("layout", doc["guest"]["layout"], layout())
    check_equal("defined reasons", doc["guest"]["defined"], defined(isa))
    check_equal("kernel", doc["guest"]["kernel"], os.uname().release)
    for reading in doc["readings"]:
        check_reading(reading, smp)
    for before, now in zip(doc["readings"], doc["readings"][1:]):
        check(before["monotonic_ns"] < now["monotonic_ns"], "readings are not in order")
        check(before["time"] < now["time"], "readings are not in order")
        old, new = counts(before), counts(now)
        for code, count in old.items():
            check(count is None or new[code] >= count, f"{code:#x} goes back: {count}, {new[code]}")
    return doc


# --- one case is one guest -----------------------------------------------------------


def check_watch(doc, smp):
    code = CPUID[doc["guest"]["isa"]]
    check_equal("readings", len(doc["readings"]), 8)
    check_equal("reasons of each", {len(r["reasons"]) for r in doc["readings"]},
                {doc["guest"]["defined"]})
    for before, now in zip(doc["readings"], doc["readings"][1:]):
        grown = counts(now)[code] - counts(before)[code]
        own = now["own"]["in_cpuid"] - before["own"]["in_cpuid"]
        # Nothing else in this guest executes CPUID.
        check_equal("CPUID exits besides our own", grown - own, 0)
        others = (now["total"]["count"] - before["total"]["count"]
                  - now["own"]["in_total"] + before["own"]["in_total"])
        check(others > 0, "the guest's timers make no exits")


def check_texts(done, doc):
    count = doc["readings"][0]["total"]["count"]
    line = next(line for line in done["once"].out.splitlines() if line.startswith("all reasons"))
    check_equal("the total in the table", int(line.split()[2]), count)
    own = doc["readings"][0]["own"]
    check(f"this reading made {own['reading']}, this program {own['so_far']} so far"
          in done["once"].out, "the table does not say what its own exits are")
    for name, status in (("once", 0), ("all", 0), ("nobody", 0), ("watch", 0), ("chosen", 0),
                         ("interrupted", 0), ("other-isa", 2), ("closed", 1), ("full", 1),
                         ("no-file", 1)):
        check_equal(f"{name}: status ({done[name].err.strip()})", done[name].status, status)
        if status:
            check_equal(f"{name}: stderr", len(done[name].err.splitlines()), 1)


def in_a_guest(smp):
    need_counting()
    done = guest.run_in_guest(COMMANDS, smp)
    guest.check_schema("once.json", "all.json", "watch.json", "chosen.json", "interrupted.json",
                       "nobody.out")
    docs = {name: check_document(f"{name}.json", smp)
            for name in ("once", "all", "watch", "chosen", "interrupted")}
    docs["nobody"] = check_document("nobody.out", smp)
    isa = docs["once"]["guest"]["isa"]
    check_texts(done, docs["once"])
    check_watch(docs["watch"], smp)
    check_equal("all reasons", len(docs["all"]["readings"][0]["reasons"]), defined(isa))
    check("side by side" in done["interrupted"].out, "SIGINT costs the end")
    check(2 <= len(docs["interrupted"]["readings"]) <= 11, "not a reading every 0.2 s")
    chosen = counts(docs["chosen"]["readings"][0])
    check(chosen[CPUID[isa]] and chosen[UNDEFINED[isa]] is None, f"chosen reasons: {chosen}")
    check_equal("files", sorted(n for n in os.listdir(os.path.join(guest.path("guest")))
                                if "none" in n or n.endswith(("XXXXXX", "~"))), [])


CASES = [
    ("guest/one-vcpu", in_a_guest, 1),
    ("guest/two-vcpus", in_a_guest, 2),
]
