# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs under test share.

A guest is called as "GUEST NAME [COUNT]": it calls its function NAME, COUNT
times (once when none is given).  With LG_GROWTH in the environment it says
afterwards by how many blocks each call made the process grow; see growth.py."""

import gc
import os
import sys

# Extension modules lie in the build directory; with -I, so does nothing else.
sys.path.insert(0, os.environ.get("LG_GUEST_LIBS", "."))


def blocks():
    """Live blocks of Python, and bytes that the C library has handed out."""
    import ctypes

    class Mallinfo2(ctypes.Structure):
        _fields_ = [(name, ctypes.c_size_t) for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks",
            "fsmblks", "uordblks", "fordblks", "keepcost")]
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = Mallinfo2
    gc.collect()
    info = mallinfo2()
    return sys.getallocatedblocks(), info.uordblks + info.hblkhd


def show_growth(function, count):
    for _ in range(50):
        function()
    blocks()
    before = blocks()
    for _ in range(count):
        function()
    after = blocks()
    print("growth %.2f %.1f" % ((after[0] - before[0]) / count,
                                (after[1] - before[1]) / count))


def main(functions):
    function = functions[sys.argv[1]]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    if os.environ.get("LG_GROWTH"):
        show_growth(function, count)
        return
    for _ in range(count):
        function()
