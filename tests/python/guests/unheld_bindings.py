# SPDX-License-Identifier: GPL-2.0-or-later
"""unheld_bindings.py FUNCTION: takes references too many to objects that stay in use,
in modules of pybind11 and Cython.  The process ends without the interpreter's end, so
that all is as it was."""

import os

import guest


def pybind11(release):
    import unheld_pybind11
    global PART, OTHER

    PART = unheld_pybind11.Part()  # MARK part
    OTHER = unheld_pybind11.Part()  # MARK other
    for _ in range(7):
        unheld_pybind11.count(PART, release)
    for _ in range(5):
        unheld_pybind11.is_bound(PART, release)  # MARK is_bound
    for _ in range(3):
        unheld_pybind11.weigh(OTHER, release)  # MARK weigh


class Item:  # MARK class
    pass


def cython(release):
    import unheld_cython
    global ITEM

    ITEM = Item()  # MARK item
    for _ in range(7):
        unheld_cython.hold(ITEM, release)
    for _ in range(5):
        unheld_cython.ask_type(ITEM, release)


def lose_pybind11():
    pybind11(False)


def keep_pybind11():
    pybind11(True)


def lose_cython():
    cython(False)


def keep_cython():
    cython(True)


if __name__ == "__main__":
    guest.main(globals())
    os._exit(0)
