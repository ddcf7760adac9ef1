# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind diff A [B]: what is new, grown, shrunk and gone."""
import json
import sys

from .. import datafile
from ..cli import UsageError
from ..compare import STATES, compare
from ..leaks import describe_frame
from ..printable import printable
from ..view import View
from ..view import add_arguments as add_view_arguments

HELP = "compare two data files, or two checks of one"

# How many lines of each part are shown without --all.
LIMIT = 20


def add_arguments(parser):
    parser.add_argument("before", metavar="A", help="a data file, or FILE@CHECK: the "
                        "check of it with this number or label")
    parser.add_argument("after", metavar="B", nargs="?", help="the later one (default: "
                        "the first and the last check of A are compared)")
    parser.add_argument("--json", action="store_true", help="for other programs")
    parser.add_argument("--all", action="store_true",
                        help="all lines (default: %d of each part)" % LIMIT)
    add_view_arguments(parser)
    parser.epilog = "Exit code: 1 if something that counts as an error is new or has " \
        "grown; 2 if the files cannot be compared; otherwise 0."


def _views(args):
    if args.after is not None:
        return View.from_args(args.before, args), View.from_args(args.after, args)
    data = datafile.read(args.before)
    if len(data.checks) < 2:
        raise UsageError("%s has no two checks; compare it with what?" % args.before)
    return View.of_data(data, args, data.checks[0]), View.of_data(data, args)


def _signed(number, unit):
    return "%s %s" % (format(number, "+,"), unit + "s" * (abs(number) != 1))


def _how_much(change):
    parts = [_signed(change.bytes, "byte"), _signed(change.blocks, "block")]
    if change.references:
        parts.append(_signed(change.references, "reference"))
    return ", ".join(parts)


def _write_part(title, changes, name, limit, out):
    if not changes:
        return
    counts = ["%d %s" % (n, state) for n, state in
              ((sum(c.state == state for c in changes), state) for state in STATES)
              if n]
    out.write("\n%s: %s\n" % (title, ", ".join(counts)))
    for change in changes[:limit]:
        out.write("  %-6s  %s: %s\n" % (change.state, _how_much(change),
                                        name(change.subject)))
    if limit and len(changes) > limit:
        out.write("  and %d more (--all)\n" % (len(changes) - limit))


def _write_text(comparison, args, out):
    most = comparison.grew_most()
    if most is None:
        out.write("Nothing has grown.\n")
    else:
        leak = most.subject
        out.write("Grew most: %s\n  %s: %s; leak %s\n" % (
            leak.place(args.full_names), _how_much(most), leak.sentence(),
            leak.signature))

    def of_leak(leak):
        return "%s; leak %s" % (leak.sentence(), leak.signature)

    limit = None if args.all else LIMIT
    _write_part("Lost", comparison.leaks, of_leak, limit, out)
    _write_part("In use", comparison.kept, of_leak, limit, out)
    _write_part("Owners", comparison.owners, lambda owner: printable(owner.name), limit, out)


def _as_dict(change):
    return {"state": change.state, "bytes": change.bytes, "blocks": change.blocks,
            "references": change.references, "error": change.is_error}


def _leak_as_dict(change, args):
    leak = change.subject
    return dict(_as_dict(change), signature=leak.signature, kind=leak.kind,
                type=leak.type, sentence=leak.sentence(), library=leak.library,
                frames=[describe_frame(f, args.full_names) for f in leak.frames])


def _write_json(comparison, args, out):
    json.dump({
        "format": "leakgrind-diff", "version": 1,
        "leaks": [_leak_as_dict(change, args) for change in comparison.leaks],
        "kept": [_leak_as_dict(change, args) for change in comparison.kept],
        "owners": [dict(_as_dict(change), name=change.subject.name)
                   for change in comparison.owners]}, out, indent=1)
    out.write("\n")


def run(args):
    comparison = compare(*_views(args))
    write = _write_json if args.json else _write_text
    write(comparison, args, sys.stdout)
    return 1 if comparison.has_errors else 0
