#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# memcheck's own leak tests, for the slow target.  LG_MEMCHECK_TREE may name a
# built Valgrind tree, so that none is fetched.
exec "$(dirname "$0")/../../scripts/run-memcheck-suite" \
    ${LG_MEMCHECK_TREE:+--tree "$LG_MEMCHECK_TREE"}
