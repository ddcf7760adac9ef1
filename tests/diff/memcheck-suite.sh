#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# memcheck's own leak tests, for the slow target.  LG_VALGRIND_TREE may name a
# tree of the installed Valgrind, to save downloading one.
exec "$(dirname "$0")/../../scripts/run-memcheck-suite" \
    ${LG_VALGRIND_TREE:+--tree "$LG_VALGRIND_TREE"}
