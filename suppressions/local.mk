# SPDX-License-Identifier: GPL-2.0-or-later
# The suppression files that leakgrind reads by itself, from Valgrind's own
# directory.  Their names are known to leakgrind/tool/lg_suppfiles.c; a file that
# has no entry does not belong here.

suppressionsdir = $(vglibexecdir)
dist_suppressions_DATA = \
	suppressions/leakgrind-cpython.supp \
	suppressions/leakgrind-glibc.supp
