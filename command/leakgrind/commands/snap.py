# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind snap PID: a check of a running process, into its data file."""
import shlex
import sys

from .. import datafile
from ..attach import Attached
from ..printable import printable
from ..summary import short_path

HELP = "make a check of a running process, into its data file"


def add_arguments(parser):
    parser.add_argument("pid", metavar="PID", type=int, help="a process that was "
                        "started with leakgrind, or that of leakgrind itself")
    parser.add_argument("--label", default="", metavar="TEXT",
                        help="a name for the check")


def _amount(totals, kinds):
    blocks = sum(totals.get(kind, (0, 0))[0] for kind in kinds)
    size = sum(totals.get(kind, (0, 0))[1] for kind in kinds)
    return "%s bytes in %s blocks" % (format(size, ","), format(blocks, ","))


def run(args):
    path = Attached(args.pid).snapshot(args.label)
    data = datafile.read(path)
    check = data.last_check()
    file = shlex.quote(short_path(path))
    sys.stdout.write("Check %d of %s%s, at %.1f s: %s lost, %s in use\n" % (
        check.number, file, " (%s)" % printable(check.label) if check.label else "",
        check.time / 1000, _amount(check.totals, datafile.LOST_KINDS),
        _amount(check.totals, ("reachable",))))
    if check.number > 1:
        sys.stdout.write("What has grown since the one before: leakgrind diff %s@%d "
                         "%s@%d\n" % (file, check.number - 1, file, check.number))
    return 0
