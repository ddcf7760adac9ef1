# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/diff adds to the build: comparisons with memcheck.

TESTS += \
	tests/diff/frames_short.sh \
	tests/diff/real_short.sh \
	tests/diff/run_diff.py \
	tests/diff/self_check.py \
	tests/diff/stripped.py \
	tests/diff/suppressions.py

CHECK_SLOW += \
	tests/diff/allocators.sh \
	tests/diff/frames.py \
	tests/diff/memcheck-suite.sh \
	tests/diff/real.py \
	tests/diff/slow.sh \
	tests/diff/suppressions_long.sh \
	tests/diff/valgrind-tree.sh

# The last of them alone, with its output.
check-tree:
	$(top_srcdir)/tests/diff/valgrind-tree.sh
.PHONY: check-tree

EXTRA_DIST += \
	scripts/check-valgrind-tree \
	scripts/run-memcheck-suite \
	scripts/valgrind-tree \
	tests/diff/allocators.c \
	tests/diff/allocators.sh \
	tests/diff/diff_support.h \
	tests/diff/emit.py \
	tests/diff/frames.py \
	tests/diff/frames_short.sh \
	tests/diff/gen.py \
	tests/diff/graph.py \
	tests/diff/holders.py \
	tests/diff/leakreport.py \
	tests/diff/memcheck-suite-exceptions \
	tests/diff/memcheck-suite.sh \
	tests/diff/model.py \
	tests/diff/real.py \
	tests/diff/real_short.sh \
	tests/diff/run_diff.py \
	tests/diff/self_check.py \
	tests/diff/slow.sh \
	tests/diff/stripped.py \
	tests/diff/suppressions.py \
	tests/diff/suppressions_long.sh \
	tests/diff/valgrind-tree.sh
