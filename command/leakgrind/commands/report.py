# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind report FILE: shows a data file, for people and for programs."""
import importlib
import os
import sys

from ..cli import UsageError
from ..view import View
from ..view import add_arguments as add_view_arguments

HELP = "show a data file: as text, as a page, or for other programs"

# The outputs, and what they are for.
FORMATS = {
    "text": "for people (the default)",
    "html": "a page for the browser (a second FILE: what differs from the first)",
    "json": "all leaks, with their stacks",
    "sarif": "SARIF 2.1.0, for code scanning",
    "junit": "JUnit XML, for test reports",
    "github": "annotations for GitHub Actions",
    "folded": "stacks and bytes, for flamegraph.pl",
    "speedscope": "stacks and bytes, for speedscope",
    "callgrind": "for kcachegrind and callgrind_annotate",
    "sqlite": "an SQLite database (needs -o)",
}


def add_arguments(parser):
    parser.add_argument("files", metavar="FILE", nargs="+",
                        help="a data file (--out-file)")
    formats = parser.add_mutually_exclusive_group()
    for name, what in FORMATS.items():
        formats.add_argument("--" + name, dest="format", action="store_const",
                             const=name, default="text", help=what)
    parser.add_argument("-o", "--output", metavar="FILE",
                        help="write to this file (default: standard output)")
    add_view_arguments(parser)


def _write_file(module, views, path):
    if hasattr(module, "write_file"):
        module.write_file(views[-1], path)
        return
    with open(path, "w", encoding="utf-8", errors="replace") as out:
        _write(module, views, out)


def _write(module, views, out):
    if len(views) > 1:
        module.write(views[1], out, before=views[0])
    else:
        module.write(views[0], out)


def _replace_file(module, views, path):
    """A report that could not be finished replaces none that is there."""
    unfinished = "%s.%d.tmp" % (path, os.getpid())
    try:
        _write_file(module, views, unfinished)
        os.replace(unfinished, path)
    except BaseException:
        if os.path.exists(unfinished):
            os.unlink(unfinished)
        raise


def run(args):
    module = importlib.import_module("..formats." + args.format, __package__)
    if args.output is None and hasattr(module, "write_file"):
        raise UsageError("--%s needs -o FILE" % args.format)
    if len(args.files) > (2 if args.format == "html" else 1):
        raise UsageError("--%s shows one file; leakgrind diff compares two"
                         % args.format)
    views = [View.from_args(path, args) for path in args.files]
    if args.output is None:
        # What programs read is UTF-8, whatever the terminal shows.
        sys.stdout.reconfigure(
            encoding=None if args.format == "text" else "utf-8",
            errors="backslashreplace")
        _write(module, views, sys.stdout)
    elif os.path.exists(args.output) and not os.path.isfile(args.output):
        _write_file(module, views, args.output)  # a device, or a pipe
    else:
        _replace_file(module, views, args.output)
    return 0
