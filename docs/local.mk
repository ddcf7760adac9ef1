# SPDX-License-Identifier: GPL-2.0-or-later
# What docs/ adds to the build.

dist_man_MANS += docs/leakgrind.1 docs/valgrind-leakgrind.1

EXTRA_DIST += \
	HACKING.md \
	docs/design.md \
	docs/file-format.md \
	docs/manual.md \
	docs/outputs.md \
	docs/page-flame.png \
	docs/page-suspects.png \
	docs/tested.md
