# SPDX-License-Identifier: GPL-2.0-or-later
"""supp_references_guest.py: takes 3 references too many to one object and 5 to another,
and one too few to each of two more; all of them stay in use.  The objects of a pair have
the same type and were made by the same function, so only their names differ."""

import ctypes
import os

take, give_back = ctypes.pythonapi.Py_IncRef, ctypes.pythonapi.Py_DecRef
take.argtypes = give_back.argtypes = [ctypes.py_object]
take.restype = give_back.restype = None


class Item:
    pass


def make():
    global FIRST, SECOND, LIMITS, SIZES, KEPT
    FIRST = Item()
    SECOND = Item()
    LIMITS = [1, 2]
    SIZES = [3]
    KEPT = [LIMITS, SIZES]


def lose():
    for _ in range(3):
        take(FIRST)
    for _ in range(5):
        take(SECOND)
    give_back(LIMITS)
    give_back(SIZES)


def main():
    make()
    lose()
    os._exit(0)


main()
