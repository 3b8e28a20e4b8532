# SPDX-License-Identifier: GPL-2.0-only
"""Files that cannot be written: found before tracing starts, and a good one is kept."""
import os

import documents
import harness
import tools
from harness import check, check_equal, path
from usage import one_line

OLD = "what was there\n"


def read_text(filename):
    with open(filename, encoding="utf-8") as file:
        return file.read()


def write_text(filename, text):
    with open(filename, "w", encoding="utf-8") as file:
        file.write(text)


def mount(options):
    """An own small file system, gone with the case."""
    os.mkdir(path("fs"))
    done = harness.run_command(["mount", "-t", "tmpfs", "-o", options, "none", path("fs")])
    check_equal(f"mount ({done.stderr.strip()})", done.returncode, 0)


def unmount():
    harness.run_command(["umount", "-l", path("fs")])


def refused(filename, *words):
    done = harness.run_command([tools.EXITSTAT, "--json", filename, "--", "touch", path("ran")])
    one_line(done, 1, filename, *words)
    check(not os.path.exists(path("ran")), "the command ran")


def no_folder():
    refused(path("no/such/folder/x.json"), "No such file or directory")


def is_folder():
    refused(harness.directory, "Is a directory")


def read_only():
    mount("size=1m")
    try:
        write_text(path("fs/x.json"), OLD)
        harness.run_command(["mount", "-o", "remount,ro", path("fs")])
        refused(path("fs/x.json"), "Read-only file system")
        refused(path("fs/new.json"), "Read-only file system")
        check_equal("the old file", read_text(path("fs/x.json")), OLD)
    finally:
        unmount()


def full_at_the_end():
    """Room when it starts, none when it ends."""
    mount("size=64k")
    try:
        write_text(path("fs/x.json"), OLD)
        fill = f"cat /dev/zero >{path('fs/fill')} 2>/dev/null; exit 0"
        done = harness.run_command([tools.EXITSTAT, "--json", path("fs/x.json"), "--",
                                    "/bin/sh", "-c", fill])
        check_equal(f"status ({done.stderr.strip()})", done.returncode, 1)
        check_equal("lines", len(done.stderr.splitlines()), 1)
        for words in path("fs/x.json"), "No space left on device":
            check(words in done.stderr, f"'{words}' is not in {done.stderr}")
        check("losses: 0 " in done.stdout, f"no summary: {done.stdout}")
        check_equal("the old file", read_text(path("fs/x.json")), OLD)
        check_equal("files", sorted(os.listdir(path("fs"))), ["fill", "x.json"])
    finally:
        unmount()


def untouched_by_failure():
    """A run that fails later leaves an old file as it was."""
    write_text(path("x.json"), OLD)
    done = harness.run_command([tools.EXITSTAT, "--json", path("x.json"), "-p", "4194000"])
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 1)
    check_equal("the old file", read_text(path("x.json")), OLD)
    check_equal("files", os.listdir(harness.directory), ["x.json"])


def replaces():
    """A good run replaces it, through a link as well, and keeps its mode."""
    write_text(path("real.json"), OLD)
    os.chmod(path("real.json"), 0o640)
    os.symlink("real.json", path("x.json"))
    tools.exitstat("--json", path("x.json"), "-d", "0.1")
    documents.read(path("real.json"))
    check(os.path.islink(path("x.json")), "the link was replaced")
    check_equal("mode", os.stat(path("real.json")).st_mode & 0o777, 0o640)
    check_equal("files", sorted(os.listdir(harness.directory)), ["real.json", "x.json"])


CASES = [
    ("files/no-folder", no_folder),
    ("files/is-folder", is_folder),
    ("files/read-only", read_only),
    ("files/full-at-the-end", full_at_the_end),
    ("files/untouched-by-failure", untouched_by_failure),
    ("files/replaces", replaces),
]
