# SPDX-License-Identifier: GPL-2.0-only
"""Which cases run together: a boot of the emulated host takes time, so they share it."""
import collections
import os
import subprocess

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = os.path.abspath(os.environ.get("O") or os.path.join(HERE, "../../build"))


def patched():
    """Lab options for KVM with kernel-patch/; none where it is not built: its cases skip."""
    if not os.path.isdir(f"{BUILD}/kvm-modules"):
        return []
    kernel = subprocess.run([f"{HERE}/../lab/prepare"], stdout=subprocess.PIPE, text=True,
                            check=True).stdout.splitlines()[0]
    with open(f"{kernel}/release", encoding="utf-8") as file:
        modules = f"{BUILD}/kvm-modules/{file.read().strip()}"
    if not os.path.isdir(modules):
        return []
    return ["--kvm-modules", modules, "--kvm-args", "exitstat=1"]


# name; options of tests/lab/run, None for this machine itself; modules with CASES
Group = collections.namedtuple("Group", "name lab modules")

# The longest first: they run side by side.
GROUPS = [
    Group("here", None, ["usage", "machine"]),
    Group("vmx", None, ["intel"]),
    Group("million", [], ["million"]),
    Group("exact", [], ["exact", "losses", "beside"]),
    Group("life", [], ["life"]),
    Group("output", [], ["filters", "output", "terminal"]),
    Group("errors", [], ["errors", "files", "signals"]),
    Group("plain", ["--strip-btf"], ["plain"]),
    Group("guest", ["--smp", "1", *patched()], ["guest_patched"]),
    Group("one-cpu", ["--smp", "1"], ["onecpu", "linux", "guest_stock"]),
    Group("no-kvm", ["--no-kvm"], ["nokvm"]),
    Group("lockdown", ["--append", "lockdown=confidentiality"], ["lockdown"]),
]
