# SPDX-License-Identifier: GPL-2.0-or-later
"""CPython gh-143145: a ctypes function with two output parameters; when the
second cannot be converted, the tuple for the results is lost."""

import ctypes

import guest


class Fussy(ctypes.c_int):
    refuses = True

    def __ctypes_from_outparam__(self):
        if Fussy.refuses:
            raise ValueError("not this one")
        return self.value


# A C function that reads two ints; these are zero, and so two empty strings.
PROTOTYPE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int),
                             ctypes.POINTER(Fussy))
FUNCTION = PROTOTYPE(("strcmp", ctypes.CDLL(None)),
                     ((2, "first"), (2, "second")))


def leak():
    Fussy.refuses = True
    try:
        FUNCTION()  # LEAK
    except ValueError:
        pass


def clean():
    Fussy.refuses = False
    FUNCTION()


if __name__ == "__main__":
    guest.main(globals())
