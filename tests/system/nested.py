# SPDX-License-Identifier: GPL-2.0-only
"""Exits of a nested guest: at their level, and those that its hypervisor got, exactly."""
import collections
import subprocess

import documents
import harness
import tools
from harness import check, check_equal, path

NESTED = f"{tools.BUILD}/tests/nested"
CODES = {"vmrun": 0x80, "vmmcall": 0x81, "out": 0x7B, "cpuid": 0x72, "hlt": 0x78, "rdmsr": 0x7C}
VMX_CODES = {"vmxon": 27, "vmclear": 19, "vmptrld": 21, "vmwrite": 25, "vmread": 23, "vmlaunch": 20,
             "vmresume": 24, "vmxoff": 26, "vmcall": 18, "out": 30, "cpuid": 10, "hlt": 12,
             "rdmsr": 31}
# Interrupts of the host and pages that are touched first come at either level.
NOISE = {0x60, 0x61, 0x400}
VMX_NOISE = {1, 48}
KINDS = ["cpuid=1000", "out=200", "hlt=30", "rdmsr=400"]
REFLECTED = ["--reflect", "cpuid=500", "out=100", "hlt=20", "rdmsr=70"]


def trace(*exits, options=()):
    return tools.trace(options, command=tools.to_file(path("exitgen.json"), NESTED, *exits))


def rows(vm):
    """(level, code) -> what the document has of them, all vCPUs together."""
    found = collections.defaultdict(collections.Counter)
    for vcpu in vm["vcpus"]:
        for reason in vcpu["reasons"]:
            row = found[reason.get("level", 1), reason["code"]]
            row["count"] += reason["count"]
            row["reflected"] += reason.get("reflected", 0)
    return found


def made(report, codes):
    """The same, of what was done."""
    wanted = collections.defaultdict(collections.Counter)
    for level, kinds in (1, report["l1"]), (2, report["l2"]):
        for kind, count in kinds.items():
            if count:
                wanted[level, codes[kind]]["count"] = count
    for kind, count in report["reflected"].items():
        if count:
            wanted[2, codes[kind]]["reflected"] = count
    return wanted


def counts_of(found, what):
    return {key: row[what] for key, row in found.items() if row[what]}


def check_rows(vm, report, codes=CODES, noise_codes=NOISE, fewer=()):
    """How many reflected exits are not in the document; all else is as it was made."""
    found, wanted = rows(vm), made(report, codes)
    noise = {key: found.pop(key) for key in list(found) if key[1] in noise_codes}
    for kind in fewer:
        row = found.pop((1, codes[kind]), collections.Counter())
        check(row["count"] <= wanted.pop((1, codes[kind]))["count"], f"too many of {kind}")
    check_equal("exits", counts_of(found, "count"), counts_of(wanted, "count"))
    reflected, all_of_them = counts_of(found, "reflected"), counts_of(wanted, "reflected")
    check(all(count <= all_of_them.get(key, 0) for key, count in reflected.items()),
          f"reflected: {reflected}, expected {all_of_them}")
    check_equal("reflected interrupts and faults", counts_of(noise, "reflected"), {})
    return sum(all_of_them.values()) - sum(reflected.values())


def check_sums(vm):
    """What the document says of the levels is the sum of its rows."""
    found = rows(vm)
    l1, l2 = (sum(row["count"] for (level, _), row in found.items() if level == wanted)
              for wanted in (1, 2))
    check_equal("nested", vm.get("nested"), l2 and {
        "l1": l1, "l2": l2, "reflected": sum(row["reflected"] for row in found.values()),
        "l1_per_1000_l2": (2000 * l1 + l2) // (2 * l2)} or None)


def is_exact(*exits):
    run = trace(*exits)
    documents.check_losses(run.doc)
    vm, = run.doc["vms"]
    check_equal("reflected exits not seen", check_rows(vm, run.report), 0)
    check_sums(vm)


def as_perf_counts():
    """Of both levels together not one more or less than perf."""
    perf_file = path("perf")
    run = tools.trace(command=tools.perf(perf_file, *tools.to_file(
        path("exitgen.json"), NESTED, *KINDS, *REFLECTED)))
    check_rows(run.doc["vms"][0], run.report)
    check_equal("exits", documents.total(run.doc), tools.perf_count(perf_file))


def beside_others(hypervisors):
    """So many, and a VM that is none: each has its own.

    Kernels since 7.x skip a program for a thread that preempts it: that is in the ledger.
    """
    tracer = tools.Tracer().attached()
    running = [harness.spawn(tools.to_file(path(f"nested-{i}"), NESTED, f"cpuid={2000 + i}",
                                           "--reflect", f"cpuid={3000 + i}"))
               for i in range(hypervisors)]
    plain = tools.Vm("cpuid=5000", "--vcpus", "2").wait()
    for hypervisor in running:
        check_equal("nested's status", hypervisor.wait(harness.CASE_TIMEOUT), 0)
    doc = tracer.end().doc
    missing = 0
    for i in range(hypervisors):
        report = tools.read_report(path(f"nested-{i}"))
        vm, = documents.of_pid(doc, report["pid"])
        missing += check_rows(vm, report)
        check_sums(vm)
    check(missing <= doc["losses"]["missed"], f"{missing} reflected are missing, {doc['losses']}")
    vm, = documents.of_pid(doc, plain["vms"][0]["pid"])
    check_sums(vm)
    documents.check_exact({**doc, "vms": [vm], "losses": {**doc["losses"], "missed": 0}}, plain)


def attached_later():
    """To a hypervisor that is at it: no reason of one level is taken for the other's."""
    hypervisor = harness.spawn([NESTED, "--reflect", "cpuid=4000000"], stdout=subprocess.DEVNULL)
    harness.wait_for("L2", lambda: tools.exitstat(
        "-d", "0.3", "--json", path("first.json")) and "nested" in str(
            documents.read(path("first.json"))["vms"]))
    tools.exitstat("-d", "1", "--json", path("out.json"))
    hypervisor.kill()
    vm, = documents.read(path("out.json"))["vms"]
    found = {key: row for key, row in rows(vm).items() if key[1] not in NOISE}
    check_equal("rows", set(found), {(1, CODES["vmrun"]), (2, CODES["cpuid"])})
    vmrun, cpuid = (found[key]["count"] for key in sorted(found))
    check(vmrun > 100 and abs(vmrun - cpuid) <= 1, f"{vmrun} VMRUNs, {cpuid} CPUIDs")
    check(abs(found[2, CODES["cpuid"]]["reflected"] - cpuid) <= 1, f"{found}")


def keys():
    """What L2's exits were about stands with L2's exits."""
    run = trace("out=300", "cpuid=50", options=["--detail"])
    vm, = run.doc["vms"]
    check_rows(vm, run.report)
    of_io = {reason.get("level", 1): {(row.get("key"), row.get("write")): row["count"]
                                      for row in reason["detail"] if row["kind"] == "io"}
             for reason in vm["vcpus"][0]["reasons"] if reason["code"] == CODES["out"]}
    check_equal("ports of L2", of_io[2], {(0xE9, True): 300})
    # The last one had no entry.
    check_equal("ports of L1", of_io[1], {(0x10, True): 1})


def filtered():
    """-r takes a reason at both levels, and the sums are of what is there."""
    run = trace(*KINDS, *REFLECTED, options=["-r", "IO"])
    vm, = run.doc["vms"]
    check_equal("rows", {key: row["count"] for key, row in rows(vm).items()},
                {(1, CODES["out"]): 8, (2, CODES["out"]): 300})
    check_sums(vm)


def shown(by, *titles):
    run = tools.exitstat("--by", by, command=tools.to_file(
        "/dev/null", NESTED, *KINDS, *REFLECTED))
    tables = tools.read_summary(run.stdout)
    check(len(tables) == len(titles) and all(
        table.endswith(title) for table, title in zip(sorted(tables), titles)),
          f"not {titles}: {run.stdout}")
    rows_of_all = {row: n for table in tables.values() for row, n in table.items()}
    for row, count in ("VMRUN", 698), ("CPUID/L2", 1500), ("IO", 8), ("IO/L2", 300):
        check_equal(row, rows_of_all.get(row), count)
    check("698 of which went to L1; 0.3" in run.stdout, run.stdout)


def not_shown():
    """Where nothing is nested nothing is said of it."""
    run = tools.trace(exits=["cpuid=100"])
    for word in "LEVEL", "nested", "L2":
        check(word not in run.out, f"{word}: {run.out}")


def not_told():
    """Without KVM's types all is L1, and that is said."""
    run = trace(*KINDS, *REFLECTED)
    vm, = run.doc["vms"]
    both = collections.Counter()
    for (_, code), row in made(run.report, CODES).items():
        both[code] += row["count"]
    check_equal("exits", {code: row["count"] for (level, code), row in rows(vm).items()
                          if level == 1 and code not in NOISE}, both)
    check_equal("levels", (run.doc.get("levels"), vm.get("nested")), (False, None))
    check("\nnested: exits of nested guests are among their VM's own" in run.out, run.out)


CASES = [
    ("nested/handled-by-kvm", is_exact, *KINDS),
    ("nested/reflected", is_exact, *REFLECTED),
    ("nested/both", is_exact, *KINDS, *REFLECTED, *KINDS[:2]),
    ("nested/many", is_exact, "cpuid=60000", "--reflect", "cpuid=20000"),
    ("nested/as-perf", as_perf_counts),
    ("nested/beside-others", beside_others, 2),
    ("nested/more-than-cpus", beside_others, 6),
    ("nested/attached-later", attached_later),
    ("nested/keys", keys),
    ("nested/filtered", filtered),
    ("nested/by-vm", shown, "vm", "ended)"),
    ("nested/by-level", shown, "level", ", L1", ", L2"),
    ("nested/nothing", not_shown),
]
