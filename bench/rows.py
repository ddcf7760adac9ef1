# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured: the rows of the table, their runs and their bars.

A row has a list of runs and a list of comparisons.  The runs are made in turn, in
several rounds (A B C A B C ...), and each comparison is computed within a round.  So
whatever disturbs the machine for a while disturbs both sides of a ratio.
"""

import re

MiB = 1 << 20
GiB = 1 << 30


class Run:
    """One program under one tool, and the number that is taken from it."""

    def __init__(self, label, tool, program, args, number, unit="s",
                 options=(), check=None, rounds=None, setting=()):
        self.label = label
        self.tool = tool
        self.program = program
        self.args = args
        self.number = number    # Outcome -> float
        self.unit = unit
        self.options = options
        self.check = check      # Outcome -> complaint or None
        self.rounds = rounds    # at most so many; None: all
        self.setting = setting  # pairs for the environment


class Comparison:
    """A number computed from one round: a dict from label to number."""

    def __init__(self, what, value, bar=None, bar_text="", unit=""):
        self.what = what
        self.value = value
        self.bar = bar          # (value, round's numbers) -> bool, or None
        self.bar_text = bar_text
        self.unit = unit


class Row:
    """`times`: for short runs, turns for each one that was asked for."""

    def __init__(self, name, what, runs, comparisons, times=1):
        self.name = name
        self.times = times
        self.what = what
        self.runs = runs
        self.comparisons = comparisons


# --- numbers -------------------------------------------------------------

def cpu(outcome):
    return outcome.cpu_s


def search_s(outcome):
    return outcome.printed["search_s"]


def maxrss_MiB(outcome):
    return outcome.maxrss_kB / 1024


# --- comparisons ---------------------------------------------------------

def ratio(a, b, at_most=None, below=None, what=None):
    """a's number as a multiple of b's."""
    bar, text = None, ""
    if at_most is not None:
        bar, text = (lambda v, _: v <= at_most), "≤ %.2f" % at_most
    elif below is not None:
        bar, text = (lambda v, _: v < below), "< %g" % below
    return Comparison(what or "%s / %s" % (a, b), lambda m: m[a] / m[b],
                      bar, text)


def times_faster(a, b, at_least=None, above=None):
    """How many times faster a is than b."""
    if at_least is not None:
        bar, text = (lambda v, _: v >= at_least), "≥ %g" % at_least
    else:
        bar, text = (lambda v, _: v > above), "> %g" % above
    return Comparison("times faster than " + b, lambda m: m[b] / m[a],
                      bar, text)


# --- checks: did the tool do the work that is being compared? -------------

def near(found, n, what):
    """The run-time's own blocks come on top of n, and a number that looks
    like an address may hide some; never more than one in twenty."""
    if 0.95 * n <= found <= n + 100:
        return None
    return "%d blocks %s instead of %d" % (found, what, n)


def all_blocks(field, n):
    """A search under Valgrind found the n blocks as `field`."""
    return lambda outcome: near(outcome.printed.get(field, 0), n, field)


def lsan_found(n):
    def check(outcome):
        match = re.search(r"leaked in (\d+) allocation", outcome.stderr)
        return near(int(match.group(1)) if match else 0, n, "lost")
    return check


def loss_records(n):
    def check(outcome):
        found = len(re.findall(r" in loss record \d", outcome.log))
        if not n <= found <= n + 10:
            return "%d loss records instead of %d" % (found, n)
        return None
    return check


def said(text):
    def check(outcome):
        return None if text in outcome.log else "no '%s'" % text
    return check


# --- the rows --------------------------------------------------------------

ON_REQUEST = ["--leak-check=no"]  # the program asks for the search itself
AT_EXIT = ["--leak-check=full"]
NO_CLEAN = ["--leak-check=full", "--clean-stack=no"]


def graph(n, variant):
    field = "reachable" if variant == "reach" else "lost"
    if variant == "reach":
        args, state = [n, variant], "all reachable from one variable"
    else:
        part = n // 200
        args = [n, variant, part]
        state = "all lost, in parts of " + count(part)
    found = all_blocks(field, n)
    return Row(
        "graph-" + variant,
        "leak search alone, random graph of %s blocks with 4 pointers each, "
        "%s" % (count(n), state),
        [Run("leakgrind", "leakgrind", "graph", args, search_s,
             options=ON_REQUEST, check=found),
         Run("memcheck", "memcheck", "graph", args, search_s,
             options=ON_REQUEST, check=found, rounds=1),
         Run("LeakSanitizer", "lsan", "graph", args, search_s,
             check=lsan_found(n if variant == "leak" else 0))],
        [times_faster("leakgrind", "memcheck", at_least=50),
         times_faster("leakgrind", "LeakSanitizer", above=1)])


def growth(sizes):
    def ns_per_block(n):
        return lambda outcome: search_s(outcome) / n * 1e9
    runs = [Run(count(n), "leakgrind", "graph", [n, "reach"], ns_per_block(n),
                unit="ns", options=ON_REQUEST, check=all_blocks("reachable", n))
            for n in sizes]
    return Row(
        "growth",
        "leak search of the same graph, time per block, from %s to %s blocks"
        % (count(sizes[0]), count(sizes[-1])),
        runs,
        [ratio(count(sizes[-1]), count(sizes[0]), below=2)])


def data(total, block):
    many = total // block
    args = [total, block]
    what = ("one block" if many == 1
            else "blocks of %d KiB" % (block // 1024))
    found = all_blocks("reachable", many)

    def speed(outcome):
        return total / GiB / search_s(outcome)

    def reading(outcome):
        return total / GiB / outcome.printed["read_s"]

    return Row(
        "data-one" if many == 1 else "data-many",
        "leak search over %d MiB without pointers, %s" % (total // MiB, what),
        [Run("leakgrind", "leakgrind", "data", args, speed, unit="GiB/s",
             options=ON_REQUEST, check=found),
         Run("memory read natively", "native", "data", [total, "read"],
             reading, unit="GiB/s"),
         Run("LeakSanitizer", "lsan", "data", args, speed, unit="GiB/s",
             check=lsan_found(0)),
         Run("memcheck", "memcheck", "data", args, speed, unit="GiB/s",
             options=ON_REQUEST, check=found, rounds=1)],
        [Comparison("speed of the search", lambda m: m["leakgrind"],
                    lambda v, m: v >= min(2, m["memory read natively"]),
                    "≥ 2, or memory speed if less", "GiB/s"),
         ratio("leakgrind", "memory read natively"),
         ratio("leakgrind", "LeakSanitizer"),
         ratio("leakgrind", "memcheck")])


def churn(pairs, live, order):
    args = [pairs, live, order]
    what = "the oldest" if order == "ring" else "any of them"
    none_left = said("All heap blocks were freed")
    return Row(
        "churn-" + order,
        "whole run, %s malloc/free pairs of small blocks, %s live, each frees "
        "%s" % (count(pairs), count(live), what),
        [Run("leakgrind", "leakgrind", "churn", args, cpu, options=AT_EXIT,
             check=none_left),
         Run("memcheck", "memcheck", "churn", args, cpu, options=AT_EXIT,
             check=none_left),
         Run("massif", "massif", "churn", args, cpu),
         Run("dhat", "dhat", "churn", args, cpu, rounds=2),
         Run("none", "none", "churn", args, cpu)],
        [ratio("leakgrind", "memcheck", at_most=0.45),
         ratio("leakgrind", "massif", below=1),
         ratio("leakgrind", "dhat"),
         ratio("leakgrind", "none")])


def quiet(name, what, args, bars=True):
    """A program that hardly allocates."""
    freed = said("All heap blocks were freed")
    return Row(
        name,
        "whole run, " + what,
        [Run("none", "none", name, args, cpu),
         Run("leakgrind --clean-stack=no", "leakgrind", name, args, cpu,
             options=NO_CLEAN, check=freed),
         Run("leakgrind", "leakgrind", name, args, cpu, options=AT_EXIT,
             check=freed),
         Run("none again", "none", name, args, cpu),
         Run("memcheck", "memcheck", name, args, cpu, options=AT_EXIT,
             check=freed, rounds=1)],
        [ratio("leakgrind --clean-stack=no", "none",
               at_most=1.05 if bars else None),
         ratio("leakgrind", "none", at_most=1.25 if bars else None),
         ratio("leakgrind", "memcheck"),
         ratio("none again", "none", what="none / none (how exact this is)")])


def start():
    """What every run costs before and after the program."""
    freed = said("All heap blocks were freed")
    return Row(
        "start",
        "whole run of a program that does nothing (no bar)",
        [Run("leakgrind", "leakgrind", "arith", [0], cpu, options=AT_EXIT,
             check=freed),
         Run("memcheck", "memcheck", "arith", [0], cpu, options=AT_EXIT,
             check=freed),
         Run("massif", "massif", "arith", [0], cpu),
         Run("none", "none", "arith", [0], cpu)],
        [ratio("leakgrind", "memcheck"),
         ratio("leakgrind", "massif"),
         ratio("leakgrind", "none")])


def records(n, per):
    args = [n, per, "leak", 6]
    found = loss_records(n)
    return Row(
        "records",
        "whole run, full report to a file of %s loss records with %d blocks "
        "each" % (count(n), per),
        [Run("leakgrind", "leakgrind", "stacks", args, cpu, options=AT_EXIT,
             check=found),
         Run("memcheck", "memcheck", "stacks", args, cpu, options=AT_EXIT,
             check=found)],
        [ratio("leakgrind", "memcheck", below=1)])


def records_growth(sizes, per):
    """Of three sizes, each twice the one before, the second step costs twice
    the first when the cost is linear, and four times when it is quadratic,
    whatever a run costs that has no records at all."""
    small, middle, large = (count(n) for n in sizes)

    def run(n):
        return Run(count(n), "leakgrind", "stacks", [n, per, "leak", 6], cpu,
                   options=AT_EXIT, check=loss_records(n))
    return Row(
        "records-growth",
        "the same with %s, %s and %s loss records (linear: 2, quadratic: 4)"
        % (small, middle, large),
        [run(n) for n in sizes],
        [Comparison("last step / step before",
                    lambda m: (m[large] - m[middle]) / (m[middle] - m[small]),
                    lambda v, _: v < 3, "< 3"),
         ratio(large, small)])


def stacks(n, per, depth):
    args = [n, per, "free", depth]
    deep = ["--num-callers=30"]
    freed = said("All heap blocks were freed")
    return Row(
        "stacks",
        "whole run, %s blocks allocated and freed from %s stacks of %d frames"
        % (count(n * per), count(n), depth + 2),
        [Run("leakgrind", "leakgrind", "stacks", args, cpu,
             options=AT_EXIT + deep, check=freed),
         Run("memcheck", "memcheck", "stacks", args, cpu,
             options=AT_EXIT + deep, check=freed)],
        [ratio("leakgrind", "memcheck", below=1)])


def memory(n):
    searched = said("LEAK SUMMARY")
    return Row(
        "memory",
        "peak memory of the whole run, %s live blocks of 32-80 bytes"
        % count(n),
        [Run("leakgrind", "leakgrind", "live", [n], maxrss_MiB, unit="MiB",
             options=AT_EXIT, check=searched, rounds=2),
         Run("memcheck", "memcheck", "live", [n], maxrss_MiB, unit="MiB",
             options=AT_EXIT, check=searched, rounds=2),
         Run("massif", "massif", "live", [n], maxrss_MiB, unit="MiB",
             rounds=1),
         Run("dhat", "dhat", "live", [n], maxrss_MiB, unit="MiB", rounds=1),
         Run("none", "none", "live", [n], maxrss_MiB, unit="MiB", rounds=1)],
        [ratio("leakgrind", "memcheck", at_most=0.6),
         ratio("leakgrind", "massif"),
         ratio("leakgrind", "dhat"),
         ratio("leakgrind", "none")])


def count(n):
    """4000000 -> "4 million"."""
    if n >= 1000000 and n % 100000 == 0:
        return "%g million" % (n / 1000000)
    return format(n, ",")


def all_rows(quick):
    """Every row, in the order of the table; `quick` takes sizes at which a
    whole table comes within two minutes, too small for the bars."""
    if quick:
        return [
            graph(200000, "reach"),
            graph(200000, "leak"),
            growth([100000, 200000, 400000, 800000]),
            data(128 * MiB, 128 * MiB),
            data(128 * MiB, 64 * 1024),
            churn(300000, 100000, "ring"),
            churn(300000, 1000, "random"),
            start(),
            quiet("compress", "compression of 2 MB", [2000000]),
            quiet("arith", "arithmetic", [30]),
            quiet("calls", "function calls and little else", [60],
                  bars=False),
            records(5000, 4),
            records_growth([1250, 2500, 5000], 4),
            stacks(5000, 20, 24),
            memory(400000),
        ]
    return [
        graph(4000000, "reach"),
        graph(4000000, "leak"),
        growth([1000000, 2000000, 4000000, 8000000, 16000000]),
        data(GiB, GiB),
        data(GiB, 64 * 1024),
        churn(3000000, 1000000, "ring"),
        churn(3000000, 1000, "random"),
        start(),
        quiet("compress", "compression of 20 MB", [20000000]),
        quiet("arith", "arithmetic", [300]),
        quiet("calls", "function calls and little else (no bar)", [1500],
              bars=False),
        records(50000, 4),
        records_growth([12500, 25000, 50000], 4),
        stacks(50000, 20, 24),
        memory(4000000),
    ]
