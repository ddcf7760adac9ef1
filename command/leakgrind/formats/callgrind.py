# SPDX-License-Identifier: GPL-2.0-or-later
"""Callgrind's format, for kcachegrind and callgrind_annotate: who allocated what is
lost, and what is in use, with its callers.

A function that calls itself has a name of its own for each depth (f'2), as
callgrind writes it: so inclusive sizes are exact.
"""
import collections

from ..exporting import samples
from ..leaks import shorten_name
from ..printable import printable

__all__ = ["write"]

# What, the names of its two events, and what they count.
EVENTS = (("lost", "LostB", "LostBlocks", "lost"),
          ("cycles", "CycleB", "CycleBlocks", "in cycles that Python would collect"),
          ("in use", "UseB", "UseBlocks", "in use"))


class _Names:
    """Numbers for names: what has one is written without its text."""

    def __init__(self):
        self.numbers = {}

    def __call__(self, name):
        if name in self.numbers:
            return "(%d)" % self.numbers[name]
        self.numbers[name] = len(self.numbers) + 1
        return "(%d) %s" % (self.numbers[name], printable(name) or "???")


class _Function(collections.namedtuple("_Function", "object file name")):
    __slots__ = ()


def _calls(view, record):
    """The stack as (function, line), the outermost first."""
    depths, calls = collections.Counter(), []
    for frame in reversed(view.frames(record)):
        name = shorten_name(frame.function, view.full_names) or "???"
        function = _Function(frame.object, frame.file, name)
        depths[function] += 1
        if depths[function] > 1:
            function = function._replace(name="%s'%d" % (name, depths[function]))
        calls.append((function, frame.line))
    return calls or [(_Function("", "", "???"), 0)]


class _Costs:
    """What each function allocates by itself, and by its calls; by line."""

    def __init__(self, view):
        self.total = [0] * 6
        self.own = collections.defaultdict(dict)
        self.calls = collections.defaultdict(dict)
        column = {what: 2 * i for i, (what, *_) in enumerate(EVENTS)}
        for what, record in samples(view):
            cost = [0] * 6
            cost[column[what]:column[what] + 2] = record.bytes, record.blocks
            calls = _calls(view, record)
            for (caller, line), (called, target) in zip(calls, calls[1:]):
                self.own[caller]
                _add(self.calls[caller], (line, called, target), cost)
            _add(self.own[calls[-1][0]], calls[-1][1], cost)
            self.total = [a + b for a, b in zip(self.total, cost)]


def _add(costs, key, cost):
    costs[key] = [a + b for a, b in zip(costs.get(key, [0] * 6), cost)]


def _numbers(cost):
    return " ".join(map(str, cost))


def write(view, out):
    costs = _Costs(view)
    names = [name for _, *two, _ in EVENTS for name in two]
    out.write("# callgrind format\nversion: 1\ncreator: leakgrind %s\n"
              % printable(view.data.header["tool"]))
    out.write("pid: %d\ncmd: %s\npart: 1\n\npositions: line\n" % (
        view.data.header["pid"], printable(" ".join(view.data.command))))
    for _, size, number, what in EVENTS:
        out.write("event: %s : bytes %s\nevent: %s : blocks %s\n" % (
            size, what, number, what))
    out.write("events: %s\nsummary: %s\n" % (" ".join(names), _numbers(costs.total)))
    objects, files, functions = _Names(), _Names(), _Names()
    for function in sorted(costs.own):
        out.write("\nob=%s\nfl=%s\nfn=%s\n" % (
            objects(function.object), files(function.file), functions(function.name)))
        for line, cost in sorted(costs.own[function].items()):
            out.write("%d %s\n" % (line, _numbers(cost)))
        for (line, called, target), cost in sorted(costs.calls[function].items()):
            out.write("cob=%s\ncfi=%s\ncfn=%s\ncalls=%d %d\n%d %s\n" % (
                objects(called.object), files(called.file), functions(called.name),
                sum(cost[1::2]), target, line, _numbers(cost)))
    out.write("\ntotals: %s\n" % _numbers(costs.total))
