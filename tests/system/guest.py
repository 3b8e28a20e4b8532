# SPDX-License-Identifier: GPL-2.0-only
"""Running exitstat-guest in a Linux guest of the emulated host."""
import collections
import os
import subprocess
import sys

import harness
import tools
from harness import Skip, check_equal, path

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
EXITSTAT_GUEST = f"{tools.BUILD}/exitstat-guest"
SCHEMA = f"{TOP}/user/doc/exitstat-guest.schema.json"

Done = collections.namedtuple("Done", "status out err")


def linux_guest(smp=1):
    if not os.environ.get("LAB_KERNEL") or not os.access("/dev/kvm", os.W_OK):
        raise Skip("no emulated host that can start a guest")
    return [f"{TOP}/tests/lab/linux-guest", "--smp", str(smp)]


def run_in_guest(commands, smp=1):
    """name -> Done, of these shell commands (name -> text) run in one guest, in order.

    In them $guest is exitstat-guest, and what they write to $OUT is in path("guest").
    """
    os.mkdir(path("guest"))
    with open(path("script"), "w") as script:
        script.write(f"guest={EXITSTAT_GUEST}\n")
        for name, text in commands.items():
            script.write(f"({text}) >$OUT/{name}.out 2>$OUT/{name}.err\necho $? >$OUT/{name}.status\n")
    # The guest's files are this machine's, so the script is where it was written.
    done = harness.run_command([*linux_guest(smp), "--", "/bin/sh", path("script")],
                               env={**os.environ, "OUT": path("guest")})
    check_equal(f"the guest's status ({done.stderr.strip()})", done.returncode, 0)
    return {name: Done(int(read(f"{name}.status")), read(f"{name}.out"), read(f"{name}.err"))
            for name in commands}


def read(name):
    with open(os.path.join(path("guest"), name), encoding="utf-8") as file:
        return file.read()


def check_schema(*names):
    done = subprocess.run(
        [sys.executable, f"{TOP}/tests/validate-json", SCHEMA,
         *(os.path.join(path("guest"), name) for name in names)], stderr=subprocess.PIPE, text=True)
    check_equal(f"validate-json ({done.stderr.strip()})", done.returncode, 0)
