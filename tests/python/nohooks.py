#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Without hooks (--py-hooks=no), leakgrind finds the blocks of a leaking program in
the pools, with types but without stacks, and the report says so."""
import os
import subprocess
import sys

LEAK = """
import ctypes
def make():
    return [1, 2]
for i in range(1000):
    lost = make()
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(lost))
del lost
"""
WANTED = ["1,000 'list' objects, 1,000 references that nobody holds",
          "blocks of Python's allocator have no stacks"]


def report(code, *options):
    valgrind = os.environ.get("VALGRIND", "valgrind")
    run = subprocess.run([valgrind, "--tool=leakgrind", *options,
                          "/usr/bin/python3", "-c", code],
                         text=True, capture_output=True)
    if run.returncode != 0:
        sys.exit("FAIL: " + run.stderr)
    return run.stderr


def main():
    without, hooked = report(LEAK, "--py-hooks=no"), report(LEAK)
    for text in WANTED:
        if text not in without:
            sys.exit("FAIL: not said: %s\n%s" % (text, without))
    if WANTED[0] not in hooked or WANTED[1] in hooked:
        sys.exit("FAIL: with hooks\n" + hooked)
    if "Python: make" not in hooked or "Python: make" in without:
        sys.exit("FAIL: stacks\n" + hooked + without)


if __name__ == "__main__":
    main()
