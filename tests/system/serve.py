# SPDX-License-Identifier: GPL-2.0-only
"""exitstat-bpf serve: exact numbers for whoever asks, without a privilege, whoever else asks."""
import collections
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import documents
import harness
import prom
import tools
from growth import EVERY, FIRST, MANY, RECORDS, chunks
from harness import check, check_equal, path, wait_for

# By their names, as serve has no codes.
CODES = {"CPUID": 0x72, "IO": 0x7B, "HLT": 0x78, "MSR": 0x7C, "NPF": 0x400, "VMMCALL": 0x81,
         "SHUTDOWN": 0x7F, "INTR": 0x60, "NMI": 0x61}
NOBODY = 65534
# Series that there are whatever runs; of each reason of the host; of each VM; of each reason of it.
FIXED, HOST_REASON, VM, VM_REASON = 21, 30, 3, 2


class Serve:
    """The program, until the case ends; its socket is its own, or handed over."""

    def __init__(self, *options, argv=(tools.EXITSTAT,), listen="127.0.0.1:0", **spawn):
        self.errors_file = path("serve.err")
        words = ["--listen", listen] if listen else []
        with open(self.errors_file, "w", encoding="utf-8") as err:
            self.process = harness.spawn([*argv, "serve", *words, *options], stderr=err,
                                         stdin=subprocess.DEVNULL, **spawn)
        self.said = wait_for("serve to begin", self._begun, 180)

    @property
    def pid(self):
        return self.process.pid

    def errors(self):
        with open(self.errors_file, encoding="utf-8") as file:
            return file.read().strip()

    def _begun(self):
        check(self.process.poll() is None, f"ended with {self.process.returncode}: {self.errors()}")
        return re.search(r"^exitstat-bpf: (listening on|writing) (.*)$", self.errors(), re.M)

    @property
    def target(self):
        return self.said[2]

    def get(self, where, accept=""):
        request = urllib.request.Request(f"http://{self.target}{where}", headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.headers["Content-Type"], answer.read().decode()

    def text_samples(self):
        """What it tells in Prometheus' text."""
        time.sleep(0.3)  # what is told is made anew four times a second
        kind, text = self.get("/metrics")
        check_equal("type", kind, "text/plain; version=0.0.4; charset=utf-8")
        return prom.read_samples(text)

    def samples(self):
        """What it tells, in both formats: the same series."""
        found = self.text_samples()
        kind, openly = self.get("/metrics", prom.OPENMETRICS)
        check_equal("type", kind, "application/openmetrics-text; version=1.0.0; charset=utf-8")
        prom.check_same_series("series in both formats", prom.read_samples(openly), found)
        check_equal("series", float(one(found, "exitstat_series")), len(found))
        return found

    def status(self, field):
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
            return re.search(rf"^{field}:[ \t]*(.*?) *$", file.read(), re.M)[1]

    def ended(self, signum=signal.SIGTERM, status=0):
        self.process.send_signal(signum)
        check_equal(f"status ({self.errors()})", self.process.wait(harness.WAIT_TIMEOUT), status)


class Qemu(tools.Vm):
    """exitgen that looks like QEMU: what it is named by its option is not what the kernel has."""

    def __init__(self, name, *arguments):
        program = path("qemu-system-x86_64")
        if not os.path.exists(program):
            os.symlink(tools.EXITGEN, program)
        self.report_file = path(f"vm-{id(self):x}.json")
        self.process = harness.spawn(
            tools.to_file(self.report_file, program, "--name", f"guest={name}", *arguments))


# --- what was told -------------------------------------------------------------------


def one(samples, name, **labels):
    return samples[name, tuple(sorted(labels.items()))]


def of_vm(samples, vm, name="exitstat_exits_total"):
    """reason -> value"""
    return {dict(labels)["reason"]: float(value) for (sample, labels), value in samples.items()
            if sample == name and dict(labels)["vm"] == vm}


def as_document(samples, pids):
    """As documents.differences() wants it, each VM as if it had one vCPU."""
    return {"host": {"isa": "svm", "kernel": os.uname().release}, "vms": [
        {"pid": pid, "vcpus": [{"id": 0, "reasons": [
            {"code": CODES[reason], "count": int(count)}
            for reason, count in of_vm(samples, vm).items()]}]}
        for vm, pid in pids.items()]}


def check_exact(samples, **reports):
    """Each VM's counts are what its report has, one vCPU; nothing was lost, and the times add up."""
    pids = {vm: report["vms"][0]["pid"] for vm, report in reports.items()}
    made = {"vms": [report["vms"][0] for report in reports.values()]}
    for difference in documents.differences(as_document(samples, pids), made):
        raise harness.Failure(difference)
    for kind in "map_full", "unpaired":
        check_equal(kind, one(samples, "exitstat_losses_total", kind=kind), "0")
    check_sums(samples)


def check_sums(samples):
    """The host's histograms have all exits but those without an entry, and all of the time."""
    sums = collections.Counter()
    for (name, labels), value in samples.items():
        labels = dict(labels)
        if name.startswith("exitstat_exit_duration_seconds_") and labels.get("le", "+Inf") == "+Inf":
            sums[name, labels["reason"]] += float(value)
        elif name in ("exitstat_exits_total", "exitstat_exit_seconds_total"):
            sums[name, labels["reason"]] += float(value)
    for reason in {reason for _, reason in sums}:
        count = sums["exitstat_exit_duration_seconds_count", reason]
        check_equal(f"{reason}, in buckets", sums["exitstat_exit_duration_seconds_bucket", reason],
                    count)
        check(0 <= sums["exitstat_exits_total", reason] - count <= 2, f"{reason}: {count} are timed")
        check(abs(sums["exitstat_exit_seconds_total", reason]
                  - sums["exitstat_exit_duration_seconds_sum", reason]) < 1e-8, f"time of {reason}")


def check_unprivileged(serve, uid):
    for field in "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
        check_equal(field, int(serve.status(field), 16), 0)
    check_equal("NoNewPrivs", serve.status("NoNewPrivs"), "1")
    check_equal("Uid", serve.status("Uid").split(), [str(uid)] * 4)
    if uid:
        check_equal("Groups", serve.status("Groups"), "")


# --- cases -------------------------------------------------------------------------------


def exact():
    """Nothing is left of what loading needed, and VMs that start then are counted and named."""
    serve = Serve("--user", "nobody")
    check_unprivileged(serve, NOBODY)
    first = tools.Vm("cpuid=500", "out=20", "hlt=10", "rdmsr=30", "--name", "first")
    first.wait()
    held = Qemu("held", "cpuid=700", "--hold")
    held.report()
    samples = serve.samples()
    check_exact(samples, first=first.report(), held=held.report())
    check_equal("up", [one(samples, "exitstat_vm_up", vm=vm) for vm in ("first", "held")], ["0", "1"])
    check_equal("process", one(samples, "exitstat_vm_info", vm="held", pid=str(held.pid)), "1")
    check_equal("VMs", one(samples, "exitstat_vms"), "1")
    reasons = [len(of_vm(samples, vm)) for vm in ("first", "held")]
    check_equal("series", len(samples), FIXED + HOST_REASON * max(reasons) + 2 * VM
                + VM_REASON * sum(reasons))
    # A VM of that name again: its counters go on.
    again = tools.Vm("cpuid=1000", "--name", "first").wait()
    samples = serve.samples()
    check_equal("CPUIDs of both", of_vm(samples, "first")["CPUID"], 1500)
    check_equal("its process", one(samples, "exitstat_vm_info", vm="first",
                                   pid=str(again["vms"][0]["pid"])), "1")
    serve.ended()


def as_root():
    """User 0 without a capability, and everything else that can be asked for."""
    serve = Serve("--split", "--self", "--per-vm-histograms", "--detail", "--keep", "1")
    check_unprivileged(serve, 0)
    vm = tools.Vm("cpuid=2000", "out=300", "--hold", "--name", "a")
    report = vm.report()
    samples = serve.samples()
    check_exact(samples, a=report)
    whole = of_vm(samples, "a", "exitstat_exit_seconds_total")
    parts = [float(value) for (name, labels), value in samples.items()
             if name == "exitstat_exit_part_seconds_total" and dict(labels)["reason"] == "IO"]
    check(len(parts) == 4 and 0 < sum(parts) < whole["IO"], f"parts of {whole['IO']}: {parts}")
    about = [float(value) for (name, labels), value in samples.items()
             if name == "exitstat_detail_exits_total" and dict(labels)["reason"] == "CPUID"]
    check_equal("CPUIDs by leaf", sum(about), 2000)
    timed = of_vm(samples, "a", "exitstat_vm_exit_duration_seconds_count")
    check_equal("timed CPUIDs", timed["CPUID"], 2000)
    runs = [float(value) for (name, _), value in samples.items() if name == "exitstat_bpf_runs_total"]
    check(sum(runs) >= 2 * documents.exitgen_total(report), f"runs: {runs}")
    vm.kill()
    # It is told that it has ended, and after a second it is not told of any more.
    wait_for("the end", lambda: one(serve.text_samples(), "exitstat_vms_ended_total") == "1")
    wait_for("it to go", lambda: not of_vm(serve.text_samples(), "a"))
    check_sums_stay(samples, serve.samples())
    serve.ended(signal.SIGINT)


def check_sums_stay(before, after):
    """The host's counters have what a VM did that is not exposed any more."""
    for (name, labels), value in before.items():
        if name.startswith("exitstat_exit_duration_seconds_"):
            check(float(after[name, labels]) >= float(value), f"{name} {labels} fell")


def hidden_processes():
    """Where others' command lines are not to be seen, a VM has the name that the kernel tells."""
    mounted = harness.run_command(["mount", "-o", "remount,hidepid=2", "/proc"])
    if mounted.returncode:
        raise harness.Skip(f"no hidepid here: {mounted.stderr.strip()}")
    try:
        serve = Serve("--user", "nobody")
        Qemu("a", "cpuid=300", "--hold").report()
        check_equal("CPUIDs", of_vm(serve.samples(), "guest=a").get("CPUID"), 300)
    finally:
        harness.run_command(["mount", "-o", "remount,hidepid=0", "/proc"])


def as_a_dynamic_user():
    """As systemd starts it for DynamicUser=: another user from the start, with ambient capabilities."""
    capabilities = "-all,+sys_admin,+setpcap"
    serve = Serve(argv=["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups",
                        "--inh-caps", capabilities, "--ambient-caps", capabilities,
                        "--bounding-set", capabilities, tools.EXITSTAT])
    check_unprivileged(serve, NOBODY)
    check_keeper(serve, NOBODY, CAP_SYS_ADMIN)
    vm = tools.Vm("cpuid=300", "out=20", "--name", "a")
    vm.wait()
    check_exact(serve.samples(), a=vm.report())


def keeper_of(serve):
    """What of the capabilities is left to the process that makes room."""
    with open(f"/proc/{serve.pid}/task/{serve.pid}/children", encoding="utf-8") as children:
        pid, = map(int, children.read().split())
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return pid, dict(re.findall(r"^(\w+):\s*(.*?)\s*$", status.read(), re.M))


CAP_BPF, CAP_SYS_ADMIN = 39, 21


def check_keeper(serve, uid, capability):
    pid, status = keeper_of(serve)
    for field in "CapPrm", "CapEff":
        check_equal(f"keeper's {field}", int(status[field], 16), 1 << capability)
    for field in "CapInh", "CapBnd", "CapAmb":
        check_equal(f"keeper's {field}", int(status[field], 16), 0)
    check_equal("keeper's NoNewPrivs", status["NoNewPrivs"], "1")
    check_equal("keeper's Uid", status["Uid"].split(), [str(uid)] * 4)
    fds = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    check_equal("keeper's socket", sum(target.startswith("socket:") for target in fds), 1)
    check_equal("keeper's other files", {target for target in fds if "socket:" not in target},
                {"anon_inode:bpf-map"})
    return pid


def all_exits(samples):
    return sum(float(value) for (name, _), value in samples.items() if name == "exitstat_exits_total")


def lost_for_room(samples):
    return float(one(samples, "exitstat_losses_total", kind="map_full"))


def more_vcpus():
    """vCPUs that come later have room, which another process makes; without it, that is said."""
    tools.mount_debugfs()
    serve = Serve("--user", "nobody", "--detail")
    check_unprivileged(serve, NOBODY)
    keeper = check_keeper(serve, NOBODY, CAP_BPF)
    first = tools.Vm("cpuid=20", *MANY, "--hold")
    made = documents.exitgen_total(first.report())
    samples = serve.samples()
    check_equal("exits", all_exits(samples), made)
    about = [float(value) for (name, labels), value in samples.items()
             if name == "exitstat_detail_exits_total" and dict(labels)["reason"] == "CPUID"]
    missed = int(one(samples, "exitstat_losses_total", kind="missed"))
    check(0 <= 512 * 20 - sum(about) <= missed, f"{sum(about)} CPUIDs by leaf, {missed} missed")
    check_equal("lost", lost_for_room(samples), 0)
    os.kill(keeper, signal.SIGKILL)
    others = [tools.Vm(*EVERY, *MANY, "--hold") for _ in range(2)]
    made += sum(documents.exitgen_total(vm.report()) for vm in others)
    samples = serve.samples()
    check(lost_for_room(samples), "all had room")
    check_equal("kept and lost", all_exits(samples) + lost_for_room(samples), made)
    for vm in first, *others:
        vm.kill()
    serve.ended()


def room_not_seen():
    """Where it cannot map what was made for it, BPF does not use that."""
    tools.mount_debugfs()
    serve = Serve("--user", "nobody")
    with tools.refused(serve.pid, "mmap", "ENOMEM") as log:
        vms = [tools.Vm(*EVERY, *MANY, "--hold")]
        vms[0].report()
    with open(log, encoding="utf-8") as calls:
        text = calls.read()
    check(re.search("MAP_SHARED.MAP_FIXED.*INJECTED", text), f"was not refused: {text[:200]}")
    vms.append(tools.Vm(*EVERY, *MANY, "--hold"))
    made = sum(documents.exitgen_total(vm.report()) for vm in vms)
    samples = serve.samples()
    check(chunks()[FIRST * RECORDS] > 1, "there is no more room")
    check_equal("kept and lost", all_exits(samples) + lost_for_room(samples), made)
    for vm in vms:
        vm.kill()
    serve.ended()


def room_at_start():
    """Where all room is made at the start there is nothing to keep."""
    serve = Serve("--user", "nobody", "--max-vcpus", "300")
    with open(f"/proc/{serve.pid}/task/{serve.pid}/children", encoding="utf-8") as children:
        check_equal("children", children.read(), "")
    serve.ended()


def max_series():
    """What has no room is left out by whole groups, and named."""
    serve = Serve("--max-series", "250", "--per-vm-histograms")
    tools.Vm("cpuid=300", "out=20", "--hold", "--name", "a").report()
    samples = serve.samples()
    check(len(samples) <= 250, f"{len(samples)} series")
    reasons = len(of_vm(samples, "a"))
    check_equal("left out", one(samples, "exitstat_dropped_series", group="vm_histograms"),
                str(HOST_REASON * reasons))
    check_equal("kept", one(samples, "exitstat_dropped_series", group="vm_exits"), "0")


def textfile():
    """In one step each time, without a socket; where it cannot be written that is said."""
    file = path("exitstat.prom")
    serve = Serve("--textfile", file, "-i", "0.2", listen=None)
    check_equal("what it does", serve.said[1], "writing")
    with open(f"/proc/{serve.pid}/net/tcp", encoding="utf-8") as sockets:
        check(" 0A " not in sockets.read(), "something listens")
    report = tools.Vm("cpuid=300", "--name", "a").wait()

    def whole():
        with open(file, encoding="utf-8") as prometheus:
            samples = prom.read_samples(prometheus.read())
        return samples if of_vm(samples, "a") else None

    time.sleep(1.5)
    check_exact(wait_for("the VM", whole), a=report)
    os.remove(file)
    os.mkdir(file)
    wait_for("a word", lambda: "cannot write" in serve.errors())
    os.rmdir(file)
    wait_for("another", lambda: "is written again" in serve.errors())
    check_equal("lines", len(serve.errors().splitlines()), 3)
    serve.ended()
    check_exact(whole(), a=report)


def handed_over():
    """A socket of systemd's, and nothing else may be listened on then."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = f"127.0.0.1:{server.getsockname()[1]}"
        script = f'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&{server.fileno()}'
        argv = ["bash", "-c", script, "bash", tools.EXITSTAT]
        handed = {"pass_fds": [server.fileno()]}
        done = harness.run_command([*argv, "serve", "--listen", "127.0.0.1:0"], **handed)
        check(done.returncode == 2 and "systemd" in done.stderr, f"{done}")
        serve = Serve("--user", "nobody", argv=argv, listen=None, **handed)
    check_equal("where", serve.target, target)
    check_equal("health", serve.get("/healthz")[1], "ok\n")
    check_unprivileged(serve, NOBODY)


def strangers():
    """A thousand at a time, some of which say little, some nonsense, some nothing."""
    serve = Serve("--user", "nobody")
    vm = tools.Vm("cpuid=20000", "--name", "a")
    before = int(serve.status("VmRSS").split()[0])
    host, port = serve.target.rsplit(":", 1)
    waiting, wrong = [], [b"", b"GET", b"\x16\x03\x01" * 50, b"GET / HTTP/1.1\r\nA" + b"a" * 40000,
                          b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 20]
    for number in range(1000):
        client = socket.create_connection((host, int(port)), 60)
        try:
            client.sendall(wrong[number % 5] if number % 2 else
                           b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        except OSError:
            pass  # it may have said enough
        waiting.append((number, client))
    answered = 0
    for number, client in waiting:
        if number % 2 == 0:
            answered += read_all(client).startswith(b"HTTP/1.1 200")
        client.close()
    check_equal("answered", answered, 500)
    report = vm.wait()
    check_exact(serve.samples(), a=report)
    grown = int(serve.status("VmRSS").split()[0]) - before
    print(f"memory: {before} kB, grown by {grown} kB", file=sys.stderr)
    check(grown < 20000, f"memory has grown by {grown} kB")


def read_all(client):
    found = b""
    while part := client.recv(65536):
        found += part
    return found


def prometheus():
    """Debian's Prometheus has exitgen's very numbers; a restart of serve is no fall to it."""
    port = prom.free_port()
    options = ["--user", "nobody", "--split", "--self", "--detail"]
    serve = Serve(*options, listen=f"127.0.0.1:{port}")
    # Its first CPUIDs are before the first scrape.
    first = tools.Vm("cpuid=1000", "--hold", "--name", "a")
    first.report()
    database = prom.Prometheus(serve.target, "2s", 300).scraped(120)
    second = tools.Vm("cpuid=500", "out=70", "--name", "b")
    second.wait()
    database.scraped(120).scraped(120)
    exits = 'sum(exitstat_exits_total{vm="%s",reason="CPUID"})'
    check_equal("CPUIDs of a", database.number(exits % "a"), 1000)
    check_equal("CPUIDs of b", database.number(exits % "b"), 500)
    check_equal("exits", database.number('sum(exitstat_exits_total{reason!~"INTR|NMI"})'),
                sum(sum(made(vm.report()).values()) for vm in (first, second)))
    check_equal("series", database.number("scrape_samples_scraped"),
                database.number("exitstat_series"))
    check_equal("what was lost", database.number('sum(exitstat_losses_total{kind!="missed"})'), 0)
    serve.ended()
    serve = Serve(*options, listen=f"127.0.0.1:{port}")
    again = tools.Vm("cpuid=300", "--name", "b")
    again.wait()
    wait_for("it to be scraped", lambda: database.number(exits % "b") == 300, 120)
    check_equal("resets", database.number(
        'resets(exitstat_exits_total{vm="b",reason="CPUID"}[10m])'), 1)
    busy = tools.Vm(*tools.BUSY, "--name", "busy").running()
    database.scraped(120).scraped(120).scraped(120)
    check_panels(database)
    busy.kill()


def check_panels(database):
    broken = [rule["name"] for group in database.api("rules")["groups"] for rule in group["rules"]
              if rule["health"] not in ("ok", "unknown")]
    check_equal("rules with errors", broken, [])
    found = [(title, query, database.query(query))
             for title, query in prom.dashboard_queries(rate="2m")]
    prom.write_panels(os.path.join(os.environ["OUT"], "panels.md"), found)
    for title, query, rows in found:
        check(rows or title == "APICv is inhibited", f"panel {title}: nothing for {query}")


def made(report):
    """reason -> how many exits exitgen made, but for interrupts."""
    return collections.Counter({
        name: count for vcpu in report["vms"][0]["vcpus"]
        for name, count in {
            "CPUID": vcpu["exits"].get("cpuid", 0), "IO": vcpu["exits"].get("out", 0),
            "NPF": vcpu["also"]["memory"], "SHUTDOWN": vcpu["also"]["shutdown"]}.items()})


CASES = [
    ("serve/exact", exact),
    ("serve/as-root", as_root),
    ("serve/hidden-processes", hidden_processes),
    ("serve/as-a-dynamic-user", as_a_dynamic_user),
    ("serve/more-vcpus", more_vcpus),
    ("serve/room-not-seen", room_not_seen),
    ("serve/room-at-start", room_at_start),
    ("serve/max-series", max_series),
    ("serve/textfile", textfile),
    ("serve/handed-over", handed_over),
    ("serve/strangers", strangers),
    ("serve/prometheus", prometheus),
]
