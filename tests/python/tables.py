#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs guests/tables.py under leakgrind, and checks the tables at the end of a
report:

- the rows of each table add up to the numbers of the leak summary;
- types and lines have the numbers of the guest;
- the table of arenas has, for each size class, the numbers that a walk of the pools
  at the same moment finds (pools.c);
- it names the line whose blocks keep nearly empty arenas;
- at exit, the tables show the moment before the interpreter's end, even if nothing
  of it is left then: they have what waits for the collector, and not what a
  suppression suppresses (glibc's thread vector, which importing ctypes makes grow);
- the XML has elements for all this;
- --py-table and --py-arenas work;
- where nothing is lost, there are tables only with -v or such an option.

Exit code 0: passed; 77: skipped; 1: failed."""

import collections
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import run

LOST, CYCLES, REACHABLE = "lost", "cycle", "reachable"
ALL = "--py-table=1000000"
KEEPERS = " IN NEARLY EMPTY ARENAS"
FINALIZED = "When the Python interpreter was finalized:"


class Failed(Exception):
    """Its text says how."""


def expect(good, text):
    if not good:
        raise Failed(text)


def number(text):
    return int(text.replace(",", ""))


# ---- Text ------------------------------------------------------------------

class Table:
    """The columns' names, and rows {name: {column: (bytes, blocks)}}."""

    def __init__(self, lines):
        self.columns = re.findall(r"(\w+) bytes +blocks", lines[0])
        self.names, self.rows = [], {}
        width = 27 * len(self.columns)
        for line in lines[1:]:
            numbers = [number(n) for n in line[:width].split()]
            name = line[width:].strip()
            expect(name not in self.rows, "two rows of " + name)
            self.names.append(name)
            self.rows[name] = dict(
                zip(self.columns, zip(numbers[::2], numbers[1::2])))

    def sums(self):
        total = {}
        for column in self.columns:
            parts = [row[column] for row in self.rows.values()]
            total[column] = tuple(map(sum, zip(*parts)))
        return total


class TextReport:
    """The first leak check in a log, or what follows a line in it."""

    def __init__(self, path, first="LEAK SUMMARY:"):
        with open(path, encoding="utf-8") as log:
            lines = [re.sub(r"^==\d+== ?", "", line.rstrip("\n"))
                     for line in log]
        expect(first in lines, "no line " + first)
        start = lines.index(first)
        ends = [i for i, line in enumerate(lines) if i > start and
                re.match("(LEAK|HEAP|ERROR) SUMMARY:|.*loss record", line)]
        self.lines = lines[start:ends[0] if ends else None]

    def amount(self, label):
        for line in self.lines:
            found = re.match(r" *%s: ([\d,]+) bytes in ([\d,]+) blocks"
                             % label, line)
            if found:
                return number(found[1]), number(found[2])
        return 0, 0

    def tables(self, title):
        """The tables with this title, and how many rows each could have."""
        for i, line in enumerate(self.lines):
            found = re.match(r"%s \(([\d,]+) of ([\d,]+)\):$" % title, line)
            if found:
                end = self.lines.index("", i)
                table = Table(self.lines[i + 1:end])
                expect(len(table.rows) == number(found[1]), line)
                yield table, number(found[2])

    def arenas(self):
        """{size of blocks: (pools, blocks in use)}, and the pools in use, the
        nearly empty arenas."""
        text = "\n".join(self.lines)
        rows = re.findall(r"^ +(\d+) +(\d+) +([\d,]+) +([\d,]+) +([\d,]+)$",
                          text, re.M)
        for szidx, size, _, _, _ in rows:
            expect(int(size) == (int(szidx) + 1) * 16, "size of " + szidx)
        used = re.search(r"pools of (4,096|16,384) bytes: [\d,]+, "
                         r"in use: ([\d,]+), unreadable: 0$", text, re.M)
        empty = re.search(r"nearly empty .*: ([\d,]+) arena", text)
        expect(used and empty, "no table of arenas")
        return ({int(size): (number(pools), number(blocks))
                 for _, size, pools, blocks, _ in rows},
                number(used[2]), number(empty[1]))


# ---- Runs ------------------------------------------------------------------

class Runner:
    def __init__(self, site, scratch):
        self.site, self.scratch = site, scratch

    def path(self, name):
        return os.path.join(self.scratch, name)

    def run(self, options, program=None, **variables):
        command = ([self.site.valgrind, "--tool=leakgrind"] + options
                   + [self.site.python]
                   + (program or [os.path.join(run.GUESTS, "tables.py"),
                                  "take"]))
        print("$ " + " ".join(command), flush=True)
        with open(self.path("stderr"), "w", encoding="utf-8") as err:
            subprocess.run(command, cwd=self.scratch, check=True, stderr=err,
                           env=dict(self.site.environment(), **variables),
                           timeout=run.TIMEOUT)

    def text(self, *options):
        self.run(["--log-file=" + self.path("log")] + list(options))
        return TextReport(self.path("log"))


def mark(name):
    return run.find_mark("tables.py", name)


def row_at(table, function, name):
    """The row of the line with this mark."""
    place = re.compile(r"%s \(.*/tables.py:%d\)$"
                       % (re.escape(function), mark(name)))
    found = [n for n in table.names if place.match(n)]
    expect(len(found) == 1, "%s: %d rows" % (name, len(found)))
    return table.rows[found[0]]


def row_in_comprehension(table, function, name):
    """The same of a list comprehension within a function: it is a function of
    its own before 3.12, and has a qualified name from 3.11 on."""
    version = sys.version_info[:2]
    return row_at(table,
                  function if version >= (3, 12)
                  else function + ".<locals>.<listcomp>" if version == (3, 11)
                  else "<listcomp>", name)


def check_sums(report, table, what):
    lost = [report.amount(kind + " lost")
            for kind in ("definitely", "indirectly", "possibly")]
    sums = table.sums()
    for column, wanted in (
            (LOST, tuple(map(sum, zip(*lost)))),
            (CYCLES, report.amount("uncollected cycles")),
            (REACHABLE, report.amount("still reachable"))):
        expect(sums.get(column) == wanted, "%s, %s: %s, in the summary %s" % (
            what, column, sums.get(column), wanted))


def check_types(report):
    (types, n), = report.tables("PYTHON TYPES")
    expect(n == len(types.rows), "not all types")
    check_sums(report, types, "types")
    for name, column, blocks in (("Lost", LOST, 100), ("Kept", REACHABLE, 300),
                                 ("Ring", CYCLES, 50)):
        row = types.rows["__main__." + name]
        # The last object of a running frame may stay reachable.
        spare = 1 if column == CYCLES else 0
        for other in types.columns:
            wanted = blocks if other == column else 0
            expect(abs(row[other][1] - wanted) <= spare,
                   "%s: %s" % (name, row))
        expect(sum(row[other][1] for other in types.columns) == blocks,
               "%s: %s" % (name, row))
    for name in ("(not Python's)", "(memory of objects)", "str", "dict"):
        expect(types.rows[name][REACHABLE][1] > 0, name)


def check_lines(report):
    (lines, n), = report.tables("PYTHON LINES")
    expect(n == len(lines.rows), "not all lines")
    check_sums(report, lines, "lines")
    expect(row_at(lines, "lose", "LOST")[LOST][1] >= 100, "line of Lost")
    expect(row_in_comprehension(lines, "keep", "KEPT")[REACHABLE][1]
           >= 300, "line of Kept")
    expect(row_at(lines, "leave_rings", "RING")[CYCLES][1] >= 49,
           "line of Ring")


def check_order(table):
    keys = [tuple(row[c][0] for c in table.columns)
            for row in table.rows.values()]
    expect(keys == sorted(keys, reverse=True), "not sorted")


def check_arenas(report, walk):
    blocks, pools = collections.Counter(), 0
    with open(walk, encoding="ascii") as lines:
        for line in lines:
            what, _, more = line.split()
            if what == "block":
                blocks[int(more, 16)] += 1
            elif what == "pool":
                pools += 1
    sizes, used, nearly_empty = report.arenas()
    found = {size: n for size, (_, n) in sizes.items()}
    expect(found == blocks, "blocks by size: %s, but in the pools are %s"
           % (found, dict(blocks)))
    expect(used == pools and sum(p for p, _ in sizes.values()) == pools,
           "%d pools in use, but there are %d" % (used, pools))
    expect(nearly_empty >= 3, "only %d nearly empty arenas" % nearly_empty)
    (keepers, _), = report.tables("PYTHON TYPES" + KEEPERS)
    expect(keepers.columns == ["used"], "columns: %s" % keepers.columns)
    expect(keepers.rows["bytes"]["used"][1] >= 4 * (nearly_empty - 1),
           "bytes keep %s" % keepers.rows["bytes"]["used"][1])
    (keepers, _), = report.tables("PYTHON LINES" + KEEPERS)
    few = row_in_comprehension(keepers, "keep_few", "SPARSE")
    expect(few["used"][1] >= 4 * (nearly_empty - 1), "the line keeps %s"
           % (few["used"],))
    print("%d nearly empty arenas; %d blocks of one line keep them"
          % (nearly_empty, few["used"][1]))


def check_end(path):
    """The moment before the interpreter's end."""
    report = TextReport(path, FINALIZED)
    (types, _), = report.tables("PYTHON TYPES")
    for name, column, blocks in (("Lost", LOST, 100), ("Ring", CYCLES, 50)):
        expect(types.rows["__main__." + name][column][1] == blocks,
               "at the end, %s: %s" % (name, types.rows["__main__." + name]))
    lost = types.rows["(not Python's)"][LOST]
    expect(lost == (0, 0), "at the end, lost that is not Python's: %s" % (lost,))
    waiting = [re.match(r"Note: (\d+) objects, in reference cycles", line)
               for line in report.lines]
    expect(any(note and int(note[1]) >= 50 for note in waiting),
           "what waits for the collector")
    expect(any("PYTHON ARENAS: " in line for line in report.lines),
           "at the end, no table of arenas")


def check_xml(path):
    """What a monitor command says is always text; this is at exit, of the moment
    before the interpreter's end."""
    root = ElementTree.parse(path).getroot()
    tables = root.find("pytables")
    expect(tables.findtext("moment") == "finalization", "XML: moment")
    expect(int(tables.findtext("waiting")) >= 50, "XML: waiting")
    expect(tables.findtext("unhookedblocks") == "0", "XML: unhooked")
    rows = {row.findtext("pytype"): row for row in
            tables.findall("pytypes/row")}
    expect(int(tables.findtext("pytypes/total")) == len(rows), "XML: total")
    lost = rows["__main__.Lost"]
    expect([lost.findtext(tag) for tag in (
        "lostblocks", "reachableblocks", "cycleblocks")] == ["100", "0", "0"],
           "XML: type Lost")
    ring = rows["__main__.Ring"]
    expect([ring.findtext(tag) for tag in ("lostblocks", "cycleblocks")] ==
           ["0", "50"], "XML: type Ring")
    lines = [row for row in tables.findall("pylines/row")
             if row.findtext("fn") == "lose"
             and row.findtext("file") == "tables.py"
             and row.findtext("dir") == run.GUESTS
             and row.findtext("line") == str(mark("LOST"))]
    expect(len(lines) == 1 and int(lines[0].findtext("lostblocks")) >= 100,
           "XML: line of Lost")
    arenas = tables.find("pyarenas")
    pools = sum(int(c.findtext("pools")) for c in arenas.findall("sizeclass"))
    expect(pools == int(arenas.findtext("usedpools")) > 10, "XML: pools")
    expect(arenas.find("pylines/row/usedbytes") is not None
           or arenas.findtext("nearlyempty") == "0", "XML: keepers")


def check(runner):
    report = runner.text(ALL, "--py-arenas=yes")
    check_types(report)
    check_lines(report)
    for title in ("PYTHON TYPES", "PYTHON LINES"):
        for table, _ in report.tables(title):
            check_order(table)
    check_arenas(report, runner.path("blocks"))
    check_end(runner.path("log"))

    # Without site, whose .pth files may leave cycles.
    runner.run(["--log-file=" + runner.path("log")], ["-S", "-c", "pass"])
    with open(runner.path("log"), encoding="utf-8") as log:
        expect("PYTHON" not in log.read(), "tables where nothing is lost")
    runner.run(["--log-file=" + runner.path("log"), "-v"], ["-S", "-c", "pass"],
               PYTHONMALLOC="malloc")
    report = TextReport(runner.path("log"), FINALIZED)
    expect(not any(line.startswith("Note:") for line in report.lines),
           "a note of none")
    (types, _), = report.tables("PYTHON TYPES")
    expect(len(types.rows) == 10, "not ten rows")

    report = runner.text("--py-table=3")
    for title in ("PYTHON TYPES", "PYTHON LINES"):
        (table, n), = report.tables(title)
        expect(len(table.rows) == 3 < n, "three rows")
        expect(row_at(table, "lose", "LOST") if title.endswith("LINES")
               else table.rows["__main__.Lost"], "the largest is not there")
    expect(not any("PYTHON ARENAS" in line for line in report.lines),
           "arenas that nobody asked for")

    report = runner.text("--py-table=0")
    expect(not any("PYTHON" in line for line in report.lines),
           "tables that nobody asked for")

    runner.run([ALL, "--py-arenas=yes", "--xml=yes",
                "--xml-file=" + runner.path("xml")])
    check_xml(runner.path("xml"))


def main():
    site = run.Site()
    try:
        site.check_needs([("needs-built", ["pools.so"])])
    except run.Skipped as reason:
        print("SKIP: %s" % reason)
        return run.SKIP
    scratch = os.path.join(site.build_dir, "tables.tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    try:
        check(Runner(site, scratch))
    except Failed as failure:
        print("FAIL: %s" % failure)
        return 1
    shutil.rmtree(scratch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
