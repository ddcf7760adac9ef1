# SPDX-License-Identifier: GPL-2.0-or-later
"""The source lines that reports quote."""
import functools
import os

from .printable import printable

__all__ = ["source_line"]

# Larger files are no sources that somebody wrote.
_MAX_SIZE = 10000000


@functools.lru_cache(maxsize=100)
def _lines(path):
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _MAX_SIZE:
            return []
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().split("\n")
    except (OSError, ValueError):  # ValueError: there is a NUL in its name
        return []


def source_line(frame):
    """The line of source, or "" if it cannot be read."""
    if not frame.line or not frame.file.startswith("/"):
        return ""
    lines = _lines(frame.file)
    if frame.line > len(lines):
        return ""
    return printable(lines[frame.line - 1].strip().expandtabs())
