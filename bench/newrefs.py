# SPDX-License-Identifier: GPL-2.0-or-later
"""New references to ints, made by C and lost, or released: newrefs.py
LIBRARY lose|release COUNT, LIBRARY being newrefs.c as a shared library."""

import ctypes
import sys

library, what, count = sys.argv[1:]
function = getattr(ctypes.PyDLL(library), what + "_new_references")
function.argtypes = [ctypes.c_long, ctypes.c_long]
function.restype = None
function(1000, int(count))
