# SPDX-License-Identifier: GPL-2.0-or-later
"""newrefs.py LIBRARY lose|release COUNT: C makes new references to ints and loses
or releases them.  LIBRARY is newrefs.c, compiled as a shared library."""

import ctypes
import sys

library, what, count = sys.argv[1:]
function = getattr(ctypes.PyDLL(library), what + "_new_references")
function.argtypes = [ctypes.c_long, ctypes.c_long]
function.restype = None
function(1000, int(count))
