#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that use popular packages a little: leakgrind must report no loss, neither
in a leak check after the use nor at the end.  guests/packages.py has the programs.
Packages that are not installed are left out.

Skipped (77) if none is installed."""

import os
import re
import subprocess
import sys

import interpreter
import leaks

PYTHON = (interpreter.named() or os.environ.get("PYTHON3")
          or "/usr/bin/python3")
GUEST = os.path.join(leaks.GUESTS, "packages.py")
TIMEOUT_S = 300 * float(os.environ.get("LG_SLOWDOWN", "1"))


def functions():
    with open(GUEST, encoding="utf-8") as source:
        return re.findall(r"^def (use_\w+)", source.read(), re.M)


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=TIMEOUT_S,
                          env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))


def main():
    n_tried, failed = 0, []
    for function in functions():
        guest = [PYTHON, GUEST, function]
        native = run(guest)
        if native.returncode:
            print("%s: left out: %s" % (
                function, native.stdout.strip().rpartition("\n")[2]))
            continue
        n_tried += 1
        made = run([os.environ.get("VALGRIND", "valgrind"),
                    "--tool=leakgrind", "-q", "--py-table=0"]
                   + guest + ["check"])
        lost = " in loss record " in made.stdout
        print("%s: %s" % (function, "something is lost" if lost else
                          "exit status %d" % made.returncode))
        if lost or made.returncode:
            print(made.stdout)
            failed.append(function)
    print("%d tried, failed: %s" % (n_tried, ", ".join(failed) or "none"))
    return 1 if failed else 0 if n_tried else 77


sys.exit(main())
