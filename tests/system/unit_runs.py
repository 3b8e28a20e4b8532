# SPDX-License-Identifier: GPL-2.0-only
"""exitstat-bpf serve with what systemd's unit allows it, on a host without systemd."""
import re
import socket

import serve
import tools
from harness import check, check_equal, path
from unit import analyze, settings

UID = "61234"  # as of DynamicUser=


def as_the_unit(*inside):
    """The words that start what follows with the unit's capabilities, and without a network."""
    check_equal("bounds", settings("CapabilityBoundingSet"), settings("AmbientCapabilities"))
    names = settings("AmbientCapabilities")[0].lower().split()
    capabilities = ",".join(["-all", *(name.replace("cap_", "+") for name in names)])
    return [*inside, "unshare", "--net", "setpriv", "--reuid", UID, "--regid", UID,
            "--clear-groups", "--no-new-privs", "--inh-caps", capabilities, "--ambient-caps",
            capabilities, "--bounding-set", capabilities, tools.EXITSTAT]


def served(*inside):
    """On a socket that it is handed."""
    server = socket.create_server(("127.0.0.1", 0))
    script = f'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&{server.fileno()}'
    # strace's child has another number than whoever is handed the socket.
    if inside:
        script = f'exec 3<&{server.fileno()}; exec "$@"'
    with server:
        return serve.Serve(argv=["bash", "-c", script, "bash", *as_the_unit(*inside)],
                                  listen=None, pass_fds=[server.fileno()])


def starts():
    unit = served()
    serve.check_unprivileged(unit, int(UID))
    vm = tools.Vm("cpuid=300", "out=20", "--name", "a")
    vm.wait()
    serve.check_exact(unit.samples(), a=vm.report())
    unit.ended()


# --- system calls ----------------------------------------------------------------------------


def members(name):
    """Of a set of systemd's, with those of the sets in it."""
    if not name.startswith("@"):
        return {name}
    found = set()
    for line in analyze("syscall-filter", name).stdout.splitlines()[1:]:
        word = line.strip()
        if word and not word.startswith("#"):
            found |= members(word)
    return found


def allowed():
    """As systemd reads the lines: the first says what is allowed at all."""
    found = set()
    for line in settings("SystemCallFilter"):
        named = set().union(*(members(word) for word in line.lstrip("~").split()))
        found = found - named if line.startswith("~") else found | named
    return found


def system_calls():
    """It makes none that the unit does not allow, from its own start on."""
    log = path("calls")
    inside = ["strace", "-f", "-qq", "-o", log, "sh", "-c",
              'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"', "sh"]
    unit = served(*inside)
    tools.Vm("cpuid=300", "--name", "a").wait()
    unit.samples()
    with open(log, encoding="utf-8", errors="replace") as file:
        calls = file.read().split(f'execve("{tools.EXITSTAT}"')[-1]
    made = set(re.findall(r"^\d+ +(\w+)\(", calls, re.M))
    check({"bpf", "accept4"} <= made or {"bpf", "accept"} <= made, f"calls: {sorted(made)}")
    check_equal("not allowed", sorted(made - allowed()), [])


CASES = [
    ("unit/starts", starts),
    ("unit/system-calls", system_calls),
]
