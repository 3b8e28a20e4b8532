# SPDX-License-Identifier: GPL-2.0-only
"""-p, -c and -r: what was asked for, whole, and nothing else."""
import documents
import tools
from harness import check, check_equal


def codes(doc):
    return {reason["code"] for vm in doc["vms"] for vcpu in vm["vcpus"]
            for reason in vcpu["reasons"]}


def only_vcpus(report, ids):
    for vm in report["vms"]:
        vm["vcpus"] = [vcpu for vcpu in vm["vcpus"] if vcpu["id"] in ids]
    return report


def by_pid():
    """Two of three VMs that run at once."""
    vms = [tools.Vm("cpuid=1000", f"out={n}", "--vcpus", "2", held=True) for n in (10, 20, 30)]
    tracer = tools.Tracer("-p", str(vms[0].pid), "-p", str(vms[2].pid)).attached()
    reports = [vm.wait() for vm in [vm.go() for vm in vms]]
    documents.check_exact(tracer.end().doc, {"vms": reports[0]["vms"] + reports[2]["vms"]})


def by_vcpu():
    run = tools.trace(["-c", "1", "--vcpu", "3"], ["cpuid=500", "out=10", "--vcpus", "4"])
    documents.check_exact(run.doc, only_vcpus(run.report, {1, 3}))


def by_vcpu_and_room():
    """vCPUs nobody wants take no room."""
    run = tools.trace(["-c", "2", "--max-vcpus", "1"], ["cpuid=500", "--vcpus", "4"])
    documents.check_exact(run.doc, only_vcpus(run.report, {2}))


def by_reason(options, expected):
    run = tools.trace(options, ["cpuid=500", "out=30", "hlt=7", "--vcpus", "2"])
    check_equal("reasons", codes(run.doc), expected)
    for vcpu in run.doc["vms"][0]["vcpus"]:
        counts = {reason["code"]: reason["count"] for reason in vcpu["reasons"]}
        check_equal("counts", counts, {code: {0x72: 500, 0x7B: 30}[code] for code in expected})
    tables = tools.read_summary(run.out)
    check(tables, f"no summary: {run.out}")
    names = {name for table in tables.values() for name in table if name}
    check_equal("reasons in the summary", names,
                {{0x72: "CPUID", 0x7B: "IO"}[code] for code in expected})


def nothing_matches():
    run = tools.trace(["-r", "VMMCALL"], ["cpuid=500"])
    check_equal("reasons", codes(run.doc), set())
    check("no VM exits seen" in run.out, f"summary: {run.out}")


CASES = [
    ("filters/pid", by_pid),
    ("filters/vcpu", by_vcpu),
    ("filters/vcpu-and-room", by_vcpu_and_room),
    ("filters/reason-name", by_reason, ["-r", "cpuid"], {0x72}),
    ("filters/reason-number", by_reason, ["-r", "0x7b"], {0x7B}),
    ("filters/reason-decimal", by_reason, ["--reason", "114"], {0x72}),
    ("filters/two-reasons", by_reason, ["-r", "CPUID", "-r", "io"], {0x72, 0x7B}),
    ("filters/no-match", nothing_matches),
]
