# SPDX-License-Identifier: GPL-2.0-only
"""Calls on files fail, each in turn, while compare reads and writes: its result is whole, or what
was there still is; one line says why. Needs no root and no KVM."""
import json
import os
import re

import harness
import tools
from harness import check, check_equal, path
from usage import one_line

OLD = "what was there\n"
PAIR = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))),
                    "fuzz/corpus/compare/no-snapshots.json")
CALLS = "read,write,openat,fcntl,readlink,fchown,fchmod,fsync,rename"
BEGINS = "fcntl(0, F_GETFD)"  # main(): before it the loader is at work


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(text)


def write_files():
    """Two files that agree, in a folder of their own, and one to be replaced."""
    with open(PAIR, encoding="utf-8") as file:
        pair = json.load(file)
    write("host.json", json.dumps(pair["host"]))
    write("guest.json", json.dumps(pair["guest"]))
    os.mkdir(path("to"))


def compare(*strace, prefix=()):
    write("to/result.json", OLD)
    before = [tools.STRACE, "-o", path("log"), *strace] if strace else []
    return harness.run_command(
        [*before, *prefix, tools.EXITSTAT, "compare", "--json", path("to/result.json"),
         path("host.json"), path("guest.json")])


def result():
    with open(path("to/result.json"), encoding="utf-8") as file:
        return file.read()


def expect(what, done, whole):
    """All of it, or one line and the file as it was."""
    check_equal(f"{what}: files", os.listdir(path("to")), ["result.json"])
    if done.returncode == 0:
        check_equal(f"{what}: what is printed", done.stdout, whole[0])
        check_equal(f"{what}: what is written", result(), whole[1])
        return 0
    check(done.returncode in (1, 3), f"{what}: status {done.returncode}: {done.stderr}")
    check_equal(f"{what}: lines ({done.stderr})", len(done.stderr.splitlines()), 1)
    check(done.stderr.startswith("exitstat-bpf: "), f"{what}: {done.stderr}")
    check(result() in (OLD, whole[1]), f"{what}: half a file: {result()[:200]}")
    return 1


def undisturbed():
    """What it prints and writes, and the calls it makes of itself: (name, which of these)."""
    done = compare("-e", f"trace={CALLS}")
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 0)
    found, counts, main = [], {}, False
    with open(path("log"), encoding="utf-8", errors="replace") as log:
        for line in log:
            if match := re.match(r"(\w+)\(", line):
                counts[match[1]] = counts.get(match[1], 0) + 1
                main = main or line.startswith(BEGINS)
                if main:
                    found.append((match[1], counts[match[1]]))
    return (done.stdout, result()), found


def each_fails(errno):
    tools.need_strace()
    write_files()
    whole, calls = undisturbed()
    failed = 0
    for call, nth in calls:
        done = compare("-e", f"trace={CALLS}", "-e", f"inject={call}:error={errno}:when={nth}")
        failed += expect(f"{call} {nth}, {errno}", done, whole)
        # To be interrupted is no fault of the file's.
        check(errno != "EINTR" or call != "read" or not done.returncode, done.stderr)
    check(len(calls) > 20 and failed > 5, f"{failed} of {len(calls)} calls mattered")


def short_writes():
    """A file may grow to so many KiB: what fits is written, and then no more."""
    write_files()
    done = compare()
    whole = done.stdout, result()
    check(len(whole[1]) > 1024, "a result this small shows nothing")
    expect("ulimit -f 1", compare(prefix=["/bin/bash", "-c", 'ulimit -f 1; exec "$@"', "sh"]), whole)
    check_equal("the file", result(), OLD)


def full():
    """/dev/full takes nothing."""
    write_files()
    for file in "result", "stdout":
        to = "/dev/full" if file == "result" else path("to/result.json")
        done = harness.run_command(
            ["/bin/sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh",
             "/dev/full" if file == "stdout" else path("said"), tools.EXITSTAT, "compare", "--json",
             to, path("host.json"), path("guest.json")])
        one_line(done, 1, "No space left on device")


CASES = [
    *((f"faulty/{errno}", each_fails, errno) for errno in ("EINTR", "EIO", "ENOSPC", "ENOMEM")),
    ("faulty/short-writes", short_writes),
    ("faulty/full", full),
]
