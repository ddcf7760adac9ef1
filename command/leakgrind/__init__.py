# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind: the command, and leak checks from within a Python program.

A program that runs under leakgrind asks for checks with the functions of
leakgrind.client, which are here, too:

    import leakgrind
    leakgrind.check()

The other modules are the command `leakgrind` (python3 -m leakgrind): they read and
show the data files that the tool writes.
"""
from .client import *  # noqa: F401,F403
from .client import __all__  # noqa: F401
