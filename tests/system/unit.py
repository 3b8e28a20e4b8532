# SPDX-License-Identifier: GPL-2.0-only
"""systemd's units: what they allow is little; unit_runs has that it is enough."""
import os
import re
import shutil

import harness
from harness import Skip, check, check_equal, path

UNITS = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../user/packaging/systemd"))
SERVICE = f"{UNITS}/exitstat.service"
MOST_EXPOSED = 20  # in tenths, of systemd-analyze security


def settings(name):
    """All values of that setting, in their order."""
    with open(SERVICE, encoding="utf-8") as file:
        return re.findall(rf"^{name}=(.*)$", file.read(), re.M)


def analyze(*argv):
    if not shutil.which("systemd-analyze"):
        raise Skip("no systemd-analyze")
    done = harness.run_command(["systemd-analyze", *argv])
    check_equal(f"status of {argv} ({done.stderr.strip()[:200]})", done.returncode, 0)
    return done


def is_hardened():
    analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", SERVICE)


def is_valid():
    """systemd knows each setting; the program need not be installed."""
    for name in os.listdir(UNITS):
        with open(f"{UNITS}/{name}", encoding="utf-8") as unit, \
                open(path(name), "w", encoding="utf-8") as copy:
            copy.write(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read(), flags=re.M))
    done = analyze("verify", "--man=no", path("exitstat.service"), path("exitstat.socket"))
    check_equal("what it says", [line for line in done.stderr.splitlines() if "exitstat" in line],
                [])


CASES = [
    ("unit/is-hardened", is_hardened),
    ("unit/is-valid", is_valid),
]
