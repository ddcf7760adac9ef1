# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the build itself: the layers, the lists, and the errors of configure.

LG_BUILD_TESTS = \
	tests/build/configure_messages.sh \
	tests/build/distribution.sh \
	tests/build/example.sh \
	tests/build/include_direction.py \
	tests/build/lists.py \
	tests/build/names.py \
	tests/build/pylayout_row.sh \
	tests/build/pure_symbols.sh \
	tests/build/pure_symbols_fault.sh

TESTS += $(LG_BUILD_TESTS)
EXTRA_DIST += $(LG_BUILD_TESTS)
