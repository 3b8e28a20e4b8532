# SPDX-License-Identifier: GPL-2.0-only
"""The audit finds what is wrong with the patches of tests/broken/: from outside."""
import os

import audit
import tools
from harness import check, check_equal, path, run_command

TESTS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..")
PATCHES = f"{TESTS}/broken"

# What each is wrong about: the sums that the audit has to name, and only these.
FOUND = {
    "hook-removed": {"away", "total_away"},
    "fast-path-twice": {"count", "total_count"},
    "previous-reason": {"count", "away"},
}


# QEMU's AMD CPU does not save the next RIP, without which KVM has no fast path.
BOCHS = ["--emulator", "bochs", "--carry", tools.EXITGEN]
HOSTS = {"fast-path-twice": (["--isa", "svm", *BOCHS], ["--isa", "vmx", *BOCHS])}


def wrong_sums(host, modules, status):
    """What an audit of exitgen on KVM with these modules calls wrong."""
    os.mkdir(path("out"))
    done = run_command(
        [f"{TESTS}/lab/run", *host, *modules, "--kvm-args", "exitstat=1", "--",
         tools.EXITSTAT, "audit", "--counters", "--json", path("out/audit.json"), "--",
         tools.EXITGEN, "cpuid=3000", "out=200", "ipi=1000", "--leaves", "--end-out"],
        env={**os.environ, "OUT": path("out")})
    check_equal(f"status ({done.stderr.strip()[-300:]})", done.returncode, status)
    doc = audit.read(path("out/audit.json"))
    return {one["what"] for one in doc["disagreements"] if one["verdict"] == "wrong"}


def is_found(name, host):
    modules = f"{tools.BUILD}/broken/{os.environ['KERNEL']}/{name}"
    found = wrong_sums(host, ["--kvm-modules", modules], 1)
    check(found and found <= FOUND[name], f"wrong: {found}, not {FOUND[name]}")


def none_is_left_out():
    names = {name.removesuffix(".patch") for name in os.listdir(PATCHES)
             if name.endswith(".patch")}
    check_equal("patches", names, set(FOUND))


def good_is_good():
    check_equal("wrong", wrong_sums(["--isa", "svm"], ["--patched"], 0), set())


CASES = [
    ("broken/all", none_is_left_out),
    ("broken/none", good_is_good),
    *((f"broken/{name}/{host[1]}", is_found, name, host) for name in FOUND
      for host in HOSTS.get(name, (["--isa", "svm"],))),
]
