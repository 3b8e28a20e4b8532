# SPDX-License-Identifier: GPL-2.0-only
"""exitstat-bpf audit: all agrees, and what cannot is explained; each cause is produced."""
import json
import os
import signal
import subprocess
import sys

import documents
import harness
import tools
from exact import EVERY
from harness import check, check_equal, path
from leaves import LEAVES
from nested import KINDS, NESTED, REFLECTED

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
PARAMETER = "/sys/module/kvm/parameters/exitstat"
SCHEMA = f"{TOP}/user/doc/exitstat-audit.schema.json"


def read(name):
    done = subprocess.run([sys.executable, f"{TOP}/tests/validate-json", SCHEMA, name],
                          stderr=subprocess.PIPE, text=True, check=False)
    check_equal(f"validate-json ({done.stderr.strip()})", done.returncode, 0)
    with open(name, encoding="utf-8") as file:
        doc = json.load(file)
    for score in [doc["answers"], doc["counters"], *(vm["answers"] for vm in doc["vms"])]:
        check_equal("checked", score["checked"],
                    score["agreed"] + score["explained"] + score["wrong"])
    check_equal("causes", sum(doc["explained"].values()),
                doc["answers"]["explained"] + doc["counters"]["explained"])
    for what in "answers", "counters":
        check_equal(f"{what} of all VMs", doc[what]["checked"],
                    sum(vm[what]["checked"] for vm in doc["vms"]))
    for one in doc["disagreements"]:
        check(one["low"] <= one["high"], f"from more to less: {one}")
        check_equal(f"reason of {one['what']}", one["reason"] is None,
                    one["what"].startswith("total"))
    return doc


def audit(*options, command, status=0, err=None):
    """The document, and what it said; status None: any."""
    name = path("audit.json")
    done = harness.run_command([tools.EXITSTAT, "audit", "--json", name, *options, "--", *command])
    check(status in (None, done.returncode),
          f"status {done.returncode}: {done.stderr.strip()[-200:]}; {done.stdout.strip()[-300:]}")
    if err:
        last = done.stderr.splitlines()[-1]
        check(last.startswith(f"exitstat-bpf: {err}"), f"said: {last}")
    return read(name), done.stdout


def nothing_wrong(doc):
    wrong = [one for one in doc["disagreements"] if one["verdict"] == "wrong"]
    check(not wrong and not doc["answers"]["wrong"] and not doc["counters"]["wrong"],
          f"wrong: {wrong[:3]}")
    check_equal("unseen", doc["unseen"], 0)


def agrees(*exits):
    """Every answer to exitgen's questions; with all others at rest nothing needs a reason."""
    report_file = path("exitgen.json")
    doc, _ = audit("--counters", "-i", "0.2",
                   command=tools.exitgen_to(report_file, *exits, "--leaves"))
    report = tools.read_report(report_file)
    nothing_wrong(doc)
    asked = sum(vm["vcpus"][-1]["also"]["asked"] for vm in report["vms"])
    check_equal("answers", doc["answers"], {"checked": asked, "agreed": asked, "explained": 0,
                                            "wrong": 0})
    check_equal("exits", sum(vm["exits"] for vm in doc["vms"]), documents.exitgen_total(report))
    check(doc["counters"]["checked"], "no counters were compared")
    check(doc["excess"]["checks"], "no cycles were compared")
    check(doc["excess"]["exits"] >= max(reason["exits"] for reason in doc["vms"]) // 2
          and doc["excess"]["sum"] > 0, f"in sum: {doc['excess']}")


def in_flight():
    """Leaves are read while three other vCPUs exit all the time."""
    doc, out = audit(command=[LEAVES, "race"])
    nothing_wrong(doc)
    check(doc["explained"]["in_flight"], "no exit was in flight, ever")
    check("exits in flight (" in out, "the number of vCPUs is not said")


def preemptible():
    """Where the kernel can be preempted, six VMs on one CPU ask, and all answers are seen."""
    with tools.preemption("full"):
        doc, _ = audit(command=[tools.EXITGEN, "cpuid=4000", "--leaf", "0x4fffffff", "--vms", "6",
                                "--pin", "1"])
    nothing_wrong(doc)
    check_equal("answers", doc["answers"]["checked"], 6 * 4000)
    documents.check_losses(doc, preempted=True)


def many_kinds():
    """One vCPU with more than 64 kinds of exits: all of them are summed."""
    doc, _ = audit("--counters", "-i", "0.1", command=[LEAVES, "kinds", "3"])
    nothing_wrong(doc)
    check_equal("explained", doc["answers"]["explained"], 0)
    check(doc["answers"]["agreed"] > 300, f"answers: {doc['answers']}")


class Beside:
    """An audit beside a VM that is already there, until the VM has ended."""

    def __init__(self, vm, *options):
        self.vm = vm
        self.tracer = tools.Tracer(*options, argv=(tools.EXITSTAT, "audit")).attached()

    def ended(self, status=0):
        check_equal("the VM's status", self.vm.wait(harness.CASE_TIMEOUT), 0)
        self.tracer.process.send_signal(signal.SIGINT)
        check_equal(f"status ({self.tracer.errors()})",
                    self.tracer.process.wait(harness.WAIT_TIMEOUT), status)
        return read(self.tracer.json)


def older_vm():
    """Its counters from before are KVM's own, so that even the first answer is checked."""
    vm = tools.Vm("cpuid=300000", "--leaves").running()
    doc = Beside(vm.process).ended()
    nothing_wrong(doc)
    check_equal("explained", doc["answers"]["explained"], 0)
    check(doc["answers"]["agreed"] > 800, f"answers: {doc['answers']}")


def unseen_vcpu():
    """One that has not exited since: its exits are known only to be always as many."""
    vm = harness.spawn([LEAVES, "idle", "100"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    check_equal("the VM says", vm.stdout.readline(), b"idle\n")
    beside = Beside(vm)
    vm.stdin.close()
    doc = beside.ended()
    nothing_wrong(doc)
    check_equal("answers", doc["answers"]["checked"], 100)
    check(doc["explained"]["before_attach"], "nothing is explained by what was before")


def losses():
    """Room for one vCPU of three: what the others did is in the ledger."""
    doc, _ = audit("--max-vcpus", "1", command=[tools.EXITGEN, "cpuid=1000", "--vcpus", "2",
                                                "--leaves"])
    nothing_wrong(doc)
    check(doc["losses"]["map_full"] >= 2000, f"losses: {doc['losses']}")
    check(doc["explained"]["losses"], "nothing is explained by losses")


def no_room():
    """Room for two vCPUs of four, while a third asks: what is explained is explained right."""
    doc, _ = audit("--max-vcpus", "2", command=[LEAVES, "race"], status=None)
    check_equal("wrong", doc["answers"]["wrong"], 0)
    check(doc["losses"]["map_full"], "all had room")
    check(doc["answers"]["checked"] + doc["unseen"] > 1000, f"{doc['answers']}")
    check_equal("explained by what was before", doc["explained"]["before_attach"], 0)
    check_equal("vCPUs", [vm["vcpus"] for vm in doc["vms"]], [2])


def no_slot():
    """The one vCPU there is room for is not the one that asks: that is said, and counted."""
    tools.Vm(*tools.BUSY).running()
    ask = [tools.EXITGEN, "cpuid=100", "--leaf", "0x4fffffff"]
    doc, _ = audit("--max-vcpus", "1", command=ask, status=3,
                   err="100 answers could not be checked: ")
    check_equal("unseen", (doc["outcome"], doc["unseen"]), ("unseen", 100))
    check_equal("answers", doc["answers"]["checked"], 0)
    doc = tools.trace(["--max-vcpus", "1", "--snapshots"], command=ask).doc
    check_equal("answers", doc["answers"], {"dropped": 100, "given": []})


def short_lived():
    """VMs that begin and end between two looks at the counters, which are still compared."""
    run = f"{tools.EXITGEN} cpuid=1000 --vcpus 2"
    doc, _ = audit("--counters", "-i", "1000", command=["sh", "-c", f"{run}; {run}; {run}"])
    nothing_wrong(doc)
    check_equal("outcome", doc["outcome"], "agreed")
    check_equal("explained", doc["counters"]["explained"], 0)
    check_equal("vCPUs", [vm["vcpus"] for vm in doc["vms"]], [2] * 3)
    for vm in doc["vms"]:
        check(vm["exits"] > 2000 and vm["counters"]["checked"] >= 2, f"{vm}")


def named_early():
    """What it is called is asked while it lives: later only comm is left, which is "x,guest=april" here."""
    qemu = f"exec -a /usr/bin/qemu-system-x86_64 {tools.EXITGEN} cpuid=1000"
    doc, _ = audit("--counters", "-i", "1000",
                   command=["bash", "-c", f"({qemu} --name x,guest=april); sleep 1"])
    check_equal("names", [vm["name"] for vm in doc["vms"]], ["april"])


def clock_is_set():
    """A step of the clock is told from a time that passed."""
    doc, out = audit("--counters", command=[
        "sh", "-c", f'{tools.EXITGEN} cpuid=100 --leaves; date -s "1 day ago" >/dev/null'])
    subprocess.run(["date", "-s", "1 day"], stdout=subprocess.DEVNULL, check=True)
    check("clock: the time of day was set meanwhile, by -86" in out, f"stdout: {out}")
    check(doc["interval"]["start"] < doc["interval"]["end"], f"{doc['interval']}")


def not_checked(why, *options, command):
    """Nothing was: that is no success."""
    doc, _ = audit(*options, command=command, status=3, err=f"nothing was checked: {why}")
    check_equal("outcome", doc["outcome"], "nothing_checked")
    return doc


def nobody_asks():
    doc = not_checked("no guest has asked", command=[tools.EXITGEN, "cpuid=1000"])
    check_equal("VMs", [(vm["vcpus"], vm["counted"]) for vm in doc["vms"]], [(1, True)])
    check(doc["vms"][0]["exits"] > 1000, f"{doc['vms']}")
    not_checked("no VM has run", command=["true"])


def uncounted():
    """VMs that KVM does not count are called that."""
    tools.set_text(PARAMETER, "0")
    try:
        doc = not_checked("KVM counts none of these VMs", "--counters",
                          command=[tools.EXITGEN, "cpuid=1000", "--leaf", "0x4fffffff"])
        check_equal("VMs", [(vm["vcpus"], vm["counted"]) for vm in doc["vms"]], [(1, False)])
    finally:
        tools.set_text(PARAMETER, "1")


def command_fails():
    """That it failed is told from a wrong number, and from what else may fail."""
    guest = f"{tools.EXITGEN} cpuid=10 --leaves"
    for status in 1, 3, 200:
        doc, _ = audit(command=["sh", "-c", f"{guest}; exit {status}"], status=4,
                       err=f"the command ended with status {status}")
        check_equal("outcome", doc["outcome"], "command_failed")
        check_equal("command", doc["command"], {"status": status})
        check(doc["answers"]["agreed"], "nothing was checked")


def killed():
    """A guest that is killed in the middle leaves nothing wrong."""
    doc, _ = audit("--counters", "-i", "0.1", command=[
        "sh", "-c", f"timeout -s KILL 2 {tools.EXITGEN} {' '.join(tools.BUSY)} --vcpus 2 --leaves;"
        f" exec {tools.EXITGEN} cpuid=100 --leaves"])
    nothing_wrong(doc)
    check_equal("VMs", len(doc["vms"]), 2)


def usage():
    for arguments, status in ((["--probe-cycles", "x"], 2), (["--vcpu", "1"], 2), (["-i", "0"], 2),
                              (["nothing"], 2), (["--json", "/none/x", "-d", "1"], 1),
                              (["-p", "4194304"], 1)):
        done = harness.run_command([tools.EXITSTAT, "audit", *arguments])
        check_equal(f"status of audit {arguments}", done.returncode, status)
        check_equal(f"stderr of audit {arguments}", len(done.stderr.splitlines()), 1)


def nested():
    """KVM's counters know no levels: they are those of a hypervisor and of its guest."""
    doc, _ = audit("--counters", "-i", "0.2",
                   command=tools.to_file("/dev/null", NESTED, *KINDS, *REFLECTED))
    nothing_wrong(doc)
    check(doc["counters"]["agreed"] >= 5, f"checked: {doc['counters']}")
    doc, _ = audit("--counters", command=[LEAVES, "nested", "2000"])
    nothing_wrong(doc)
    check(doc["answers"]["checked"] >= 4 and doc["counters"]["checked"], f"checked: {doc}")


CASES = [
    ("audit/one-vcpu", agrees, *EVERY),
    ("audit/ipi", agrees, "ipi=500", "cpuid=100"),
    ("audit/4-vcpus-2-vms", agrees, *EVERY, "--vcpus", "4", "--vms", "2"),
    ("audit/moved", agrees, *EVERY, "--vcpus", "3", "--move", "1000"),
    ("audit/block", agrees, *EVERY, "--vcpus", "2", "--block", "300", "--reuse", "2"),
    ("audit/nested", nested),
    ("audit/in-flight", in_flight),
    ("audit/preemptible", preemptible),
    ("audit/many-kinds", many_kinds),
    ("audit/older-vm", older_vm),
    ("audit/unseen-vcpu", unseen_vcpu),
    ("audit/losses", losses),
    ("audit/no-room", no_room),
    ("audit/no-slot", no_slot),
    ("audit/short-lived", short_lived),
    ("audit/named-early", named_early),
    ("audit/clock-is-set", clock_is_set),
    ("audit/nobody-asks", nobody_asks),
    ("audit/uncounted", uncounted),
    ("audit/command-fails", command_fails),
    ("audit/killed", killed),
    ("audit/usage", usage),
]
