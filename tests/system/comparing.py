# SPDX-License-Identifier: GPL-2.0-only
"""compare on what both observers wrote of a real Linux guest; and with numbers changed."""
import json
import os
import re
import shutil
import subprocess
import sys

import guest
import guest_patched
import harness
import tools
from harness import Skip, check, check_equal, path

COMPARE_SCHEMA = f"{guest.TOP}/user/doc/exitstat-compare.schema.json"
HOST_CHANGES = 20  # of the host's numbers, evenly spread: there are ten thousand

LEAVES = [("0x4ffffffb", "0"), ("0x4ffffffb", "1"), ("0x4fffffff", "0"), ("0x4ffffffe", "0"),
          ("0x4ffffffd", "0x72"), ("0x4ffffffc", "0x72"), ("0x4ffffffa", "0x72"),
          ("0x4ffffffd", "0x7b"), ("0x4ffffffc", "0x7b"), ("0x4ffffffa", "0x7b"),
          ("0x4ffffff9", "0")]


def write_script(*lines):
    os.mkdir(path("guest"))
    with open(path("script"), "w", encoding="utf-8") as script:
        script.write("set -e\n" + "".join(f"{line}\n" for line in lines))


def read_in_guest():
    """Commands that read: documents, and cpuid's text where there is cpuid."""
    lines = [f"{guest.EXITSTAT_GUEST} --json=$OUT/once.json >$OUT/once.out",
             f"{guest.EXITSTAT_GUEST} -w 0.4 -n 6 --json=$OUT/watch.json >$OUT/watch.out"]
    if shutil.which("cpuid"):
        lines += [f"cpuid -1 -r -l {leaf} -s {sub} >>$OUT/cpuid.txt" for leaf, sub in LEAVES]
    return [*lines, "sleep 0.5"]


def in_guest():
    return [*guest.linux_guest(1), "--", "/bin/sh", path("script")]


def of_guest(name):
    return os.path.join(path("guest"), name)


def trace(*arguments):
    done = harness.run_command([tools.EXITSTAT, "-i", "0.05", "--json", path("host.json"),
                                "--snapshots", *arguments],
                               env={**os.environ, "OUT": path("guest")})
    check_equal(f"status ({done.stderr[-300:]})", done.returncode, 0)


def compare(host, file):
    return harness.run_command([tools.EXITSTAT, "compare", "--json", path("result.json"), host,
                                file])


def expect_agreement(file, verdict):
    done = compare(path("host.json"), file)
    check_equal(f"{file}: status ({done.stdout[-400:]}{done.stderr})", done.returncode, 0)
    with open(path("result.json"), encoding="utf-8") as result:
        doc = json.load(result)
    check_equal("verdict", doc["verdict"], verdict)
    check_equal("wrong", doc["guests"][0]["wrong"], 0)
    check(doc["guests"][0]["checked"] > 3, "hardly a number was checked")
    valid = subprocess.run([sys.executable, f"{guest.TOP}/tests/validate-json", COMPARE_SCHEMA,
                            path("result.json")], stderr=subprocess.PIPE, text=True, check=False)
    check_equal(f"validate-json ({valid.stderr.strip()})", valid.returncode, 0)
    return doc


# --- numbers changed -------------------------------------------------------------------


def numbers(value, where=""):
    """(parent, key, path) of each number but those of the seal."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in items:
        below = f"{where}[{key}]" if isinstance(value, list) else f"{where}.{key}".lstrip(".")
        if isinstance(member, (dict, list)) and key != "seal":
            yield from numbers(member, below)
        elif isinstance(member, int) and not isinstance(member, bool):
            yield value, key, below


def change_numbers(original, arguments, every=1):
    """Each number of a document up by one: found, and named."""
    with open(original, encoding="utf-8") as file:
        doc = json.load(file)
    found = [number for number in numbers(doc)][::every]
    for parent, key, where in found:
        parent[key] += 1
        with open(path("changed.json"), "w", encoding="utf-8") as file:
            json.dump(doc, file)
        parent[key] -= 1
        done = harness.run_command([tools.EXITSTAT, "compare", *arguments])
        check_equal(f"{where}: status", done.returncode, 1)
        check(f"changed.json: {where} " in done.stdout + done.stderr,
              f"{where} is not named: {done.stdout[-300:]}{done.stderr}")
    return len(found)


def names_line(said, name, n, line):
    """Does compare name this line of a text? The leaf that says who answers is named by
    what it says."""
    return f"{name}: line {n}: leaf" in said or \
        "0x4ffffffb" in line and f"{name}: leaf 0x4ffffffb" in said


def change_text():
    """Each register in cpuid's text up by one, cycles too: the host saw what KVM answered."""
    with open(of_guest("cpuid.txt"), encoding="utf-8") as file:
        text = file.read()
    for match in re.finditer(r"e[abcd]x=0x(\w{8})", text):
        changed = f"{(int(match[1], 16) + 1) % 2**32:08x}"
        with open(path("changed.txt"), "w", encoding="utf-8") as file:
            file.write(text[:match.start(1)] + changed + text[match.end(1):])
        done = compare(path("host.json"), path("changed.txt"))
        n = text[:match.start()].count("\n") + 1
        check_equal(f"line {n}: status", done.returncode, 1)
        check(names_line(done.stdout, "changed.txt", n, text.splitlines()[n - 1]),
              f"line {n} is not named: {done.stdout[-300:]}")


# --- cases --------------------------------------------------------------------------------


def linux_guest():
    guest_patched.need_counting()
    write_script(*read_in_guest())
    trace("--", *in_guest())
    expect_agreement(of_guest("once.json"), "agree")
    doc = expect_agreement(of_guest("watch.json"), "agree")
    check_equal("readings", doc["guests"][0]["readings"], 6)
    change_numbers(of_guest("once.json"), [path("host.json"), path("changed.json")])
    with open(path("host.json"), encoding="utf-8") as file:
        every = sum(1 for _ in numbers(json.load(file))) // HOST_CHANGES
    change_numbers(path("host.json"), [path("changed.json"), of_guest("once.json")], every)
    if not os.path.exists(of_guest("cpuid.txt")):
        raise Skip("documents agree; no text: Debian's package cpuid is not installed")
    expect_agreement(of_guest("cpuid.txt"), "agree")
    change_text()


def older_guest():
    """Traced only from when it is up, until it has read its last: what grew is compared."""
    guest_patched.need_counting()
    write_script("touch $OUT/up", "sleep 3", *read_in_guest(), "touch $OUT/read", "sleep 3")
    child = harness.spawn(in_guest(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env={**os.environ, "OUT": path("guest")})
    harness.wait_for("the guest", lambda: os.path.exists(of_guest("up")), timeout=200)
    trace("--", "sh", "-c", f"until [ -e {of_guest('read')} ]; do sleep 0.1; done")
    child.wait()
    doc = expect_agreement(of_guest("watch.json"), "explained")
    check(doc["guests"][0]["growth_only"], "it was not seen that the guest is older")
    done = compare(path("host.json"), of_guest("once.json"))
    check_equal(f"one reading: status ({done.stdout[-300:]})", done.returncode, 3)
    check("two readings" in done.stderr, f"not said what is missing: {done.stderr}")


CASES = [
    ("compare/linux-guest", linux_guest),
    ("compare/older-guest", older_guest),
]
