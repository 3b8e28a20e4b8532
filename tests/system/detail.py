# SPDX-License-Identifier: GPL-2.0-only
"""--detail: exitgen's ports, leaves, MSRs, pages and hypercalls, each as often as it was."""
import collections

import documents
import harness
import tools
from harness import check, check_equal, path

KINDS = "cpuid out in rdmsr wrmsr mmio_read mmio_write hypercall".split()
PORT, MSR, MMIO, HYPERCALL = 0xE9, 0x20000, 0x500000, 0x65786974  # tests/exitgen/guest.h
SUBLEAVES = {0x4, 0x7, 0xB, 0xD, 0xF, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1A, 0x1B, 0x1D, 0x1E, 0x1F,
             0x20, 0x23, 0x24, 0x29}  # of exitstat_has_subleaves(), those below 64


def key_of(kind, turn, vcpu, spread):
    """What a turn of exitgen's guest adds to the number of each kind."""
    if kind == "cpuid":
        return "cpuid", None, (turn, 0 if turn in SUBLEAVES else None)
    if kind == "hypercall":
        return "hypercall", None, (HYPERCALL + turn, "kvm")
    if kind in ("out", "in"):
        return "io", kind == "out", (PORT + turn, None)
    if kind in ("rdmsr", "wrmsr"):
        return "msr", kind == "wrmsr", (MSR + turn, None)
    return "mmio", kind == "mmio_write", (MMIO + ((vcpu * spread + turn) << 12), None)


def expected(times, spread, vcpu, kinds=KINDS):
    """The guest counts its turns down."""
    counts = collections.Counter()
    for turn in range(1, times + 1):
        for kind in kinds:
            counts[key_of(kind, turn & (spread - 1), vcpu, spread)] += 1
    return counts


def rows_of(vcpu):
    """Key -> count; and of those that are no key, by kind, what is left."""
    keys, others, seen = collections.Counter(), collections.Counter(), set()
    for reason in vcpu["reasons"]:
        check_equal(f"exits of {reason['name']}", sum(row["count"] for row in reason["detail"]),
                    reason["count"])
        check_equal(f"cycles of {reason['name']}", sum(row["cycles"] for row in reason["detail"]),
                    reason["cycles"]["sum"])
        for row in reason["detail"]:
            if row["kind"] in ("none", "rest"):
                others[row["kind"]] += row["count"]
                continue
            key = (row["kind"], row.get("write"),
                   (row["key"], row.get("subleaf", row.get("hypervisor"))))
            check((reason["name"], key) not in seen, f"{key} is there twice")
            seen.add((reason["name"], key))
            check_equal(f"accesses of {key}", row["accesses"], row["count"])
            keys[key] += row["count"]
    return keys, others


def exits_of(times, spread, *more):
    return [*(f"{kind}={times}" for kind in KINDS), "--spread", str(spread), *more]


def trace(times, spread, *more, detail="--detail"):
    run = tools.trace(options=[detail], exits=exits_of(times, spread, *more))
    documents.check_exact(run.doc, run.report)
    return run.doc


def vcpus_of(doc):
    return [(vcpu["id"], *rows_of(vcpu)) for vm in doc["vms"] for vcpu in vm["vcpus"]]


def without_memory(keys):
    """Without the page that a vCPU's code is in, a fault, and the host's interrupts (VMX)."""
    return {key: count for key, count in keys.items() if key[0] not in ("fault", "vector")}


def every_key(times, spread, *more):
    check_keys(trace(times, spread, *more), times, spread)


def check_keys(doc, times, spread):
    """No exit has another key than its own; none is missing but those that are said to be.

    Kernels since 7.x skip a program for a thread that preempts it.
    """
    missing = 0
    for vcpu, keys, others in vcpus_of(doc):
        wanted, keys = expected(times, spread, vcpu), without_memory(keys)
        check_equal(f"keys of vCPU {vcpu} that it has not had",
                    {key: count for key, count in keys.items() if count > wanted[key]}, {})
        check_equal(f"without room, vCPU {vcpu}", others["rest"], 0)
        missing += sum(wanted.values()) - sum(keys.values())
    check(missing <= doc["detail"]["missed"],
          f"{missing} keys are missing, {doc['detail']['missed']} were missed")


def no_room():
    """A full table: what is in it is exact, and all else is counted as the rest."""
    doc = trace(8192, 4096)
    (vcpu, keys, others), = vcpus_of(doc)
    wanted = expected(8192, 4096, vcpu)
    right = {key: count for key, count in without_memory(keys).items() if wanted[key] == count}
    check(len(without_memory(keys)) - len(right) <= doc["detail"]["missed"], "wrong keys")
    check(len(right) > 10000, f"only {len(right)} keys")
    missing = sum(wanted.values()) - sum(without_memory(keys).values()) - others["rest"]
    check(0 <= missing <= doc["detail"]["missed"], f"{missing} exits are nowhere")


def chosen_kinds():
    doc = trace(500, 4, detail="--detail=msr,cpuid")
    check_equal("kinds", doc["detail"]["kinds"], ["msr", "cpuid"])
    (vcpu, keys, _), = vcpus_of(doc)
    check_equal("keys", keys, expected(500, 4, vcpu, kinds=["cpuid", "rdmsr", "wrmsr"]))


def shown(spread, *texts):
    """What is shown: the keys of most time, by name, and how many there are besides."""
    run = tools.exitstat("--detail", "--json", path("out.json"), command=[
        tools.EXITGEN, "cpuid=64", "out=3", "--spread", str(spread)])
    documents.read(path("out.json"))
    for text in texts:
        check(text in run.stdout, f"no {text}: {run.stdout}")


# --- rip -------------------------------------------------------------------------------------

CODE, PAGE = 0x400000, 0x1000  # tests/exitgen/guest.h
INTERRUPTS = "INTR", "NMI", "SMI", "EXTERNAL_INTERRUPT", "EXCEPTION_NMI"  # wherever the guest is
RIP_KINDS = [*KINDS, "hlt", "cr_write"]


def guest_labels():
    """Where in its page each of exitgen's instructions is that exit, and its start."""
    listed = harness.run_command(["nm", tools.EXITGEN]).stdout.split("\n")
    found = {words[2]: int(words[0], 16) for words in map(str.split, listed)
             if len(words) == 3 and words[2].startswith("guest_")}
    return {name: address - found["guest_start"] for name, address in found.items()}


def label_of(kind, isa):
    if kind == "hypercall":
        return "guest_vmmcall" if isa == "svm" else "guest_vmcall"
    return f"guest_{kind}"


def rips_of(vcpu):
    """RIP -> count, without those of the host's interrupts; and the same by name."""
    rips, names = collections.Counter(), collections.Counter()
    for reason in vcpu["reasons"]:
        for row in reason["detail"]:
            check(row["kind"] == "rip" or (row["kind"] == "none" and row["count"] == 1), row)
            if row["kind"] == "rip" and reason["name"] not in INTERRUPTS:
                rips[int(row["key"], 16)] += row["count"]
                names[row.get("name")] += row["count"]
    return rips, names


def check_rips(doc, times):
    """Each exit has its own instruction's address, and the one that ends it all has none."""
    labels = guest_labels()
    for vm in doc["vms"]:
        for vcpu in vm["vcpus"]:
            page = CODE + vcpu["id"] * PAGE
            wanted = {page + labels[label_of(kind, doc["host"]["isa"])]: n
                      for kind, n in times.items()}
            wanted[page] = 1  # the fault that brings the code
            check_equal(f"RIPs of vCPU {vcpu['id']}", rips_of(vcpu)[0], wanted)


def rip_times():
    """As often as no other: what is taken for another is noticed."""
    return {kind: 10 + 3 * i for i, kind in enumerate(RIP_KINDS)}


def every_rip(*more, options=("--detail=rip",)):
    run = tools.trace(options=options,
                      exits=[*(f"{kind}={n}" for kind, n in rip_times().items()), *more])
    documents.check_exact(run.doc, run.report)
    check_rips(run.doc, rip_times())


def rip_and_split():
    every_rip("--vcpus", "2", options=["--detail=rip", "--split"])


def rip_and_others():
    """Of exits about something else the RIP is not told."""
    run = tools.trace(options=["--detail=rip,io"], exits=["cpuid=20", "out=30"])
    documents.check_exact(run.doc, run.report)
    found = {(row["kind"], row["count"]) for reason in run.doc["vms"][0]["vcpus"][0]["reasons"]
             for row in reason["detail"] if reason["name"] in ("CPUID", "IO")}
    check_equal("keys", found, {("rip", 20), ("io", 30)})


def symbols_file(page):
    """exitgen's labels, as a guest's /proc/kallsyms would have them."""
    file = path("kallsyms")
    with open(file, "w") as out:
        for name, offset in guest_labels().items():
            print(f"{page + offset:016x} t {name}", file=out)
        print("0000000000000000 A an_absolute_symbol", file=out)
    return file


def guest_symbols(vm):
    """Functions by name, of the VM that they are of."""
    file = symbols_file(CODE)
    run = tools.trace(options=["--detail=rip", f"--guest-symbols={vm}={file}",
                               f"--guest-symbols=another={file}"],
                      exits=["cpuid=20", "out=30", "hlt=40", "--name", "a b"])
    documents.check_exact(run.doc, run.report)
    check_equal("names", rips_of(run.doc["vms"][0]["vcpus"][0])[1],
                {"guest_start+0x0": 1, "guest_cpuid+0x0": 20, "guest_out+0x0": 30,
                 "guest_hlt+0x0": 40})
    check("guest_cpuid+0x0" in run.out, run.out)
    check("no VM is called 'another'" in run.err and f"'{vm}'" not in run.err, run.err)


def symbols_refused(text, why):
    file = path("kallsyms")
    with open(file, "w") as out:
        out.write(text)
    done = tools.exitstat("--detail=rip", f"--guest-symbols=a={file}", status=1)
    check(why in done.stderr and done.stderr.count("\n") == 1, done.stderr)


CASES = [
    ("detail/every-key", every_key, 200, 16),
    ("detail/8192-keys", every_key, 2048, 1024),
    ("detail/no-room", no_room),
    ("detail/vcpus", every_key, 300, 8, "--vcpus", "4"),
    ("detail/one-thread", every_key, 100, 8, "--vcpus", "3", "--alternate"),
    ("detail/vms", every_key, 100, 8, "--vms", "3", "--vcpus", "2"),
    ("detail/reused", every_key, 50, 8, "--reuse", "5"),
    ("detail/kinds", chosen_kinds),
    ("detail/names", shown, 8, "ABOUT", "0x7/0  structured extended features"),
    ("detail/most-time", shown, 16, "6 more keys"),
    ("detail/rip", every_rip),
    ("detail/rip-vcpus", every_rip, "--vcpus", "4"),
    ("detail/rip-one-thread", every_rip, "--vcpus", "3", "--alternate"),
    ("detail/rip-vms", every_rip, "--vms", "2", "--vcpus", "2"),
    ("detail/rip-reused", every_rip, "--reuse", "3"),
    ("detail/rip-and-split", rip_and_split),
    ("detail/rip-and-others", rip_and_others),
    ("detail/guest-symbols", guest_symbols, "a b"),
    ("detail/hidden-symbols", symbols_refused, "0000000000000000 T _text\n", "kptr_restrict"),
    ("detail/no-symbols", symbols_refused, "hello\n", "line 1"),
    ("detail/more-than-cpus", every_key, 400, 8, "--vcpus", "6"),
]
