#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# leakgrind as one of Valgrind's own tools, for the slow target.  LG_VALGRIND_TREE
# may name a tree, to save downloading one.
exec "$(dirname "$0")/../../scripts/check-valgrind-tree" \
    ${LG_VALGRIND_TREE:+--tree "$LG_VALGRIND_TREE"}
