# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls a C library that leaks, and prints how much it leaked."""
import ctypes
import sys

SETTINGS = ["colour=blue", "verbose", "width=80", "fast", "quiet", "name=leak"]


class Setting:
    def __init__(self, line):
        self.name = line.partition("=")[0]


def read(line):
    return Setting(line)


def main(path):
    library = ctypes.PyDLL(path)
    library.setting_remember.argtypes = [ctypes.py_object]
    lost = []
    for line in SETTINGS * 10:
        if library.setting_length(line.encode()) < 0:
            lost.append(len(line) + 1)
        library.setting_remember(read(line))
    print(f"lost in C: {sum(lost)} bytes in {len(lost)} blocks")
    # All except the one that the library still remembers.
    print(f"lost in Python: {len(SETTINGS) * 10 - 1} objects of type Setting")


main(sys.argv[1])
