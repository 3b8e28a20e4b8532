# SPDX-License-Identifier: GPL-2.0-only
"""What the leaves of kernel-patch/ answer is what the VM's vCPUs did."""
import contextlib
import glob
import os
import re

import documents
import harness
import tools
from exact import EVERY
from harness import Failure, Skip, check, check_equal, path

LEAVES = f"{tools.BUILD}/tests/leaves"
PARAMETERS = "/sys/module/kvm/parameters"
RANDOM = os.environ.get("LEAVES_RANDOM", "1000000")  # values of ECX, on each leaf
SUMS = "count", "handled", "away"


def parameter(name):
    try:
        with open(f"{PARAMETERS}/{name}", encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        raise Skip("KVM is not patched here") from None


@contextlib.contextmanager
def parameters(**values):
    """What they are meanwhile."""
    before = {name: parameter(name) for name in values}
    try:
        set_parameters(values)
        yield
    finally:
        set_parameters(before)


def set_parameters(values):
    for name, value in values.items():
        with open(f"{PARAMETERS}/{name}", "w", encoding="utf-8") as file:
            file.write(value)


# --- exitgen's own readings -------------------------------------------------------------


def growth(reading, what="count"):
    return {reason["code"]: reason[what][1] - reason[what][0] for reason in reading["reasons"]}


def made(isa, vm):
    """What all vCPUs did between the readings; of interrupts, from where to where."""
    doers = [{**vcpu["exits"], **vcpu["also"]} for vcpu in vm["vcpus"][:-1]]
    reader = vm["vcpus"][-1]["also"]
    doers.append({"asked": vm["leaves"]["questions"]})
    wanted = {kinds[0]: sum(did.get(kind, 0) for did in doers for kind in kinds)
              for _, kinds in documents.SAME[isa]}
    return wanted, reader["interrupt"] + reader["other"]


def check_growth(isa, vm):
    """Reason by reason exactly what was done, the reader's own exits included."""
    wanted, unsure = made(isa, vm)
    found = growth(vm["leaves"])
    for codes, kinds in documents.SAME[isa]:
        grown = sum(found.pop(code, 0) for code in codes)
        want = wanted[kinds[0]]
        most = want + (unsure if "interrupt" in kinds else 0)
        check(want <= grown <= most, f"{'+'.join(kinds)}: {grown} more, not {want} to {most}")
    check_equal("growth of other reasons", found, {})


def check_total(isa, vm):
    """The total, asked right after its parts: what came in between is known."""
    reading = vm["leaves"]
    by_kind = {kinds[0]: codes for codes, kinds in documents.SAME[isa]}
    noise = vm["vcpus"][-1]["also"]
    for time in 0, 1:
        parts = sum(reason["count"][time] for reason in reading["reasons"])
        for reason in reading["reasons"]:
            after = reading["codes"] - reason["position"]
            if reason["code"] in by_kind["cpuid"] + by_kind["out"]:
                parts += after  # CPUIDs up to the total's own, or OUTs up to before it
        more = reading["total"]["count"][time] - parts
        check(0 <= more <= noise["interrupt"] + noise["other"],
              f"reading {time}: the total is its parts and {more}")


def check_windows(vm):
    """At rest no window is open but the reader's, and those that no entry ended."""
    for reason in vm["leaves"]["reasons"]:
        name = f"reason {reason['code']:#x}"
        for what in SUMS:
            check(reason[what][0] <= reason[what][1], f"{name} went back: {reason}")
        check(reason["handled"][1], f"{name}: {reason['count'][1]} exits took no time")
    for what in SUMS:
        before, after = vm["leaves"]["total"][what]
        check(before < after, f"total {what} went from {before} to {after}")


def check_readings(isa, report, layout):
    for vm in report["vms"]:
        check_equal("layout", vm["leaves"]["layout"], layout)
        check_growth(isa, vm)
        check_total(isa, vm)
        check_windows(vm)


def grows(*exits):
    """With exitstat-bpf beside it: both have all of it, and nothing else."""
    layout = int(parameter("exitstat_layout"))
    run = tools.trace(exits=[*exits, "--leaves"])
    documents.check_exact(run.doc, run.report)
    check_readings(run.doc["host"]["isa"], run.report, layout)
    return run


def notices_errors():
    """The comparison itself: one more or one less of anything is found."""
    run = grows(*EVERY)
    vm, isa = run.report["vms"][0], run.doc["host"]["isa"]
    noise = {code for codes, kinds in documents.SAME[isa] if "interrupt" in kinds
             for code in codes}
    for reason in vm["leaves"]["reasons"]:
        for time, more in (0, 1), (0, -1), (1, 1), (1, -1):
            reason["count"][time] += more
            try:
                check_growth(isa, vm)
                check(reason["code"] in noise, f"{reason['code']:#x}: {more} goes unseen")
            except Failure as failure:
                check(" more, not " in str(failure), str(failure))
            reason["count"][time] -= more


# --- the leaves' own test program -----------------------------------------------------


def in_use():
    """Modules that use kvm, and its static keys, come and go with the VMs."""
    with open("/sys/module/kvm_amd/refcnt", encoding="utf-8") as file:
        return int(file.read())


# What a kernel says when the machine it is emulated on has no time for it.
LATE = re.compile(r"hrtimer: interrupt took|perf: interrupt took|clocksource: |rcu: .*stall")


def kernel_log():
    lines = harness.run_command(["dmesg", "--notime"]).stdout.splitlines()
    return [line for line in lines if not LATE.search(line)]


def program(*arguments):
    """It says what is wrong itself; the kernel has nothing to say of it."""
    parameter("exitstat")
    before = kernel_log()
    done = harness.run_command([LEAVES, *arguments])
    check_equal(f"status of leaves {' '.join(arguments)} ({done.stderr.strip()[-300:]})",
                done.returncode, 0)
    check("skipped" not in done.stdout, done.stdout.strip())
    check_equal("the kernel's log", kernel_log()[len(before):], [])


def slab_kilobytes():
    """What the kernel holds and cannot take back."""
    with open("/proc/meminfo", encoding="utf-8") as file:
        sizes = dict(line.split(":") for line in file)
    return sum(int(sizes[name].split()[0]) for name in ("SUnreclaim", "Percpu", "VmallocUsed"))


def churn(rounds=200):
    """VMs of 8 vCPUs: 6.6 kB of counters each, 10 MB if they were not given back."""
    program("churn", "20")  # what the first ones leave in caches
    before = slab_kilobytes()
    program("churn", str(rounds))
    grown = slab_kilobytes() - before
    check(grown < rounds * 8 * 6.6 / 4, f"{rounds} VMs left {grown} kB behind")
    check_equal("VMs left", in_use(), 0)


def who_is_counted(every, cpl0):
    """The VMM has the last word, whatever the module's parameters say."""
    with parameters(exitstat=every, exitstat_cpl0=cpl0):
        program("capability")


def only_who_asks():
    """One VM has KVM count it, two do not, at the same time: exact for it, nothing for them."""
    layout = int(parameter("exitstat_layout"))
    with parameters(exitstat="N"):
        others = [tools.Vm(*tools.BUSY, "--vcpus", "2").running() for _ in range(2)]
        report_file = path("asks.json")
        asks = harness.run_command(tools.exitgen_to(report_file, *EVERY, "--exitstat",
                                                    "--leaves"))
        check_equal(f"status of the one that asks ({asks.stderr.strip()})", asks.returncode, 0)
        check_readings("svm", tools.read_report(report_file), layout)
        done = harness.run_command([tools.EXITGEN, "cpuid=10", "--leaves"])
        check_equal("status of a VM that did not ask", done.returncode, 1)
        check("nobody answers" in done.stderr, done.stderr)
        for other in others:
            other.kill()


def others_statistics():
    """What KVM counts itself stays where it is: the kernel, which is not replaced, writes too."""
    vm = tools.Vm("hlt=100", "--block", "300", "--hold")
    vm.report()
    (folder,) = glob.glob("/sys/kernel/debug/kvm/*-*")  # by the number of a thread of it
    found = {}
    for name in "signal_exits", "halt_exits", "pf_guest", "pf_mmio_spte_created":
        with open(f"{folder}/{name}", encoding="utf-8") as file:
            found[name] = int(file.read())
    check(found["signal_exits"] >= 100, f"100 HLTs were ended by signals, but: {found}")
    check_equal("others", (found["halt_exits"], found["pf_guest"], found["pf_mmio_spte_created"]),
                (100, 0, 0))
    vm.kill()


def kernels_own():
    """KVM's selftest, which is one of the patches."""
    before = kernel_log()
    test = f"{tools.BUILD}/kvm-modules/{os.uname().release}/exitstat_test"
    for every in "YN":
        with parameters(exitstat=every):
            done = harness.run_command([test])
        check_equal(f"status ({(done.stdout + done.stderr).strip()[-300:]})", done.returncode, 0)
    check_equal("the kernel's log", kernel_log()[len(before):], [])


def unloads():
    """Nothing holds the modules when the VMs are gone."""
    done = harness.run_command(["rmmod", "kvm_amd", "kvm"])
    check_equal(f"rmmod ({done.stderr.strip()})", done.returncode, 0)
    check(not os.path.exists("/sys/module/kvm"), "kvm is still there")


CASES = [
    ("leaves/every-kind", grows, *EVERY),
    ("leaves/4-vcpus", grows, *EVERY, "--vcpus", "4"),
    ("leaves/2-vms", grows, *EVERY, "--vms", "2", "--vcpus", "2"),
    ("leaves/one-process", grows, *EVERY, "--vms", "2", "--one-process"),
    ("leaves/alternate", grows, *EVERY, "--vcpus", "3", "--alternate"),
    ("leaves/moved", grows, *EVERY, "--vcpus", "3", "--move", "1000"),
    ("leaves/block", grows, *EVERY, "--vcpus", "2", "--block", "300"),
    ("leaves/reuse", grows, *EVERY, "--reuse", "3"),
    ("leaves/notices-errors", notices_errors),
    ("leaves/check", program, "check", "1000"),
    *((f"leaves/inputs-{leaf}", program, "inputs", RANDOM, str(leaf)) for leaf in range(7)),
    ("leaves/nested", program, "nested", "5000"),
    ("leaves/nested-asks", program, "nested-asks"),
    *((f"leaves/capability-{every}{cpl0}", who_is_counted, every, cpl0)
      for every in "NY" for cpl0 in "NY"),
    ("leaves/only-who-asks", only_who_asks),
    ("leaves/kvm-statistics", others_statistics),
    ("leaves/kvm-selftest", kernels_own),
    ("leaves/many-vcpus", program, "many", "256"),
    ("leaves/kinds", program, "kinds", "3"),
    ("leaves/churn", churn),
    ("leaves/unloads", unloads),
]
