# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs under test share.

"GUEST NAME [COUNT]" calls the guest's function NAME, COUNT times (default: once).
With LG_END=exit in the environment, the process ends after that without the
interpreter's end, so that all is as it was.  With LG_GROWTH the guest prints by how
many blocks the process grew with each call, and by how many references to the guest's
SUBJECT, if it has one; see growth.py."""

import gc
import os
import sys

# Where extension modules lie; with -I, nothing else is in the path.
sys.path[:0] = os.environ.get("LG_GUEST_LIBS", ".").split(os.pathsep)
# Where leakgrind.py lies.
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                             "..", "..", "command"))


def blocks():
    """Live blocks of Python, and bytes that the C library has handed out."""
    import ctypes

    libc = ctypes.CDLL(None)
    # Since glibc 2.33.
    is_new = hasattr(libc, "mallinfo2")

    class Mallinfo(ctypes.Structure):
        _fields_ = [(name, ctypes.c_size_t if is_new else ctypes.c_uint)
                    for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks",
            "fsmblks", "uordblks", "fordblks", "keepcost")]
    mallinfo = libc.mallinfo2 if is_new else libc.mallinfo
    mallinfo.restype = Mallinfo
    gc.collect()
    info = mallinfo()
    return sys.getallocatedblocks(), info.uordblks + info.hblkhd


def show_growth(function, count, subject):
    def measure():
        return *blocks(), sys.getrefcount(subject)

    for _ in range(50):
        function()
    measure()
    counts = [measure()]
    for _ in range(2):
        for _ in range(count):
            function()
        counts.append(measure())
    # What is there once for all calls is in one of the two rounds.
    rounds = [[(b - a) / count for a, b in zip(*pair)]
              for pair in zip(counts, counts[1:])]
    print("growth %.2f %.1f %.2f" % tuple(map(min, zip(*rounds))))


def main(functions):
    function = functions[sys.argv[1]]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    if os.environ.get("LG_GROWTH"):
        show_growth(function, count, functions.get("SUBJECT", show_growth))
        return
    for _ in range(count):
        function()
    if os.environ.get("LG_END") == "exit":
        os._exit(0)
