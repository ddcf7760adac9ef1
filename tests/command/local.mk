# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/command adds to the build: tests of the command `leakgrind` and of its
# outputs.  A new test is a Python file, one name in LG_COMMAND_TESTS.
LG_COMMAND_TESTS = \
	tests/command/out_file.py \
	tests/command/test_baseline.py \
	tests/command/test_children.py \
	tests/command/test_compare.py \
	tests/command/test_completion.py \
	tests/command/test_datafile.py \
	tests/command/test_extension.py \
	tests/command/test_formats.py \
	tests/command/test_fuzz.py \
	tests/command/test_html.py \
	tests/command/test_keepers.py \
	tests/command/test_leaks.py \
	tests/command/test_run.py \
	tests/command/test_service.py \
	tests/command/test_snap.py \
	tests/command/test_symbols.py \
	tests/command/test_why.py

TESTS += $(LG_COMMAND_TESTS)
# Programs that read the outputs, from npm.
CHECK_SLOW += tests/command/consumers.py
EXTRA_DIST += $(LG_COMMAND_TESTS) \
	tests/command/consumers.py \
	tests/command/guests/children.py \
	tests/command/guests/ends.c \
	tests/command/guests/fastcsv.c \
	tests/command/guests/fastcsv_test.py \
	tests/command/guests/itself.c \
	tests/command/guests/service.py \
	tests/command/guests/server.cpp \
	tests/command/handmade.py \
	tests/command/running.py
CHECK_SLOW += tests/command/page.py
EXTRA_DIST += $(LG_COMMAND_TESTS) \
	tests/command/page.py \
	tests/command/handmade.py

# It writes the file that the reader's test reads.
tests/command/test_datafile.log: tests/unit/test_datafile
