# SPDX-License-Identifier: GPL-2.0-only
"""What test-all found: outcomes of groups, the record of the latest of each, and the page."""
import contextlib
import datetime
import json


# --- outcomes, by what tests/run calls a job -------------------------------------------------


def read_outcomes(path):
    """Those that were run. "before" is what failed the last time."""
    found = {}
    with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as file:
        for outcome in map(json.loads, file):
            before = found.get(outcome["job"], {"before": [], "failed": []})
            found[outcome["job"]] = {
                **outcome, "before": before["before"] + before["failed"] + outcome["hung"]}
    return found


def read_record(path):
    with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as file:
        return json.load(file)
    return {}


def add_to_record(path, found, wanted, commit):
    """Of each that is wanted the latest, whichever run it is of."""
    today = str(datetime.date.today())
    new = {word: {key: outcome[key] for key in ("passed", "failed", "skipped", "before")}
           | {"commit": commit, "date": today} for word, outcome in found.items()}
    record = read_record(path) | new
    record = {word: record[word] for word in wanted if word in record}
    with open(path, "w", encoding="utf-8") as file:
        lines = ",\n".join(f"{json.dumps(word)}: {json.dumps(one)}" for word, one in record.items())
        file.write(f"{{\n{lines}\n}}\n")
    return record


# --- the page ---------------------------------------------------------------------------------


def column_title(where):
    if where.release == "-":
        return "no kernel"
    return where.release if where.preempt == "-" else f"{where.release}, preempt={where.preempt}"


class Page:
    """Groups by kernels; what a number does not tell lies in notes below."""

    def __init__(self, rows, cells, isas, notes):
        """rows: names of groups; cells: (where, name) -> the outcome, None: it was not run."""
        self.cells = cells
        self.wheres = list(dict.fromkeys(where for where, _ in cells))
        self.rows = [name for name in rows if any(name == other for _, other in cells)]
        self.isas = isas
        self.notes = notes

    def cell(self, where, name):
        if (where, name) not in self.cells:
            return ""
        outcome = self.cells[where, name]
        if not outcome:
            return "not run"
        parts = [str(outcome["passed"])] if outcome["passed"] else []
        for kind, word in ("failed", "FAILED"), ("skipped", "skipped"):
            if outcome[kind]:
                parts.append(f"{len(outcome[kind])} {word}")
                self.notes += [f"{word}, {column_title(where)}: {line}" for line in outcome[kind]]
        self.notes += [f"run again, {column_title(where)}: {line}" for line in outcome["before"]]
        return ", ".join(parts)

    def commits(self, where):
        """Of the outcomes of a column, the latest last."""
        dates = {outcome["commit"]: outcome["date"] for (other, _), outcome in self.cells.items()
                 if other == where and outcome}
        return ", ".join(sorted(dates, key=dates.get))

    def sums(self):
        ran = [outcome for outcome in self.cells.values() if outcome]
        passed = sum(outcome["passed"] for outcome in ran)
        failed, skipped = (sum(len(outcome[kind]) for outcome in ran)
                           for kind in ("failed", "skipped"))
        missing = len(self.cells) - len(ran)
        return (f"{passed} passed, {failed} failed, {skipped} skipped"
                + (f"; {missing} of {len(self.cells)} groups were not run" if missing else ""))

    def lines(self):
        table = [["commit", "", *map(self.commits, self.wheres)]]
        table += [[name, self.isas.get(name) or "", *(self.cell(where, name)
                                                      for where in self.wheres)]
                  for name in self.rows]
        yield "# Tried on"
        yield ""
        yield (f"What `make test-all` found until {datetime.date.today()}: {self.sums()}. A number"
               " is that of the cases that passed; the first row has the commits that the column's"
               " groups were run on.")
        yield ""
        yield from markdown(["group", "ISA", *map(column_title, self.wheres)], table)
        if self.notes:
            yield ""
            yield from (f"- {note}" for note in self.notes)


def markdown(head, table):
    for row in head, ["---"] * len(head), *table:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
