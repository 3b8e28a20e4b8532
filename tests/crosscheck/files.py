# SPDX-License-Identifier: GPL-2.0-only
"""What a run has written, compared by `exitstat-bpf compare`; then with numbers changed."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))
from comparing import numbers  # noqa: E402

HOST_CHANGES = 200  # of the host's numbers, evenly spread: there are ten thousand
GUESTS = "watch.json", "once.json", "cpuid.txt"


class Disagreement(Exception):
    """Files disagree that should not, or agree that should not."""


def compare(tool, *arguments):
    return subprocess.run([tool, "compare", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)


def check_guest(tool, folder, name):
    """What was checked in this file of the guest."""
    result = os.path.join(folder, f"compare-{name}")
    done = compare(tool, "--json", result, os.path.join(folder, "host.json"),
                   os.path.join(folder, name))
    with open(os.path.join(folder, f"compare-{name}.txt"), "w", encoding="utf-8") as file:
        file.write(done.stdout)
    if done.returncode:
        raise Disagreement(f"{name}: status {done.returncode}: {done.stdout[-300:].strip()}")
    with open(result, encoding="utf-8") as file:
        return json.load(file)["guests"][0]


def change(tool, folder, name, most=None):
    """Each number of a file up by one, or so many of them: found, and named."""
    files = {"host.json": "host.json", "once.json": "once.json", name: "changed.json"}
    arguments = [os.path.join(folder, file) for file in files.values()]
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        doc = json.load(file)
    found = list(numbers(doc))
    found = found[::max(1, len(found) // most) if most else 1]
    for parent, key, where in found:
        parent[key] += 1
        with open(os.path.join(folder, "changed.json"), "w", encoding="utf-8") as file:
            json.dump(doc, file)
        parent[key] -= 1
        done = compare(tool, *arguments)
        if done.returncode != 1 or f"changed.json: {where} " not in done.stdout:
            raise Disagreement(f"{name}: {where} is one more, status {done.returncode}")
    os.remove(os.path.join(folder, "changed.json"))
    return len(found)
