# SPDX-License-Identifier: GPL-2.0-only
"""The same without the types of KVM's modules: plain tracepoints."""
import beside
import exact
import losses
import nested
import tools
import unseen
from harness import check

EVERY = exact.EVERY


def plain_programs():
    """This boot tests what it is to test."""
    tracer = tools.Tracer().attached()
    names = {prog["name"] for prog in tools.kernel_has("prog", tracer.kernel_ids()["prog"])}
    check("plain_exit" in names and "typed_exit" not in names, f"programs: {names}")
    tracer.end()


def no_detail():
    """The tracepoints' programs need the BTF that is not there: said at once."""
    for option in "--detail", "--split", "--slowest":
        value = ["3"] if option == "--slowest" else []
        run = tools.exitstat(option, *value, "--", "true", status=3)
        check(f"run it without {option}" in run.stderr and run.stderr.count("\n") == 1, run.stderr)


CASES = [
    ("plain/programs", plain_programs),
    ("plain/every-kind", exact.is_exact, *EVERY),
    ("plain/4-vcpus", exact.is_exact, "cpuid=5000", *EVERY[1:], "--vcpus", "4"),
    ("plain/2-vms", exact.separate_vms, 2, *EVERY, "--vms", "2", "--vcpus", "2"),
    ("plain/2-vms-one-process", exact.separate_vms, 2, *EVERY, "--vms", "2", "--one-process"),
    ("plain/moved", exact.is_exact, "cpuid=5000", *EVERY[1:], "--vcpus", "2", "--move", "1000"),
    ("plain/alternate", exact.is_exact, *EVERY, "--vcpus", "4", "--alternate"),
    ("plain/reuse", exact.separate_vms, 6, *EVERY, "--reuse", "5"),
    ("plain/block", exact.is_exact, *EVERY, "--block", "200", "--vcpus", "2"),
    ("plain/perf", beside.perf_sees_all, "cpuid=5000", "--vcpus", "2"),
    ("plain/perf-around", beside.perf_around, "cpuid=3000", "out=300", "--vcpus", "2"),
    ("plain/two-instances", beside.two_instances, "cpuid=3000", *EVERY[1:], "--vcpus",
     "2"),
    ("plain/no-detail", no_detail),
    ("plain/nested", nested.not_told),
    ("plain/map-full", losses.too_small),
    ("plain/unseen-ends", unseen.plain),
    ("plain/unseen-ends-3-vcpus", unseen.plain, "--vcpus", "3"),
]
