# SPDX-License-Identifier: GPL-2.0-or-later
"""Has blocks of all kinds: lost, reachable, in an uncollected cycle, and some that
keep nearly empty arenas.  Then makes a leak check and lists the blocks in use in
the file "blocks"; see ../tables.py."""

import ctypes
import gc

import guest

import pools

incref = ctypes.pythonapi.Py_IncRef
incref.argtypes = [ctypes.py_object]
incref.restype = None


class Lost:
    pass


class Kept:
    pass


class Ring:
    def __init__(self):
        self.itself = self


def lose(n):
    for _ in range(n):
        incref(Lost())  # LOST


def keep(n):
    return [Kept() for _ in range(n)]  # KEPT


def leave_rings(n):
    for _ in range(n):
        Ring()  # RING


def keep_few(n, one_of):
    # One after the other, in as many arenas as that takes.
    many = [b"x" * (400 + i % 2) for i in range(n)]  # SPARSE
    return many[::one_of]


def take():
    gc.collect()
    gc.disable()
    few = keep_few(20000, 100)
    kept = keep(300)
    lose(100)
    leave_rings(50)
    pools.compare("blocks")
    assert len(few) + len(kept) == 500


if __name__ == "__main__":
    guest.main(globals())
