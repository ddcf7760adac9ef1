# SPDX-License-Identifier: GPL-2.0-or-later
"""unheld_numpy.py FUNCTION: takes references too many to a dtype of NumPy that stays in
use.  The process ends without the interpreter's end, so that all is as it was."""

import os

import numpy

import guest
import unheld


def take(release):
    global ARRAY, DTYPE

    DTYPE = numpy.dtype([("weight", "f8"), ("number", "i4")])  # MARK dtype
    ARRAY = numpy.zeros(3, DTYPE)
    for _ in range(7):
        unheld.dtype(ARRAY, release)


def lose():
    take(False)


def keep():
    take(True)


if __name__ == "__main__":
    guest.main(globals())
    os._exit(0)
