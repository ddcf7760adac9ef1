# SPDX-License-Identifier: GPL-2.0-or-later
"""A data file as somebody wants to look at it: what all outputs share."""
from . import datafile
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


class View:
    """data: a DataFile; own: an Own; check: of which leaks are shown (or None);
    use: the check that says what is kept (or None); leaks: a list of Leaks."""

    def __init__(self, data, own=(), full_names=False, all_frames=False,
                 source=True):
        self.data = data
        self.own = Own.of(data, own)
        self.full_names = full_names
        self.all_frames = all_frames
        self.source = source
        self.check = data.last_check()
        self.use = data.check_of_use()
        self.leaks = find_leaks(self.check, self.own) if self.check else []

    @classmethod
    def from_args(cls, path, args):
        return cls(datafile.read(path), args.own, args.full_names, args.all_frames,
                   not args.no_source)

    def frames(self, record):
        """The frames to show of the record's stack."""
        return fold(record.stack, self.own, self.all_frames)
