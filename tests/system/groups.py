# SPDX-License-Identifier: GPL-2.0-only
"""Which cases run together: a boot of the emulated host takes time, so they share it."""
import collections

# name; options of tests/lab/run, None for this machine itself; modules with CASES
Group = collections.namedtuple("Group", "name lab modules")

PATCHED = ["--patched", "--kvm-args", "exitstat=1"]

# The longest first: they run side by side. With LAB_APPEND=preempt=full all of them run on
# a kernel that can be preempted anywhere; those of which it may change the numbers do always.
GROUPS = [
    Group("here", None, ["usage", "machine", "faulty"]),
    Group("bochs", None, ["bochs"]),
    Group("writeups", None, ["writeups"]),
    Group("million", [], ["million"]),
    Group("exact", [], ["exact", "losses", "beside"]),
    Group("life", [], ["life", "unseen"]),
    Group("output", [], ["filters", "output", "terminal"]),
    Group("errors", [], ["errors", "files", "signals", "audit_stock"]),
    Group("plain", ["--strip-btf"], ["plain"]),
    Group("guest", ["--smp", "1", *PATCHED], ["guest_patched", "comparing"]),
    Group("one-cpu", ["--smp", "1"], ["onecpu", "linux", "guest_stock"]),
    Group("leaves", ["--patched", "--kvm-args", "exitstat=1 force_emulation_prefix=1"],
          ["leaves"]),
    Group("leaves-2022", ["--patched", "--kvm-args",
                          "exitstat=1 exitstat_layout=2022 force_emulation_prefix=1"], ["leaves"]),
    Group("audit", PATCHED, ["audit"]),
    Group("broken", None, ["broken"]),
    Group("off", None, ["off"]),
    *(Group(f"{name}-preempt", [*lab, "--append", "preempt=full"], ["preempt", *modules])
      for name, lab, modules in [("exact", [], ["exact"]), ("life", [], ["life", "unseen"]),
                                 ("audit", PATCHED, ["audit"])]),
    Group("faults", PATCHED, ["faults"]),
    Group("faults-plain", ["--strip-btf"], ["faults_plain"]),
    Group("no-kvm", ["--no-kvm"], ["nokvm"]),
    Group("lockdown", ["--append", "lockdown=confidentiality"], ["lockdown"]),
]
