# SPDX-License-Identifier: GPL-2.0-or-later
"""Known leaks: a file for version control, and what is new against it.

The file has for each leak its signature, how many blocks of it are known (of objects in
use: how many references), and a text for readers.  It has no lines and no sizes, and it
is sorted, so that it changes only if the leaks do.
"""
import collections
import json
import os

from .datafile import FormatError
from .leaks import shorten_name
from .printable import printable

__all__ = ["NAME", "Known", "count", "load", "save", "check"]

NAME = ".leakgrind.json"
VERSION = 1

Known = collections.namedtuple("Known", "count text")
Known.__doc__ = """count: of blocks or references.  text: which leak it is."""

Result = collections.namedtuple("Result", "unknown grown fewer gone")
Result.__doc__ = """unknown: Knowns by signature that the baseline does not have.
grown, fewer: (known, found) by signature.  gone: Knowns of the baseline."""

_REFERENCE_KINDS = ("reference", "over-released")


def _text(leak):
    what = leak.name or ("%s objects" % leak.type if leak.type else "blocks")
    if leak.kind in _REFERENCE_KINDS:
        what = "%s (%s)" % (what, leak.kind)
    if leak.where is None:
        return printable("%s of %s" % (what, leak.library or "unknown code"))
    frame = leak.where
    path = frame.file or frame.object
    return printable("%s made by %s (%s)" % (
        what, shorten_name(frame.function) or "???", os.path.basename(path)))


def count(views):
    """The Knowns by signature: all leaks that count as errors, of several processes
    together."""
    known = {}
    for view in views:
        for leak in view.leaks:
            if leak.error:
                number = leak.references if leak.kind in _REFERENCE_KINDS else \
                    leak.blocks
                before = known.get(leak.signature)
                known[leak.signature] = Known(
                    number + (before.count if before else 0), _text(leak))
    return known


def save(path, known):
    leaks = {signature: {"count": one.count, "leak": one.text}
             for signature, one in known.items()}
    unfinished = "%s.%d.tmp" % (path, os.getpid())
    with open(unfinished, "w", encoding="utf-8") as out:
        json.dump({"format": "leakgrind-baseline", "version": VERSION, "leaks": leaks},
                  out, indent=1, sort_keys=True, ensure_ascii=False)
        out.write("\n")
    os.replace(unfinished, path)


def load(path):
    """Raises OSError or FormatError."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if content["format"] != "leakgrind-baseline" or \
                type(content["version"]) is not int:
            raise ValueError
        if content["version"] > VERSION:
            raise FormatError("%s: written by a newer leakgrind" % path)
        known = {signature: Known(one["count"], str(one["leak"]))
                 for signature, one in content["leaks"].items()}
        if any(type(one.count) is not int for one in known.values()):
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise FormatError("%s: no baseline of leakgrind" % path) from None
    return known


def check(known, found):
    """What differs from `known` to `found`, both of count() or load()."""
    both = sorted(known.keys() & found.keys())
    return Result(
        {s: found[s] for s in sorted(found.keys() - known.keys())},
        {s: (known[s], found[s]) for s in both if found[s].count > known[s].count},
        {s: (known[s], found[s]) for s in both if found[s].count < known[s].count},
        {s: known[s] for s in sorted(known.keys() - found.keys())})
