# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls a leaking C library, and says how much it leaked."""
import ctypes
import sys

SETTINGS = ["colour=blue", "verbose", "width=80", "fast", "quiet", "name=leak"]


def main(path):
    library = ctypes.CDLL(path)
    lost = []
    for line in SETTINGS * 10:
        if library.setting_length(line.encode()) < 0:
            lost.append(len(line) + 1)
    print(f"lost in C: {sum(lost)} bytes in {len(lost)} blocks")


main(sys.argv[1])
