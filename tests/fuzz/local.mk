# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzz targets.  "make check" replays the committed corpora; the slow target
# fuzzes with clang's libFuzzer.

LG_FUZZ_TARGETS = \
	tests/fuzz/replay_engine \
	tests/fuzz/replay_patterns \
	tests/fuzz/replay_pydebugoffsets \
	tests/fuzz/replay_pyframes \
	tests/fuzz/replay_pynogil \
	tests/fuzz/replay_pynames \
	tests/fuzz/replay_pypools \
	tests/fuzz/replay_pytstate \
	tests/fuzz/replay_pytypes \
	tests/fuzz/replay_suppfiles \
	tests/fuzz/replay_tables
check_PROGRAMS += $(LG_FUZZ_TARGETS)
TESTS += $(LG_FUZZ_TARGETS)
CHECK_SLOW += tests/fuzz/run-fuzz.sh

tests_fuzz_replay_engine_SOURCES = tests/fuzz/fuzz_engine.c tests/fuzz/replay.c
tests_fuzz_replay_engine_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"engine"'
tests_fuzz_replay_engine_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_engine_LDADD = tests/unit/libnative.a

tests_fuzz_replay_patterns_SOURCES = \
	tests/fuzz/fuzz_patterns.c tests/fuzz/replay.c
tests_fuzz_replay_patterns_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"patterns"'
tests_fuzz_replay_patterns_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_patterns_LDADD = tests/unit/libnative.a

tests_fuzz_replay_pydebugoffsets_SOURCES = \
	tests/fuzz/fuzz_pydebugoffsets.c tests/fuzz/replay.c
tests_fuzz_replay_pydebugoffsets_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"pydebugoffsets"'
tests_fuzz_replay_pydebugoffsets_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_pydebugoffsets_LDADD = tests/unit/libnative.a

tests_fuzz_replay_pyframes_SOURCES = \
	tests/fuzz/fuzz_pyframes.c tests/fuzz/replay.c
tests_fuzz_replay_pyframes_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"pyframes"'
tests_fuzz_replay_pyframes_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_pyframes_LDADD = tests/unit/libnative.a

tests_fuzz_replay_pynogil_SOURCES = \
	tests/fuzz/fuzz_pynogil.c tests/fuzz/replay.c
tests_fuzz_replay_pynogil_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"pynogil"'
tests_fuzz_replay_pynogil_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_pynogil_LDADD = tests/unit/libnative.a

tests_fuzz_replay_pynames_SOURCES = \
	tests/fuzz/fuzz_pynames.c tests/fuzz/pyimage.c tests/fuzz/replay.c
tests_fuzz_replay_pynames_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"pynames"'
tests_fuzz_replay_pynames_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_pynames_LDADD = tests/unit/libnative.a

tests_fuzz_replay_pypools_SOURCES = \
	tests/fuzz/fuzz_pypools.c tests/fuzz/replay.c
tests_fuzz_replay_pypools_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"pypools"'
tests_fuzz_replay_pypools_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_pypools_LDADD = tests/unit/libnative.a

tests_fuzz_replay_pytstate_SOURCES = \
	tests/fuzz/fuzz_pytstate.c tests/fuzz/replay.c
tests_fuzz_replay_pytstate_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"pytstate"'
tests_fuzz_replay_pytstate_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_pytstate_LDADD = tests/unit/libnative.a

tests_fuzz_replay_pytypes_SOURCES = \
	tests/fuzz/fuzz_pytypes.c tests/fuzz/pyimage.c tests/fuzz/replay.c
tests_fuzz_replay_pytypes_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"pytypes"'
tests_fuzz_replay_pytypes_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_pytypes_LDADD = tests/unit/libnative.a

tests_fuzz_replay_suppfiles_SOURCES = \
	tests/fuzz/fuzz_suppfiles.c tests/fuzz/replay.c
tests_fuzz_replay_suppfiles_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"suppfiles"'
tests_fuzz_replay_suppfiles_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_suppfiles_LDADD = tests/unit/libnative.a

tests_fuzz_replay_tables_SOURCES = tests/fuzz/fuzz_tables.c tests/fuzz/replay.c
tests_fuzz_replay_tables_CPPFLAGS = \
	$(LG_NATIVE_CPPFLAGS) -DLG_FUZZ_TARGET='"tables"'
tests_fuzz_replay_tables_CFLAGS = $(LG_NATIVE_CFLAGS)
tests_fuzz_replay_tables_LDADD = tests/unit/libnative.a

EXTRA_DIST += tests/fuzz/fuzz.h tests/fuzz/pyimage.h \
	tests/fuzz/run-fuzz.sh tests/fuzz/corpus
