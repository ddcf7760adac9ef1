# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests of the pure modules: compiled natively, under ASan and UBSan, for
# the processor instead of for Valgrind.  A new test is one name in
# LG_UNIT_TESTS and four lines at the end.

LG_SANITIZE_CFLAGS = \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
LG_NATIVE_CPPFLAGS = $(LG_VALGRIND_CPPFLAGS)
LG_NATIVE_CFLAGS = $(AM_CFLAGS) $(LG_SANITIZE_CFLAGS)

# The pure modules once, for all the tests; and the reference they are compared
# with.
check_LIBRARIES += tests/unit/libnative.a
tests_unit_libnative_a_SOURCES = \
	$(LG_BASE_SRCS) \
	$(LG_ENGINE_SRCS) \
	$(LG_PYTHON_SRCS) \
	tests/unit/framegen.c \
	tests/unit/framegen.h \
	tests/unit/graphgen.c \
	tests/unit/graphgen.h \
	tests/unit/heapgen.c \
	tests/unit/heapgen.h \
	tests/unit/oracle.c \
	tests/unit/oracle.h \
	tests/unit/oracle_compare.c \
	tests/unit/platform_native.c \
	tests/unit/poolgen.c \
	tests/unit/poolgen.h \
	tests/unit/tableops.c \
	tests/unit/tableops.h
tests_unit_libnative_a_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_libnative_a_CFLAGS = $(LG_NATIVE_CFLAGS)

LG_UNIT_TESTS = \
	tests/unit/test_blocktable \
	tests/unit/test_checks \
	tests/unit/test_cliques \
	tests/unit/test_corefuncs \
	tests/unit/test_course \
	tests/unit/test_datafile \
	tests/unit/test_glob \
	tests/unit/test_dominators \
	tests/unit/test_graph \
	tests/unit/test_heuristics \
	tests/unit/test_lossrec \
	tests/unit/test_mark \
	tests/unit/test_mark_python \
	tests/unit/test_mark_skips \
	tests/unit/test_numbering \
	tests/unit/test_oracle \
	tests/unit/test_paths \
	tests/unit/test_pybalance \
	tests/unit/test_pybuckets \
	tests/unit/test_pycode_cpython \
	tests/unit/test_pycontainers_cpython \
	tests/unit/test_pyowned_cpython \
	tests/unit/test_pydebugoffsets \
	tests/unit/test_pydictkeys_cpython \
	tests/unit/test_pyentries_cpython \
	tests/unit/test_pyfields_cpython \
	tests/unit/test_pyframes \
	tests/unit/test_pyframes_cpython \
	tests/unit/test_pylayout \
	tests/unit/test_pyloops \
	tests/unit/test_pypools \
	tests/unit/test_pypools_cpython \
	tests/unit/test_pynogil \
	tests/unit/test_pyprove \
	tests/unit/test_pyrefcnt \
	tests/unit/test_pytraces_cpython \
	tests/unit/test_pystr \
	tests/unit/test_pytotals \
	tests/unit/test_pytstate \
	tests/unit/test_pytypes \
	tests/unit/test_pytypes_blocks \
	tests/unit/test_pytypes_many \
	tests/unit/test_pytypes_names \
	tests/unit/test_pywatchspec \
	tests/unit/test_refs \
	tests/unit/test_report \
	tests/unit/test_snapshot \
	tests/unit/test_spread \
	tests/unit/test_tracepattern \
	tests/unit/test_stackzone \
	tests/unit/test_utf8 \
	tests/unit/test_wordset
check_PROGRAMS += $(LG_UNIT_TESTS)
TESTS += $(LG_UNIT_TESTS)
CHECK_SLOW += tests/unit/memcheck.sh
EXTRA_DIST += \
	tests/unit/check.h \
	tests/unit/cpython.h \
	tests/unit/cpython_hooks.h \
	tests/unit/faults.h \
	tests/unit/engine_speed.c \
	tests/unit/memcheck.sh \
	tests/unit/memcheck.supp \
	tests/unit/objblocks.h \
	tests/unit/offsettable.h \
	tests/unit/ownmaps.h \
	tests/unit/testheap.h

tests_unit_test_blocktable_SOURCES = tests/unit/test_blocktable.c
tests_unit_test_blocktable_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_blocktable_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_blocktable_LDADD = tests/unit/libnative.a

tests_unit_test_checks_SOURCES = tests/unit/test_checks.c
tests_unit_test_checks_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_checks_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_checks_LDADD = tests/unit/libnative.a

tests_unit_test_cliques_SOURCES = tests/unit/test_cliques.c
tests_unit_test_cliques_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_cliques_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_cliques_LDADD = tests/unit/libnative.a

tests_unit_test_course_SOURCES = tests/unit/test_course.c
tests_unit_test_course_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_course_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_course_LDADD = tests/unit/libnative.a

tests_unit_test_glob_SOURCES = tests/unit/test_glob.c
tests_unit_test_glob_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_glob_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_glob_LDADD = tests/unit/libnative.a

tests_unit_test_dominators_SOURCES = tests/unit/test_dominators.c
tests_unit_test_dominators_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_dominators_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_dominators_LDADD = tests/unit/libnative.a

tests_unit_test_graph_SOURCES = tests/unit/test_graph.c
tests_unit_test_graph_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_graph_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_graph_LDADD = tests/unit/libnative.a

tests_unit_test_heuristics_SOURCES = tests/unit/test_heuristics.c
tests_unit_test_heuristics_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_heuristics_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_heuristics_LDADD = tests/unit/libnative.a

tests_unit_test_lossrec_SOURCES = tests/unit/test_lossrec.c
tests_unit_test_lossrec_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_lossrec_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_lossrec_LDADD = tests/unit/libnative.a

tests_unit_test_mark_SOURCES = tests/unit/test_mark.c
tests_unit_test_mark_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_mark_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_mark_LDADD = tests/unit/libnative.a

tests_unit_test_mark_python_SOURCES = tests/unit/test_mark_python.c
tests_unit_test_mark_python_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_mark_python_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_mark_python_LDADD = tests/unit/libnative.a

tests_unit_test_mark_skips_SOURCES = tests/unit/test_mark_skips.c
tests_unit_test_mark_skips_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_mark_skips_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_mark_skips_LDADD = tests/unit/libnative.a

tests_unit_test_numbering_SOURCES = tests/unit/test_numbering.c
tests_unit_test_numbering_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_numbering_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_numbering_LDADD = tests/unit/libnative.a

tests_unit_test_oracle_SOURCES = tests/unit/test_oracle.c
tests_unit_test_oracle_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_oracle_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_oracle_LDADD = tests/unit/libnative.a

tests_unit_test_pyfields_cpython_SOURCES = tests/unit/test_pyfields_cpython.c
tests_unit_test_pyfields_cpython_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pyfields_cpython_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pyfields_cpython_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pyframes_SOURCES = tests/unit/test_pyframes.c
tests_unit_test_pyframes_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_pyframes_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pyframes_LDADD = tests/unit/libnative.a

tests_unit_test_pypools_SOURCES = tests/unit/test_pypools.c
tests_unit_test_pypools_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_pypools_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pypools_LDADD = tests/unit/libnative.a

tests_unit_test_pynogil_SOURCES = tests/unit/test_pynogil.c
tests_unit_test_pynogil_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_pynogil_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pynogil_LDADD = tests/unit/libnative.a
tests_unit_test_pyrefcnt_SOURCES = tests/unit/test_pyrefcnt.c
tests_unit_test_pyrefcnt_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_pyrefcnt_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pyrefcnt_LDADD = tests/unit/libnative.a
tests_unit_test_paths_SOURCES = tests/unit/test_paths.c
tests_unit_test_paths_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_paths_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_paths_LDADD = tests/unit/libnative.a

tests_unit_test_pybalance_SOURCES = tests/unit/test_pybalance.c
tests_unit_test_pybalance_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_pybalance_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pybalance_LDADD = tests/unit/libnative.a

tests_unit_test_pybuckets_SOURCES = tests/unit/test_pybuckets.c
tests_unit_test_pybuckets_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_pybuckets_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pybuckets_LDADD = tests/unit/libnative.a

# Tests that embed a CPython; without its library they are skipped.
LG_EMBED_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
LG_EMBED_LDADD = tests/unit/libnative.a
if LG_HAVE_PYTHON_LIB
LG_EMBED_CPPFLAGS += $(LG_PYTHON_CPPFLAGS) -DLG_WITH_PYTHON
LG_EMBED_LDADD += $(LG_PYTHON_LIBS)
endif

tests_unit_test_pycode_cpython_SOURCES = tests/unit/test_pycode_cpython.c
tests_unit_test_pycode_cpython_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pycode_cpython_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pycode_cpython_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pydebugoffsets_SOURCES = tests/unit/test_pydebugoffsets.c
tests_unit_test_pydebugoffsets_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pydebugoffsets_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pydebugoffsets_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pyowned_cpython_SOURCES = tests/unit/test_pyowned_cpython.c
tests_unit_test_pyowned_cpython_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pyowned_cpython_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pyowned_cpython_LDADD = $(LG_EMBED_LDADD)
tests_unit_test_pycontainers_cpython_SOURCES = tests/unit/test_pycontainers_cpython.c
tests_unit_test_pycontainers_cpython_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pycontainers_cpython_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pycontainers_cpython_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pydictkeys_cpython_SOURCES = tests/unit/test_pydictkeys_cpython.c
tests_unit_test_pydictkeys_cpython_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pydictkeys_cpython_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pydictkeys_cpython_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pyentries_cpython_SOURCES = tests/unit/test_pyentries_cpython.c
tests_unit_test_pyentries_cpython_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pyentries_cpython_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pyentries_cpython_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pyframes_cpython_SOURCES = tests/unit/test_pyframes_cpython.c
tests_unit_test_pyframes_cpython_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pyframes_cpython_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pyframes_cpython_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pypools_cpython_SOURCES = tests/unit/test_pypools_cpython.c
tests_unit_test_pypools_cpython_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pypools_cpython_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pypools_cpython_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pytraces_cpython_SOURCES = tests/unit/test_pytraces_cpython.c
tests_unit_test_pytraces_cpython_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pytraces_cpython_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pytraces_cpython_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pylayout_SOURCES = tests/unit/test_pylayout.c
tests_unit_test_pylayout_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pylayout_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pylayout_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pyprove_SOURCES = tests/unit/test_pyprove.c
tests_unit_test_pyprove_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pyprove_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pyprove_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pystr_SOURCES = tests/unit/test_pystr.c
tests_unit_test_pystr_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pystr_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pystr_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_corefuncs_SOURCES = tests/unit/test_corefuncs.c
tests_unit_test_corefuncs_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_corefuncs_CFLAGS = $(LG_NATIVE_CFLAGS)

tests_unit_test_utf8_SOURCES = tests/unit/test_utf8.c
tests_unit_test_utf8_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_utf8_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_utf8_LDADD = tests/unit/libnative.a
tests_unit_test_pytotals_SOURCES = tests/unit/test_pytotals.c
tests_unit_test_pytotals_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_pytotals_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pytotals_LDADD = tests/unit/libnative.a

tests_unit_test_pyloops_SOURCES = tests/unit/test_pyloops.c
tests_unit_test_pyloops_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pyloops_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pyloops_LDADD = $(LG_EMBED_LDADD) -ldl

tests_unit_test_pytstate_SOURCES = tests/unit/test_pytstate.c
tests_unit_test_pytstate_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pytstate_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pytstate_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pytypes_SOURCES = tests/unit/test_pytypes.c
tests_unit_test_pytypes_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pytypes_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pytypes_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pytypes_blocks_SOURCES = tests/unit/test_pytypes_blocks.c
tests_unit_test_pytypes_blocks_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pytypes_blocks_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pytypes_blocks_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pytypes_many_SOURCES = tests/unit/test_pytypes_many.c
tests_unit_test_pytypes_many_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_pytypes_many_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pytypes_many_LDADD = tests/unit/libnative.a

tests_unit_test_pytypes_names_SOURCES = tests/unit/test_pytypes_names.c
tests_unit_test_pytypes_names_CPPFLAGS = $(LG_EMBED_CPPFLAGS)
tests_unit_test_pytypes_names_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pytypes_names_LDADD = $(LG_EMBED_LDADD)

tests_unit_test_pywatchspec_SOURCES = tests/unit/test_pywatchspec.c
tests_unit_test_pywatchspec_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_pywatchspec_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_pywatchspec_LDADD = tests/unit/libnative.a

tests_unit_test_refs_SOURCES = tests/unit/test_refs.c
tests_unit_test_refs_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_refs_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_refs_LDADD = tests/unit/libnative.a

tests_unit_test_datafile_SOURCES = tests/unit/test_datafile.c
tests_unit_test_datafile_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_datafile_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_datafile_LDADD = tests/unit/libnative.a

tests_unit_test_report_SOURCES = tests/unit/test_report.c
tests_unit_test_report_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_report_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_report_LDADD = tests/unit/libnative.a

tests_unit_test_snapshot_SOURCES = tests/unit/test_snapshot.c
tests_unit_test_snapshot_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_snapshot_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_snapshot_LDADD = tests/unit/libnative.a

tests_unit_test_spread_SOURCES = tests/unit/test_spread.c
tests_unit_test_spread_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_spread_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_spread_LDADD = tests/unit/libnative.a

tests_unit_test_tracepattern_SOURCES = tests/unit/test_tracepattern.c
tests_unit_test_tracepattern_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_tracepattern_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_tracepattern_LDADD = tests/unit/libnative.a

tests_unit_test_stackzone_SOURCES = tests/unit/test_stackzone.c
tests_unit_test_stackzone_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_stackzone_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_stackzone_LDADD = tests/unit/libnative.a

tests_unit_test_wordset_SOURCES = tests/unit/test_wordset.c
tests_unit_test_wordset_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_test_wordset_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_unit_test_wordset_LDADD = tests/unit/libnative.a

# A measurement, built on request: make tests/unit/engine_speed
EXTRA_PROGRAMS = tests/unit/engine_speed
CLEANFILES += tests/unit/engine_speed
tests_unit_engine_speed_SOURCES = \
	$(LG_BASE_SRCS) \
	$(LG_ENGINE_SRCS) \
	tests/unit/engine_speed.c \
	tests/unit/platform_native.c
tests_unit_engine_speed_CPPFLAGS = $(LG_NATIVE_CPPFLAGS)
tests_unit_engine_speed_CFLAGS = $(AM_CFLAGS) -O2
