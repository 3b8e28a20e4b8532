# SPDX-License-Identifier: GPL-2.0-only
"""Cases on hosts that Bochs emulates, run from outside: these have no Python."""
import json
import os
import shlex

import documents
import leaves
import tools
from harness import CASE_TIMEOUT, check_equal, path, run_command

LAB = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../lab/run")


def in_lab(isa, options, *command):
    """What it printed; what it left in path("out") is there."""
    os.makedirs(path("out"), exist_ok=True)
    done = run_command(
        [LAB, "--isa", isa, "--emulator", "bochs", "--timeout", str(CASE_TIMEOUT - 20), *options,
         "--carry", tools.EXITSTAT, "--carry", tools.EXITGEN, "--carry", leaves.LEAVES, "--",
         *command], env={**os.environ, "OUT": path("out")})
    check_equal(f"status ({done.stderr.strip()[-300:]})", done.returncode, 0)
    return done.stdout


def run_all(runs, *options, isa="vmx", lab=(), then=(), trace=()):
    """All these runs of exitgen, traced, then these commands: documents, reports, output.

    trace: options of exitstat-bpf.
    """
    lines = ["set -e", "cd $OUT"]
    for i, exits in enumerate(runs):
        command = shlex.join([tools.EXITGEN, *exits, *options])
        lines.append(f"{shlex.join([tools.EXITSTAT, *trace])} --json {i}.json -- sh -c '{command} >{i}.report' >{i}.out")
    said = in_lab(isa, lab, "sh", "-c", "\n".join([*lines, *then]))
    out = path("out")
    return [(read_document(f"{out}/{i}.json", isa), tools.read_report(f"{out}/{i}.report"))
            for i in range(len(runs))], said


def read_document(name, isa):
    with open(name, encoding="utf-8") as file:
        text = file.read()
    documents.keep(text)
    doc = json.loads(text)
    check_equal("isa", doc["host"]["isa"], isa)
    return doc


def are_exact(runs, **how):
    for doc, report in run_all(runs, **how)[0]:
        documents.check_exact(doc, report)
