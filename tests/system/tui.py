# SPDX-License-Identifier: GPL-2.0-only
"""exitstat-bpf top of a file, in tmux: each key of the help, and what is left of a terminal."""
import json
import os
import re
import signal
import subprocess

import harness
import tools
from harness import check, check_equal, path
from tmux import HEADING, Tmux, names, read, table

MADE = f"{tools.BUILD}/tests/tui/made"
SCHEMA = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../user/doc/exitstat.schema.json")
VALIDATE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../validate-json")
NEVER = "100000"  # s: it goes on when it is told to


def recording(seconds=12, vms=3, vcpus=2, more=()):
    """Of a host that is made up: in the third VM twice as many exits as in the first and so on."""
    filename = path("made.rec")
    done = harness.run_command([MADE, *more, filename, str(seconds), str(vms), str(vcpus)])
    check_equal("made", (done.returncode, done.stderr), (0, ""))
    return filename


def top(*options, seconds=12, vms=3, vcpus=2, more=(), interval=NEVER, **terminal):
    return Tmux(tools.EXITSTAT, "top", "--replay", recording(seconds, vms, vcpus, more), "-i",
                interval, *options, **terminal)


def at(second, **options):
    """At this second of the file, not paused."""
    screen = top(**options)
    screen.shows("after 1.00s")
    screen.press("Space", *["]"] * (second - 1))
    screen.shows("PAUSED", f"after {second}.0" if second > 9 else f"after {second}.00s")
    screen.press("Space")
    screen.shows_not("PAUSED")
    return screen


def cursor(screen):
    """The row that is shown in reverse, of those below the heading; what is on stays on."""
    reverse = False
    for number, line in enumerate(screen.colours().split("\n")):
        text = ""
        begins = None
        for part in re.split(r"(\x1b\[[0-9;]*m|[\x0e\x0f])", line):
            if part.startswith("\x1b"):
                for code in part[2:-1].split(";"):
                    reverse = code == "7" or reverse and code not in ("", "0", "27")
            else:
                begins = reverse if begins is None and part else begins
                text += part
        if number > HEADING and begins:
            return text.split("  ")[0].split(" (")[0]
    return None


def on(screen, row):
    harness.wait_for(f"the cursor on {row}", lambda: cursor(screen) == row, timeout=20)


# --- a key each -----------------------------------------------------------------------------


def key_up(key):
    screen = at(2)
    screen.press("j", "j")
    on(screen, "vm0")
    screen.press(key)
    on(screen, "vm1")


def key_down(key):
    screen = at(2)
    on(screen, "vm2")
    screen.press(key)
    on(screen, "vm1")


def hundred():
    screen = at(2, vms=100, vcpus=1)
    screen.press("S")  # vm0 and so on
    screen.press("s", "Home", "Enter")
    screen.shows("VM (PID)v")
    on(screen, "vm0")
    return screen


def key_page_down(key):
    screen = hundred()
    screen.press(key)
    on(screen, "vm17")


def key_page_up(key):
    screen = hundred()
    screen.press("G")
    on(screen, "vm99")
    screen.press(key)
    on(screen, "vm82")


def key_home(key):
    screen = hundred()
    screen.press("G")
    on(screen, "vm99")
    screen.press(key)
    on(screen, "vm0")


def key_end(key):
    screen = hundred()
    screen.press(key)
    on(screen, "vm99")


def key_open(key):
    screen = at(2)
    screen.press(key)
    screen.shows("vm2 (1002): reasons", "IO_INSTRUCTION")
    screen.press("j", key)
    screen.shows("vm2 (1002), IO_INSTRUCTION", "Distribution", "P99", "KVM")
    screen.press("End")
    screen.shows("Manual")


def key_back(key):
    screen = at(2)
    screen.press("Enter", "Enter")
    screen.shows("vm2 (1002), HLT")
    screen.press(key)
    screen.shows("vm2 (1002): reasons")
    screen.press(key)
    screen.shows("all VMs: VMs")


def key_view(key):
    screen = at(2)
    screen.press(key)
    lines = screen.shows("all VMs: vCPUs")
    check_equal("rows", len(table(lines)), 6)
    screen.press(key)
    lines = screen.shows("all VMs: reasons")
    check_equal("exits of IO", table(lines)["IO_INSTRUCTION"]["EXITS/S"], "6000")
    screen.press(key)
    screen.shows("all VMs: VMs")


def key_sort(key):
    screen = at(2)
    check_equal("rows", names(screen.lines()), ["vm2 (1002)", "vm1 (1001)", "vm0 (1000)"])
    screen.press(key)
    screen.shows("Sort by: ", "[x] BUSY")
    screen.press("Home", "Enter")
    lines = screen.shows("VM (PID)v")
    check_equal("rows", names(lines), ["vm0 (1000)", "vm1 (1001)", "vm2 (1002)"])


def key_reverse(key):
    screen = at(2)
    screen.press(key)
    lines = screen.shows("BUSY^")
    check_equal("rows", names(lines), ["vm0 (1000)", "vm1 (1001)", "vm2 (1002)"])


def key_filter(key):
    screen = at(2)
    screen.press(key)
    screen.type("VM1")
    lines = screen.shows("rows with: VM1_")
    check_equal("rows", names(lines), ["vm1 (1001)"])
    screen.press("BSpace", "2", "Enter")
    lines = screen.shows('only "VM2"')
    check_equal("rows", names(lines), ["vm2 (1002)"])
    screen.press("BSpace")
    check_equal("rows", len(names(screen.shows_not("only"))), 3)


def key_columns(key):
    screen = at(2)
    screen.press(key)
    screen.shows("[x] EXITS/S", "[ ] COUNT")
    screen.press("Space")
    screen.shows("[ ] EXITS/S")
    screen.press("Down", "Down", "Down", "Down", "Down", "Space", "Enter")
    lines = screen.shows_not("Columns:")
    check("EXITS/S" not in "\n".join(lines), f"{lines}")
    check_equal("exits", table(lines)["vm2 (1002)"]["COUNT"], "6660")


def key_total(key):
    screen = at(10, columns=150)
    check_equal("exits", table(screen.lines())["vm0 (1000)"]["COUNT"], "4440")
    screen.press(key)
    lines = screen.shows(", all since ")
    # Ten seconds of 2220, the last of which has twice as many.
    check_equal("exits", table(lines)["vm0 (1000)"]["COUNT"], str(11 * 2220))
    screen.press(key)
    screen.shows_not("all since")


def key_reset(key):
    screen = at(4, columns=150)
    screen.press(key, "t", "Space", "]", "]")
    lines = screen.shows("after 6.00s", ", all since ")
    check_equal("exits", table(lines)["vm0 (1000)"]["COUNT"], str(2 * 2220))


def key_slower(key):
    screen = top(interval="0.5")
    screen.shows("every 500ms")
    screen.press(key)
    screen.shows("every 1.00s")


def key_faster(key):
    screen = top()
    screen.press(*[key] * 3)
    screen.shows("every 2.00s")
    screen.press(*[key] * 4)
    # And it is that fast: the file ends.
    screen.shows("END OF THE FILE", "after 12.0s", "every 100ms")


def key_freeze(key):
    screen = at(9)
    screen.press(key)
    lines = screen.shows(" PAUSED at ", "0ns back")
    check_equal("exits", table(lines)["vm2 (1002)"]["EXITS/S"], "6660")
    screen.press("S")  # whatever is looked at, it is of the same time
    screen.press("Enter")
    lines = screen.shows("vm0 (1000): reasons", " PAUSED at ", "after 9.00s")
    check_equal("exits", table(lines)["IO_INSTRUCTION"]["EXITS/S"], "1000")
    screen.press(key)
    screen.shows_not("PAUSED")


def key_earlier(key):
    screen = at(12)
    screen.press(key, key)
    lines = screen.shows(" PAUSED at ", "2.00s back", "after 10.0s")
    check_equal("exits", table(lines)["vm2 (1002)"]["EXITS/S"], "13320")
    screen.press(*[key] * 15)
    screen.shows("after 1.00s", "nothing earlier is kept")


def key_later(key):
    screen = at(12)
    screen.press("[", "[", key)
    lines = screen.shows("1.00s back")
    check_equal("exits", table(lines)["vm2 (1002)"]["EXITS/S"], "6660")
    screen.press(key, key)
    screen.shows("0ns back", "after 12.0s")


def key_order(key):
    screen = at(2)
    screen.press(key)
    screen.shows("ORDER FROZEN")
    before = names(screen.lines())
    screen.press("Space", "]", "]", "]")
    lines = screen.shows("after 5.00s")
    check_equal("rows", names(lines), before)
    screen.press(key)
    screen.shows_not("ORDER FROZEN")


def key_write(key):
    screen = at(10)
    screen.press("Enter", key)
    screen.shows("the last minutes): exitstat-2026")
    screen.press(*["BSpace"] * 40)
    screen.type(path("seen.json"))
    screen.press("Enter")
    screen.shows("written: ")
    with open(path("seen.json"), encoding="utf-8") as file:
        doc = json.load(file)
    check_equal("VMs", [vm["name"] for vm in doc["vms"]], ["vm2"])
    exits = sum(reason["count"] for vm in doc["vms"] for vcpu in vm["vcpus"]
                for reason in vcpu["reasons"])
    check_equal("exits", exits, 13320)
    check_equal("ns", doc["interval"]["ns"], 1000000000)
    done = subprocess.run([VALIDATE, SCHEMA, path("seen.json")], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    check_equal("schema", (done.returncode, done.stdout), (0, ""))
    again = Tmux(tools.EXITSTAT, "top", "--replay", path("seen.json"), "-i", "0.05")
    lines = again.shows("END OF THE FILE", "after 1.00s")
    check_equal("rows", [(row, cells["EXITS/S"]) for row, cells in table(lines).items()],
                [("vm2 (1002)", "13320")])


def rewritten():
    """What w writes as a recording is shown as the file that it is of."""
    screen = at(10)
    screen.press("w", *["BSpace"] * 40)
    screen.type(path("again.exitrec"))
    screen.press("Enter")
    screen.shows("written: ")
    again = Tmux(tools.EXITSTAT, "top", "--replay", path("again.exitrec"), "-i", "0.05")
    lines = again.shows("END OF THE FILE", "after 10.0s")
    check_equal("rows", table(lines), table(screen.lines()))


def key_help(key):
    screen = top(lines=40)
    screen.shows("after 1.00s")
    screen.press(key)
    screen.shows("one row up", "these keys", "quit")
    screen.press("x")
    screen.shows_not("one row up")


def key_quit(key):
    screen = top()
    screen.shows("after 1.00s")
    screen.press(key)
    check_equal("status", screen.ended(), 0)


def key_exits(key):
    """The slowest of the run, and those of a nested guest; an interval earlier there are others."""
    screen = at(3, more=["--more"], lines=50)
    screen.press(key)
    screen.shows("all VMs: slowest exits, nested guests", "vm2 (pid 1002): the 2 slowest exits",
                 "3.00ms, vCPU 1, IO_INSTRUCTION, io out 0x3f8 COM1", "after kworker/0:1/77",
                 "its own exits (L1) and its guests' (L2)", "nested: 100 exits of L2, 40 of which")
    screen.press("[")
    screen.shows("PAUSED", "2.00ms, vCPU 1, IO_INSTRUCTION")
    screen.shows_not("3.00ms")
    screen.press("BSpace", "Enter", key)
    screen.shows("vm2 (1002): slowest exits", "  no exits")
    screen.shows_not("vm1")


# As the help names them; what tmux calls them, where that is another name.
KEYS = {
    "Up k": key_up, "Down j": key_down, "PgUp": key_page_up, "PgDn": key_page_down,
    "Home g": key_home, "End G": key_end, "Enter": key_open, "Backspace Esc": key_back,
    "Tab": key_view, "l": key_exits, "s": key_sort, "S": key_reverse, "/": key_filter, "f": key_columns,
    "t": key_total, "r": key_reset, "+": key_slower, "-": key_faster, "Space": key_freeze,
    "[ Left": key_earlier, "] Right": key_later, "o": key_order, "w": key_write,
    "? h F1": key_help, "q": key_quit,
}
CALLED = {"PgUp": "PPage", "PgDn": "NPage", "Backspace": "BSpace", "Esc": "Escape"}


def all_keys():
    """The help's are the keys that have a test, all of them."""
    screen = top(lines=60)
    screen.shows("after 1.00s")
    screen.press("?")
    lines = screen.shows("these keys")
    helped = [line[2:16].strip() for line in lines[5:-1] if line]
    check_equal("keys", sorted(helped), sorted(KEYS))


# --- the mouse --------------------------------------------------------------------------------


def mouse():
    screen = at(2)
    screen.mouse(0, 3, 7)
    on(screen, "vm0")
    screen.mouse(64, 3, 7)
    on(screen, "vm1")
    screen.mouse(65, 3, 7)
    on(screen, "vm0")
    screen.mouse(0, 2, 4)
    lines = screen.shows("VM (PID)v")
    check_equal("rows", names(lines), ["vm0 (1000)", "vm1 (1001)", "vm2 (1002)"])
    screen.mouse(0, 3, 6)
    screen.mouse(0, 3, 6)
    screen.shows("vm1 (1001): reasons")


# --- the terminal -------------------------------------------------------------------------------


def left_by(signum, status):
    screen = top()
    screen.shows("after 1.00s")
    os.kill(screen.process("exitstat-bpf"), signum)
    check_equal("status", screen.ended(), status)


def left_by_interrupt():
    screen = top()
    screen.shows("after 1.00s")
    screen.press("C-c")
    check_equal("status", screen.ended(), 0)


def stopped():
    """Ctrl-Z gives the terminal back, fg takes it again."""
    script = 'set -m; "$@"; stty -g >"$0"; fg >/dev/null'
    screen = Tmux("sh", "-c", script, path("stopped"), tools.EXITSTAT, "top", "--replay",
                  recording(), "-i", NEVER)
    screen.shows("after 1.00s")
    screen.press("C-z")
    harness.wait_for("it to stop", lambda: os.path.exists(path("stopped"))
                     and os.path.getsize(path("stopped")))
    screen.shows("after 1.00s")
    check_equal("stty", read(path("stopped")), read(f"{screen.file}.before"))
    screen.press("q")
    check_equal("status", screen.ended(), 0)


def sizes():
    screen = at(3)
    for columns, lines in (300, 60), (120, 30), (81, 14), (200, 24), (80, 24):
        screen.resize(columns, lines)
        found = screen.wait(f"{columns}x{lines}", lambda found, wanted=lines: len(found) == wanted
                            and "losses: " in "\n".join(found) and "q quit" in found[-1])
        check(all(len(line) <= columns for line in found), f"{found}")
        check_equal(f"rows of {columns}x{lines}", len(table(found)), 3)
    check("RUNNABLE" not in screen.text(), screen.text())
    screen.resize(79, 24)
    screen.shows("enlarge the terminal to 80x14")
    screen.resize(250, 13)
    screen.shows("250x13: enlarge")
    screen.resize(250, 40)
    screen.shows("RUNNABLE")


def no_colour():
    colours = re.compile(r"\x1b\[(\d+;)*(3[0-7]|4[0-7]|[34]8)(;\d+)*m")
    screen = top()
    screen.shows("after 1.00s")
    check(colours.search(screen.colours()), "no colours at all")
    screen = top(environment=("LANG=C.UTF-8", "NO_COLOR=1"))
    screen.shows("after 1.00s")
    check(not colours.search(screen.colours()), repr(screen.colours()))
    on(screen, "vm2")


def ascii_only():
    screen = at(9, environment=("LANG=C",))
    screen.shows("#")
    check(screen.text().isascii(), screen.text())
    at(9).shows("\u2588")


def other_terminals(term):
    screen = top(environment=("LANG=C.UTF-8", f"TERM={term}"))
    screen.shows("after 1.00s", "vm2", "losses: 0 ")
    screen.press("Enter")
    screen.shows("vm2 (1002): reasons")
    screen.press("q")
    check_equal("status", screen.ended(), 0)


def as_lines(*inside):
    """No terminal, or one that cannot: lines."""
    done = harness.run_command([*inside, tools.EXITSTAT, "top", "--replay", recording(3)])
    check_equal("status and stderr", (done.returncode, done.stderr), (0, ""))
    lines = done.stdout.splitlines()
    check("EXITS/S" in lines[0], lines[0])
    # Three seconds of three VMs with eight reasons each.
    check_equal("lines", len(lines), 1 + 3 * 3 * 8)


def dumb():
    screen = Tmux(tools.EXITSTAT, "top", "--replay", recording(3), environment=("TERM=dumb",),
                  lines=100, columns=120)
    check_equal("status", screen.ended(), 0)
    check("EXITS/S" in screen.text(), screen.text())


def cut_file():
    whole = recording(12)
    size = os.path.getsize(whole)
    os.truncate(whole, size * 2 // 3)
    screen = Tmux(tools.EXITSTAT, "top", "--replay", whole, "-i", "0.05")
    screen.shows("END OF THE FILE", "missed; ")
    check("vm2" in screen.text(), screen.text())


def no_file():
    done = harness.run_command([tools.EXITSTAT, "top", "--replay", path("none")])
    check_equal("status", done.returncode, 3)
    check_equal("lines", len(done.stderr.splitlines()), 1)


def large():
    """Two hundred VMs: the last row is there, and what that takes of a CPU."""
    screen = at(2, vms=200, vcpus=5, lines=50, columns=200)
    screen.press("G")
    screen.shows("vm196 ")
    done = harness.run_command([MADE, "--speed", "15", "200", "5"])
    check_equal("status", done.returncode, 0)
    shares = [float(share) for share in re.findall(r"at 1 s: ([\d.]+) %", done.stdout)]
    check(len(shares) == 4 and max(shares) < 2, done.stdout)


CASES = [
    ("tui/all-keys", all_keys),
    *((f"tui/key {key}", test, CALLED.get(key, key))
      for keys, test in KEYS.items() for key in keys.split()),
    ("tui/rewritten", rewritten),
    ("tui/mouse", mouse),
    ("tui/ctrl-c", left_by_interrupt),
    *((f"tui/{name}", left_by, signal.Signals[name], status)
      for name, status in (("SIGTERM", 0), ("SIGHUP", 0), ("SIGINT", 0), ("SIGSEGV", 139),
                           ("SIGABRT", 134), ("SIGBUS", 135), ("SIGQUIT", 131))),
    ("tui/stopped", stopped),
    ("tui/sizes", sizes),
    ("tui/no-colour", no_colour),
    ("tui/ascii", ascii_only),
    *((f"tui/{term}", other_terminals, term) for term in ("screen", "tmux", "xterm", "vt100", "linux")),
    ("tui/lines", as_lines),
    ("tui/dumb", dumb),
    ("tui/cut-file", cut_file),
    ("tui/no-file", no_file),
    ("tui/large", large),
]
