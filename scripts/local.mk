# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/ and examples/ add to the build.

EXTRA_DIST += \
	examples/forgetful.c \
	examples/forgetful.py \
	examples/run \
	scripts/arm64 \
	scripts/build \
	scripts/check \
	scripts/check-valgrind-headers \
	scripts/check-without-gil \
	scripts/debian-root \
	scripts/demo \
	scripts/packages \
	scripts/pylayout-row \
	scripts/python-without-gil \
	scripts/suite \
	scripts/test \
	scripts/tried \
	scripts/with

# For users: the message about suppression files names it.
dist_bin_SCRIPTS = scripts/lg-supp-convert

# Builds against the Valgrind of other Debian releases; needs the network.
check-versions:
	LG_BUILDDIR='$(abs_top_builddir)' $(top_srcdir)/scripts/check-valgrind-headers

# The whole test suite in all the Debian releases of docs/tested.md; needs root,
# the network, and an hour.
check-suites:
	$(top_srcdir)/scripts/test bullseye bookworm trixie forky
.PHONY: check-versions check-suites

# The whole test suite on arm64, in an arm64 Debian under qemu.
check-arm64:
	$(top_srcdir)/scripts/arm64
.PHONY: check-arm64
