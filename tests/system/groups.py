# SPDX-License-Identifier: GPL-2.0-only
"""Which cases run together: a boot of the emulated host takes time, so they share it."""
import collections

# name; options of tests/lab/run, None for this machine itself; modules with CASES
Group = collections.namedtuple("Group", "name lab modules")

# The longest first: they run side by side.
GROUPS = [
    Group("here", None, ["usage", "machine"]),
    Group("bochs", None, ["bochs"]),
    Group("writeups", None, ["writeups"]),
    Group("million", [], ["million"]),
    Group("exact", [], ["exact", "losses", "beside"]),
    Group("life", [], ["life", "unseen"]),
    Group("output", [], ["filters", "output", "terminal"]),
    Group("errors", [], ["errors", "files", "signals", "audit_stock"]),
    Group("plain", ["--strip-btf"], ["plain"]),
    Group("guest", ["--smp", "1", "--patched", "--kvm-args", "exitstat=1"], ["guest_patched", "comparing"]),
    Group("one-cpu", ["--smp", "1"], ["onecpu", "linux", "guest_stock"]),
    Group("leaves", ["--patched", "--kvm-args", "exitstat=1 force_emulation_prefix=1"],
          ["leaves"]),
    Group("leaves-2022", ["--patched", "--kvm-args",
                          "exitstat=1 exitstat_layout=2022 force_emulation_prefix=1"], ["leaves"]),
    Group("audit", ["--patched", "--kvm-args", "exitstat=1"], ["audit"]),
    Group("broken", None, ["broken"]),
    Group("off", None, ["off"]),
    Group("no-kvm", ["--no-kvm"], ["nokvm"]),
    Group("lockdown", ["--append", "lockdown=confidentiality"], ["lockdown"]),
]
