# SPDX-License-Identifier: GPL-2.0-only
"""What bash offers behind exitstat-bpf and exitstat-guest: all that --help has, and values."""
import os
import re
import subprocess

import harness
import tools
from harness import Skip, check, check_equal, path

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
COMPLETION = f"{TOP}/user/packaging/completion.bash"
LIBRARY = "/usr/share/bash-completion/bash_completion"

# As bash does on Tab: the words as it breaks them, the line, and where in it one is.
SCRIPT = r"""
. "$1" && . "$2" || exit
compopt() { :; }
COMP_LINE=$3 COMP_POINT=${#3}; shift 3
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
spec=$(complete -p "$1") || exit
function=${spec#*-F }
${function%% *} "$1" "${@:$#}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"""


def offered(line):
    if not os.path.exists(LIBRARY):
        raise Skip("no bash-completion")
    words = [word for part in line.split(" ") for word in re.split("(=)", part)
             if word or not part]
    if line.endswith("="):
        words.append("")
    done = subprocess.run(["bash", "--norc", "-c", SCRIPT, "bash", LIBRARY, COMPLETION, line,
                           *words], env={"PATH": f"{tools.BUILD}:{os.environ['PATH']}"},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          cwd=harness.directory)
    check_equal(f"bash of {line!r}", (done.returncode, done.stderr), (0, ""))
    return sorted(done.stdout.split())


def help_of(*argv):
    done = harness.run_command([f"{tools.BUILD}/{argv[0]}", *argv[1:], "--help"])
    check_equal("status of --help", done.returncode, 0)
    return done.stdout


def commands():
    done = harness.run_command([tools.EXITSTAT, "help"])
    return [match[1] for match in re.finditer(r"^  ([a-z]+) ", done.stdout, re.M)]


def every_option(*argv):
    """Each that --help names, once more told apart, and no other."""
    options = set()
    for match in re.finditer(r"^ {2}(?:(-.), | {4})(--[\w-]+)(\[=|=)?", help_of(*argv), re.M):
        short, name, value = match.groups()
        options |= {short, name + "="} if value == "=" else {short, name}
        options |= {f"{name}="} if value == "[=" else set()
    options -= {None}
    check(len(options) > 6 and "--help" in options, f"options: {options}")
    check_equal("offered", offered(f"{' '.join(argv)} -"), sorted(options))


def every_command():
    found = commands()
    check(len(found) > 8, f"commands: {found}")
    check_equal("offered", offered("exitstat-bpf "), sorted(found))
    check_equal("behind help", offered("exitstat-bpf help "), sorted(found))
    for command in found:
        if command != "help":
            every_option("exitstat-bpf", command)
    every_option("exitstat-bpf")


def takes(*arguments):
    """The program has no word against that: the file is what it misses."""
    done = harness.run_command([tools.EXITSTAT, *arguments, path("none")])
    check_equal(f"status of {arguments} ({done.stderr.strip()})", done.returncode, 3)


def every_value():
    """Those that are offered are known to the program, and there are as many as it knows."""
    for option, number in ("--by=", 4), ("--sort=", 18), ("--columns=", 18):
        values = offered(f"exitstat-bpf report {option}")
        check_equal(f"values of {option}", len(values), number)
        for value in values:
            takes("report", option + value)
    check_equal("diff --by", offered("exitstat-bpf diff --by="), ["reason", "vm"])
    check_equal("--isa", offered("exitstat-bpf explain --isa="), ["svm", "vmx"])
    check_equal("-a", offered("exitstat-bpf explain -a s"), ["svm"])
    kinds = offered("exitstat-bpf --detail=")
    check_equal("kinds", sorted(kinds), sorted(re.search(r"about: (.*?) \(default", re.sub(
        r"\s+", " ", help_of("exitstat-bpf")))[1].split(", ") + ["rip"]))
    check_equal("another kind", offered("exitstat-bpf --detail=io,ms"), ["io,msr"])


def reasons():
    check_equal("-r", offered("exitstat-bpf -r cpui"), ["CPUID"])
    check_equal("--reason=", offered("exitstat-bpf top --reason=NP"), ["NPF"])
    check_equal("a guest's", offered("exitstat-guest -r HL"), ["HLT"])
    for reason in offered("exitstat-bpf explain "):
        done = harness.run_command([tools.EXITSTAT, "explain", reason])
        check_equal(f"status of explain {reason}", done.returncode, 0)


def files():
    with open(path("run.exitrec"), "w", encoding="utf-8"):
        pass
    for line in ("report r", "report --json=r", "report --json r", "top --replay=r",
                 "record -o r", "diff r", "--guest-symbols=vm=r", "compare --json r"):
        check_equal(line, offered(f"exitstat-bpf {line}"), ["run.exitrec"])
    for line in "--guest-symbols=r", "--duration=r", "-d r", "trace r", "frobnicate -":
        check_equal(line, offered(f"exitstat-bpf {line}"), [])


def behind_dashes():
    """A command, and its own options are not ours."""
    check("cat" in offered("exitstat-bpf -d 1 -- ca"), "no command behind --")
    check("--self" not in offered("exitstat-bpf -- cat --s"), "our option behind --")


CASES = [
    ("completion/commands", every_command),
    ("completion/guest", every_option, "exitstat-guest"),
    ("completion/values", every_value),
    ("completion/reasons", reasons),
    ("completion/files", files),
    ("completion/command", behind_dashes),
]
