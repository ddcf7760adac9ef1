# SPDX-License-Identifier: GPL-2.0-or-later
"""over_released.py WHICH HOW: releases once too often what stays in use.  "clean" does
not; "exit" ends the process before anything is freed too early; "finalize" takes the
missing reference while the interpreter ends, so that all ends well."""
import os
import sys

import guest  # tells where holder is
import holder


class Repair:
    """Takes the missing reference when the module is torn down."""
    limits = None

    def __del__(self, take=holder.forget):
        if self.limits is not None:
            take(self.limits)


_REPAIR = Repair()  # of this module, the first to go


class Item:
    def __init__(self, name):
        self.name = name


class Slots:
    __slots__ = "first", "second"


LIMITS = [1, 2, 3]  # MARK limits
CACHE = {"limits": LIMITS, "value": ["of a dict"]}  # MARK value
KEPT = [CACHE["value"]]
SHARED = Item("shared")  # MARK shared
PAIR = (SHARED, SHARED)
IN_SET = frozenset([SHARED])
BOUND = SHARED.__init__
SLOTS = Slots()
SLOTS.second = ("in", "a slot", os.getpid())  # MARK slot
SAME = SLOTS.second


def release(which):
    if which == "argument":
        holder.over_release(LIMITS)
    elif which == "value":
        holder.over_release(CACHE["value"])
    elif which == "several":
        holder.over_release(SHARED)
        holder.over_release(SHARED)
    elif which == "slot":
        holder.over_release(SLOTS.second)
    elif which == "class":
        holder.over_release(Slots)


def main():
    which, how = sys.argv[1:]
    if how != "clean":
        release(which)
    if how == "finalize":
        _REPAIR.limits = LIMITS
    else:
        os._exit(0)


main()
