# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind baseline FILE: keeps a list of known leaks, and fails if there are others."""
import os

from .. import baseline
from ..cli import UsageError
from ..printable import printable
from ..view import View
from ..view import add_arguments as add_view_arguments

HELP = "write the list of known leaks, or check a run against it"


def add_arguments(parser):
    parser.add_argument("files", metavar="FILE", nargs="+",
                        help="data files; those of several processes are added up")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if "
                        "there are leaks that are not known, or more of a known one")
    parser.add_argument("--baseline", metavar="PATH", default=baseline.NAME,
                        help="the list of known leaks (default: %(default)s)")
    add_view_arguments(parser)
    parser.epilog = "Exit code of --check: 1 if there are unknown leaks, or if known " \
        "ones have grown; 2 if the files cannot be read; otherwise 0."


def _found(args):
    views = [View.from_args(path, args) for path in args.files]
    for path, view in zip(args.files, views):
        if view.check is None:
            raise UsageError("%s: no whole leak check" % path)
    return baseline.count(views)


def _line(what, number, signature, text):
    print("%-7s  %s  %s: %s" % (what, signature, number, printable(text)))


def _update(args, found):
    known = baseline.load(args.baseline) if os.path.exists(args.baseline) else {}
    result = baseline.check(known, found)
    baseline.save(args.baseline, found)
    print("%s: %d known leak%s (%d new, %d gone, %d with another number)" % (
        args.baseline, len(found), "" if len(found) == 1 else "s",
        len(result.unknown), len(result.gone),
        len(result.grown) + len(result.fewer)))
    return 0


def _check(args, found):
    result = baseline.check(baseline.load(args.baseline), found)
    for signature, one in result.unknown.items():
        _line("unknown", one.count, signature, one.text)
    for signature, (known, one) in result.grown.items():
        _line("grown", "%d -> %d" % (known.count, one.count), signature, one.text)
    for signature, (known, one) in result.fewer.items():
        _line("fewer", "%d -> %d" % (known.count, one.count), signature, one.text)
    for signature, known in result.gone.items():
        _line("gone", known.count, signature, known.text)
    if result.fewer or result.gone:
        print("Fewer leaks than in %s; to update it: leakgrind baseline %s" % (
            args.baseline, " ".join(args.files)))
    failed = bool(result.unknown or result.grown)
    print("%d unknown, %d grown, %d known" % (
        len(result.unknown), len(result.grown), len(found) - len(result.unknown)))
    return 1 if failed else 0


def run(args):
    found = _found(args)
    return _check(args, found) if args.check else _update(args, found)
