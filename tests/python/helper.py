#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests command/leakgrind/client.py, without Valgrind and under leakgrind."""
import os
import subprocess
import sys

SOURCE = os.environ.get("LG_SRCDIR", ".")
MODULE = os.path.join(SOURCE, "command")

NATIVE = """
import leakgrind
assert not leakgrind.running()
assert leakgrind.check() is None
assert leakgrind.counts().bytes.definite == 0
try:
    leakgrind.check(delta="more")
except ValueError:
    pass
else:
    raise AssertionError("a delta that is none")
"""

GUEST = """
import ctypes, leakgrind
assert leakgrind.running()

class Ring:
    def __init__(self):
        self.me = self

leakgrind.check(summary=True)
before = leakgrind.counts()
for i in range(50):
    Ring()
    block = bytes([i % 7]) * 200
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(block))
del block
leakgrind.check(collect=False, summary=True)
waiting = leakgrind.counts()
leakgrind.check(delta="increased")
after = leakgrind.counts()
lost = after.blocks.definite - before.blocks.definite
assert 49 <= lost <= 50, lost
assert after.bytes.definite - before.bytes.definite == lost * 233
assert waiting.blocks.definite == after.blocks.definite, waiting
print("fine", lost)
"""


def run(command, code, **env):
    environment = dict(os.environ, PYTHONPATH=MODULE, **env)
    return subprocess.run(command + ["/usr/bin/python3", "-c", code],
                          env=environment, text=True, capture_output=True)


def main():
    failed = False
    native = run([], NATIVE)
    if native.returncode != 0:
        print("FAIL: natively:", native.stderr)
        failed = True
    valgrind = os.environ.get("VALGRIND", "valgrind")
    guest = run([valgrind, "--tool=leakgrind"], GUEST)
    if guest.returncode != 0 or "fine" not in guest.stdout:
        print("FAIL: under leakgrind:", guest.stdout, guest.stderr[-3000:])
        failed = True
    elif "'bytes' objects" not in guest.stderr:
        print("FAIL: no report:", guest.stderr[-3000:])
        failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
