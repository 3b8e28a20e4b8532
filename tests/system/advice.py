# SPDX-License-Identifier: GPL-2.0-only
"""--explain and explain FILE: each rule fits exits that are its own, and nothing is said of a
guest that is well."""
import json
import os
import re
import signal
import subprocess
import time

import detail
import documents
import harness
import tools
from harness import check, check_equal, path

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
LINUX_GUEST = f"{TOP}/tests/lab/linux-guest"
SCHEMA = f"{TOP}/user/doc/exitstat-advice.schema.json"
PARAMETERS = "/sys/module/kvm/parameters"
THP = "/sys/kernel/mm/transparent_hugepage/enabled"

# Rule -> exits that exitgen makes, and what must be said of them.
EXITS = {
    "rtc-polled": (["in=6000", "--port", "0x71"], "io in 0x71 (RTC data): 6000 exits, "),
    "pm-timer-polled": (["in=6000", "--port", "0x608"], "io in 0x608 (ACPI PM_TMR): 6000 exits, "),
    "hpet-polled": (["mmio_read=6000", "--mmio", "0xfed000f0"],
                    "mmio read 0xfed000f0 (HPET_COUNTER): 6000 exits, "),
    "serial-console": (["out=6000", "--port", "0x3f8"],
                       "io out 0x3f8 (COM1 THR/DLL): 6000 exits, "),
    "cpuid-storm": (["cpuid=12000", "--leaf", "0x40000000"],
                    "cpuid 0x40000000 (hypervisor vendor): 12000 exits, "),
    "eoi-exits": (["wrmsr=12000", "--msr", "0x80b"], "msr wrmsr 0x80b (X2APIC_EOI): 12000 exits, "),
    "ipi-exits": (["ipi=12000"], "msr wrmsr 0x830 (X2APIC_ICR): 12000 exits, "),
    "timer-writes": (["wrmsr=12000", "--msr", "0x6e0"],
                     "msr wrmsr 0x6e0 (IA32_TSC_DEADLINE): 12000 exits, "),
    "apic-timer": (["wrmsr=6000", "--msr", "0x838"], "msr wrmsr 0x838 (X2APIC_TMICT): 6000 exits, "),
}
XAPIC = {
    "eoi-exits": "0xfee000b0",
    "ipi-exits": "0xfee00300",
    "apic-timer": "0xfee00380",
}
# A guest writes to 128 pages in turn, and before each write the VMM has taken all of them.
DISCARD = ["--spread", "128", "--discard"]
HALTS = ["hlt=3000", "--block", "20"]

TRIES = 4  # a machine with other work makes fewer exits a second than a rule wants


def named(text):
    """The rules that fit, VM by VM, as the text has them."""
    return sorted(re.findall(r"\[([a-z-]+)\]\n", text))


def explained(*options, command=()):
    """What is said at the end of a run, and what is said of its document afterwards."""
    done = tools.exitstat("-i", "100", "--json", path("run.json"), "--explain", *options,
                          command=command)
    documents.read(path("run.json"))
    told = harness.run_command([tools.EXITSTAT, "explain", "--json", path("advice.json"),
                                path("run.json")])
    check_equal(f"status of explain ({told.stderr})", told.returncode, 0)
    valid = harness.run_command(["/usr/bin/python3", f"{TOP}/tests/validate-json", SCHEMA,
                                 path("advice.json")])
    check_equal(f"schema ({valid.stdout} {valid.stderr})", valid.returncode, 0)
    check("host: this one, or one like it" in told.stdout, f"another host: {told.stdout}")
    with open(path("advice.json"), encoding="utf-8") as file:
        vms = json.load(file)["vms"]
    check_equal("rules of the document", sorted(rule["rule"] for vm in vms
                                                for rule in vm["consistent"]), named(told.stdout))
    live = done.stdout[done.stdout.index("\nwhat "):]
    of_lives = {"not-exits"} if "--snapshots" in options else {"not-exits", "memory-taken"}
    check_equal("live, but for what only that can tell",
                [rule for rule in named(live) if rule not in of_lives], named(told.stdout))
    return live


def fits(rule, arguments, *options):
    """What is said of these exits of exitgen's guest: this rule and no other."""
    for _ in range(TRIES):
        text = explained(*options, command=tools.exitgen_to(path("r.json"), *arguments))
        if named(text):
            break
    check_equal(f"rules: {text}", named(text), [rule])
    return text


def exits(rule, arguments, said):
    text = fits(rule, arguments, "--detail")
    check(said in text, f"'{said}' is not in: {text}")
    check(re.search(r"; in all \S+, \d+\.\d\d% of the time of one vCPU\. ", " ".join(text.split())),
          f"no share of time: {text}")


def xapic(rule, address):
    exits(rule, ["mmio_write=6000", "--mmio", address], f"mmio write {address} (APIC_")


def halts(poll_ns, rule):
    """The same sleeps, on a host that polls and on one that does not."""
    with open(f"{PARAMETERS}/halt_poll_ns", encoding="utf-8") as known:
        before = known.read()
    tools.set_text(f"{PARAMETERS}/halt_poll_ns", str(poll_ns))
    try:
        text = fits(rule, HALTS)
    finally:
        tools.set_text(f"{PARAMETERS}/halt_poll_ns", before)
    check(f"kvm.halt_poll_ns: {poll_ns}\n" in text, f"not checked: {text}")


def without_detail(arguments, wanted, *rules):
    """What cannot be told then is named, with what to add."""
    text = explained(command=tools.exitgen_to(path("r.json"), *arguments))
    lines = re.sub(r"\n {14}", " ", text)
    check_equal(f"rules: {text}", named(text), [])
    check(any(line.startswith("  Not judged: ") and line.endswith(f"--detail={wanted}")
              and all(rule in line for rule in rules) for line in lines.splitlines()),
          f"{rules} are not open for want of {wanted}: {text}")


def cpuid_without_detail():
    text = fits("cpuid-storm", ["cpuid=12000"])
    check("--detail=cpuid tells which\n" in text, f"which option tells more: {text}")


def few_exits():
    """Some of each kind: nothing is said, and nothing is open."""
    kinds = "cpuid out in hlt rdmsr wrmsr mmio_read mmio_write hypercall".split()
    text = explained("--detail", "--split", command=tools.exitgen_to(
        path("r.json"), *(f"{kind}=90" for kind in kinds), "--port", "0x71"))
    check_equal(f"rules: {text}", named(text), [])
    check("Consistent with nothing that we know of.\n" in text, f"not said: {text}")
    check("Not judged" not in text, f"open: {text}")


def no_exits():
    text = explained(command=["true"])
    check("no VM exits: nothing to explain\n" in text, f"said: {text}")


def split(rules, arguments, *said):
    """Rules that go by where times went."""
    for _ in range(TRIES):
        text = explained("--detail", "--split", command=tools.exitgen_to(path("r.json"),
                                                                         *arguments))
        if named(text) == rules:
            break
    check_equal(f"rules: {text}", named(text), rules)
    for words in said:
        check(words in text, f"'{words}' is not in: {text}")


def run_delay():
    """Two vCPUs that want the host's one CPU.

    SVM of 6.1 traces an exit only when its thread can be preempted again: if the kernel lets
    that happen there, all waiting is over when the exit begins, and in no exit's time.
    """
    before = os.uname().release.startswith("6.1.") and tools.preemption_mode() == "full"
    split([] if before else ["run-delay"], ["cpuid=150", "--spin", "3000000", "--vcpus", "2"])


def run_delay_preempted():
    with tools.preemption("full"):
        run_delay()


def nested():
    """A hypervisor whose guest's exits go to it: each is a VMRUN of its own, too."""
    for _ in range(TRIES):
        text = explained("--detail", command=[f"{tools.BUILD}/tests/nested", "--reflect",
                                              "rdmsr=9000"])
        if named(text):
            break
    check_equal(f"rules: {text}", named(text), ["nested-exits"])


def there_all_along(rules, *arguments):
    """A VM that was there before and is there afterwards: it sleeps, or has nothing but exits."""
    tools.Vm(*arguments).running()
    for _ in range(TRIES):
        text = explained("--detail", "--split", "-d", "4")
        if named(text):
            break
    check_equal(f"rules: {text}", named(text), rules)
    return text


def memory_taken():
    """Of a VM that was there before; a file tells of it with snapshots."""
    tools.Vm("out=4000000", "mmio_write=4000000", *DISCARD).running()
    for more in [], ["--snapshots"]:
        for _ in range(TRIES):
            text = explained("--detail", *more, "-d", "3")
            if named(text):
                break
        check_equal(f"rules: {text}", named(text), ["memory-taken"])
        check(" 128 pages, each " in text, f"no pages: {text}")
        check("kernel.numa_balancing: " in text and "pages swapped in since boot: " in text,
              f"not checked: {text}")
        with open(path("advice.json"), encoding="utf-8") as file:
            told = json.load(file)["vms"][0]["not_judged"]
        check_equal("not judged of the file",
                    [rule["want"] for rule in told if rule["rule"] == "memory-taken"],
                    [] if more else ["lives"])


def memory_taken_young():
    """The same in a VM that has just begun: it is not known for memory that it had."""
    text = explained("--detail", command=tools.exitgen_to(path("r.json"), "out=6000",
                                                          "mmio_write=6000", *DISCARD))
    check_equal(f"rules: {text}", named(text), [])
    check("memory-taken" not in text, f"open: {text}")


def cpuid_rip():
    """Where in the guest, and in which of its functions."""
    text = fits("cpuid-storm", ["cpuid=12000"], "--detail=rip",
                f"--guest-symbols=exitgen={detail.symbols_file(detail.CODE)}")
    check(re.search(r" rip 0x4000[0-9a-f]+ \(guest_cpuid\+0x0\): 12000 exits, ", text),
          f"where: {text}")
    check("--detail=cpuid tells which\n" in text, f"which option tells more: {text}")


# --- Linux guests -----------------------------------------------------------------------


def working_guest():
    """It boots, uses its disk, its timers, its console, its memory: as it should.

    On this host's one CPU it does wait for threads of QEMU; that nobody waits who is alone is
    seen of others.
    """
    text = explained("--detail", "--split", command=tools.to_file(
        path("g.out"), LINUX_GUEST, "--seconds", "4"))
    check_equal(f"rules: {text}", [rule for rule in named(text) if rule != "run-delay"], [])
    check("Not judged" not in text, f"open: {text}")


def small_pages(thp, rules):
    """A guest that takes all of its memory, from a host with huge pages and from one without."""
    with open(THP, encoding="utf-8") as known:
        before = re.search(r"\[(\w+)\]", known.read())[1]
    tools.set_text(THP, thp)
    try:
        text = explained("--detail", command=tools.to_file(path("g.out"), LINUX_GUEST,
                                                           "--seconds", "2"))
    finally:
        tools.set_text(THP, before)
    check_equal(f"rules: {text}", named(text), rules)
    if rules:
        check(f"transparent huge pages: {thp}" in text, f"not checked: {text}")


POLL = """
import os, sys, time
rtc = os.open("/dev/port", os.O_RDONLY)
print("up", flush=True)
while True:
    if sys.argv[1] == "idle":
        time.sleep(3600)
    os.pread(rtc, 1, 0x71)
"""


def of_linux(what):
    """A Linux guest, once it is up, with a program that is idle or reads port 0x71 in a loop."""
    def is_up():
        with open(path("guest.out"), encoding="utf-8") as known:
            return "up" in known.read().split()

    with open(path("guest.out"), "w", encoding="utf-8") as out:
        guest = harness.spawn([LINUX_GUEST, "--", "/usr/bin/python3", "-c", POLL, what],
                              stdout=out, stderr=subprocess.STDOUT)
    harness.wait_for("the guest to be up", is_up, 120)
    time.sleep(1)
    text = explained("--detail", "--split", "-d", "4")
    os.killpg(guest.pid, signal.SIGKILL)
    guest.wait()
    return text


def rtc_in_linux():
    """On this host's one CPU the guest may wait for QEMU's other threads."""
    idle, text = of_linux("idle"), of_linux("polls")
    check_equal(f"rules, idle: {idle}", [r for r in named(idle) if r != "not-exits"], [])
    check_equal(f"rules: {text}", [r for r in named(text) if r != "run-delay"], ["rtc-polled"])
    check(re.search(r"io in 0x71 \(RTC data\): \d+ exits, \d+\.\d\d%\n", text), f"share: {text}")


CASES = [
    *((f"advice/{rule}", exits, rule, arguments, said)
      for rule, (arguments, said) in EXITS.items()),
    *((f"advice/{rule}-xapic", xapic, rule, address) for rule, address in XAPIC.items()),
    ("advice/halts-polled", halts, 200000, "halts-polled"),
    ("advice/halts-unpolled", halts, 0, "halts-unpolled"),
    ("advice/no-detail-io", without_detail, EXITS["rtc-polled"][0], "io", "rtc-polled",
     "pm-timer-polled", "serial-console"),
    ("advice/no-detail-msr", without_detail, EXITS["ipi-exits"][0], "msr,mmio", "eoi-exits",
     "ipi-exits", "apic-timer"),
    ("advice/no-detail-cpuid", cpuid_without_detail),
    ("advice/cpuid-storm-rip", cpuid_rip),
    ("advice/no-split", without_detail, ["mmio_write=6000"], "mmio --split", "doorbells"),
    ("advice/doorbells", split, ["doorbells"], ["mmio_write=6000"],
     "mmio write 0x500000: 6000 exits, "),
    ("advice/apic-in-vmm", split, ["apic-in-vmm", "ipi-exits"],
     ["mmio_write=6000", "--mmio", "0xfee00300"], "mmio write 0xfee00300 (APIC_ICR): 6000 exits, "),
    ("advice/nested-exits", nested),
    ("advice/run-delay", run_delay),
    ("advice/run-delay-preempted", run_delay_preempted),
    ("advice/few-exits", few_exits),
    ("advice/no-exits", no_exits),
    ("advice/not-exits", there_all_along, ["not-exits"], "hlt=4000000", "--block", "10000"),
    ("advice/busy", there_all_along, ["cpuid-storm"], *tools.BUSY),
    ("advice/memory-taken", memory_taken),
    ("advice/memory-taken-young", memory_taken_young),
    ("advice/working-guest", working_guest),
    ("advice/small-pages", small_pages, "never", ["small-pages"]),
    ("advice/huge-pages", small_pages, "always", []),
    ("advice/rtc-in-linux", rtc_in_linux),
]
