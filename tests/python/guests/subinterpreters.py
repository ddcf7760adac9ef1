# SPDX-License-Identifier: GPL-2.0-or-later
"""Losses in sub-interpreters of a Python program."""

import os

try:
    # As they were before: leaky does not come into one with its own GIL.
    import _interpreters as subinterpreters
    CONFIG = ["legacy"]
except ImportError:
    import _xxsubinterpreters as subinterpreters
    CONFIG = []

import guest

START = "import sys; sys.path[:0] = %r; import leaky\n" % os.environ.get(
    "LG_GUEST_LIBS", ".").split(os.pathsep)
BODY = """
def work():
    leaky.%s(50, 2)

work()
"""


def run_one(code):
    inner = subinterpreters.create(*CONFIG)
    subinterpreters.run_string(inner, START + code)
    subinterpreters.destroy(inner)


def run_some(function):
    for _ in range(2):
        run_one(BODY % function)


def lose():
    run_some("lose_tuple")


def keep():
    run_some("release_tuple")


def modules():
    """Some keep objects in static variables."""
    for _ in range(3):
        run_one("import datetime, decimal, _ctypes\n")


def tracked():
    """The dict of a static type is tracked by the collector of each interpreter."""
    for _ in range(3):
        run_one("import asyncio\n")


def forget():
    """What an object has, whose deallocator forgets it when the interpreter
    ends."""
    for _ in range(2):
        run_one("import keeper\n"
                "kept = [keeper.ForgetsTag(object()) for _ in range(50)]\n")


def lose_undestroyed():
    inner = subinterpreters.create(*CONFIG)
    subinterpreters.run_string(inner, START + BODY % "lose_tuple")


if __name__ == "__main__":
    guest.main(globals())
