# SPDX-License-Identifier: GPL-2.0-or-later
"""Workflow commands of GitHub Actions: an annotation at the line of each leak.

GitHub shows ten annotations of each level and step; the worst leaks come first.
"""
from ..exporting import level, pointed_at, relative, stack_lines
from ..printable import printable

__all__ = ["write"]

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def _data(text):
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text):
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")


def write(view, out):
    for leak in view.leaks:
        properties = []
        frame = pointed_at(leak)
        if frame:
            properties += [("file", relative(view, frame.file)),
                           ("line", str(frame.line))]
        properties.append(("title", "leak of %s" % (leak.type or "memory")))
        text = [printable(leak.sentence()), "%s bytes; leak %s" % (
            format(leak.total_bytes, ","), leak.signature)]
        text += stack_lines(view, leak.records[0])
        out.write("::%s %s::%s\n" % (
            _COMMANDS[level(leak)],
            ",".join("%s=%s" % (name, _property(value)) for name, value in properties),
            _data("\n".join(text))))
