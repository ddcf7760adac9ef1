# SPDX-License-Identifier: GPL-2.0-or-later
"""CPython 3.11: tracemalloc.stop() frees the values of its table of stacks,
which are nothing, and not the keys, which are the stacks."""

import tracemalloc

import guest


def work():
    kept = [bytes(100)]  # LEAK
    return len(kept)


def leak():
    tracemalloc.start()
    work()
    tracemalloc.stop()


def clean():
    work()


if __name__ == "__main__":
    guest.main(globals())
