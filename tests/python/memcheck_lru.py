#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""memcheck does not find the thousand tuples of row_lru.pycase: its report on the
same program says that nothing is definitely lost."""

import os
import subprocess
import sys

GUESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guests")
SKIP = 77
TIMEOUT = 1200 * float(os.environ.get("LG_SLOWDOWN", "1"))


def main():
    python = os.environ.get("PYTHON3", "/usr/bin/python3")
    if subprocess.call([python, "-c", "import lru"],
                       stderr=subprocess.DEVNULL) != 0:
        print("skipped: no module lru (python3-lru-dict)")
        return SKIP
    environment = dict(os.environ)
    # Use Valgrind's own tools, not those that were built here.
    environment.pop("VALGRIND_LIB", None)
    run = subprocess.run(
        [os.environ.get("VALGRIND", "valgrind"), "--tool=memcheck",
         "--leak-check=full", python, "real_lru.py", "leak", "1000"],
        cwd=GUESTS, env=environment, stderr=subprocess.PIPE,
        universal_newlines=True, timeout=TIMEOUT)
    wanted = "definitely lost: 0 bytes in 0 blocks"
    if run.returncode != 0 or wanted not in run.stderr:
        sys.stdout.write(run.stderr)
        print("FAIL: no line \"%s\"" % wanted)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
