# SPDX-License-Identifier: GPL-2.0-only
"""SIGINT, SIGTERM and SIGHUP at any moment: the summary, a whole file, status 0."""
import signal
import time

import documents
import tools
from harness import check

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

# Of the time it takes to load: from before it begins to well after.
MOMENTS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.3, 1.6, 2.0]


def time_to_load():
    tracer = tools.Tracer().signals_blocked()
    start = time.monotonic()
    tracer.attached()
    seconds = time.monotonic() - start
    tracer.end()
    return seconds


def at_any_moment():
    """With a VM at work, so that there is something to count from the first moment."""
    tools.Vm(*tools.BUSY).running()
    seconds = time_to_load()
    for i, moment in enumerate(MOMENTS):
        tracer = tools.Tracer("-i", "0.1").signals_blocked()
        time.sleep(moment * seconds)
        run = tracer.end(SIGNALS[i % len(SIGNALS)])
        check("losses: 0 " in run.out, f"at {moment}: no summary: {run.out}")
        documents.check_losses(run.doc)


def while_tracing(signum):
    tracer = tools.Tracer().attached()
    report = tools.Vm("cpuid=300", "out=20").wait()
    run = tracer.end(signum)
    documents.check_exact(run.doc, report)
    check("losses: 0 " in run.out, f"no summary: {run.out}")


def twice():
    """An impatient user: the second one changes nothing."""
    tracer = tools.Tracer().attached()
    report = tools.Vm("cpuid=300").wait()
    tracer.process.send_signal(signal.SIGINT)
    documents.check_exact(tracer.end(signal.SIGTERM).doc, report)


CASES = [
    ("signals/at-any-moment", at_any_moment),
    *((f"signals/{signum.name}", while_tracing, signum) for signum in SIGNALS),
    ("signals/twice", twice),
]
