# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of `leakgrind`: which command, its arguments, its errors."""
import argparse
import importlib
import os
import sys

from .datafile import FormatError

COMMANDS = ("run", "report", "diff", "baseline", "why", "snap", "watch")

# The exit code for wrong arguments and unreadable files (as argparse's).
USAGE = 2


class UsageError(Exception):
    """What the user asked for cannot be done; str() says why."""


def _module(command):
    return importlib.import_module("." + command, __package__ + ".commands")


def _parser(available):
    parser = argparse.ArgumentParser(
        prog="leakgrind", description="Finds memory that nobody frees, references that "
        "nobody holds, and what keeps the rest.", epilog="leakgrind PROGRAM ... is "
        "leakgrind run PROGRAM ...; leakgrind COMMAND --help explains a command.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in available:
        module = _module(name)
        sub = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


def main(argv=None):
    argv = list(sys.argv[1:] if argv is None else argv)
    if argv and argv[0] not in COMMANDS and argv[0] not in ("-h", "--help"):
        argv.insert(0, "run")  # leakgrind PROGRAM is leakgrind run PROGRAM
    args = _parser(COMMANDS).parse_args(argv)
    try:
        return args.run(args) or 0
    except BrokenPipeError:
        # The reader has seen enough.  What is buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (FormatError, UsageError) as error:
        print("leakgrind: %s" % error, file=sys.stderr)
    except OSError as error:
        print("leakgrind: %s: %s" % (error.filename or "error", error.strerror or
                                     error), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return USAGE
