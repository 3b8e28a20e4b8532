# SPDX-License-Identifier: GPL-2.0-only
"""Wrong usage: status 2, one line that says what is wrong; needs no root and no KVM."""
import os

import harness
import tools
from harness import check, check_equal, path

WRONG = {
    "-i": ["0", "-1", "abc", "", "1x", "1.", "0.001", "1e3", "nan", "99999999999999999999"],
    "-d": ["0", "-5", "x", "0x10", "1000001"],
    "-p": ["0", "-1", "x", "1.5", "", " 1", "2147483648", "99999999999999999999"],
    "-c": ["-1", "x", "", "0x", "4294967296"],
    "-r": ["NOSUCH", "", "-1", "0x1000000000", "72x"],
    "--by": ["cpu", "", "VM", "v"],
    "--sort": ["tim", "", "p 99"],
    "--columns": ["tim", "", "count,", "count,count"],
    "--slowest": ["0", "33", "", "-1"],
    "--max-vcpus": ["0", "-1", "65537", "x", ""],
    "--json": [""],
}

# What the line must name.
NAMES = {"-i": "--interval", "-d": "--duration", "-p": "--pid", "-c": "--vcpu", "-r": "--reason"}

UNKNOWN = [["--frobnicate"], ["-z"], ["-i"], ["--json"], ["--interval=1", "--pid"]]

WRONG_TOP = [["--by", "vm"], ["--histogram"], ["--explain"], ["--slowest", "33"], ["--self"],
             ["--snapshots"], ["--replay"], ["--replay", ""], ["--replay", "f", "--detail"],
             ["--replay", "f", "-p", "1"], ["--replay", "f", "--json", "g"],
             ["--replay", "f", "-d", "1"], ["--replay", "f", "--slowest", "3"],
             ["--replay", "f", "--", "true"], ["f"], ["--sort", "nothing"], ["-i", "0"]]

WRONG_SERVE = [["--listen", "localhost:80"], ["--listen", "127.0.0.1"], ["--listen"], ["-i", "5"],
               ["--textfile", "-"], ["--keep", "-1"], ["--max-series", "99"], ["--user", "nosuch"],
               ["-d", "5"], ["--json", "f"], ["f"], ["--", "true"]]

TIMEOUT = 30  # s, for what takes no time

WRONG_COMPARE = [[], ["host"], ["-", "-"], ["a", "b", "--vm"], ["a", "b", "--vm", ""],
                 ["a", "b", "--json", ""], ["a", "b", "--frobnicate"], ["a", ""]]

WRONG_EXPLAIN = [["NOSUCH"], [""], ["0x404"], ["-1"], ["HLT", "NPF"], ["--isa", "arm"], ["--isa"],
                 ["-a", "svm", "EPT_VIOLATION"], ["NPF+BUS_LOCK"], ["--json", "f"], ["--json", "f", "HLT"], ["--isa", "svm", "./f"],
                 ["./f", "./g"]]

WRONG_RECORD = [[], ["-o", ""], ["-o", "f", "--rotate", "1M"], ["-o", "f", "--by", "vm"],
                ["-o", "-", "--rotate", "1M,2"], ["-o", "f", "g"]]

WRONG_REPORT = [[], ["a", "b"], [""], ["a", "--from", "-1"], ["a", "--to", "25:00"],
                ["a", "--per", "0"], ["a", "--columns", "x"], ["a", "--csv", "--json", "-"],
                ["a", "--csv", "--histogram"], ["a", "-p", "x"], ["a", "--frobnicate"],
                ["a", "--html", ""], ["a", "--html", "b", "--csv"]]

WRONG_DIFF = [[], ["a"], ["a", "b", "c"], ["-", "-"], ["a@1..x", "b"], ["a", "b", "--by", "vcpu"],
              ["a", "b", "--least", "x"], ["a", "b", "--fail-if", "CPUID>1"],
              ["a", "b", "--fail-if", "CPUID.p99>+20"], ["a", "b", "--frobnicate"]]

STRAY = [["sleep", "1"], ["-d", "1", "sleep"], ["-"], ["1", "--", "true"]]


def one_line(done, status, *words):
    check_equal(f"status ({done.stderr.strip()})", done.returncode, status)
    lines = done.stderr.splitlines()
    check(len(lines) == 1 and lines[0].startswith("exitstat-bpf: "), f"stderr: {done.stderr!r}")
    check_equal("stdout", done.stdout, "")
    for word in words:
        check(word in lines[0], f"'{word}' is not in: {lines[0]}")


def wrong_values(option, values):
    for value in values:
        done = harness.run_command([tools.EXITSTAT, option, value, "--", "touch", path("ran")],
                                   timeout=TIMEOUT)
        one_line(done, 2, NAMES.get(option, option), f"'{value}'")
        check(not os.path.exists(path("ran")), f"{option} '{value}': the command ran")


def wrong_usage(*arguments):
    one_line(harness.run_command([tools.EXITSTAT, *arguments], timeout=TIMEOUT), 2)


def compare_cannot(text, *words):
    """Status 3, for a file with this text; None: no file."""
    if text is not None:
        with open(path("file"), "w", encoding="utf-8") as file:
            file.write(text)
    done = harness.run_command([tools.EXITSTAT, "compare", path("file"), path("file")],
                               timeout=TIMEOUT)
    one_line(done, 3, path("file"), *words)


def explain_cannot(text, *words, command="explain"):
    """The same of explain."""
    if text is not None:
        with open(path("file.json"), "w", encoding="utf-8") as file:
            file.write(text)
    done = harness.run_command([tools.EXITSTAT, command, path("file.json")], timeout=TIMEOUT)
    one_line(done, 3, path("file.json"), *words)


def report_cannot(text, *words):
    explain_cannot(text, *words, command="report")


def prints(arguments, *words):
    done = harness.run_command([tools.EXITSTAT, *arguments], timeout=TIMEOUT)
    check_equal("status and stderr", (done.returncode, done.stderr), (0, ""))
    for word in words:
        check(word in done.stdout, f"'{word}' is not in: {done.stdout}")


CASES = [
    *((f"usage/{option}", wrong_values, option, values) for option, values in WRONG.items()),
    *((f"usage/unknown {' '.join(words)}", wrong_usage, *words) for words in UNKNOWN),
    *((f"usage/stray {' '.join(words)}", wrong_usage, *words) for words in STRAY),
    ("usage/help", prints, ["--help"], "--json", "--max-vcpus", "--histogram", "-i, ", "Exit status"),
    *((f"usage/compare {' '.join(words)}", wrong_usage, "compare", *words)
      for words in WRONG_COMPARE),
    *((f"usage/record {' '.join(words)}", wrong_usage, "record", *words)
      for words in WRONG_RECORD),
    ("usage/record-help", prints, ["record", "--help"], "--output", "--rotate", "Exit status"),
    ("usage/compare-no-file", compare_cannot, None, "No such file"),
    ("usage/compare-empty-file", compare_cannot, "", "not JSON"),
    ("usage/compare-text", compare_cannot, "hello\n", "not JSON"),
    ("usage/compare-other-json", compare_cannot, '{"schema": "exitstat/2"}', "schema"),
    ("usage/compare-help", prints, ["compare", "--help"], "HOST GUEST...", "--vm", "Exit status"),
    *((f"usage/explain {' '.join(words)}", wrong_usage, "explain", *words)
      for words in WRONG_EXPLAIN),
    ("usage/explain-name", prints, ["explain", "npf"], "NPF", "AMD SVM", "0x400", "Manual"),
    ("usage/explain-flag", prints, ["explain", "cpuid+bus_lock"], "CPUID+BUS_LOCK", "Intel VMX"),
    ("usage/explain-list", prints, ["explain"], "EPT_VIOLATION", "AVIC_NOACCEL"),
    ("usage/explain-no-file", explain_cannot, None, "No such file"),
    ("usage/explain-empty-file", explain_cannot, "", "is empty"),
    ("usage/explain-other-json", explain_cannot, '{"schema": "exitstat/2"}', "schema"),
    ("usage/explain-help", prints, ["explain", "--help"], "[REASON|FILE]", "--isa", "Exit status"),
    *((f"usage/report {' '.join(words)}", wrong_usage, "report", *words)
      for words in WRONG_REPORT),
    ("usage/report-no-file", report_cannot, None, "No such file"),
    ("usage/report-empty-file", report_cannot, "", "empty"),
    ("usage/report-other-json", report_cannot, '{"schema": "exitstat/2"}', "schema"),
    ("usage/report-help", prints, ["report", "--help"], "--from", "--csv", "Exit status"),
    *((f"usage/diff {' '.join(words)}", wrong_usage, "diff", *words) for words in WRONG_DIFF),
    ("usage/diff-help", prints, ["diff", "--help"], "A[@FROM..TO]", "--fail-if", "Exit status"),
    *((f"usage/top {' '.join(words)}", wrong_usage, "top", *words) for words in WRONG_TOP),
    ("usage/top-help", prints, ["top", "--help"], "--replay", "--detail", "-i, ", "Exit status"),
    *((f"usage/serve {' '.join(words)}", wrong_usage, "serve", *words) for words in WRONG_SERVE),
    ("usage/serve-help", prints, ["serve", "--help"], "--listen", "--max-series", "Exit status"),
    ("usage/version", prints, ["--version"], "exitstat-bpf "),
]
