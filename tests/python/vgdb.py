#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Monitor commands to a running Python program, by vgdb: leak_check and
who_points_at."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

WAIT = 60 * float(os.environ.get("LG_SLOWDOWN", "1"))

LEAK = """
import ctypes, os, sys
def make():
    return [1, 2]
kept = make()
for i in range(100):
    lost = make()
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(lost))
del lost
print("%#x" % id(kept), flush=True)
# A check waits until the program looks at its pipe: so it must do something.
while not os.path.exists(sys.argv[1]):
    sum(range(1000))
"""


def main():
    if shutil.which("vgdb") is None:
        print("skipped: no vgdb")
        return 77
    valgrind = os.environ.get("VALGRIND", "valgrind")
    with tempfile.TemporaryDirectory() as place:
        prefix = "--vgdb-prefix=" + os.path.join(place, "pipe")
        stop = os.path.join(place, "stop")
        log = open(os.path.join(place, "log"), "w+")
        guest = subprocess.Popen(
            [valgrind, "--tool=leakgrind", "--vgdb=yes", "--vgdb-poll=100",
             prefix, "/usr/bin/python3", "-c", LEAK, stop],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=log)
        kept = guest.stdout.readline().strip()

        def ask(*command):
            # It polls its pipe; ptrace is not allowed everywhere.
            return subprocess.run(
                ["vgdb", prefix, "--wait=%d" % WAIT, "--max-invoke-ms=0", *command],
                text=True, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, timeout=2 * WAIT).stdout
        try:
            check = ask("leak_check", "full", "definiteleak", "any")
            who = ask("who_points_at", kept)
        finally:
            open(stop, "w").close()
            guest.wait(2 * WAIT)
        log.seek(0)
        final = log.read()

    # Stale words of a running frame may hide one or two.
    lost = re.search(r"(\d+) 'list' objects?, \1 references? that nobody",
                     check)
    for good, name, said in (
            (lost and 98 <= int(lost.group(1)) <= 100, "leak_check", check),
            ("Python: make (<string>:4)" in check, "leak_check", check),
            ("LEAK SUMMARY" in check, "leak_check", check),
            (kept[2:].lower() in who.lower() and "points at" in who.lower(),
             "who_points_at", who),
            (guest.returncode == 0, "the program", final),
            ("100 'list' objects, 100 references that nobody" in final,
             "the end", final)):
        if not good:
            print("FAIL: %s:\n%s" % (name, said[-3000:]))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
