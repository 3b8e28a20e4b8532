# SPDX-License-Identifier: GPL-2.0-only
"""On a terminal that cannot show the whole screen: a live table, and Ctrl-C ends with the summary."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import documents
import harness
import tools
from harness import Failure, check, check_equal, path

CLEAR = "\x1b[H\x1b[J"


class Terminal:
    def __init__(self, *argv, lines=30, columns=100):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        # What is pressed does not appear in the middle of what is printed.
        settings = termios.tcgetattr(slave)
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        # Its own session, this terminal the controlling one: Ctrl-C becomes SIGINT.
        self.process = harness.spawn(
            argv, stdin=slave, stdout=slave, stderr=subprocess.STDOUT,
            env={**os.environ, "TERM": "dumb"},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.text = ""

    def read_until(self, what, condition):
        end = time.monotonic() + harness.WAIT_TIMEOUT
        while not condition(self.text):
            if time.monotonic() > end:
                raise Failure(f"the terminal never showed {what}: {self.text[-300:]!r}")
            if not select.select([self.master], [], [], 1)[0]:
                continue
            try:
                self.text += os.read(self.master, 65536).decode()
            except OSError:  # the other end is closed
                check(condition(self.text), f"the end came without {what}: {self.text[-300:]!r}")

    def press(self, key):
        os.write(self.master, key)

    def ended(self):
        self.read_until("the summary's end", lambda text: "losses: " in text.rpartition(CLEAR)[2]
                        and " TSC cycles" in text.rpartition(CLEAR)[2])
        status = self.process.wait(harness.WAIT_TIMEOUT)
        os.close(self.master)
        return status


def live_table():
    tools.Vm(*tools.BUSY, "--name", "busy").running()
    terminal = Terminal(tools.EXITSTAT, "-i", "0.3", "--json", path("x.json"))
    terminal.read_until("three tables", lambda text: text.count(CLEAR) > 3 and "CPUID" in text)
    for words in "exitstat: 1 VM, ", "Ctrl-C ends", "losses: 0 ", "EXITS/S", "busy (pid ":
        check(words in terminal.text, f"'{words}' is not in {terminal.text!r}")
    terminal.press(b"\x03")
    check_equal("status", terminal.ended(), 0)
    summary = tools.read_summary(terminal.text.rpartition(CLEAR)[2].replace("\r", ""))
    doc = documents.read(path("x.json"))
    check_equal("exits in the summary", [table[None] for table in summary.values()],
                [documents.total(doc)])


def small_terminal():
    """Never more lines than it has: or the top would scroll away."""
    tools.Vm("cpuid=3000000", "out=1000000", "hlt=1000000", "--vms", "6",
             "--one-process").running()
    terminal = Terminal(tools.EXITSTAT, "-i", "0.5", lines=12)
    terminal.read_until("two full tables", lambda text: text.count("more rows") >= 2)
    terminal.press(b"\x03")
    check_equal("status", terminal.ended(), 0)
    for screen in terminal.text.split(CLEAR)[1:-1]:
        check(screen.count("\n") < 12, f"{screen.count(chr(10))} lines: {screen!r}")


def narrow_terminal():
    """Never wider than it is: or a line would wrap, and the redraw stand in the wrong place."""
    tools.Vm(*tools.BUSY, "--name", "busy").running()
    terminal = Terminal(tools.EXITSTAT, "-i", "0.5", columns=40)
    terminal.read_until("two tables", lambda text: text.count("more columns") >= 2)
    terminal.press(b"\x03")
    check_equal("status", terminal.ended(), 0)
    for screen in terminal.text.split(CLEAR)[1:-1]:
        for line in screen.splitlines():
            check(len(line) <= 40, f"{len(line)} columns: {line!r}")
        check("missed" in screen, f"no losses: {screen!r}")


CASES = [
    ("terminal/live-table", live_table),
    ("terminal/small", small_terminal),
    ("terminal/narrow", narrow_terminal),
]
