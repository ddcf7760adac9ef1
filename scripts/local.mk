# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/ and examples/ add to the build.

EXTRA_DIST += \
	examples/forgetful.c \
	examples/forgetful.py \
	examples/run \
	scripts/build \
	scripts/check-valgrind-headers \
	scripts/debian-root \
	scripts/demo \
	scripts/packages \
	scripts/test

# For users: the message about suppression files names it.
dist_bin_SCRIPTS = scripts/lg-supp-convert

# Builds against the Valgrind of other Debian releases; needs the network.
check-versions:
	LG_BUILDDIR='$(abs_top_builddir)' $(top_srcdir)/scripts/check-valgrind-headers
.PHONY: check-versions
