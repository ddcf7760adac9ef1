# SPDX-License-Identifier: GPL-2.0-or-later
"""NumPy #19397: when numpy.dtype refuses the names of fields, it keeps a reference to
one of them."""

import numpy

import guest

# As a program makes it, not a constant.
SUBJECT = NAME = "-".join(["temper", "ature"])  # MARK name


def make(*names):
    try:
        numpy.dtype({"names": names, "formats": ["f8"] * len(names)})
    except ValueError:
        pass


def leak():
    make(NAME, NAME)


def clean():
    make(NAME)


if __name__ == "__main__":
    guest.main(globals())
