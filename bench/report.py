# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a table of the numbers of all rounds: for the terminal, and for
docs/performance.md."""

import os
import re
import statistics

BEGIN = "<!-- from here to the end mark: written by bench/run --write -->"
END = "<!-- end mark -->"


class RowResult:
    """The numbers of one row: a list of rounds, each a dict from the run's
    label to its number; and what could not be measured, by label."""

    def __init__(self, row):
        self.row = row
        self.rounds = []
        self.failures = {}

    def values(self, label):
        return [r[label] for r in self.rounds if label in r]

    def compared(self, comparison):
        """(values, met): one value for every round that has all it needs;
        met is None where there is no bar or no value."""
        values, verdicts = [], []
        for numbers in self.rounds:
            try:
                value = comparison.value(numbers)
            except (KeyError, ZeroDivisionError):
                continue
            values.append(value)
            if comparison.bar:
                verdicts.append(comparison.bar(value, numbers))
        if not verdicts:
            return values, None
        return values, 2 * sum(verdicts) > len(verdicts)


def number(v):
    """Three digits that count."""
    if v >= 100:
        return "%.0f" % v
    if v >= 10:
        return "%.1f" % v
    if v >= 0.1:
        return "%.2f" % v
    return "%.3g" % v


def spread(values):
    """Median, and the extremes where there are any."""
    text = number(statistics.median(values))
    if len(values) > 1:
        text += " (%s–%s)" % (number(min(values)), number(max(values)))
    return text


def ratio_lines(results):
    """(row, comparison, value, n, bar, met) as text, line by line."""
    for result in results:
        first = True
        for comparison in result.row.comparisons:
            values, met = result.compared(comparison)
            value = spread(values) if values else "not measured"
            if values and comparison.unit:
                value += " " + comparison.unit
            verdict = "" if met is None else "yes" if met else "**no**"
            yield (result.row.what if first else "", comparison.what, value,
                   str(len(values)), comparison.bar_text, verdict)
            first = False


def absolute_lines(results):
    for result in results:
        for i, run in enumerate(result.row.runs):
            values = result.values(run.label)
            text = "%s %s" % (spread(values), run.unit) if values else "–"
            if run.label in result.failures:
                text += " (%s)" % result.failures[run.label]
            yield (result.row.name if i == 0 else "", run.label, text)


def markdown_table(header, lines):
    out = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    out += ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
            for line in lines]
    return "\n".join(out)


def terminal_table(header, lines):
    rows = [[cell.replace("**", "") for cell in line]
            for line in [header, *lines]]
    widths = [max(len(r[i]) for r in rows) for i in range(len(header))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(r, widths))
                     .rstrip() for r in rows)


def terminal(result):
    """One row, as soon as it is measured."""
    lines = [line[1:] for line in ratio_lines([result])]
    numbers = [line[1:] for line in absolute_lines([result])]
    return "\n".join([
        "== %s: %s" % (result.row.name, result.row.what),
        terminal_table(("compared", "median (min–max)", "n", "bar", "met"),
                       lines),
        "   " + "; ".join("%s %s" % line for line in numbers), ""])


def cpu_model():
    try:
        with open("/proc/cpuinfo") as f:
            for line in f:
                if line.startswith("model name"):
                    return " ".join(line.split(":", 1)[1].split())
    except OSError:
        pass
    return os.uname().machine


def machine():
    return "%s, %d cores" % (cpu_model(), os.cpu_count() or 1)


RATIOS_HEADER = ("what", "compared", "median (min–max)", "n", "bar", "met")


def measured_on(versions):
    return "Measured on: %s. %s." % (machine(), ", ".join(versions))


def groups(lines):
    """The lines of a table by the row that they are of."""
    by_row = {}
    for line in lines:
        if line[0]:
            what = line[0]
        by_row.setdefault(what, []).append(line)
    return by_row


def written(text):
    """(where it was measured, groups of lines) of a table in markdown."""
    where = re.search("^Measured on: .*$", text, re.M)
    lines = [tuple(cell.strip().replace("\\|", "|") for cell in
                   re.split(r"(?<!\\)\|", line)[1:-1])
             for line in re.findall(r"^\| .*\|$", text, re.M)]
    return where and where.group(), groups(lines[1:])


def write(path, table, results, versions):
    """Replaces what stands between the marks of the document: by the results,
    and for other rows of the table by what stood there.  Only ratios go there:
    seconds and MiB mean nothing on another machine."""
    with open(path) as f:
        text = f.read()
    before, mark, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError("%s: the marks are missing" % path)
    where, by_row = written(old)
    if len(results) < len(table) and where != measured_on(versions):
        raise ValueError("%s: the other rows were measured elsewhere (%s)"
                         % (path, where))
    by_row.update(groups(ratio_lines(results)))
    lines = [line for row in table for line in by_row.get(row.what, [])]
    with open(path, "w") as f:
        f.write("\n\n".join([before + BEGIN, measured_on(versions),
                              markdown_table(RATIOS_HEADER, lines),
                              END + after]))
