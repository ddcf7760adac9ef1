# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/vg adds to the build: the end-to-end tests, their programs and
# what runs them.  A new test is a .vgtest file and its expected output in the
# lists at the end; a new program is one name in LG_VG_... and its two flag
# lines.

# Line numbers are part of what is tested, so debug information is needed
# whatever CFLAGS says, and in a version that Valgrind 3.19 reads.
LG_VG_CPPFLAGS = -I$(top_srcdir)/leakgrind -I$(LG_VALGRIND_INCLUDE)/.. \
	-I$(LG_VALGRIND_INCLUDE)
LG_VG_CFLAGS = $(AM_CFLAGS) -g -gdwarf-4 -fno-builtin
LG_VG_CXXFLAGS = $(AM_CXXFLAGS) -g -gdwarf-4 -fno-builtin

LG_VG_PROGS = \
	tests/vg/chain_cases \
	tests/vg/seed_grids \
	tests/vg/seed_interior \
	tests/vg/seed_list \
	tests/vg/seed_lost \
	tests/vg/seed_pools \
	tests/vg/seed_rings

# Shared objects that test programs load.
LG_VG_SHARED = \
	tests/vg/ctypes_case1.so \
	tests/vg/ctypes_case2.so

# Without a C++ compiler the tests that need these are skipped.
LG_VG_CXX_PROGS =
if LG_HAVE_CXX
LG_VG_CXX_PROGS += \
	tests/vg/seed_prodcons

endif

check_PROGRAMS += $(LG_VG_PROGS) $(LG_VG_SHARED) $(LG_VG_CXX_PROGS)

tests_vg_chain_cases_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_chain_cases_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_grids_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_grids_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_interior_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_interior_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_list_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_list_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_lost_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_lost_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_pools_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_pools_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_rings_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_rings_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_ctypes_case1_so_SOURCES = tests/vg/ctypes_case1.c
tests_vg_ctypes_case1_so_CFLAGS = $(LG_VG_CFLAGS) -fPIC
tests_vg_ctypes_case1_so_LDFLAGS = -shared
tests_vg_ctypes_case2_so_SOURCES = tests/vg/ctypes_case2.c
tests_vg_ctypes_case2_so_CFLAGS = $(LG_VG_CFLAGS) -fPIC
tests_vg_ctypes_case2_so_LDFLAGS = -shared
tests_vg_seed_prodcons_SOURCES = tests/vg/seed_prodcons.cpp
tests_vg_seed_prodcons_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_prodcons_CXXFLAGS = $(LG_VG_CXXFLAGS)

LG_VG_TESTS = \
	tests/vg/chain_cases_full.vgtest \
	tests/vg/chain_cases_possible.vgtest \
	tests/vg/chain_cases_summary.vgtest \
	tests/vg/ctypes_case1.vgtest \
	tests/vg/ctypes_case2.vgtest \
	tests/vg/seed_grids.vgtest \
	tests/vg/seed_interior.vgtest \
	tests/vg/seed_list.vgtest \
	tests/vg/seed_lost.vgtest \
	tests/vg/seed_pools_plain.vgtest \
	tests/vg/seed_pools_told.vgtest \
	tests/vg/seed_prodcons.vgtest \
	tests/vg/seed_rings.vgtest

TESTS += $(LG_VG_TESTS) tests/vg/check-run_vgtest.py

EXTRA_DIST += $(LG_VG_TESTS) tests/vg/check-run_vgtest.py
EXTRA_DIST += \
	tests/vg/chain_cases_full.stderr.exp \
	tests/vg/chain_cases_possible.stderr.exp \
	tests/vg/chain_cases_summary.stderr.exp \
	tests/vg/check_lost \
	tests/vg/ctypes_case1.post.exp \
	tests/vg/ctypes_case1.py \
	tests/vg/ctypes_case1.stderr.exp \
	tests/vg/ctypes_case2.post.exp \
	tests/vg/ctypes_case2.py \
	tests/vg/ctypes_case2.stderr.exp \
	tests/vg/filter_stderr \
	tests/vg/run_vgtest \
	tests/vg/seed_grids.stderr.exp \
	tests/vg/seed_interior.stderr.exp \
	tests/vg/seed_list.stderr.exp \
	tests/vg/seed_lost.stderr.exp \
	tests/vg/seed_pools_plain.stderr.exp \
	tests/vg/seed_pools_told.stderr.exp \
	tests/vg/seed_prodcons.post.exp \
	tests/vg/seed_prodcons.stderr.exp \
	tests/vg/seed_rings.stderr.exp \
	tests/vg/vgt.h

# What a failed test leaves behind.
mostlyclean-local: mostlyclean-vg
mostlyclean-vg:
	rm -rf tests/vg/*.tmp
.PHONY: mostlyclean-vg
