# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a program has been running, in the last line of a terminal.

The program writes to the same terminal, so the line is kept out of its way: the
terminal scrolls the lines above it only, as during an installation by apt, and the
cursor stays where the program has left it.  Nothing is shown while the program reads
keys by itself (editors, pagers), and nothing if the output is no terminal.
"""
import os
import termios
import time

__all__ = ["Progress"]

# A shorter run needs no progress.
DELAY = 1.0


class Progress:
    """Shows `what` and the elapsed time, from tick() to tick(), until end()."""

    def __init__(self, stream, what):
        self._stream = stream
        self._what = what
        self._start = time.monotonic()
        self._rows = 0  # of the terminal, while the line is there; else 0
        self.wanted = stream.isatty() and \
            os.environ.get("TERM", "dumb") not in ("", "dumb")

    def _is_free(self):
        """Is the terminal as a shell leaves it, and is this run in its foreground?"""
        try:
            fd = self._stream.fileno()
            return bool(termios.tcgetattr(fd)[3] & termios.ICANON) and \
                os.tcgetpgrp(fd) == os.getpgrp()
        except (OSError, termios.error):
            return False

    def _write(self, text):
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self.wanted = False

    def _size(self):
        try:
            size = os.get_terminal_size(self._stream.fileno())
        except OSError:
            return 0, 0
        return size.columns, size.lines

    def tick(self):
        elapsed = time.monotonic() - self._start
        if not self.wanted or elapsed < DELAY:
            return
        if not self._is_free():
            self._rows = 0  # who has taken the terminal over has set it up anew
            return
        columns, rows = self._size()
        if rows < 4 or columns < 20:
            return
        text = "leakgrind: %d:%02d %s" % (elapsed // 60, elapsed % 60, self._what)
        text = text[:columns - 1]
        if rows != self._rows:
            # Make room below the cursor, and keep it: save the cursor, scroll all but
            # the last line, restore the cursor.
            self._write("\033D\033[1A\0337\033[1;%dr\0338" % (rows - 1))
            self._rows = rows
        self._write("\0337\033[%d;1H\033[2K%s\0338" % (rows, text))

    def end(self):
        """Erases the line."""
        if self._rows:
            self._write("\0337\033[r\033[%d;1H\033[2K\0338" % self._rows)
            self._rows = 0
        self.wanted = False
