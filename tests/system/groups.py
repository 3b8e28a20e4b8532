# SPDX-License-Identifier: GPL-2.0-only
"""Which cases run together: a boot of the emulated host takes time, so they share it."""
import collections

# name; options of tests/lab/run, None for this machine itself; modules with CASES
Group = collections.namedtuple("Group", "name lab modules")

# The longest first: they run side by side.
GROUPS = [
    Group("here", None, ["usage", "machine"]),
    Group("million", [], ["million"]),
    Group("exact", [], ["exact", "losses", "beside"]),
    Group("life", [], ["life"]),
    Group("output", [], ["filters", "output", "terminal", "linux"]),
    Group("errors", [], ["errors", "files", "signals"]),
    Group("plain", ["--strip-btf"], ["plain"]),
    Group("one-cpu", ["--smp", "1"], ["onecpu"]),
    Group("no-kvm", ["--no-kvm"], ["nokvm"]),
    Group("lockdown", ["--append", "lockdown=confidentiality"], ["lockdown"]),
]
