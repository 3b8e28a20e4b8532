# SPDX-License-Identifier: GPL-2.0-only
"""This machine itself, outside the lab: it attaches, and reports what there is."""
import os

import documents
import errors
import harness
import tools
from harness import Skip, check, check_equal, path


def need_kvm():
    if os.geteuid() != 0:
        raise Skip("not root")
    for file, reason in (("/dev/kvm", "no /dev/kvm"), ("/sys/kernel/btf/vmlinux", "no BTF")):
        if not os.path.exists(file):
            raise Skip(reason)


def bpf_allowed():
    """Whether this place lets anyone load a BPF program at all."""
    done = harness.run_command([tools.BPFTOOL, "prog", "show"])
    if done.returncode:
        raise Skip(f"no BPF here: {done.stderr.strip()}")


def with_tracefs():
    """What to run exitstat-bpf in: a mount of its own, where there is none."""
    folder = "/sys/kernel/tracing"
    if os.path.exists(f"{folder}/events"):
        return []
    inside = ["unshare", "--mount", "sh", "-c", f'mount -t tracefs tracefs {folder} && exec "$@"', "sh"]
    done = harness.run_command([*inside, "true"])
    if done.returncode:
        raise Skip(f"no tracefs here, and none to be had: {done.stderr.strip()}")
    return inside


def attaches():
    need_kvm()
    bpf_allowed()
    done = tools.exitstat("-d", "1", "--json", path("x.json"), inside=with_tracefs())
    doc = documents.read(path("x.json"))
    check_equal("losses", doc["losses"], documents.NO_LOSSES)
    check(1e9 <= doc["interval"]["ns"] < 30e9, f"interval: {doc['interval']}")
    check("losses: 0 " in done.stdout, f"no summary: {done.stdout}")
    if doc["host"]["isa"] == "unknown":
        check_equal("exits on a CPU without VMX and SVM", documents.total(doc), 0)
        check("no VM exits seen" in done.stdout, f"stdout: {done.stdout}")
    elif documents.total(doc):
        raise Skip("guests run here: no telling how many exits are right")


CASES = [
    ("machine/attaches", attaches),
    ("machine/not-root", errors.not_root),
]
