# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/vg adds to the build: append to TESTS, check_PROGRAMS, EXTRA_DIST,
# CHECK_SLOW, MOSTLYCLEANFILES and the like.  Paths start at the top level.
