# SPDX-License-Identifier: GPL-2.0-or-later
# What bench adds to the build: nothing is built before it is asked for; the
# programs are compiled by bench/run itself.  BENCHFLAGS goes to it: make bench
# BENCHFLAGS=--quick

EXTRA_DIST += \
	bench/arith.c \
	bench/bench.h \
	bench/calls.c \
	bench/churn.c \
	bench/compress.c \
	bench/data.c \
	bench/graph.c \
	bench/imports.py \
	bench/live.c \
	bench/measure.py \
	bench/newrefs.c \
	bench/newrefs.py \
	bench/objects.py \
	bench/python_rows.py \
	bench/report.py \
	bench/rows.py \
	bench/run \
	bench/stacks.c \
	docs/performance.md

bench: all
	CC='$(CC)' $(PYTHON3) $(srcdir)/bench/run --valgrind='$(VALGRIND)' \
	  --lib='$(abs_top_builddir)/.in_place' $(BENCHFLAGS)
.PHONY: bench
