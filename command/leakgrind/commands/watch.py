# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind watch PID: what a running process loses, and what grows, as a live table."""
import curses
import sys
import time

from .. import datafile
from ..attach import Attached
from ..compare import compare
from ..printable import printable
from ..summary import command_line
from ..view import View

HELP = "show a running process: what is lost, and what grows"

ROWS = 8  # of each table


def add_arguments(parser):
    parser.add_argument("pid", metavar="PID", type=int, help="a process that was "
                        "started with leakgrind, or that of leakgrind itself")
    parser.add_argument("--interval", type=float, default=5, metavar="SECONDS",
                        help="between checks; each is added to the data file "
                        "(default: 5)")
    parser.add_argument("--count", type=int, metavar="N",
                        help="end after N checks")
    parser.add_argument("--own", action="append", default=[], metavar="NAME",
                        help="as in leakgrind run")


def _row(size, blocks, size_growth, block_growth, name):
    return "%15s %10s %+15s %+10s  %s" % (
        format(size, ","), format(blocks, ","), format(size_growth, "+,"),
        format(block_growth, "+,"), name)


HEAD = "%15s %10s %15s %10s  " % ("bytes", "blocks", "more bytes", "blocks")


def _by_type(check):
    """{type: (bytes, blocks)} of all that is lost or in use."""
    sizes = {}
    for record in check.records:
        if record.kind in datafile.LOST_KINDS + ("reachable",):
            size, blocks = sizes.get(record.type, (0, 0))
            sizes[record.type] = size + record.bytes, blocks + record.blocks
    return sizes


def _types(first, last):
    before, now = _by_type(first), _by_type(last)
    rows = []
    for name in set(before) | set(now):
        (size, blocks), (old, old_blocks) = now.get(name, (0, 0)), before.get(name, (0, 0))
        rows.append((size - old, size, blocks, blocks - old_blocks, name))
    rows.sort(key=lambda row: (-row[0], -row[1], row[4]))
    return [_row(size, blocks, growth, more, printable(name) or "(not Python's)")
            for growth, size, blocks, more, name in rows[:ROWS]]


def _changes(changes, name):
    grown = [change for change in changes if change.is_growth]
    return [_row(getattr(c.after, "total_bytes", c.after.bytes), c.after.blocks, c.bytes,
                 c.blocks, name(c.after)) for c in grown[:ROWS]]


def _total(title, first, last, kinds):
    def of(check, i):
        return sum(check.totals.get(kind, (0, 0))[i] for kind in kinds)
    return _row(of(last, 1), of(last, 0), of(last, 1) - of(first, 1),
                of(last, 0) - of(first, 0), title)


def table(data, first, last, own):
    """The lines that say what has become of the process since its check `first`."""
    views = [View(data, own, check=check) for check in (first, last)]
    comparison = compare(*views)
    seconds = last.time // 1000
    lines = ["%s  %d:%02d, since %d:%02d" % (
        command_line(data.command, 50), seconds // 60, seconds % 60,
        first.time // 60000, first.time // 1000 % 60), "",
        HEAD, _total("lost", first, last, datafile.LOST_KINDS),
        _total("in use", first, last, ("reachable",))]
    for title, rows in (
            ("What is lost grows by", _changes(comparison.leaks,
                                               lambda leak: leak.sentence())),
            ("What is in use grows by", _changes(comparison.kept,
                                                 lambda leak: leak.sentence())),
            ("Owners that grow", _changes(comparison.owners,
                                          lambda owner: printable(owner.name))),
            ("Types", _types(first, last))):
        if rows:
            lines += ["", HEAD + title, *rows]
    return lines


class _Watched:
    """The process, and its checks from the first one that this command asked for."""

    def __init__(self, args):
        self.attached = Attached(args.pid)
        self.following = datafile.Following(self.attached.snapshot("watch"))
        self.data = self.following.read()
        self.first = self.data.last_check()
        self.own = args.own

    def lines(self):
        last = self.data.last_check()
        del self.data.checks[:-1]  # no need to keep what nobody looks at
        return table(self.data, self.first, last, self.own)

    def look(self):
        """Makes another check, and reads it.  False: the process has ended."""
        if not self.attached.is_running():
            return False
        try:
            self.attached.snapshot("watch")
        except Exception:
            if self.attached.is_running():
                raise
            return False
        self.data = self.following.read()
        return True


def _print_tables(watched, args):
    left = args.count
    while True:
        sys.stdout.write("\n".join(watched.lines()) + "\n\n")
        sys.stdout.flush()
        if left is not None:
            left -= 1
            if left <= 0:
                return
        time.sleep(args.interval)
        if not watched.look():
            sys.stdout.write("The process has ended.\n")
            return


def _draw(screen, lines):
    height, width = screen.getmaxyx()
    screen.erase()
    for y, line in enumerate(lines[:height - 1]):
        style = curses.A_REVERSE if y == 0 else \
            curses.A_BOLD if line.startswith(HEAD) else curses.A_NORMAL
        screen.addnstr(y, 0, line.ljust(width - 1) if y == 0 else line, width - 1, style)
    screen.addnstr(height - 1, 0, "q: quit", width - 1, curses.A_DIM)
    screen.refresh()


def _show(screen, watched, args):
    curses.use_default_colors()
    left = args.count
    while True:
        lines = watched.lines()
        next_look = time.monotonic() + args.interval
        while time.monotonic() < next_look:
            _draw(screen, lines)
            screen.timeout(max(1, int(1000 * (next_look - time.monotonic()))))
            if screen.getch() in (ord("q"), 27):
                return ""
        if left is not None:
            left -= 1
            if left <= 0:
                return ""
        if not watched.look():
            return "The process has ended.\n"


def run(args):
    watched = _Watched(args)
    if sys.stdin.isatty() and sys.stdout.isatty():
        sys.stdout.write(curses.wrapper(_show, watched, args))
    else:
        _print_tables(watched, args)
    return 0
