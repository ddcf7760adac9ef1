# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind why FILE WHAT: what leads to a leak, or to objects of a type."""
import collections
import fnmatch
import re

from ..cli import UsageError
from ..datafile import LOST_KINDS
from ..leaks import find_leaks, shorten_name
from ..printable import printable
from ..view import View
from ..view import add_arguments as add_view_arguments

HELP = "what leads to a leak, or to the objects of a type, and who keeps them"

# How many paths, owners and leaks are shown without --all.
LIMIT = 10


def add_arguments(parser):
    parser.add_argument("file", metavar="FILE", help="a data file, or FILE@CHECK")
    parser.add_argument("what", metavar="LEAK|TYPE|FUNCTION",
                        help="the first digits of a leak's signature; or a Python type, "
                        "or the function that made the blocks; * and ? are wildcards")
    parser.add_argument("--all", action="store_true", help="all paths, owners and leaks "
                        "(default: %d of each)" % LIMIT)
    add_view_arguments(parser)
    parser.epilog = "Exit code: 1 if nothing is found; otherwise 0."


def _matches(name, pattern):
    """Does the pattern match the name, or its part after a dot or "::"?"""
    names = {name, name.rpartition(".")[2], name.rpartition("::")[2]} - {""}
    return any(fnmatch.fnmatchcase(one, pattern) for one in names)


_WAYS = (lambda leak: leak.type, lambda leak: leak.name,
         lambda leak: shorten_name(leak.where.function) if leak.where else "")


def _select(leaks, what):
    """The leaks that are meant, and whether they are all of a type."""
    if re.fullmatch("[0-9a-f]{4,12}", what):
        signed = [leak for leak in leaks if leak.signature.startswith(what)]
        if signed:
            return signed, False
    for name in _WAYS:
        named = [leak for leak in leaks if _matches(name(leak), what)]
        if named:
            return named, name is _WAYS[0]
    return [], False


def _limited(rows, args, noun):
    """The rows to show, and then how many are left out."""
    rows = list(rows)
    limit = None if args.all else LIMIT
    yield from rows[:limit]
    if limit and len(rows) > limit:
        yield "and %d more %s (--all)" % (len(rows) - limit, noun)


def _tree(paths):
    """{step: (blocks, {...})} from {steps: blocks}: paths with the same beginning
    together."""
    first = collections.defaultdict(collections.Counter)
    for steps, blocks in paths.items():
        if steps:
            first[steps[0]][steps[1:]] += blocks
    return first


def _tree_lines(paths, indent=""):
    """Lines of text; what has one way on stays in a line."""
    branches = sorted(_tree(paths).items(),
                      key=lambda item: (-sum(item[1].values()), item[0]))
    for step, rest in branches:
        blocks, steps = sum(rest.values()), [step]
        while len(_tree(rest)) == 1 and () not in rest:
            (step, rest), = _tree(rest).items()
            steps.append(step)
        yield "%s%s: %s" % (indent, format(blocks, ","), printable(" -> ".join(steps)))
        yield from _tree_lines(rest, indent + "  ")


def _places(paths):
    """What the beginnings of the paths are called, as owners are."""
    names = set()
    for steps in paths:
        name = ""
        for step in steps[:4]:
            names.add(step)
            name += re.sub(r" \([^()]*\)$", "", step)
            names.add(re.sub("^module ", "", name))
    return names


def _owner_lines(view, types, paths):
    """Of the owners of objects of these types, and of those that the paths name."""
    places = _places(paths)
    for owner in view.use.owners:
        of_them = [row for row in owner.types if row[0] in types]
        if of_them or owner.name in places:
            line = "%s keeps %s bytes" % (printable(owner.name),
                                          format(owner.bytes, ","))
            if of_them:
                line += ", %s blocks of them" % format(sum(b for _, b, _ in of_them),
                                                       ",")
            yield line


def _summary(leaks):
    return "%s block%s, %s bytes" % (
        format(sum(leak.blocks for leak in leaks), ","),
        "" if sum(leak.blocks for leak in leaks) == 1 else "s",
        format(sum(leak.bytes for leak in leaks), ","))


def _show_leaks(leaks, args):
    for line in _limited(("leak %s: %s" % (leak.signature, leak.sentence())
                          for leak in leaks), args, "leaks"):
        print("  " + line)


def _show_kept(view, leaks, types, args):
    print("In use: %s" % _summary(leaks))
    _show_leaks(leaks, args)
    paths = collections.Counter()
    for leak in leaks:
        for record in leak.records:
            for path in record.paths:
                paths[path.steps] += path.blocks
    if paths:
        print("Reached by:")
        for line in _limited(_tree_lines(paths), args, "lines"):
            print("  " + line)
        others = sum(leak.blocks for leak in leaks) - sum(paths.values())
        if others > 0:
            print("  %s: by other paths" % format(others, ","))
    else:
        print("The file has no paths to them.")
    owners = list(_owner_lines(view, types, paths))
    if owners:
        print("Owners:")
        for line in _limited(owners, args, "owners"):
            print("  " + line)


def run(args):
    if re.match("0[xX]", args.what):
        raise UsageError("data files have no addresses; ask the program while it runs: "
                         "the monitor command why %s" % args.what)
    view = View.from_args(args.file, args)
    if view.check is None:
        raise UsageError("%s: no whole leak check" % args.file)
    lost = find_leaks(view.check, view.own, cycles=True)
    kept = find_leaks(view.use, view.own, ("reachable",))
    chosen, by_type = _select(lost + kept, args.what)
    if not chosen:
        print("Nothing in %s is %s." % (args.file, printable(args.what)))
        return 1
    parts = {"lost": [], "reachable": [], "references": []}
    for leak in chosen:
        parts["lost" if leak.kind in LOST_KINDS else
              leak.kind if leak.kind in parts else "references"].append(leak)
    if parts["lost"]:
        print("Lost: %s; nothing leads there" % _summary(parts["lost"]))
        _show_leaks(parts["lost"], args)
    if parts["reachable"]:
        types = {leak.type for leak in chosen} - {""} if by_type else ()
        _show_kept(view, parts["reachable"], types, args)
    if parts["references"]:
        print("References that nobody holds:")
        _show_leaks(parts["references"], args)
    return 0
