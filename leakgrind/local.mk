# SPDX-License-Identifier: GPL-2.0-or-later
# The tool and its preload library.  A new file is one line here.

# Pure: no Valgrind function, no libc, no file-scope state.
LG_BASE_SRCS = \
	leakgrind/base/lg_glob.c \
	leakgrind/base/lg_glob.h \
	leakgrind/base/lg_numbering.c \
	leakgrind/base/lg_numbering.h \
	leakgrind/base/lg_ranges.h \
	leakgrind/base/lg_text.h \
	leakgrind/base/lg_utf8.c \
	leakgrind/base/lg_utf8.h

LG_ENGINE_SRCS = \
	leakgrind/engine/lg_audit.c \
	leakgrind/engine/lg_audit.h \
	leakgrind/engine/lg_blocktable.c \
	leakgrind/engine/lg_blocktable.h \
	leakgrind/engine/lg_blocktable_priv.h \
	leakgrind/engine/lg_blocktable_walk.c \
	leakgrind/engine/lg_cliques.c \
	leakgrind/engine/lg_course.c \
	leakgrind/engine/lg_course.h \
	leakgrind/engine/lg_datafile.c \
	leakgrind/engine/lg_datafile.h \
	leakgrind/engine/lg_dominators.c \
	leakgrind/engine/lg_dominators.h \
	leakgrind/engine/lg_graph.c \
	leakgrind/engine/lg_graph.h \
	leakgrind/engine/lg_heuristics.c \
	leakgrind/engine/lg_lossrec.c \
	leakgrind/engine/lg_lossrec.h \
	leakgrind/engine/lg_mark.c \
	leakgrind/engine/lg_mark.h \
	leakgrind/engine/lg_mark_batch.c \
	leakgrind/engine/lg_mark_check.c \
	leakgrind/engine/lg_mark_priv.h \
	leakgrind/engine/lg_mark_read.c \
	leakgrind/engine/lg_mark_skips.c \
	leakgrind/engine/lg_nonleaks.c \
	leakgrind/engine/lg_paths.c \
	leakgrind/engine/lg_paths.h \
	leakgrind/engine/lg_refs.c \
	leakgrind/engine/lg_refs.h \
	leakgrind/engine/lg_report.c \
	leakgrind/engine/lg_report.h \
	leakgrind/engine/lg_snapshot.c \
	leakgrind/engine/lg_snapshot.h \
	leakgrind/engine/lg_snapshot_priv.h \
	leakgrind/engine/lg_snapshot_settle.c \
	leakgrind/engine/lg_spread.c \
	leakgrind/engine/lg_stackzone.c \
	leakgrind/engine/lg_stackzone.h \
	leakgrind/engine/lg_tracepattern.c \
	leakgrind/engine/lg_tracepattern.h \
	leakgrind/engine/lg_vocab.h \
	leakgrind/engine/lg_wordset.c \
	leakgrind/engine/lg_wordset.h \
	leakgrind/lg_platform.h

LG_PYTHON_SRCS = \
	leakgrind/python/lg_pybalance.c \
	leakgrind/python/lg_pybalance.h \
	leakgrind/python/lg_pybuckets.c \
	leakgrind/python/lg_pybuckets.h \
	leakgrind/python/lg_pycode.c \
	leakgrind/python/lg_pycontainers.c \
	leakgrind/python/lg_pycontainers.h \
	leakgrind/python/lg_pydebugoffsets.c \
	leakgrind/python/lg_pydebugoffsets.h \
	leakgrind/python/lg_pydelayed.c \
	leakgrind/python/lg_pydelayed.h \
	leakgrind/python/lg_pydictkeys.c \
	leakgrind/python/lg_pydictkeys.h \
	leakgrind/python/lg_pyentries.c \
	leakgrind/python/lg_pyentries.h \
	leakgrind/python/lg_pyfields.c \
	leakgrind/python/lg_pyfields.h \
	leakgrind/python/lg_pyframes.c \
	leakgrind/python/lg_pyframes.h \
	leakgrind/python/lg_pylayout.c \
	leakgrind/python/lg_pylayout.h \
	leakgrind/python/lg_pylocals.c \
	leakgrind/python/lg_pylocals.h \
	leakgrind/python/lg_pyloops.c \
	leakgrind/python/lg_pyloops.h \
	leakgrind/python/lg_pymem.h \
	leakgrind/python/lg_pymimalloc.c \
	leakgrind/python/lg_pymimalloc.h \
	leakgrind/python/lg_pyowned.c \
	leakgrind/python/lg_pyowned.h \
	leakgrind/python/lg_pypools.c \
	leakgrind/python/lg_pypools.h \
	leakgrind/python/lg_pyprove.c \
	leakgrind/python/lg_pyprove.h \
	leakgrind/python/lg_pyrefcnt.c \
	leakgrind/python/lg_pyrefcnt.h \
	leakgrind/python/lg_pystr.c \
	leakgrind/python/lg_pystr.h \
	leakgrind/python/lg_pytotals.c \
	leakgrind/python/lg_pytotals.h \
	leakgrind/python/lg_pytraces.c \
	leakgrind/python/lg_pytraces.h \
	leakgrind/python/lg_pytraces_priv.h \
	leakgrind/python/lg_pytraces_tables.c \
	leakgrind/python/lg_pytstate.c \
	leakgrind/python/lg_pytstate.h \
	leakgrind/python/lg_pytypename.c \
	leakgrind/python/lg_pytypename.h \
	leakgrind/python/lg_pytypes.c \
	leakgrind/python/lg_pytypes.h \
	leakgrind/python/lg_pywatchspec.c \
	leakgrind/python/lg_pywatchspec.h

LG_TOOL_SRCS = \
	leakgrind/lg_main.c \
	leakgrind/lg_guest.h \
	leakgrind/tool/host/lg_arch.h \
	leakgrind/tool/host/lg_arch_amd64.h \
	leakgrind/tool/host/lg_arch_arm64.h \
	leakgrind/tool/host/lg_compat.h \
	leakgrind/tool/host/lg_kernel.c \
	leakgrind/tool/host/lg_kernel.h \
	leakgrind/tool/host/lg_options.c \
	leakgrind/tool/host/lg_options.h \
	leakgrind/tool/host/lg_platform_vg.c \
	leakgrind/tool/host/lg_corefuncs.c \
	leakgrind/tool/host/lg_xmltext.c \
	leakgrind/tool/host/lg_xmltext.h \
	leakgrind/tool/memory/lg_buildid.c \
	leakgrind/tool/memory/lg_buildid.h \
	leakgrind/tool/memory/lg_guestmem.c \
	leakgrind/tool/memory/lg_guestmem.h \
	leakgrind/tool/memory/lg_pages.c \
	leakgrind/tool/memory/lg_pages.h \
	leakgrind/tool/memory/lg_segments.c \
	leakgrind/tool/memory/lg_segments.h \
	leakgrind/tool/memory/lg_sparse.c \
	leakgrind/tool/memory/lg_sparse.h \
	leakgrind/tool/process/lg_changed.c \
	leakgrind/tool/process/lg_changed.h \
	leakgrind/tool/process/lg_forks.c \
	leakgrind/tool/process/lg_forks.h \
	leakgrind/tool/process/lg_python.c \
	leakgrind/tool/process/lg_python.h \
	leakgrind/tool/process/lg_pythreads.c \
	leakgrind/tool/process/lg_pythreads.h \
	leakgrind/tool/process/lg_texts.c \
	leakgrind/tool/process/lg_texts.h \
	leakgrind/tool/trace/lg_context.c \
	leakgrind/tool/trace/lg_context.h \
	leakgrind/tool/trace/lg_evalloop.c \
	leakgrind/tool/trace/lg_evalloop.h \
	leakgrind/tool/trace/lg_inlineinfo.c \
	leakgrind/tool/trace/lg_inlineinfo.h \
	leakgrind/tool/trace/lg_traceview.c \
	leakgrind/tool/trace/lg_traceview.h \
	leakgrind/tool/trace/lg_unwind.c \
	leakgrind/tool/trace/lg_unwind.h \
	leakgrind/tool/report/lg_errors.c \
	leakgrind/tool/report/lg_errors.h \
	leakgrind/tool/report/lg_xtree.c \
	leakgrind/tool/report/lg_xtree.h \
	leakgrind/tool/heap/lg_closedlibs.c \
	leakgrind/tool/heap/lg_closedlibs.h \
	leakgrind/tool/heap/lg_describe.c \
	leakgrind/tool/heap/lg_describe.h \
	leakgrind/tool/heap/lg_freed.c \
	leakgrind/tool/heap/lg_freed.h \
	leakgrind/tool/heap/lg_fresh.c \
	leakgrind/tool/heap/lg_fresh.h \
	leakgrind/tool/heap/lg_heap.c \
	leakgrind/tool/heap/lg_heap.h \
	leakgrind/tool/heap/lg_heapargs.c \
	leakgrind/tool/heap/lg_heapargs.h \
	leakgrind/tool/heap/lg_intercept.c \
	leakgrind/tool/heap/lg_intercept.h \
	leakgrind/tool/heap/lg_pools.c \
	leakgrind/tool/heap/lg_pools.h \
	leakgrind/tool/threads/lg_exit.c \
	leakgrind/tool/threads/lg_exit.h \
	leakgrind/tool/threads/lg_registers.c \
	leakgrind/tool/threads/lg_registers.h \
	leakgrind/tool/threads/lg_stacks.c \
	leakgrind/tool/threads/lg_stacks.h \
	leakgrind/tool/threads/lg_threads.c \
	leakgrind/tool/threads/lg_threads.h \
	leakgrind/tool/threads/lg_zones.c \
	leakgrind/tool/threads/lg_zones.h \
	leakgrind/tool/instrument/lg_ending.c \
	leakgrind/tool/instrument/lg_ending.h \
	leakgrind/tool/instrument/lg_funcentry.c \
	leakgrind/tool/instrument/lg_funcentry.h \
	leakgrind/tool/instrument/lg_instrument.c \
	leakgrind/tool/instrument/lg_instrument.h \
	leakgrind/tool/instrument/lg_irbuild.h \
	leakgrind/tool/instrument/lg_refstores.c \
	leakgrind/tool/instrument/lg_refstores.h \
	leakgrind/tool/instrument/lg_sptrack.c \
	leakgrind/tool/instrument/lg_sptrack.h \
	leakgrind/tool/instrument/lg_stackclean.c \
	leakgrind/tool/instrument/lg_stackclean.h \
	leakgrind/tool/instrument/lg_vectorregs.c \
	leakgrind/tool/instrument/lg_vectorregs.h \
	leakgrind/tool/suppress/lg_suppfiles.c \
	leakgrind/tool/suppress/lg_suppgen.c \
	leakgrind/tool/suppress/lg_suppmatch.c \
	leakgrind/tool/suppress/lg_suppread.c \
	leakgrind/tool/suppress/lg_suppress.c \
	leakgrind/tool/suppress/lg_suppress.h \
	leakgrind/tool/suppress/lg_suppress_priv.h \
	leakgrind/tool/python/lg_pyarenas.c \
	leakgrind/tool/python/lg_pyarenas.h \
	leakgrind/tool/python/lg_pyaside.c \
	leakgrind/tool/python/lg_pyaside.h \
	leakgrind/tool/python/lg_pyblocks.c \
	leakgrind/tool/python/lg_pyblocks.h \
	leakgrind/tool/python/lg_pycollector.c \
	leakgrind/tool/python/lg_pycycles.c \
	leakgrind/tool/python/lg_pyforeign.c \
	leakgrind/tool/python/lg_pyfreelists.c \
	leakgrind/tool/python/lg_pyfreelists.h \
	leakgrind/tool/python/lg_pyhooks.c \
	leakgrind/tool/python/lg_pyhooks.h \
	leakgrind/tool/python/lg_pyinterp.c \
	leakgrind/tool/python/lg_pyinterp.h \
	leakgrind/tool/python/lg_pynames.c \
	leakgrind/tool/python/lg_pynames.h \
	leakgrind/tool/python/lg_pyobjects.c \
	leakgrind/tool/python/lg_pydeficits.c \
	leakgrind/tool/python/lg_pydeficits.h \
	leakgrind/tool/python/lg_pyowners.c \
	leakgrind/tool/python/lg_pyowners.h \
	leakgrind/tool/python/lg_pypaths.c \
	leakgrind/tool/python/lg_pypaths.h \
	leakgrind/tool/python/lg_pyregistry.c \
	leakgrind/tool/python/lg_pyregistry.h \
	leakgrind/tool/python/lg_pyreuse.c \
	leakgrind/tool/python/lg_pyreuse.h \
	leakgrind/tool/python/lg_pyroots.c \
	leakgrind/tool/python/lg_pysegments.c \
	leakgrind/tool/python/lg_pysegments.h \
	leakgrind/tool/python/lg_pyskips.c \
	leakgrind/tool/python/lg_pyskips.h \
	leakgrind/tool/python/lg_pysnapshot.c \
	leakgrind/tool/python/lg_pysnapshot.h \
	leakgrind/tool/python/lg_pysnapshot_priv.h \
	leakgrind/tool/python/lg_pystatics.c \
	leakgrind/tool/python/lg_pystatics.h \
	leakgrind/tool/python/lg_pysteps.c \
	leakgrind/tool/python/lg_pysteps.h \
	leakgrind/tool/python/lg_pyverdict.c \
	leakgrind/tool/watch/lg_pywatch.c \
	leakgrind/tool/watch/lg_pywatch.h \
	leakgrind/tool/watch/lg_takers.c \
	leakgrind/tool/watch/lg_takers.h \
	leakgrind/tool/watch/lg_watched.c \
	leakgrind/tool/watch/lg_watched.h \
	leakgrind/tool/watch/lg_watchnames.c \
	leakgrind/tool/watch/lg_watchnames.h \
	leakgrind/tool/check/lg_blocklist.c \
	leakgrind/tool/check/lg_blocklist.h \
	leakgrind/tool/check/lg_changes.c \
	leakgrind/tool/check/lg_changes.h \
	leakgrind/tool/check/lg_coursechecks.c \
	leakgrind/tool/check/lg_coursechecks.h \
	leakgrind/tool/check/lg_growth.c \
	leakgrind/tool/check/lg_growth.h \
	leakgrind/tool/check/lg_heapgraph.c \
	leakgrind/tool/check/lg_heapgraph.h \
	leakgrind/tool/check/lg_heapsearch.c \
	leakgrind/tool/check/lg_heapsearch.h \
	leakgrind/tool/check/lg_dataout.c \
	leakgrind/tool/check/lg_dataout.h \
	leakgrind/tool/check/lg_datastacks.c \
	leakgrind/tool/check/lg_datastacks.h \
	leakgrind/tool/check/lg_leakcheck.c \
	leakgrind/tool/check/lg_leakcheck.h \
	leakgrind/tool/check/lg_leakcheck_count.c \
	leakgrind/tool/check/lg_leakcheck_priv.h \
	leakgrind/tool/check/lg_leakcheck_supp.c \
	leakgrind/tool/check/lg_progress.c \
	leakgrind/tool/check/lg_progress.h \
	leakgrind/tool/check/lg_pyarenatable.c \
	leakgrind/tool/check/lg_pytables.c \
	leakgrind/tool/check/lg_pytables.h \
	leakgrind/tool/check/lg_references.c \
	leakgrind/tool/check/lg_references.h \
	leakgrind/tool/check/lg_roots.c \
	leakgrind/tool/check/lg_roots.h \
	leakgrind/tool/check/lg_holders.c \
	leakgrind/tool/check/lg_holders.h \
	leakgrind/tool/check/lg_placenames.c \
	leakgrind/tool/check/lg_placenames.h \
	leakgrind/tool/check/lg_pointersearch.c \
	leakgrind/tool/check/lg_pointersearch.h \
	leakgrind/tool/check/lg_rootnames.c \
	leakgrind/tool/check/lg_rootnames.h \
	leakgrind/tool/check/lg_leadwords.c \
	leakgrind/tool/check/lg_leadwords.h \
	leakgrind/tool/check/lg_leftbehind.c \
	leakgrind/tool/check/lg_leftbehind.h \
	leakgrind/tool/check/lg_retained.c \
	leakgrind/tool/check/lg_retained.h \
	leakgrind/tool/check/lg_rootpaths.c \
	leakgrind/tool/check/lg_rootpaths.h \
	leakgrind/tool/check/lg_why.c \
	leakgrind/tool/check/lg_why.h \
	leakgrind/tool/check/lg_showpaths.c \
	leakgrind/tool/check/lg_showpaths.h \
	leakgrind/tool/check/lg_whopoints.c \
	leakgrind/tool/check/lg_whopoints.h \
	leakgrind/tool/finalize/lg_pyfinalize.c \
	leakgrind/tool/finalize/lg_pyfinalize.h \
	leakgrind/tool/finalize/lg_pysubs.c \
	leakgrind/tool/finalize/lg_pysubs.h \
	leakgrind/tool/control/lg_monitor.c \
	leakgrind/tool/control/lg_monitor.h \
	leakgrind/tool/control/lg_requests.c \
	leakgrind/tool/control/lg_requests.h

LG_PRELOAD_SRCS = \
	leakgrind/lg_guest.h \
	leakgrind/preload/lg_calls.c \
	leakgrind/preload/lg_preload.c \
	leakgrind/preload/lg_preload.h \
	leakgrind/preload/lg_pyallocators.c \
	leakgrind/preload/lg_pyfree.c

# Client header, installed beside memcheck.h.
vginclude_HEADERS = leakgrind/leakgrind.h

noinst_PROGRAMS += leakgrind/leakgrind-tool leakgrind/vgpreload.so

# The pure modules are a library of their own, so that a test can look at just
# them.
noinst_LIBRARIES += leakgrind/libpure.a
leakgrind_libpure_a_SOURCES = \
	$(LG_BASE_SRCS) $(LG_ENGINE_SRCS) $(LG_PYTHON_SRCS)
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
EXTRA_leakgrind_vgpreload_so_DEPENDENCIES = leakgrind/replacemalloc.a

# Valgrind compares each name that a C library has with each replacement for C
# libraries, which is a good part of a program's start.  None of them has C++'s
# operators, so these are left out; they are replaced where they are.
leakgrind/replacemalloc.a: $(LG_REPLACEMALLOC)
	$(AM_V_GEN)$(OBJCOPY) --wildcard \
	    --strip-symbol='_vgr*ZU_libcZdsoZa__Z*' \
	    --strip-symbol='_vgr*ZU_libcZdsoZa_*builtin_*' \
	    $(LG_REPLACEMALLOC) $@
CLEANFILES += leakgrind/replacemalloc.a
