#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Proves that run_switch can fail: it must find programs that destroy data
themselves under leakgrind, and name the scenario in which they do it."""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    done = subprocess.run([sys.executable, os.path.join(HERE, "run_switch.py"),
                           "2", "--planted"], stdout=subprocess.PIPE,
                          universal_newlines=True)
    found = re.findall(r"seed (\d+): exit code 1, DAMAGED: data is zero",
                       done.stdout)
    if done.returncode == 1 and found == ["0", "1"]:
        print("what is destroyed is found")
        return 0
    print("destroyed data was not found:\n" + done.stdout)
    return 1


if __name__ == "__main__":
    sys.exit(main())
