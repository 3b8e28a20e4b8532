# SPDX-License-Identifier: GPL-2.0-only
"""Hosts and users that cannot: status 3 (or 1), one line that says what to do."""
import ctypes
import os
import shutil
import struct
import subprocess

import documents
import harness
import tools
from harness import check, check_equal, path
from usage import one_line


def fails(status, words, *options, before=(), exitstat=tools.EXITSTAT, **kwargs):
    """One line, no output, the command not run, no file left."""
    done = harness.run_command([*before, exitstat, "--json", path("x.json"), *options,
                                "--", "touch", path("ran")], **kwargs)
    one_line(done, status, *words)
    check(not os.path.exists(path("ran")), "the command ran")
    check(not [name for name in os.listdir(harness.directory) if name.startswith("x.json")],
          f"files left: {os.listdir(harness.directory)}")


def own_copy():
    """Where other users may run it: the way to the build folder may be closed to them."""
    os.chmod(harness.directory, 0o777)
    return shutil.copy(tools.EXITSTAT, path("exitstat-bpf"))


def not_root():
    """Loading BPF is for root."""
    if os.geteuid():
        fails(3, ["sudo"])
    else:
        fails(3, ["sudo"], before=["setpriv", "--reuid", "65534", "--clear-groups"],
              exitstat=own_copy())


def root_without_capabilities():
    fails(3, ["sudo"], before=["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"])


def as_nobody(capabilities):
    return ["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps", capabilities,
            "--ambient-caps", capabilities]


def capabilities_suffice():
    """What the message advises is enough."""
    done = harness.run_command(
        [*as_nobody("+sys_admin"), own_copy(), "--json", path("x.json"), "--",
         *tools.exitgen_to(path("r.json"), "cpuid=300")])
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 0)
    documents.check_exact(documents.read(path("x.json")), tools.read_report(path("r.json")))


def capabilities_lack():
    """CAP_BPF and CAP_PERFMON cannot see the BTF of modules."""
    fails(3, ["sudo", "CAP_SYS_ADMIN"], before=as_nobody("+bpf,+perfmon"), exitstat=own_copy())


def hidden(folder, *words):
    """As in a container: the kernel has it, but it is not mounted here."""
    script = f'mount -t tmpfs none {folder} && exec "$@"'
    fails(3, words, before=["unshare", "-m", "/bin/sh", "-c", script, "sh"])


def pid_namespace():
    """As in a container without --pid=host: no VM is shown as another process's."""
    fails(3, ["PID namespace", "--pid=host"], before=["unshare", "-pf", "--mount-proc"])


def few_descriptors():
    """Not enough for the maps and programs: that is said. What it says is enough is."""
    for limit in 12, 63:
        fails(1, ["descriptors", "ulimit -n 64"],
              before=["/bin/sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh"])
    done = harness.run_command(["/bin/sh", "-c", 'ulimit -n 64; exec "$@"', "sh", tools.EXITSTAT,
                                "--snapshots", "--json", path("x.json"), "--", "true"])
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 0)


def no_file_may_grow():
    """ulimit -f 0: the file cannot be written, the summary can."""
    script = 'ulimit -f 0; exec "$@" | cat'
    done = harness.run_command(["/bin/bash", "-c", f"set -o pipefail; {script}", "sh", tools.EXITSTAT,
                                "--json", path("x.json"), "-d", "0.2"])
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 1)
    check("File too large" in done.stderr, f"stderr: {done.stderr}")
    check("losses: 0 " in done.stdout, f"no summary: {done.stdout}")
    check_equal("files", os.listdir(harness.directory), [])


def closed_stdout():
    """Nothing of ours gets its number; the file is whole, and the status tells."""
    done = harness.run_command(["/bin/sh", "-c", 'exec "$@" >&-', "sh", tools.EXITSTAT,
                                "--json", path("x.json"), "-d", "0.2"])
    check_equal(f"status ({done.stderr.strip()})", done.returncode, 1)
    check("Bad file descriptor" in done.stderr, f"stderr: {done.stderr}")
    documents.read(path("x.json"))


def thread_id():
    """-p with a thread's number names the process."""
    code = ("import threading, time\n"
            "def run():\n  print(threading.get_native_id(), flush=True); time.sleep(60)\n"
            "threading.Thread(target=run).start()")
    child = harness.spawn(["/usr/bin/python3", "-c", code], stdout=subprocess.PIPE, text=True)
    thread = child.stdout.readline().strip()
    fails(1, [f"{thread} is a thread of process {child.pid}", f"--pid {child.pid}"], "-p", thread)


def forbid_bpf(errnum):
    """A seccomp filter as containers have it: bpf() fails with errnum."""
    load, equal, give = 0x20, 0x15, 0x06
    bpf_number, allow, refuse = 321, 0x7FFF0000, 0x00050000
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in (
        (load, 0, 0, 0), (equal, 0, 1, bpf_number), (give, 0, 0, refuse | errnum),
        (give, 0, 0, allow)))
    buffer = ctypes.create_string_buffer(program)
    filters = struct.pack("HxxxxxxP", 4, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, filters, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def seccomp(errnum):
    fails(3, ["refuses BPF", "seccomp"], preexec_fn=lambda: forbid_bpf(errnum))


def no_such_pid():
    child = harness.spawn(["true"])
    child.wait()
    fails(1, [f"no process {child.pid}"], "-p", str(child.pid))


CASES = [
    ("errors/not-root", not_root),
    ("errors/root-without-capabilities", root_without_capabilities),
    ("errors/capabilities-suffice", capabilities_suffice),
    ("errors/capabilities-lack", capabilities_lack),
    ("errors/hidden-btf", hidden, "/sys/kernel/btf", "the kernel has BTF", "/sys"),
    ("errors/hidden-sys", hidden, "/sys", "mount -t sysfs"),
    ("errors/hidden-proc", hidden, "/proc", "mount -t proc"),
    ("errors/pid-namespace", pid_namespace),
    ("errors/few-descriptors", few_descriptors),
    ("errors/no-file-may-grow", no_file_may_grow),
    ("errors/closed-stdout", closed_stdout),
    ("errors/thread-id", thread_id),
    ("errors/seccomp-eperm", seccomp, 1),
    ("errors/seccomp-enosys", seccomp, 38),
    ("errors/no-such-pid", no_such_pid),
]
