# SPDX-License-Identifier: GPL-2.0-only
"""Files that cannot be written: found before tracing starts, and a good one is kept."""
import os
import signal
import subprocess

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


def protect(name, value):
    """A switch of the kernel, as distributions set it; how it was."""
    switch = f"/proc/sys/fs/{name}"
    before = read_text(switch)
    write_text(switch, value)
    return before


def in_others_folder():
    """What the kernel forbids a shell's > in a folder like /tmp, it forbids us."""
    nobody = 65534
    os.mkdir(path("tmp"))
    os.chmod(path("tmp"), 0o1777)
    write_text(path("secret"), OLD)
    os.symlink(path("secret"), path("tmp/link"))
    os.chown(path("tmp/link"), nobody, nobody, follow_symlinks=False)
    write_text(path("tmp/theirs"), OLD)
    os.chown(path("tmp/theirs"), nobody, nobody)
    before = [(name, protect(name, value))
              for name, value in (("protected_symlinks", "1"), ("protected_regular", "2"))]
    try:
        refused(path("tmp/link"), "Permission denied")
        refused(path("tmp/theirs"), "Permission denied")
        tools.exitstat("--json", path("tmp/ours"), "-d", "0.1")
    finally:
        for name, value in before:
            protect(name, value)
    check_equal("what the link leads to", read_text(path("secret")), OLD)
    check_equal("their file", read_text(path("tmp/theirs")), OLD)
    check_equal("owner of ours", os.stat(path("tmp/ours")).st_uid, 0)
    check_equal("files", sorted(os.listdir(path("tmp"))), ["link", "ours", "theirs"])


def link_to_nothing():
    """As with a shell's >, what the link names is made."""
    os.symlink("new.json", path("x.json"))
    tools.exitstat("--json", path("x.json"), "-d", "0.1")
    documents.read(path("new.json"))
    check(os.path.islink(path("x.json")), "the link was replaced")


def start_to_fifo():
    os.mkfifo(path("fifo"))
    process = harness.spawn([tools.EXITSTAT, "--json", path("fifo"), "-d", "0.2"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check_equal("it says", process.stderr.readline(), f"waiting for a reader of {path('fifo')}\n")
    return process


def fifo_without_reader(name):
    """It waits; a signal ends that, and the summary is there all the same."""
    process = start_to_fifo()
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=harness.WAIT_TIMEOUT)
    check_equal("status", process.returncode, 1)
    check("Interrupted" in err and path("fifo") in err, f"stderr: {err}")
    check("losses: 0 " in out, f"no summary: {out}")


def fifo_with_late_reader():
    process = start_to_fifo()
    with open(path("fifo"), encoding="utf-8") as fifo:
        text = fifo.read()
    process.communicate(timeout=harness.WAIT_TIMEOUT)
    check_equal("status", process.returncode, 0)
    write_text(path("x.json"), text)
    documents.read(path("x.json"))


CASES = [
    ("files/no-folder", no_folder),
    ("files/is-folder", is_folder),
    ("files/read-only", read_only),
    ("files/full-at-the-end", full_at_the_end),
    ("files/untouched-by-failure", untouched_by_failure),
    ("files/replaces", replaces),
    ("files/in-others-folder", in_others_folder),
    ("files/link-to-nothing", link_to_nothing),
    *((f"files/fifo-without-reader-{name}", fifo_without_reader, name)
      for name in ("SIGINT", "SIGTERM", "SIGHUP")),
    ("files/fifo-with-late-reader", fifo_with_late_reader),
]
