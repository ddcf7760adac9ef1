# SPDX-License-Identifier: GPL-2.0-or-later
"""Folded stacks, for flamegraph.pl: "lost;main;parse;malloc 4096", in bytes.

The outermost name says what it is: lost, cycles, or in use.
"""
import collections
import os

from ..exporting import samples
from ..leaks import shorten_name
from ..printable import printable

__all__ = ["write"]


def _name(view, frame):
    name = shorten_name(frame.function, view.full_names) or "???"
    if frame.language == "python":
        name += " (%s)" % os.path.basename(frame.file)
    elif not frame.function and frame.object:
        name += " (in %s)" % os.path.basename(frame.object)
    return printable(name).replace(";", ",")


def write(view, out):
    sizes = collections.Counter()
    for what, record in samples(view):
        frames = [_name(view, f) for f in reversed(view.frames(record))]
        sizes[";".join([what] + frames)] += record.bytes
    for stack, size in sorted(sizes.items()):
        if size:
            out.write("%s %d\n" % (stack, size))
