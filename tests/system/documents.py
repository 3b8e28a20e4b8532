# SPDX-License-Identifier: GPL-2.0-only
"""The JSON that exitstat-bpf writes: read it, check it, compare it with exitgen's."""
import collections
import datetime
import json
import os
import re
import shutil

import harness
from harness import Failure, check, check_equal

# Exits of these reasons together are as many as exitgen's of these kinds together.
SAME = {
    "svm": [
        ([0x72], ["cpuid", "asked"]),
        ([0x7B], ["out", "in", "asked", "end_out"]),
        ([0x78], ["hlt"]),
        ([0x7C], ["rdmsr", "wrmsr", "ipi"]),
        ([0x400], ["mmio_read", "mmio_write", "memory"]),
        ([0x81], ["hypercall"]),
        ([0x14], ["cr_write"]),
        ([0x7F], ["shutdown"]),
        ([0x51], ["align"]),
        ([0x60, 0x61], ["interrupt", "other"]),
    ],
    "vmx": [
        ([10], ["cpuid", "asked"]),
        ([30], ["out", "in", "asked"]),
        ([12], ["hlt"]),
        ([31], ["rdmsr"]),
        ([32], ["wrmsr", "ipi"]),
        ([48, 49], ["mmio_read", "mmio_write", "memory"]),
        ([18], ["hypercall"]),
        ([28], ["cr_write"]),
        ([2], ["shutdown"]),
        ([0, 1], ["interrupt", "other", "align"]),
    ],
}

NO_LOSSES = {"map_full": 0, "unpaired": 0, "missed": 0}

kept = 0  # documents left for tests/run, which validates them against the schema


def read(path, **how):
    """Every document goes through here: kept for the schema, checked for sense."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return parse(text, **how)


def parse(text, **how):
    keep(text)
    doc = json.loads(text)
    check_sense(doc, **how)
    return doc


def keep(text):
    global kept
    folder = os.path.join(os.environ["OUT"], "documents")
    os.makedirs(folder, exist_ok=True)
    kept += 1
    name = re.sub(r"[^\w.=-]+", "-", harness.name)
    with open(os.path.join(folder, f"{kept:03}-{name}.json"), "w", encoding="utf-8") as file:
        file.write(text)


# --- what holds for every document -------------------------------------------------


def check_sense(doc, running=False):
    """running: at its end vCPUs ran, and were read reason by reason."""
    check_equal("kernel", doc["host"]["kernel"], os.uname().release)
    start, end = (datetime.datetime.fromisoformat(doc["interval"][key].replace("Z", "+00:00"))
                  for key in ("start", "end"))
    check(start <= end, f"interval: {start} is after {end}")
    ids = collections.Counter()
    for vm in doc["vms"]:
        for vcpu in vm["vcpus"]:
            check_vcpu(vcpu, f"VM {vm['pid']}, vCPU {vcpu['id']}", doc["losses"],
                       len(vcpu["reasons"]) if running else 1)
            ids[id(vm), vcpu["id"]] += 1
        if "slowest" in vm and doc["slowest"]["n"] == len(vm["slowest"]):
            check_slowest(vm, f"VM {vm['pid']}")
    check(all(n == 1 for n in ids.values()), "a vCPU is there twice")


def check_vcpu(vcpu, where, losses, under_way):
    codes = [(reason["code"], reason["flags"], reason.get("level")) for reason in vcpu["reasons"]]
    check(len(set(codes)) == len(codes), f"{where}: a reason is there twice: {codes}")
    untimed = 0
    for reason in vcpu["reasons"]:
        untimed += check_reason(reason, f"{where}, {reason['name']}")
    # Only the last exit of a vCPU may lack its entry.
    check(untimed <= under_way + losses["unpaired"] + losses["missed"],
          f"{where}: {untimed} exits without an entry")


IDLE = {"HLT", "IDLE_HLT"}


def check_slowest(vm, where):
    """Of all exits, fewer than there are in the list took longer than its last one."""
    names = {exit_["name"] for exit_ in vm["slowest"]}
    reasons = [reason for vcpu in vm["vcpus"] for reason in vcpu["reasons"]
               if reason["name"] not in IDLE or names & IDLE]
    last = vm["slowest"][-1]["cycles"]
    longer = sum(bucket["count"] for reason in reasons for bucket in reason["histogram"]
                 if bucket["lo"] > last)
    check(longer < len(vm["slowest"]), f"{where}: {longer} exits took longer than {last}")
    timed = [reason["cycles"]["max"] for reason in reasons if reason["histogram"]]
    check_equal(f"{where}: the slowest", vm["slowest"][0]["cycles"], max(timed))
    for exit_ in vm["slowest"]:
        check_equal(f"{where}: parts of {exit_}", sum(exit_["split"].values()), exit_["cycles"])


def check_reason(reason, where):
    buckets = reason["histogram"]
    timed = sum(bucket["count"] for bucket in buckets)
    check(timed <= reason["count"], f"{where}: {timed} in the histogram, {reason['count']} exits")
    edges = [edge for bucket in buckets for edge in (bucket["lo"], bucket["hi"])]
    check(edges == sorted(edges) and all(b["lo"] < b["hi"] for b in buckets),
          f"{where}: buckets overlap or are not in order")
    for bucket in buckets:
        check(bucket["hi"] - bucket["lo"] <= bucket["lo"] / 8 + 4, f"{where}: wide bucket {bucket}")
    if timed:
        check_cycles(reason["cycles"], buckets, timed, where)
    else:
        check(reason["cycles"]["sum"] == 0, f"{where}: cycles without an entry")
    if "split" in reason:
        check_equal(f"{where}: parts", sum(reason["split"].values()), reason["cycles"]["sum"])
    return reason["count"] - timed


def check_cycles(cycles, buckets, timed, where):
    low, high = cycles["min"], cycles["max"]
    check(timed * low <= cycles["sum"] <= timed * (high + 1), f"{where}: sum of {timed}: {cycles}")
    check(low <= cycles["p50"] <= cycles["p90"] <= cycles["p99"] <= high, f"{where}: {cycles}")
    check(buckets[0]["lo"] <= low <= buckets[0]["hi"], f"{where}: min {low} not in {buckets[0]}")
    check(buckets[-1]["lo"] <= high <= buckets[-1]["hi"],
          f"{where}: max {high} not in {buckets[-1]}")
    for percent in 50, 90, 99:
        value, below, within = cycles[f"p{percent}"], 0, 0
        for bucket in buckets:
            below += bucket["count"] if bucket["hi"] < value else 0
            within += bucket["count"] if bucket["lo"] <= value else 0
        check(below - 1 <= timed * percent / 100 <= within + 1,
              f"{where}: p{percent} is {value}, but {below} of {timed} are less, {within} not more")


# --- comparing --------------------------------------------------------------------


def total(doc):
    return sum(reason["count"] for vm in doc["vms"] for vcpu in vm["vcpus"]
               for reason in vcpu["reasons"])


def exitgen_total(report):
    # Each question is two exits.
    return sum(sum(vcpu["exits"].values()) + sum(vcpu["also"].values())
               + vcpu["also"].get("asked", 0)
               for vm in report["vms"] for vcpu in vm["vcpus"])


def _counted(isa, vcpu):
    left = {reason["code"]: reason["count"] for reason in vcpu["reasons"]}
    counts = {kinds[0]: sum(left.pop(code, 0) for code in codes) for codes, kinds in SAME[isa]}
    counts.update((f"reason {code:#x}", count) for code, count in left.items())
    return counts


def _made(isa, vcpu):
    done = {**vcpu["exits"], **vcpu["also"]}
    if "interrupt" not in done:
        raise Failure("exitgen could not count the interrupts: no statistics of KVM")
    return {kinds[0]: sum(done.get(kind, 0) for kind in kinds) for _, kinds in SAME[isa]}


def _by_pid(vms, counts_of, isa):
    """pid -> the VMs of this process, each a list of (vCPU, its counts)."""
    found = collections.defaultdict(list)
    for vm in vms:
        found[vm["pid"]].append(sorted(
            ((vcpu["id"], sorted(counts_of(isa, vcpu).items())) for vcpu in vm["vcpus"])))
    return {pid: sorted(list_of_vms) for pid, list_of_vms in found.items()}


def _say(vms):
    return "; ".join(f"vCPU {vcpu}: " + " ".join(f"{kind}={n}" for kind, n in counts if n)
                     for vm in vms for vcpu, counts in vm)


def differences(doc, report):
    """Lines: where the document has other counts than exitgen reports."""
    isa = doc["host"]["isa"]
    counted = _by_pid(doc["vms"], _counted, isa)
    made = _by_pid(report["vms"], _made, isa)
    for pid in sorted(counted.keys() | made.keys()):
        ours, theirs = counted.get(pid, []), made.get(pid, [])
        wrong = [vm for vm in ours if vm not in theirs]
        missing = [vm for vm in theirs if vm not in ours]
        if wrong or missing or len(ours) != len(theirs):
            yield (f"pid {pid}: {len(ours)} VMs counted, {len(theirs)} made;"
                   f" counted {_say(wrong)}, made {_say(missing)}")


def _is_preemptible():
    with open("/proc/cmdline", encoding="utf-8") as known:
        return "preempt=full" in known.read()


def check_losses(doc, preempted=False):
    """None, but for what makes no exit uncounted.

    Those are keys; and kernels since 7.x, or with preempt=full, which preempted says was switched
    on meanwhile, skip a program for a thread that preempts it, so that ends of vCPUs can be missed,
    too.
    """
    missed = doc.get("detail", {}).get("missed", 0)
    if preempted or int(doc["host"]["kernel"].split(".")[0]) >= 7 or _is_preemptible():
        missed = max(missed, doc["losses"]["missed"])
    check_equal("losses", doc["losses"], {**NO_LOSSES, "missed": missed})


def check_exact(doc, report):
    check_losses(doc)
    for difference in differences(doc, report):
        raise Failure(difference)


def of_pid(doc, pid):
    return [vm for vm in doc["vms"] if vm["pid"] == pid]


def counts(vm):
    """code -> count, all vCPUs of a VM together."""
    sums = collections.Counter()
    for vcpu in vm["vcpus"]:
        for reason in vcpu["reasons"]:
            sums[reason["code"]] += reason["count"]
    return sums
