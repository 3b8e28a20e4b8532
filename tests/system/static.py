# SPDX-License-Identifier: GPL-2.0-only
"""The static exitstat-bpf where there is nothing but itself, /proc and /sys."""
import os
import re
import shutil

import harness
import tools
from harness import Skip, check, check_equal, path
from tmux import Tmux
from tui import recording

PROGRAM = f"{tools.BUILD}/static/exitstat-bpf"

# /exitstat-bpf in that root, $1, and of the rest of the world $2, the case's own folder.
SCRIPT = """
root=$1 ours=$2; shift 2
mkdir -p "$root/proc" "$root/sys" "$root$ours" || exit
mount -t proc proc "$root/proc" && mount --rbind /sys "$root/sys" &&
	mount --bind "$ours" "$root$ours" && exec chroot "$root" /exitstat-bpf "$@"
"""


def in_empty_root():
    """The words that run it there; its mounts are its own."""
    if os.geteuid() != 0:
        raise Skip("not root")
    root = path("root")
    if not os.path.exists(root):
        os.mkdir(root)
        shutil.copy(PROGRAM, f"{root}/exitstat-bpf")
    return ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", root, harness.directory]


def runs(*words, stdout):
    done = harness.run_command([*in_empty_root(), *words])
    check_equal("status, stderr", (done.returncode, done.stderr), (0, ""))
    check(re.search(stdout, done.stdout), f"stdout: {done.stdout[:300]}")


def same_report():
    """A file is read as the other program reads it."""
    made = recording()
    for options in ((), ("--histogram",), ("--json", "-"), ("--csv", "--per", "2")):
        here = harness.run_command([tools.EXITSTAT, "report", *options, made])
        there = harness.run_command([*in_empty_root(), "report", *options, made])
        check_equal(f"status of {options}", (here.returncode, there.returncode), (0, 0))
        check_equal(f"report {options}", there.stdout, here.stdout)


def top(terminal):
    """A terminal of which only the program knows what it can; there is no locale but C."""
    screen = Tmux(*in_empty_root(), "top", "--replay", recording(), "-i", "0.05",
                  environment=("LANG=C.UTF-8", f"TERM={terminal}"))
    screen.shows("all VMs: VMs", "vm2 (1002)", "END OF THE FILE")
    text = screen.text()
    check(text.isascii() and re.search("[-=+*%#]{3}", text), f"no marks in ASCII: {text}")
    screen.press("Down", "Enter")
    screen.shows("vm1 (1001): reasons")
    screen.press("q")
    check_equal("status", screen.ended(), 0)


def unknown_terminal():
    """Plain tables, as on one that can do nothing."""
    screen = Tmux(*in_empty_root(), "top", "--replay", recording(3), "-i", "0.05",
                  environment=("TERM=unheard-of",))
    screen.shows("IO_INSTRUCTION", "vm2 (pid 1002)", "33.45%")
    check_equal("status", screen.ended(), 0)


def is_static():
    done = harness.run_command(["readelf", "--dynamic", "--program-headers", PROGRAM])
    check_equal("readelf", (done.returncode, done.stderr), (0, ""))
    for word in "INTERP", "NEEDED":
        check(word not in done.stdout, f"it has a {word}")


CASES = [
    ("static/is-static", is_static),
    ("static/version", lambda: runs("--version", stdout=r"^exitstat-bpf \d")),
    ("static/help", lambda: runs("--help", stdout="--json")),
    ("static/explain", lambda: runs("explain", "EPT_VIOLATION", stdout="EPT")),
    ("static/report", same_report),
    *((f"static/top-{terminal}", top, terminal)
      for terminal in ("screen", "screen-256color", "xterm-256color", "tmux-256color")),
    ("static/top-unknown", unknown_terminal),
]
