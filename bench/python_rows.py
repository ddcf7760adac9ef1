# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of the table that are about Python programs.

leakgrind runs with its defaults: it records the C stack and the Python stack of
every block, and searches for leaks at the end.  memcheck runs with
PYTHONMALLOC=malloc, as is usual for Python; without that it sees no objects.
"""

import re

from measure import Library
from rows import (AT_EXIT, MiB, Comparison, Row, Run, count, cpu, maxrss_MiB,
                  ratio, said)

MALLOC = (("PYTHONMALLOC", "malloc"),)

# At the end of a run that saw Python's blocks, with this option.
SAW_PYTHON = said("PYTHON TYPES")
TABLE = ("--py-table=10",)


def printed(name):
    return lambda outcome: outcome.printed[name]


def net(a, b, a0, b0):
    """a's number divided by b's, after subtracting from each that without work."""
    return Comparison("%s / %s, less the runs without work" % (a, b),
                      lambda m: (m[a] - m[a0]) / (m[b] - m[b0]))


def objects(rounds):
    work, nothing = ["work", rounds], ["work", 0]
    return Row(
        "python-objects",
        "whole run of a Python program that makes and drops dicts, lists, "
        "strings, floats, instances, tuples and JSON",
        [Run("none", "none", "objects.py", work, cpu),
         Run("leakgrind", "leakgrind", "objects.py", work, cpu,
             options=TABLE, check=SAW_PYTHON),
         Run("memcheck", "memcheck", "objects.py", work, cpu,
             options=AT_EXIT, setting=MALLOC, check=said("HEAP SUMMARY")),
         Run("none without work", "none", "objects.py", nothing, cpu),
         Run("leakgrind without work", "leakgrind", "objects.py", nothing,
             cpu, options=TABLE, check=SAW_PYTHON)],
        [ratio("leakgrind", "none", at_most=1.5),
         ratio("leakgrind", "memcheck", at_most=1 / 3),
         net("leakgrind", "none", "leakgrind without work",
             "none without work")])


def short(name, what, program, args, at_most=None):
    return Row(
        name, what,
        [Run("none", "none", program, args, cpu),
         Run("leakgrind", "leakgrind", program, args, cpu, options=TABLE, check=SAW_PYTHON),
         Run("memcheck", "memcheck", program, args, cpu, options=AT_EXIT,
             setting=MALLOC, check=said("HEAP SUMMARY"), rounds=1)],
        [ratio("leakgrind", "none", at_most=at_most),
         ratio("leakgrind", "memcheck")],
        times=5)


def watching(rounds):
    args = ["work", rounds]
    return Row(
        "python-watch",
        "the same program as python-objects; leakgrind watches the references "
        "to a thousand objects at a time",
        [Run("leakgrind", "leakgrind", "objects.py", args, cpu,
             options=TABLE, check=SAW_PYTHON),
         Run("watching", "leakgrind", "objects.py", args, cpu,
             options=("--py-watch=*@objects.py:*", "--py-watch-max=1000"),
             check=said("1000 objects are watched"))],
        [ratio("watching", "leakgrind", at_most=3)])


def search_seconds(outcome):
    return float(re.findall(r"The search took ([\d.]+) seconds",
                            outcome.log)[-1])


def audit(blocks):
    args = ["leave", blocks]

    def run(label, *options):
        return Run(label, "leakgrind", "objects.py", args, search_seconds,
                   options=("-v",) + options)

    kinds = "leak-kinds=definite,possible"
    return Row(
        "python-audit",
        "the leak search at exit of a Python program with %s more live blocks, "
        "with and without its audit of references" % count(blocks),
        [run("with"), run("without", "--show-" + kinds,
                          "--errors-for-" + kinds)],
        [ratio("with", "without", at_most=2)])


def course(blocks, rounds):
    args = ["busy", blocks, rounds]
    return Row(
        "python-course",
        "whole run of the program of python-objects with %s more live blocks, with "
        "a check each second" % count(blocks),
        [Run("leakgrind", "leakgrind", "objects.py", args, cpu, options=TABLE,
             check=SAW_PYTHON),
         Run("checking", "leakgrind", "objects.py", args, cpu,
             options=TABLE + ("--checks-every=1s",),
             check=said("COURSE OF THE HEAP"))],
        [ratio("checking", "leakgrind", at_most=1.15)])


def data_file(blocks):
    args = ["live", blocks]
    return Row(
        "python-datafile",
        "whole run of a Python program with %s more live blocks, with and without a "
        "data file" % count(blocks),
        [Run("without", "leakgrind", "objects.py", args, cpu, options=TABLE,
             check=SAW_PYTHON),
         Run("with", "leakgrind", "objects.py", args, cpu,
             options=TABLE + ("--out-file=/dev/null",), check=SAW_PYTHON)],
        [ratio("with", "without")])


def forks(number):
    args = ["forks", number]
    return Row(
        "python-forks",
        "whole run of a Python program with 150,000 live blocks that forks "
        "%d children" % number,
        [Run("none", "none", "objects.py", args, cpu),
         Run("leakgrind", "leakgrind", "objects.py", args, cpu,
             options=TABLE, check=SAW_PYTHON),
         Run("silent children", "leakgrind", "objects.py", args, cpu,
             options=("--child-silent-after-fork=yes",), check=SAW_PYTHON)],
        [ratio("leakgrind", "none", at_most=1.3),
         ratio("silent children", "none", at_most=1.3)])


def memory(blocks):
    """The start has its own peak, larger than what is live then; so
    what one more block costs is taken between two sizes well above it."""
    half = blocks // 2

    def run(label, tool, n, check=None):
        return Run(label, tool, "objects.py", ["live", n], maxrss_MiB,
                   unit="MiB", check=check, rounds=2)

    def extra(m):
        return (m["leakgrind"] - m["none"]) * MiB / m["blocks"]

    def extra_growth(m):
        more = ((m["leakgrind"] - m["leakgrind, half as many"])
                - (m["none"] - m["none, half as many"]))
        return more * MiB / (blocks - half)

    return Row(
        "python-memory",
        "peak memory of the whole run of a Python program, %s live blocks "
        "made by it" % count(blocks),
        [run("none", "none", blocks),
         run("leakgrind", "leakgrind", blocks, SAW_PYTHON),
         run("none, half as many", "none", half),
         run("leakgrind, half as many", "leakgrind", half, SAW_PYTHON),
         Run("blocks", "native", "objects.py", ["live", blocks],
             printed("blocks"), unit="live blocks", rounds=2)],
        [Comparison("leakgrind - none, for each live block", extra,
                    lambda v, _: v <= 64, "≤ 64", "bytes"),
         Comparison("growth of leakgrind - none from half as many on, for "
                    "each block", extra_growth, unit="bytes"),
         ratio("leakgrind", "none")])


def million(n):
    lose, release = ([Library("newrefs"), what, n]
                     for what in ("lose", "release"))
    lost = said("%s 'int' objects" % format(n, ","))

    def runs(number, unit, suffix):
        return [
            Run("none" + suffix, "none", "newrefs.py", lose, number, unit),
            Run("leakgrind" + suffix, "leakgrind", "newrefs.py", lose, number,
                unit, check=lost),
            Run("leakgrind, released" + suffix, "leakgrind", "newrefs.py",
                release, number, unit, options=TABLE, check=SAW_PYTHON),
            Run("memcheck" + suffix, "memcheck", "newrefs.py", lose, number,
                unit, options=AT_EXIT, setting=MALLOC, rounds=1)]
    return Row(
        "python-million",
        "whole run of a Python program whose extension loses %s ints"
        % count(n),
        runs(cpu, "s", "") + runs(maxrss_MiB, "MiB", ", memory"),
        [ratio("leakgrind", "none"),
         ratio("leakgrind", "leakgrind, released"),
         ratio("leakgrind", "memcheck"),
         ratio("leakgrind, memory", "none, memory"),
         ratio("leakgrind, memory", "memcheck, memory")])


def all_rows(quick):
    """Every row about Python, in the order of the table."""
    return [
        objects(150 if quick else 600),
        short("python-start", "whole run of python3 -c pass", "python",
              ["-c", "pass"], at_most=1.1),
        short("python-import", "whole run of a Python program that imports "
              "twenty modules and does little else (no bar)", "imports.py",
              []),
        watching(150 if quick else 600),
        audit(100000 if quick else 750000),
        course(100000, 600 if quick else 2400),
        data_file(100000 if quick else 260000),
        forks(40),
        memory(100000 if quick else 750000),
        million(100000 if quick else 1000000),
    ]
