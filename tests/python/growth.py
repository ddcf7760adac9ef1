#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Are the leaks real, and are the clean twins clean?  Runs both without any
tool, and measures how the process grows.  It prints which leaks of CPython and of
packages have been repaired in the installed versions; with CPython 3.11 none
should be."""

import sys

import leaks
import run

OURS = ("rows.py", "ctypes_cases.py")


def main():
    site = run.Site()
    failed = ran = 0
    for guest, leak, clean, *costs in leaks.CASES:
        with_leak = leaks.growth(site, guest, leak)
        if with_leak is None:
            print("%s: not run, a module is missing" % guest)
            continue
        ran += 1
        without = leaks.growth(site, guest, clean)
        print("%s: %s %s, %s %s" % (guest, leak, with_leak, clean, without))
        if not leaks.is_leak(with_leak, *costs):
            if guest in OURS or site.python_version() == (3, 11):
                print("FAIL: %s %s does not leak" % (guest, leak))
                failed += 1
            else:
                print("    repaired in this version")
        if without[0] > 0.5 or without[1] > 8 or without[2] > 0:
            print("FAIL: %s %s leaks" % (guest, clean))
            failed += 1
    if ran == 0:
        print("SKIP: nothing could be run")
        return run.SKIP
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
