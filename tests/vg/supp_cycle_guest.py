# SPDX-License-Identifier: GPL-2.0-or-later
"""supp_cycle_guest.py: objects of one type, made in one line, that are lost; and
others with a reference cycle that the collector is not asked to free."""

import ctypes
import gc
import itertools
import os

keep_one_reference_too_many = ctypes.pythonapi.Py_IncRef
keep_one_reference_too_many.argtypes = [ctypes.py_object]
keep_one_reference_too_many.restype = None


class Item:
    pass


def lose(n):
    # By starmap, so that all take the same way through the interpreter, which
    # would make short cuts for a call that it has seen before.
    for i, item in enumerate(itertools.starmap(Item, [()] * n)):
        if i % 3 == 0:
            item.me = item
        else:
            keep_one_reference_too_many(item)
        del item


gc.collect()
gc.disable()
lose(9)
os._exit(0)
