# SPDX-License-Identifier: GPL-2.0-only
"""VMs and tracers that come, go and are killed: right numbers, nothing left behind."""
import json
import signal
import time

import documents
import harness
import tools
from harness import check, check_equal, path, wait_for


def starts_while_tracing():
    tracer = tools.Tracer().attached()
    first = tools.Vm("cpuid=500", "out=20", "--vcpus", "2").wait()
    second = tools.Vm("cpuid=700", "hlt=20").wait()
    run = tracer.end()
    documents.check_exact(run.doc, {"vms": first["vms"] + second["vms"]})


def killed_holding():
    """It says what it did, and is killed before it can end its VM in good order."""
    tracer = tools.Tracer("--by", "vm").attached()
    vm = tools.Vm("cpuid=1000", "out=50", "--vcpus", "2", "--hold", "--name", "victim")
    report = vm.report()
    vm.kill()
    other = tools.Vm("cpuid=300").wait()
    run = tracer.end()
    documents.check_exact(run.doc, {"vms": report["vms"] + other["vms"]})
    check(f"victim (pid {vm.pid}, ended): " in run.out, f"not marked ended: {run.out}")


def still_held():
    """A VM that lives at the end is not called ended."""
    tracer = tools.Tracer().attached()
    vm = tools.Vm("cpuid=1000", "--hold", "--name", "alive")
    report = vm.report()
    run = tracer.end()
    documents.check_exact(run.doc, report)
    check(f"alive (pid {vm.pid}): " in run.out, f"summary: {run.out}")


def runs_already():
    """Found at work: its later exits are counted, up to its end."""
    vm = tools.Vm("cpuid=120000", "--vcpus", "2").running()
    tracer = tools.Tracer().attached()
    report = vm.wait()
    run = tracer.end()
    made, seen = documents.exitgen_total(report), documents.total(run.doc)
    check(0 < seen < made, f"{seen} of {made} exits")
    check_equal("VMs", [vm["pid"] for vm in run.doc["vms"]], [vm.pid])
    documents.check_losses(run.doc)
    # Whatever came before, the end was seen of every vCPU.
    for vcpu in run.doc["vms"][0]["vcpus"]:
        check(0x7F in [reason["code"] for reason in vcpu["reasons"]], f"no end of {vcpu['id']}")


def grows():
    """Two looks at the same VM while it runs."""
    vm = tools.Vm(*tools.BUSY).running()
    totals = []
    tracer = tools.Tracer("-i", "0.3").attached()
    for _ in range(2):
        run = tools.trace(command=["sleep", "0.5"])
        totals.append(documents.total(run.doc))
        documents.check_losses(run.doc)
    all_of_it = documents.total(tracer.end().doc)
    check(min(totals) > 0, f"exits: {totals}")
    check(sum(totals) <= all_of_it, f"{totals} at times, {all_of_it} in all")
    check(vm.process.poll() is None, "the VM ended")


def killed_tracer():
    """The kernel cleans up after a tracer that could not; the next one counts right."""
    vm = tools.Vm(*tools.BUSY).running()
    tracer = tools.Tracer().attached()
    ids = tracer.kernel_ids()
    for kind in "prog", "map", "link":
        check(ids[kind], f"no {kind} seen of a running exitstat-bpf")
        check_equal(f"{kind}s in the kernel", len(tools.kernel_has(kind, ids[kind])),
                    len(ids[kind]))
    tracer.process.kill()
    tracer.process.wait()
    for kind, numbers in ids.items():
        wait_for(f"its {kind}s to go", lambda kind=kind, numbers=numbers:
                 not tools.kernel_has(kind, numbers))
    vm.kill()
    run = tools.trace(exits=["cpuid=1000", "out=50", "--vcpus", "2"])
    documents.check_exact(run.doc, run.report)


def leaves_nothing():
    """Nor does one that ends as it should."""
    tracer = tools.Tracer().attached()
    ids = tracer.kernel_ids()
    tracer.end()
    for kind, numbers in ids.items():
        wait_for(f"its {kind}s to go", lambda kind=kind, numbers=numbers:
                 not tools.kernel_has(kind, numbers))


def one_after_another(number):
    """Far more VMs than there is room for at once: slots are used again."""
    script = 'for i in $(seq "$1"); do "$0" cpuid=$((100 + i)) --vcpus 1 || exit; sleep 0.1; done'
    run = tools.trace(["--max-vcpus", "2"], command=tools.to_file(
        path("reports.json"), "/bin/sh", "-c", script, tools.EXITGEN, str(number)))
    with open(path("reports.json")) as file:
        reports = [json.loads(line) for line in file]
    check_equal("VMs made", len(reports), number)
    check_equal("VMs", len(run.doc["vms"]), number)
    documents.check_exact(run.doc, {"vms": [vm for report in reports for vm in report["vms"]]})


def child_signalled():
    """SIGTERM to exitstat-bpf ends the command, and what it did is kept."""
    tracer = tools.Tracer("--", *tools.exitgen_to("/dev/null", *tools.BUSY)).attached()
    wait_for("exitgen", lambda: harness.run_command(
        ["pgrep", "-P", str(tracer.pid), "-x", "exitgen"]).returncode == 0)
    time.sleep(1)
    run = tracer.end(signal.SIGTERM, status=128 + signal.SIGTERM)
    check(documents.total(run.doc) > 0, "no exits")
    check(", ended): " in run.out, f"the summary does not mark it ended: {run.out}")


CASES = [
    ("life/starts-while-tracing", starts_while_tracing),
    ("life/killed-holding", killed_holding),
    ("life/still-held", still_held),
    ("life/runs-already", runs_already),
    ("life/grows", grows),
    ("life/killed-tracer", killed_tracer),
    ("life/leaves-nothing", leaves_nothing),
    ("life/60-vms", one_after_another, 60),
    ("life/child-signalled", child_signalled),
]
