# SPDX-License-Identifier: GPL-2.0-or-later
"""supp_cycle_guest.py: objects of one type, made in one line, that are lost; and
others with a reference cycle that the collector is not asked to free."""

import ctypes
import gc
import os

keep_one_reference_too_many = ctypes.pythonapi.Py_IncRef
keep_one_reference_too_many.argtypes = [ctypes.py_object]
keep_one_reference_too_many.restype = None


class Item:
    pass


def lose(n):
    for i in range(n):
        item = Item()
        if i % 3 == 0:
            item.me = item
        else:
            keep_one_reference_too_many(item)
        del item


gc.disable()
lose(9)
os._exit(0)
