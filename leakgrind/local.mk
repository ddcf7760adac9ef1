# SPDX-License-Identifier: GPL-2.0-or-later
# The tool and its preload library.  A new file is one line here.

# Pure: no Valgrind function, no libc, no file-scope state.
LG_ENGINE_SRCS = \
	leakgrind/lg_platform.h \
	leakgrind/engine/lg_blocktable.c \
	leakgrind/engine/lg_blocktable.h \
	leakgrind/engine/lg_blocktable_priv.h \
	leakgrind/engine/lg_blocktable_walk.c \
	leakgrind/engine/lg_mark.h \
	leakgrind/engine/lg_snapshot.c \
	leakgrind/engine/lg_snapshot.h \
	leakgrind/engine/lg_snapshot_priv.h \
	leakgrind/engine/lg_snapshot_settle.c \
	leakgrind/engine/lg_vocab.h

LG_PYTHON_SRCS =

LG_TOOL_SRCS = \
	leakgrind/lg_main.c \
	leakgrind/tool/lg_compat.h

LG_PRELOAD_SRCS = \
	leakgrind/preload/lg_preload.c

# Client header, installed beside memcheck.h.
vginclude_HEADERS =

noinst_PROGRAMS += leakgrind/leakgrind-tool leakgrind/vgpreload.so

# The pure modules are a library of their own, so that a test can look at just
# them.
noinst_LIBRARIES += leakgrind/libpure.a
leakgrind_libpure_a_SOURCES = $(LG_ENGINE_SRCS) $(LG_PYTHON_SRCS)
leakgrind_libpure_a_CPPFLAGS = $(LG_VALGRIND_CPPFLAGS)
leakgrind_libpure_a_CFLAGS = $(AM_CFLAGS) $(LG_BARE_CFLAGS) $(LG_TOOL_CFLAGS)

leakgrind_leakgrind_tool_SOURCES = $(LG_TOOL_SRCS)
leakgrind_leakgrind_tool_CPPFLAGS = $(LG_VALGRIND_CPPFLAGS)
leakgrind_leakgrind_tool_CFLAGS = \
	$(AM_CFLAGS) $(LG_BARE_CFLAGS) $(LG_TOOL_CFLAGS)
leakgrind_leakgrind_tool_LDFLAGS = $(LG_TOOL_LDFLAGS)
leakgrind_leakgrind_tool_LDADD = leakgrind/libpure.a $(LG_TOOL_LDADD)

leakgrind_vgpreload_so_SOURCES = $(LG_PRELOAD_SRCS)
leakgrind_vgpreload_so_CPPFLAGS = $(LG_VALGRIND_CPPFLAGS)
leakgrind_vgpreload_so_CFLAGS = $(AM_CFLAGS) $(LG_BARE_CFLAGS) -fPIC
leakgrind_vgpreload_so_LDFLAGS = $(LG_PRELOAD_LDFLAGS)
leakgrind_vgpreload_so_LDADD = $(LG_PRELOAD_LDADD)
