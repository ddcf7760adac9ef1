# SPDX-License-Identifier: GPL-2.0-or-later
"""imported.py constants: imports a module that makes constants and drops them.
imported.py imported: the same, from a module that loses objects when it is
imported."""

import importlib
import sys

import guest

if __name__ == "__main__":
    assert guest
    importlib.import_module(sys.argv[1])
else:
    import constants
    constants.lose(10)  # LOST
