# SPDX-License-Identifier: GPL-2.0-or-later
"""Python over C: the C library loses memory by itself.

Writes how much to the file that its argument names."""

import ctypes
import sys

SIZE = 8

library = ctypes.CDLL("./ctypes_case1.so")

if __name__ == "__main__":
    lost = library.do_alloc(10, SIZE)
    with open(sys.argv[1], "w") as truth:
        truth.write("%d %d do_alloc\n" % (lost, lost * SIZE))
