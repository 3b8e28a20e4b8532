# SPDX-License-Identifier: GPL-2.0-only
"""A terminal that can be looked at: tmux, with a server of its own for each case."""
import os
import re
import subprocess
import time

import harness
from harness import Failure, check, path

# What a program can leave behind of a terminal.
FLAGS = ("alternate_on", "cursor_flag", "mouse_any_flag", "keypad_flag", "keypad_cursor_flag",
         "wrap_flag", "insert_flag")

SCRIPT = """
stty -g >"$1.before"
trap : INT  # Ctrl-C is for the program alone
file=$1; shift
"$@"
echo $? >"$file.status"
stty -g >"$file.after"
exec sleep 1000
"""


class Tmux:
    """A program on a terminal of its own; environment: NAME=VALUE words."""

    count = 0

    def __init__(self, *argv, lines=24, columns=80, environment=("LANG=C.UTF-8",)):
        Tmux.count += 1
        self.socket = path(f"tmux{Tmux.count}")
        self.file = path(f"run{Tmux.count}")
        clean = {name: value for name, value in os.environ.items()
                 if name not in ("LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "TMUX")}
        # In the foreground: it ends with the case.
        harness.spawn(["tmux", "-u", "-S", self.socket, "-f", "/dev/null", "-D"], env=clean)
        harness.wait_for("tmux", lambda: not self.run("set-option", "-g", "default-terminal",
                                                      "screen").returncode)
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(lines), "--", "env",
                  *environment, "sh", "-c", SCRIPT, "sh", self.file, *argv)
        self.tmux("set-option", "-g", "status", "off")
        self.resize(columns, lines)
        # Before the program has changed anything: of a terminal that is new.
        self.fresh = {"alternate_on": "0", "cursor_flag": "1", "mouse_any_flag": "0",
                      "keypad_flag": "0", "keypad_cursor_flag": "0", "wrap_flag": "1",
                      "insert_flag": "0"}

    def run(self, *words):
        return subprocess.run(["tmux", "-u", "-S", self.socket, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)

    def tmux(self, *words):
        done = self.run(*words)
        check(not done.returncode, f"tmux {words}: {done.stderr!r}")
        return done.stdout.decode("utf-8", "replace")

    def resize(self, columns, lines):
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def lines(self):
        return [line.rstrip() for line in self.tmux("capture-pane", "-p").split("\n")[:-1]]

    def colours(self):
        """The same with what makes it look as it does."""
        return self.tmux("capture-pane", "-p", "-e")

    def text(self):
        return "\n".join(self.lines())

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def mouse(self, button, column, line):
        """Of xterm's oldest kind, which every terminal description has: from 0 on."""
        self.type(f"\x1b[M{chr(32 + button)}{chr(33 + column)}{chr(33 + line)}")
        self.type(f"\x1b[M{chr(35)}{chr(33 + column)}{chr(33 + line)}")

    def wait(self, what, condition):
        """Until the condition holds for its lines; those are returned.

        A moment later, that is: tmux may have been given half of a screen so far.
        """
        end = time.monotonic() + harness.WAIT_TIMEOUT
        held = False
        while True:
            lines = self.lines()
            if held and condition(lines):
                return lines
            if time.monotonic() > end:
                raise Failure(f"the screen never showed {what}: {lines}")
            held = condition(lines)
            time.sleep(0.05)

    def shows(self, *words):
        return self.wait(" and ".join(map(repr, words)),
                         lambda lines: all(word in "\n".join(lines) for word in words))

    def shows_not(self, word):
        return self.wait(f"no {word!r}", lambda lines: word not in "\n".join(lines))

    def process(self, program):
        """Its number, among what runs in here."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()

        def find():
            children = read(f"/proc/{shell}/task/{shell}/children").split()
            return [pid for pid in children if read(f"/proc/{pid}/comm").strip() == program]
        return int(harness.wait_for(program, find)[0])

    def ended(self):
        """The status it has ended with; the terminal is as it was before."""
        harness.wait_for("the end", lambda: os.path.exists(f"{self.file}.after")
                         and os.path.getsize(f"{self.file}.after"))
        before, after, status = (read(f"{self.file}.{kind}")
                                 for kind in ("before", "after", "status"))
        check(before == after, f"stty says {after!r}, before {before!r}")
        for flag, fresh in self.fresh.items():
            found = self.tmux("display-message", "-p", f"#{{{flag}}}").strip()
            check(found == fresh, f"{flag} is {found}")
        return int(status)


def read(filename):
    with open(filename, encoding="utf-8") as file:
        return file.read()


# --- what the full-screen view shows -----------------------------------------------------

HEADING = 4


def table(lines):
    """{name of a row: {column: cell}}, in its order; numbers are aligned to the right."""
    heading = lines[HEADING]
    columns = [(match[0].rstrip("v^"), match.end()) for match in re.finditer(r"\S+", heading)
               if match[0] not in ("VM", "(PID)", "LAST", "MINUTE", "WITH")]
    first = re.match(r"(VM \(PID\)|VCPU|REASON)[v^]?\s*", heading)
    found = {}
    for line in lines[HEADING + 1:-1]:
        if not line:
            break
        # A name ends where two blanks or a number's column begins.
        cells = {}
        for name, end in columns:
            if end > first.end() and len(line) >= end:
                cells[name] = line[:end].rsplit(" ", 1)[-1]
        found[line[:first.end()].split("  ")[0].strip()] = cells
    return found


def names(lines):
    return list(table(lines))
