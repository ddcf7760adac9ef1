# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests of the pure modules: compiled natively, under ASan and UBSan, for
# the processor instead of for Valgrind.  A new test is one name in
# LG_UNIT_TESTS and one line of sources.

LG_SANITIZE_CFLAGS = \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
LG_NATIVE_CPPFLAGS = $(LG_VALGRIND_CPPFLAGS)
LG_NATIVE_CFLAGS = $(AM_CFLAGS) $(LG_SANITIZE_CFLAGS)

# The pure modules once, for all the tests; and the reference they are compared
# with.
check_LIBRARIES += tests/unit/libnative.a
tests_unit_libnative_a_SOURCES = \
	$(LG_ENGINE_SRCS) \
	$(LG_PYTHON_SRCS) \
	tests/unit/heapgen.c \
	tests/unit/heapgen.h \
	tests/unit/oracle.c \
	tests/unit/oracle.h \
	tests/unit/oracle_compare.c \
	tests/unit/platform_native.c \
	tests/unit/tableops.c \
	tests/unit/tableops.h
tests_unit_libnative_a_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_libnative_a_CFLAGS = $(LG_NATIVE_CFLAGS)

LG_UNIT_TESTS = \
	tests/unit/test_oracle
check_PROGRAMS += $(LG_UNIT_TESTS)
TESTS += $(LG_UNIT_TESTS)
EXTRA_DIST += tests/unit/check.h tests/unit/engine_speed.c

tests_unit_test_oracle_SOURCES = tests/unit/test_oracle.c
tests_unit_test_oracle_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_oracle_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_oracle_LDADD = tests/unit/libnative.a
