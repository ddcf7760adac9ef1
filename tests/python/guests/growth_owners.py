# SPDX-License-Identifier: GPL-2.0-or-later
"""Grows a module's cache and a class's registry between checks, and shrinks them."""

import guest  # tells where leakgrind.py is
import leakgrind


class Item:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


class Registry:
    known = {}


CACHE = [None] * 4000


def fill(first, last):
    for i in range(first, last):
        CACHE[i] = Item(None)  # MADE item


def register(n):
    for i in range(n):
        Registry.known[i] = bytes(100)  # MADE bytes


fill(0, 1000)
register(200)
leakgrind.check()
fill(1000, 3000)
register(250)
leakgrind.check()
CACHE[:2500] = [None] * 2500
Registry.known.clear()
print("## shrunk")
leakgrind.check()
