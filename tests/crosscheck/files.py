# SPDX-License-Identifier: GPL-2.0-only
"""What a run has written, compared by `exitstat-bpf compare`; then with numbers changed."""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))
from comparing import names_line, numbers  # noqa: E402

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|(-?\d+)')  # a text, or an integer: there are no other numbers
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


# --- numbers changed --------------------------------------------------------------------


def integers(text):
    """Where the integers of a JSON text are, those of the seal aside, which ends it."""
    end = text.rfind('"seal"')
    return [match.span() for match in TOKEN.finditer(text, 0, end if end >= 0 else len(text))
            if match[1]]


def change_one(tool, folder, name, text, span, where):
    """This number up by one: is it found, and named?"""
    changed = f"changed-{threading.get_ident()}.json"
    with open(os.path.join(folder, changed), "w", encoding="utf-8") as file:
        file.write(f"{text[:span[0]]}{int(text[slice(*span)]) + 1}{text[span[1]:]}")
    files = {"host.json": "host.json", "once.json": "once.json", name: changed}
    done = compare(tool, *(os.path.join(folder, file) for file in files.values()))
    if done.returncode != 1 or f"{changed}: {where} " not in done.stdout:
        raise Disagreement(f"{name}: {where} is one more, status {done.returncode}")


def change(tool, folder, name, most=None):
    """Each number of a file up by one, or so many of them: how many were."""
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        text = json.dumps(json.load(file))
    places = [where for _, _, where in numbers(json.loads(text))]
    found = list(zip(integers(text), places, strict=True))
    found = found[::max(1, len(found) // most) if most else 1]
    return change_all(folder, found, lambda one: change_one(tool, folder, name, text, *one))


def change_all(folder, found, change_it):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(change_it, found))
    for file in glob.glob(os.path.join(folder, "changed-*")):
        os.remove(file)
    return len(found)


# --- the text of cpuid --------------------------------------------------------------------


def change_word(tool, folder, lines, where):
    """This hexadecimal number of this line up by one: is the line named?"""
    n, (begin, end) = where
    line = lines[n]
    digits = line[begin + 2:end]
    value = (int(digits, 16) + 1) % 16 ** len(digits)
    name = f"changed-{threading.get_ident()}.txt"
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.writelines([*lines[:n], f"{line[:begin]}0x{value:0{len(digits)}x}{line[end:]}",
                         *lines[n + 1:]])
    done = compare(tool, os.path.join(folder, "host.json"), os.path.join(folder, name))
    if done.returncode != 1 or not names_line(done.stdout, name, n + 1, line):
        raise Disagreement(f"cpuid.txt: line {n + 1}, {line[begin:end]} is one more, status"
                           f" {done.returncode}")


def change_text(tool, folder):
    """Each number of cpuid's text up by one: how many were. A leaf that is then none of
    ours is left out: what was asked of others is not our business."""
    with open(os.path.join(folder, "cpuid.txt"), encoding="utf-8") as file:
        lines = file.readlines()
    found = [(n, match.span()) for n, line in enumerate(lines) if "eax=" in line
             for match in re.finditer("0x[0-9a-f]+", line) if match[0] != "0x4fffffff"]
    return change_all(folder, found, lambda one: change_word(tool, folder, lines, one))
