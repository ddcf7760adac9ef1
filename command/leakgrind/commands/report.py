# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind report FILE: shows a data file, for people and for programs."""
import importlib
import os
import sys

from ..view import View
from ..view import add_arguments as add_view_arguments

HELP = "show a data file: as text, as a page, or for other programs"

# The outputs, and what they are for.
FORMATS = {
    "text": "for people (the default)",
}


def add_arguments(parser):
    parser.add_argument("file", metavar="FILE", help="a data file (--out-file)")
    formats = parser.add_mutually_exclusive_group()
    for name, what in FORMATS.items():
        formats.add_argument("--" + name, dest="format", action="store_const",
                             const=name, default="text", help=what)
    parser.add_argument("-o", "--output", metavar="FILE",
                        help="write to this file (default: standard output)")
    add_view_arguments(parser)


def run(args):
    module = importlib.import_module("..formats." + args.format, __package__)
    view = View.from_args(args.file, args)
    if args.output is None:
        module.write(view, sys.stdout)
        return 0
    # A report that could not be finished replaces none that is there.
    unfinished = args.output + ".tmp"
    try:
        with open(unfinished, "w", encoding="utf-8", errors="replace") as out:
            module.write(view, out)
        os.replace(unfinished, args.output)
    except BaseException:
        if os.path.exists(unfinished):
            os.unlink(unfinished)
        raise
    return 0
