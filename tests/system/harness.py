# SPDX-License-Identifier: GPL-2.0-only
"""Runs cases: (name, function, argument...) each, a failure being an exception."""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

# The emulated host is slow, and slower beside other work: only what hangs gets here.
CASE_TIMEOUT = 800
WAIT_TIMEOUT = 60

directory = None  # of the running case, its own; readable by all users
name = None  # of the running case
remark = None  # of it, for its line, if it ends well
_children = []


class Failure(Exception):
    """What was expected and what was found instead, in one line."""


class Skip(Exception):
    """Why this case cannot run here."""


def check(condition, why):
    if not condition:
        raise Failure(why)


def check_equal(what, found, expected):
    check(found == expected, f"{what}: {found!r}, expected {expected!r}")


def path(filename):
    return os.path.join(directory, filename)


def spawn(argv, **options):
    """A process that does not outlive the case, nor what it starts."""
    child = subprocess.Popen(argv, start_new_session=True, **options)
    _children.append(child)
    return child


def run_command(argv, timeout=CASE_TIMEOUT, **options):
    """Run it to its end; like subprocess.run, but cleaned up after."""
    child = spawn(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                  text=True, **options)
    out, err = child.communicate(timeout=timeout)
    return subprocess.CompletedProcess(argv, child.returncode, out, err)


def wait_for(what, condition, timeout=WAIT_TIMEOUT):
    """Poll until the condition holds, and return what it returned."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failure(f"waited {timeout} s in vain for {what}")
        time.sleep(0.02)


def _kill_children():
    for child in _children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            with contextlib.suppress(BrokenPipeError):
                if stream:
                    stream.close()
    _children.clear()


def _out_of_time(_signal, _frame):
    raise Failure(f"not done after {CASE_TIMEOUT} s")


def _one_line(error):
    text = str(error) or type(error).__name__
    if not isinstance(error, (Failure, Skip)):
        text = f"{type(error).__name__}: {text}"
    return " / ".join(text.split("\n"))[:500]


def _run_case(function, arguments):
    global directory
    directory = tempfile.mkdtemp(prefix="exitstat-test.")
    os.chmod(directory, 0o755)
    signal.alarm(CASE_TIMEOUT)
    try:
        function(*arguments)
    finally:
        signal.alarm(0)
        _kill_children()
        shutil.rmtree(directory, ignore_errors=True)


def run(cases):
    global name, remark
    signal.signal(signal.SIGALRM, _out_of_time)
    for name, function, *arguments in cases:
        start = time.monotonic()
        remark = None
        try:
            _run_case(function, arguments)
            line = f"ok {name} - {remark}" if remark else f"ok {name}"
        except Skip as reason:
            line = f"skip {name} - {_one_line(reason)}"
        except Exception as error:  # whatever it is, the next case has its turn
            line = f"not ok {name} - {_one_line(error)}"
            print(f"--- {name}\n{traceback.format_exc()}", file=sys.stderr, flush=True)
        print(f"{line} # {time.monotonic() - start:.1f} s", flush=True)
