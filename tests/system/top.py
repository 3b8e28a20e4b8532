# SPDX-License-Identifier: GPL-2.0-only
"""exitstat-bpf top of this host, in tmux: what a guest does is there while it does it."""
import os
import signal
import sys

import documents
import harness
import tools
from harness import check, check_equal, path
from tmux import Tmux, table


def rate(lines, row, column="EXITS/S"):
    return float(table(lines).get(row, {}).get(column, "0"))


def live():
    """The VM, its one reason, that one's page; the cost is said; frozen it stays."""
    vm = tools.Vm(*tools.BUSY, "--name", "busy").running()
    tools.Vm("out=4000000000", "--name", "io").running()
    name = f"busy ({vm.pid})"
    screen = Tmux(tools.EXITSTAT, "top", "-i", "0.5", "--detail", "--split", columns=120)
    lines = screen.wait("a rate", lambda lines: len(lines) > 5 and rate(lines, name) > 100)
    check(any(line.startswith("losses: 0 not counted, ") for line in lines), f"{lines}")
    screen.shows("io (")
    lines = screen.wait("its cost", lambda lines: " an exit, " in lines[2])
    check(not lines[2].startswith("cost of tracing: 0ns"), lines[2])
    print("\n".join(lines), file=sys.stderr)
    screen.press("/", "b", "u", "s", "y", "Enter")
    screen.shows_not("io (")
    screen.press("Enter")
    screen.wait("the reason", lambda lines: rate(lines, "CPUID") > 100)
    print(screen.text(), file=sys.stderr)
    screen.press("Enter")
    screen.shows(f"busy ({vm.pid}), CPUID", "Distribution")
    print(screen.text(), file=sys.stderr)
    screen.resize(120, 60)
    screen.shows("ABOUT", "cpuid", "Manual")
    screen.press("BSpace", "Space")
    screen.shows(" PAUSED at ")
    frozen = rate(screen.lines(), "CPUID")
    lines = screen.wait("time to pass", lambda lines: "0ns back" not in lines[0])
    check_equal("exits a second, frozen", rate(lines, "CPUID"), frozen)
    screen.press("q")
    check_equal("status", screen.ended(), 0)


def slowest():
    """Its slowest exits, while there come more."""
    tools.Vm("out=4000000000", "--name", "io").running()
    screen = Tmux(tools.EXITSTAT, "top", "-i", "0.5", "--slowest", "3", columns=120, lines=40)
    screen.shows("io (")
    screen.press("l")
    screen.shows("all VMs: slowest exits, nested guests", "): the 3 slowest exits, without HLT",
                 ", vCPU 0, ", ", io out 0x", "KVM ", "  no exits")
    print(screen.text(), file=sys.stderr)
    screen.press("q")
    check_equal("status", screen.ended(), 0)


def exact():
    """Its --json has each exit, whatever was looked at."""
    screen = Tmux(tools.EXITSTAT, "top", "-i", "0.2", "--json", path("x.json"), "--",
                  *tools.exitgen_to(path("report"), "cpuid=20000", "out=3000", "--vcpus", "2"))
    screen.press("Tab", "t", "r", "Space", "[", "Space", "Enter")
    check_equal("status", screen.ended(), 0)
    documents.check_exact(documents.read(path("x.json")), tools.read_report(path("report")))


def without_a_name():
    """Then the summary of all of it."""
    tools.Vm(*tools.BUSY, "--name", "busy").running()
    screen = Tmux(tools.EXITSTAT, "-i", "0.5", lines=40, columns=120)
    screen.shows("all VMs: VMs", "busy (")
    screen.press("q")
    check_equal("status", screen.ended(), 0)
    lines = screen.shows("REASON", "losses: 0 ")
    check("cost of tracing" not in "\n".join(lines), f"{lines}")
    check_equal("tables", list(tools.read_summary("\n".join(lines)).values())[0].keys() >= {"CPUID"},
                True)


def command_prints():
    """What it prints comes after the end, and it has nothing to read."""
    script = "cat; echo out; echo err >&2; sleep 3; exit 7"
    screen = Tmux(tools.EXITSTAT, "top", "-i", "0.2", "--", "sh", "-c", script)
    screen.shows("losses: 0 ")
    check("err" not in screen.text(), screen.text())
    check_equal("status", screen.ended(), 7)
    screen.shows("out\nerr")


def command_killed():
    screen = Tmux(tools.EXITSTAT, "top", "-i", "0.2", "--", "sleep", "1000")
    screen.shows("losses: 0 ")
    tracer = screen.process("exitstat-bpf")
    with open(f"/proc/{tracer}/task/{tracer}/children", encoding="utf-8") as file:
        os.kill(int(file.read()), signal.SIGKILL)
    check_equal("status", screen.ended(), 137)


def left_by(signum, status):
    screen = Tmux(tools.EXITSTAT, "top", "-i", "0.2")
    screen.shows("losses: 0 ")
    os.kill(screen.process("exitstat-bpf"), signum)
    check_equal("status", screen.ended(), status)


def elsewhere():
    """Into a pipe: lines."""
    tools.Vm(*tools.BUSY, "--name", "busy").running()
    done = harness.run_command([tools.EXITSTAT, "top", "-i", "0.5", "-d", "2"])
    check_equal("status", done.returncode, 0)
    check(done.stdout.startswith("AT ") and "CPUID" in done.stdout, done.stdout)


CASES = [
    ("top/live", live),
    ("top/slowest", slowest),
    ("top/exact", exact),
    ("top/without-a-name", without_a_name),
    ("top/command-prints", command_prints),
    ("top/command-killed", command_killed),
    *((f"top/{name}", left_by, signal.Signals[name], status)
      for name, status in (("SIGTERM", 0), ("SIGHUP", 0), ("SIGSEGV", 139))),
    ("top/elsewhere", elsewhere),
]
