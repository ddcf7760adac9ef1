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

START = "import sys; sys.path.insert(0, %r); import leaky\n" % os.environ.get(
    "LG_GUEST_LIBS", ".")
BODY = """
def work():
    leaky.%s(50, 2)

work()
"""


def run_some(function):
    for _ in range(2):
        inner = subinterpreters.create(*CONFIG)
        subinterpreters.run_string(inner, START + BODY % function)
        subinterpreters.destroy(inner)


def lose():
    run_some("lose_tuple")


def keep():
    run_some("release_tuple")


def lose_undestroyed():
    inner = subinterpreters.create(*CONFIG)
    subinterpreters.run_string(inner, START + BODY % "lose_tuple")


if __name__ == "__main__":
    guest.main(globals())
