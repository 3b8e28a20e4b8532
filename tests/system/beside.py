# SPDX-License-Identifier: GPL-2.0-only
"""Others who count the same exits at the same time: perf, a second exitstat-bpf."""
import documents
import tools
from harness import check, check_equal, path


def perf_sees_all(*exits):
    run = tools.trace(exits=exits, command=tools.perf(
        path("perf.csv"), *tools.exitgen_to(path("exitgen.json"), *exits)))
    documents.check_exact(run.doc, run.report)
    check_equal("perf's count", tools.perf_count(path("perf.csv")), documents.total(run.doc))


def perf_around(*exits):
    """perf first, exitstat-bpf within: it must not take events from one already there."""
    done = tools.harness.run_command(tools.perf(
        path("perf.csv"), tools.EXITSTAT, "--json", path("exitstat.json"), "--",
        *tools.exitgen_to(path("exitgen.json"), *exits)))
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 0)
    doc = documents.read(path("exitstat.json"))
    documents.check_exact(doc, tools.read_report(path("exitgen.json")))
    check_equal("perf's count", tools.perf_count(path("perf.csv")), documents.total(doc))


def two_instances(*exits):
    run = tools.trace(command=[
        tools.EXITSTAT, "--json", path("inner.json"), "--",
        *tools.exitgen_to(path("exitgen.json"), *exits)])
    inner = documents.read(path("inner.json"))
    documents.check_exact(run.doc, run.report)
    documents.check_exact(inner, run.report)


def killed_vm():
    """A VM killed at work cannot say what it did: perf does."""
    script = '"$0" "$@" & vm=$!; sleep 1; kill -9 $vm; wait $vm; [ $? = 137 ]'
    run = tools.trace(command=tools.perf(
        path("perf.csv"), "/bin/sh", "-c", script, tools.EXITGEN, *tools.BUSY, "--vcpus", "2"))
    documents.check_losses(run.doc)
    check_equal("VMs", len(run.doc["vms"]), 1)
    check(documents.total(run.doc) > 100, f"only {documents.total(run.doc)} exits")
    check_equal("perf's count", tools.perf_count(path("perf.csv")), documents.total(run.doc))
    check(", ended): " in run.out, "the summary does not mark it ended")


CASES = [
    ("beside/perf", perf_sees_all, "cpuid=5000", "out=500", "--vcpus", "2", "--vms", "2"),
    ("beside/perf-around", perf_around, "cpuid=5000", "hlt=100", "--vcpus", "2"),
    ("beside/two-instances", two_instances, "cpuid=5000", "out=500", "--vcpus", "2", "--vms", "2"),
    ("beside/killed-vm", killed_vm),
]
