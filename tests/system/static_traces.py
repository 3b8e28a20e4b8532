# SPDX-License-Identifier: GPL-2.0-only
"""The static exitstat-bpf counts from an empty root what exitgen does outside."""
import documents
import static
import tools
from exact import EVERY
from harness import check_equal


def is_exact(*options):
    tracer = tools.Tracer(*options, argv=static.in_empty_root()).attached()
    vm = tools.Vm(*EVERY, "--vcpus", "2", "--name", "seen")
    report = vm.wait()
    run = tracer.end()
    documents.check_exact(run.doc, report)
    check_equal("names", [vm["name"] for vm in run.doc["vms"]], ["seen"])


CASES = [
    ("static/exact", is_exact),
    ("static/exact-everything", is_exact, "--detail", "--split", "--slowest", "3"),
]
