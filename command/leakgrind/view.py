# SPDX-License-Identifier: GPL-2.0-or-later
"""A data file as somebody wants to look at it: what all outputs share."""
import os

from . import datafile, symbols
from .datafile import FormatError
from .leaks import Own, find_leaks, fold

__all__ = ["View", "add_arguments"]


def add_arguments(parser):
    """The options of every command that shows a data file."""
    parser.add_argument("--own", action="append", default=[], metavar="NAME",
                        help="a package, a path or a pattern that is your own code, "
                        "besides what lies below the working directory")
    parser.add_argument("--full-names", action="store_true",
                        help="C++ names with their parameters and template arguments")
    parser.add_argument("--all-frames", action="store_true",
                        help="do not fold frames of the interpreter, of importlib and "
                        "of the test runner")
    parser.add_argument("--no-source", action="store_true",
                        help="do not quote source lines")
    parser.add_argument("--debug-directory", action="append", metavar="DIR",
                        help="where to look for debug files of libraries, by build-id, "
                        "to name functions that the run could not (default: %s)"
                        % symbols.DIRECTORY)
    parser.add_argument("--no-symbols", action="store_true",
                        help="look for no debug files")


def find_check(data, which):
    """The check of this number, or the last one with this label."""
    for check in reversed(data.checks):
        if which in (check.label, str(check.number)):
            return check
    raise FormatError("%s: no check %s; there are %d" % (data.path, which,
                                                         len(data.checks)))


class View:
    """data: a DataFile; own: an Own; check: of which leaks are shown (or None);
    use: the check that says what is kept (or None); leaks: a list of Leaks.  A Check
    that is given is both."""

    def __init__(self, data, own=(), full_names=False, all_frames=False,
                 source=True, check=None):
        self.data = data
        self.own = Own.of(data, own)
        self.full_names = full_names
        self.all_frames = all_frames
        self.source = source
        self.check = check or data.last_check()
        self.use = check or data.check_of_use()
        self.leaks = find_leaks(self.check, self.own) if self.check else []

    @classmethod
    def from_args(cls, path, args):
        """Of the file, or with FILE@CHECK of one check in it: its number or label."""
        name, at, which = path.rpartition("@")
        if at and not os.path.exists(path):
            data = datafile.read(name)
            return cls.of_data(data, args, find_check(data, which))
        return cls.of_data(datafile.read(path), args)

    @classmethod
    def of_data(cls, data, args, check=None):
        if not args.no_symbols:
            symbols.resolve(data, args.debug_directory or (symbols.DIRECTORY,))
        return cls(data, args.own, args.full_names, args.all_frames,
                   not args.no_source, check)

    def frames(self, record):
        """The frames to show of the record's stack."""
        return fold(record.stack, self.own, self.all_frames)
