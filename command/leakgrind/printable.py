# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of the program under test, which may hold anything, as text that does nothing
but show."""
import re

__all__ = ["printable"]

# Control characters, line separators, what turns the direction of text, halves of
# pairs, and what XML cannot have.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e"
                          "\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")


def _escape(match):
    code = ord(match.group())
    return "\\x%02x" % code if code < 0x100 else "\\u%04x" % code


def printable(text):
    """The text, in one line, of characters that do nothing but show."""
    return _UNPRINTABLE.sub(_escape, text)
