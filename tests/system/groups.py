# SPDX-License-Identifier: GPL-2.0-only
"""Which cases run together: a boot of the emulated host takes time, so they share it."""
import collections

# name; isa of the emulated hosts, None: no such host, whatever its kernel; options of
# tests/lab/run, None: its cases are run here, and may boot hosts of their own; modules with
# CASES; whether it needs the patched KVM
Group = collections.namedtuple("Group", "name isa lab modules patched")

EXITSTAT = ["--kvm-args", "exitstat=1"]
IGNORE_MSRS = ["--kvm-args", "ignore_msrs=1 report_ignored_msrs=0"]
EMULATE = "exitstat=1 force_emulation_prefix=1"


def here(name, modules):
    return Group(name, None, None, modules, False)


def svm(name, modules, *lab):
    return Group(name, "svm", list(lab), modules, False)


def patched(name, modules, *lab):
    return Group(name, "svm", ["--patched", *lab], modules, True)


def outside(name, isa, patch=True):
    return Group(name, isa, None, [name.replace("-", "_")], patch)


# The longest first: they run side by side. With LAB_APPEND=preempt=full all of them run on
# a kernel that can be preempted anywhere; those of which it may change the numbers do always.
GROUPS = [
    here("here", ["usage", "completion", "unit", "machine", "faulty"]),
    here("page", ["page"]),
    here("tui", ["tui", "static"]),
    here("prometheus", ["prometheus"]),
    patched("leaves", ["leaves"], "--kvm-args", EMULATE),
    patched("leaves-2022", ["leaves"], "--kvm-args", f"{EMULATE} exitstat_layout=2022"),
    outside("writeups", "vmx"),
    patched("guest", ["guest_patched", "comparing"], "--smp", "1", *EXITSTAT),
    outside("vmx-leaves", "vmx"),
    outside("vmx-exact", "vmx", patch=False),
    outside("vmx-nested", "vmx", patch=False),
    outside("vmx-advice", "vmx", patch=False),
    patched("faults", ["faults"], *EXITSTAT),
    svm("faults-plain", ["faults_plain"], "--strip-btf"),
    patched("audit", ["audit"], *EXITSTAT),
    patched("audit-preempt", ["preempt", "audit"], *EXITSTAT, "--append", "preempt=full"),
    outside("broken", "svm, vmx"),
    outside("vmx-audit", "vmx"),
    svm("million", ["million", "wraps"]),
    outside("fast-path", "svm", patch=False),
    svm("exact", ["exact", "growth", "losses", "beside", "static_traces"]),
    svm("exact-preempt", ["preempt", "exact"], "--append", "preempt=full"),
    outside("off", "svm"),
    svm("life", ["life", "unseen"]),
    svm("life-preempt", ["preempt", "life", "unseen"], "--append", "preempt=full"),
    svm("detail", ["detail"], *IGNORE_MSRS),
    svm("detail-preempt", ["preempt", "detail"], *IGNORE_MSRS, "--smp", "1", "--append",
        "preempt=full"),
    svm("split", ["split"]),
    svm("split-preempt", ["preempt", "split"], "--append", "preempt=full"),
    svm("nested", ["nested"]),
    svm("nested-preempt", ["preempt", "nested"], "--append", "preempt=full"),
    svm("apicv", ["apicv", "advice_apicv"], "--kvm-args", "kvm_amd.avic=1 kvm_amd.force_avic=1"),
    svm("advice", ["advice"], "--smp", "1"),
    svm("report", ["report"]),
    svm("same-twice", ["same_twice"], "--icount"),
    svm("output", ["filters", "output", "terminal"]),
    svm("record", ["record"]),
    svm("top", ["top"]),
    svm("serve", ["serve", "unit_runs"]),
    svm("host", ["host_run"]),
    svm("errors", ["errors", "files", "signals", "audit_stock"]),
    svm("one-cpu", ["onecpu", "linux", "recorded", "guest_stock"], "--smp", "1"),
    svm("plain", ["plain"], "--strip-btf"),
    svm("no-kvm", ["nokvm"], "--no-kvm"),
    svm("lockdown", ["lockdown"], "--append", "lockdown=confidentiality"),
]

# Whose outcome does not depend on which kernel it is.
ONCE = {"same-twice"}
