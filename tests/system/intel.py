# SPDX-License-Identifier: GPL-2.0-only
"""Exact on VMX: from outside, for the emulated Intel host has no Python."""
import json
import os

import documents
import tools
from harness import CASE_TIMEOUT, check_equal, path, run_command

LAB = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../lab/run")


def every_kind():
    exits = [f"{kind}={count}" for kind, count in (
        ("cpuid", 2000), ("out", 100), ("in", 50), ("hlt", 23), ("rdmsr", 31), ("wrmsr", 17),
        ("mmio_read", 11), ("mmio_write", 7), ("hypercall", 5), ("cr_write", 3))]
    os.mkdir(path("out"))
    done = run_command(
        [LAB, "--isa", "vmx", "--timeout", str(CASE_TIMEOUT - 20), "--",
         tools.EXITSTAT, "--json", path("out/exitstat.json"), "--",
         *tools.exitgen_to(path("out/exitgen.json"), *exits, "--vcpus", "2")],
        env={**os.environ, "OUT": path("out")})
    check_equal(f"status ({done.stderr.strip()[-300:]})", done.returncode, 0)
    with open(path("out/exitstat.json"), encoding="utf-8") as file:
        text = file.read()
    documents.keep(text)
    doc = json.loads(text)
    check_equal("isa", doc["host"]["isa"], "vmx")
    documents.check_exact(doc, tools.read_report(path("out/exitgen.json")))


CASES = [("vmx/every-kind", every_kind)]
