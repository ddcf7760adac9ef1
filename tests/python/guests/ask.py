# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks leakgrind for checks from Python, with nothing but ctypes, and then releases
what was lost, so that nothing is lost at the end."""

import ctypes
import gc

import guest


class Counts(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulong) for name in (
        "definite", "indirect", "possible", "reachable", "suppressed")]


MASK = 0x2AAAAAAAAAAAAAA0


class Widget:
    pass


def check(leakgrind, only_summary=0, delta=0):
    """Returns the blocks that are definitely lost."""
    gc.collect()
    leakgrind.leakgrind_check(only_summary, delta)
    szB, blocks = Counts(), Counts()
    leakgrind.leakgrind_counts(ctypes.byref(szB), ctypes.byref(blocks))
    return blocks.definite


def address_of_lost():
    widget = Widget()  # LEAK
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(widget))
    # An int that holds the address would hold the block.
    return id(widget) ^ MASK


def repair(masked):
    ctypes.pythonapi.Py_DecRef(ctypes.cast(masked ^ MASK, ctypes.py_object))


def ask():
    leakgrind = ctypes.CDLL(None)
    assert leakgrind.leakgrind_running() == 1
    before = check(leakgrind, 1)
    lost = [address_of_lost() for _ in range(100)]
    found = check(leakgrind) - before
    for masked in lost:
        repair(masked)
    print("lost %d, then %d" % (found, check(leakgrind, 1) - before))


if __name__ == "__main__":
    guest.main(globals())
