# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/python adds to the build: Python programs that leak, and what the
# report must say about them.  A new test is a .pycase file, listed at the end
# of this; its program is a file in guests/.

LG_PY_CPPFLAGS = $(LG_PYTHON_CPPFLAGS) -I$(top_srcdir)/leakgrind \
	-I$(LG_VALGRIND_INCLUDE)
# Tests look at frames, so calls must not be optimised into jumps.
LG_PY_CFLAGS = $(AM_CFLAGS) -g -gdwarf-4 -fPIC -fno-optimize-sibling-calls \
	-Wno-missing-field-initializers -Wno-cast-function-type

LG_PY_PROGS = tests/python/clib.so
if LG_HAVE_PYTHON_DEV
LG_PY_PROGS += \
	tests/python/clobber.so \
	tests/python/constants.so \
	tests/python/holder.so \
	tests/python/keeper.so \
	tests/python/layers.so \
	tests/python/leaky.so \
	tests/python/parking.so \
	tests/python/pools.so \
	tests/python/pretend.so \
	tests/python/unheld.so
if LG_HAVE_CXX
LG_PY_PROGS += \
	tests/python/bound.so \
	tests/python/constants_cxx.so \
	tests/python/wrappers.so
endif
if LG_HAVE_PYTHON_LIB
LG_PY_PROGS += \
	tests/python/embed \
	tests/python/embed_dlopen
endif
endif
check_PROGRAMS += $(LG_PY_PROGS)

tests_python_clib_so_SOURCES = tests/python/clib.c
tests_python_clib_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_clib_so_LDFLAGS = -shared
tests_python_bound_so_SOURCES = tests/python/bound.cpp
tests_python_bound_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_bound_so_CXXFLAGS = $(AM_CXXFLAGS) -g -gdwarf-4 -fPIC \
	-Wno-missing-field-initializers
tests_python_bound_so_LDFLAGS = -shared
tests_python_clobber_so_SOURCES = tests/python/clobber.c
tests_python_clobber_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_clobber_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_clobber_so_LDFLAGS = -shared
# Without names of its local functions, as Debian has such modules.
tests_python_constants_so_SOURCES = tests/python/constants.c
tests_python_constants_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_constants_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_constants_so_LDFLAGS = -shared -s
tests_python_constants_cxx_so_SOURCES = tests/python/constants_cxx.cpp
tests_python_constants_cxx_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_constants_cxx_so_CXXFLAGS = $(AM_CXXFLAGS) -g -gdwarf-4 -fPIC \
	-Wno-missing-field-initializers
tests_python_constants_cxx_so_LDFLAGS = -shared
tests_python_holder_so_SOURCES = tests/python/holder.c
tests_python_holder_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_holder_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_holder_so_LDFLAGS = -shared
tests_python_keeper_so_SOURCES = tests/python/keeper.c
tests_python_keeper_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_keeper_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_keeper_so_LDFLAGS = -shared
tests_python_layers_so_SOURCES = tests/python/layers.c
tests_python_layers_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_layers_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_layers_so_LDFLAGS = -shared
tests_python_leaky_so_SOURCES = tests/python/leaky.c
tests_python_leaky_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_leaky_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_leaky_so_LDFLAGS = -shared -pthread
tests_python_parking_so_SOURCES = tests/python/parking.c
tests_python_parking_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_parking_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_parking_so_LDFLAGS = -shared
tests_python_pools_so_SOURCES = tests/python/pools.c
tests_python_pools_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_pools_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_pools_so_LDFLAGS = -shared
tests_python_pretend_so_SOURCES = tests/python/pretend.c
tests_python_pretend_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_pretend_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_pretend_so_LDFLAGS = -shared
tests_python_unheld_so_SOURCES = tests/python/unheld.c
tests_python_unheld_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_unheld_so_CFLAGS = $(LG_PY_CFLAGS)
tests_python_unheld_so_LDFLAGS = -shared
tests_python_wrappers_so_SOURCES = tests/python/wrappers.cpp
tests_python_wrappers_so_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_wrappers_so_CXXFLAGS = $(AM_CXXFLAGS) -g -gdwarf-4 -fPIC \
	-Wno-missing-field-initializers
tests_python_wrappers_so_LDFLAGS = -shared
tests_python_embed_SOURCES = tests/python/embed.c
tests_python_embed_CPPFLAGS = $(LG_PY_CPPFLAGS)
tests_python_embed_CFLAGS = $(LG_PY_CFLAGS)
tests_python_embed_LDADD = $(LG_PYTHON_LIBS)
tests_python_embed_dlopen_SOURCES = tests/python/embed.c
tests_python_embed_dlopen_CPPFLAGS = $(LG_PY_CPPFLAGS) \
	-DEMBED_DLOPEN='"$(LG_PYTHON_SONAME)"'
tests_python_embed_dlopen_CFLAGS = $(LG_PY_CFLAGS)
tests_python_embed_dlopen_LDADD = -ldl

TEST_EXTENSIONS += .pycase
PYCASE_LOG_COMPILER = $(PYTHON3) $(top_srcdir)/tests/python/run.py

LG_PY_TESTS = \
	tests/python/allocators.pycase \
	tests/python/ask.pycase \
	tests/python/bound.pycase \
	tests/python/class_names.pycase \
	tests/python/containers.pycase \
	tests/python/ctypes_cases.pycase \
	tests/python/daemon.pycase \
	tests/python/dead.pycase \
	tests/python/embedded.pycase \
	tests/python/embedded_dlopen.pycase \
	tests/python/forks.pycase \
	tests/python/free_lists.pycase \
	tests/python/held.pycase \
	tests/python/kept.pycase \
	tests/python/layered.pycase \
	tests/python/noise_busy.pycase \
	tests/python/noise_constants.pycase \
	tests/python/noise_constants_cxx.pycase \
	tests/python/noise_ends.pycase \
	tests/python/noise_imports.pycase \
	tests/python/noise_lru.pycase \
	tests/python/noise_midrun.pycase \
	tests/python/noise_pass.pycase \
	tests/python/over_released.pycase \
	tests/python/overwritten.pycase \
	tests/python/producer.pycase \
	tests/python/python_options.pycase \
	tests/python/real_expat.pycase \
	tests/python/real_hash.pycase \
	tests/python/real_msgpack.pycase \
	tests/python/real_outparam.pycase \
	tests/python/real_pairwise.pycase \
	tests/python/real_pickler.pycase \
	tests/python/real_reinit.pycase \
	tests/python/real_ssl_session.pycase \
	tests/python/real_tracemalloc.pycase \
	tests/python/real_ujson.pycase \
	tests/python/left_behind.pycase \
	tests/python/growth_owners.pycase \
	tests/python/holders.pycase \
	tests/python/references.pycase \
	tests/python/handles.pycase \
	tests/python/retained.pycase \
	tests/python/watch.pycase \
	tests/python/row_bytes100.pycase \
	tests/python/row_bytes2000.pycase \
	tests/python/row_cycle.pycase \
	tests/python/row_dict.pycase \
	tests/python/row_instance.pycase \
	tests/python/row_list.pycase \
	tests/python/row_sanity.pycase \
	tests/python/row_lru.pycase \
	tests/python/row_malloc.pycase \
	tests/python/row_memory.pycase \
	tests/python/row_references.pycase \
	tests/python/show_paths.pycase \
	tests/python/shapes.pycase \
	tests/python/stacks.pycase \
	tests/python/subinterpreters.pycase \
	tests/python/threads.pycase \
	tests/python/tracemalloc.pycase \
	tests/python/unheld.pycase \
	tests/python/unheld_end.pycase \
	tests/python/unreadable.pycase \
	tests/python/ways_to_end.pycase \
	tests/python/why.pycase \
	tests/python/wrappers.pycase

# These take long, or need large packages (scripts/packages slow).
LG_PY_SLOW_TESTS = \
	tests/python/debug_build.py \
	tests/python/freethreaded.sh \
	tests/python/growth.py \
	tests/python/symbols.py \
	tests/python/arrays.pycase \
	tests/python/noise_cryptography.pycase \
	tests/python/noise_gevent.pycase \
	tests/python/noise_lxml.pycase \
	tests/python/noise_numpy.pycase \
	tests/python/noise_packages.py \
	tests/python/noise_pandas.pycase \
	tests/python/noise_requests.pycase \
	tests/python/noise_scipy.pycase \
	tests/python/noise_yaml.pycase \
	tests/python/real_accumulate.pycase \
	tests/python/real_field_names.pycase \
	tests/python/real_get_mime.pycase \
	tests/python/real_getpixel.pycase \
	tests/python/real_kiwisolver.pycase \
	tests/python/real_pyo3.pycase \
	tests/python/real_set_mime.pycase \
	tests/python/real_zstandard.pycase \
	tests/python/regrtest.py \
	tests/python/row_million_references.pycase \
	tests/python/unheld_cython.pycase \
	tests/python/unheld_numpy.pycase \
	tests/python/unheld_pybind11.pycase

LG_PY_RUNNERS = \
	tests/python/check_run.py \
	tests/python/completeness.py \
	tests/python/helper.py \
	tests/python/leaks.py \
	tests/python/memcheck_lru.py \
	tests/python/merged.py \
	tests/python/nohooks.py \
	tests/python/tables.py \
	tests/python/unknown.py \
	tests/python/vgdb.py

# Those that take longest come first.
TESTS += $(LG_PY_RUNNERS) $(LG_PY_TESTS)
CHECK_SLOW += $(LG_PY_SLOW_TESTS)

EXTRA_DIST += $(LG_PY_TESTS) $(LG_PY_SLOW_TESTS) $(LG_PY_RUNNERS) \
	tests/python/regrtest.known \
	tests/python/interpreter.py \
	tests/python/run.py \
	tests/python/unheld_cython.pyx \
	tests/python/unheld_pybind11.cpp \
	tests/python/xmlreport.py

# The programs of the tests are what there is.
dist-hook: dist-guests
dist-guests:
	$(MKDIR_P) '$(distdir)/tests/python/guests/app'
	for f in guests guests/app; do \
	  cp -p '$(srcdir)/tests/python/'$$f/*.py \
	    '$(distdir)/tests/python/'$$f || exit 1; done
.PHONY: dist-guests

# What a failed test leaves behind.
mostlyclean-local: mostlyclean-python
mostlyclean-python:
	rm -rf tests/python/*.tmp
.PHONY: mostlyclean-python
