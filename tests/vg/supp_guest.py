# SPDX-License-Identifier: GPL-2.0-or-later
"""supp_guest.py: loses objects of several types, from several functions."""

import ctypes

keep_one_reference_too_many = ctypes.pythonapi.Py_IncRef
keep_one_reference_too_many.argtypes = [ctypes.py_object]
keep_one_reference_too_many.restype = None


class Item:
    def __init__(self, values):
        self.values = values


class Shop:
    def lose_items(self, n):
        # By map, so that all take the same way through the interpreter, which
        # would make short cuts for a call that it has seen before.
        for item in map(Item, [[i] for i in range(n)]):
            keep_one_reference_too_many(item)

    def lose_list(self, n):
        keep_one_reference_too_many([None] * n)

    def lose_in_lambda(self):
        (lambda: keep_one_reference_too_many({"a": [1]}))()


def main():
    shop = Shop()
    shop.lose_items(3)
    shop.lose_list(5)
    shop.lose_in_lambda()


main()
