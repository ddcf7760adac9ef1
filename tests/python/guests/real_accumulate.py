# SPDX-License-Identifier: GPL-2.0-or-later
"""NumPy #31699: numbers cannot be accumulated into dates, and the array for
the result keeps a reference too many."""

import numpy

import guest

NUMBERS = numpy.array([1.0, 2.0, 3.0])


def leak():
    dates = numpy.zeros(3, dtype="datetime64[s]")  # LEAK
    try:
        numpy.multiply.accumulate(NUMBERS, out=dates)
    except (TypeError, ValueError):  # the latter before NumPy 1.20
        pass


def clean():
    numbers = numpy.zeros(3)
    numpy.multiply.accumulate(NUMBERS, out=numbers)


if __name__ == "__main__":
    guest.main(globals())
