# SPDX-License-Identifier: GPL-2.0-only
"""One CPU: every vCPU waits for the others in the kernel, tracer included."""
import beside
import exact
import losses

EVERY = exact.EVERY

CASES = [
    ("one-cpu/every-kind", exact.is_exact, *EVERY),
    ("one-cpu/4-vcpus", exact.is_exact, "cpuid=3000", *EVERY[1:], "--vcpus", "4"),
    ("one-cpu/alternate", exact.is_exact, *EVERY, "--vcpus", "4", "--alternate"),
    ("one-cpu/2-vms", exact.separate_vms, 2, *EVERY, "--vms", "2", "--vcpus", "2"),
    ("one-cpu/reuse", exact.separate_vms, 6, *EVERY, "--reuse", "5"),
    ("one-cpu/perf", beside.perf_sees_all, "cpuid=3000", "--vcpus", "2"),
    ("one-cpu/map-full", losses.too_small),
]
