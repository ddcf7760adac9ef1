# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/vg adds to the build: the end-to-end tests, their programs and
# what runs them.  A new test is a .vgtest file, one name in LG_VG_TESTS; what it
# expects lies beside it.  A new program is one name in LG_VG_... and its two flag
# lines.

# Line numbers are part of what is tested, so debug information is needed
# whatever CFLAGS says, and in a version that Valgrind 3.19 reads.
LG_VG_CPPFLAGS = -I$(top_srcdir)/leakgrind -I$(LG_VALGRIND_INCLUDE)/.. \
	-I$(LG_VALGRIND_INCLUDE)
LG_VG_CFLAGS = $(AM_CFLAGS) -g -gdwarf-4 -fno-builtin
LG_VG_CXXFLAGS = $(AM_CXXFLAGS) -g -gdwarf-4 -fno-builtin

LG_VG_PROGS = \
	tests/vg/absurd \
	tests/vg/can_end_threads \
	tests/vg/chain_cases \
	tests/vg/clo_change \
	tests/vg/closed_libs \
	tests/vg/count_leaks \
	tests/vg/course \
	tests/vg/custom_overlap \
	tests/vg/exec_child \
	tests/vg/filtered \
	tests/vg/foreign_requests \
	tests/vg/fork \
	tests/vg/free_errors \
	tests/vg/growth_owners \
	tests/vg/heap_layout \
	tests/vg/heuristics \
	tests/vg/intercept_own \
	tests/vg/intercept_static \
	tests/vg/intercept_stub \
	tests/vg/keep_libs \
	tests/vg/keep_stacktraces \
	tests/vg/kinds \
	tests/vg/large_blocks \
	tests/vg/leak_delta \
	tests/vg/malloclike \
	tests/vg/mappings \
	tests/vg/mempools \
	tests/vg/monitor \
	tests/vg/nested_handlers \
	tests/vg/no_leaks \
	tests/vg/own_requests \
	tests/vg/realloc_zero \
	tests/vg/resolution \
	tests/vg/retained \
	tests/vg/roots \
	tests/vg/show_paths \
	tests/vg/seed_grids \
	tests/vg/seed_interior \
	tests/vg/seed_list \
	tests/vg/seed_lost \
	tests/vg/seed_memcpy \
	tests/vg/seed_pools \
	tests/vg/seed_rings \
	tests/vg/stack_integrity \
	tests/vg/stack_switch \
	tests/vg/stale_exit \
	tests/vg/stale_heap \
	tests/vg/exit_registers \
	tests/vg/stale_registers \
	tests/vg/stale_stack \
	tests/vg/supp_family \
	tests/vg/supp_many_tls \
	tests/vg/supp_names \
	tests/vg/supp_tsearch \
	tests/vg/tagged \
	tests/vg/threads \
	tests/vg/threads_ended \
	tests/vg/threads_openmp \
	tests/vg/trace_malloc \
	tests/vg/unreadable \
	tests/vg/valgrind_since \
	tests/vg/unflushed \
	tests/vg/vector_upper \
	tests/vg/vgdb_target \
	tests/vg/why \
	tests/vg/why_ring \
	tests/vg/wrapped \
	tests/vg/zero_size

# Shared objects that test programs load.
LG_VG_SHARED = \
	tests/vg/ctypes_case1.so \
	tests/vg/ctypes_case2.so \
	tests/vg/closed_libs_plugin.so \
	tests/vg/keep_libs_inner.so \
	tests/vg/keep_libs_outer.so \
	tests/vg/supp_many_tls.so \
	tests/vg/supp_names.so

# Without a C++ compiler the tests that need these are skipped.
LG_VG_CXX_PROGS =
if LG_HAVE_CXX
LG_VG_CXX_PROGS += \
	tests/vg/alloc_functions \
	tests/vg/cpp_objects \
	tests/vg/cpp_owner \
	tests/vg/fishy \
	tests/vg/heap_args \
	tests/vg/mismatches \
	tests/vg/new_fails \
	tests/vg/no_elements \
	tests/vg/seed_prodcons \
	tests/vg/threads_std

endif

check_PROGRAMS += $(LG_VG_PROGS) $(LG_VG_SHARED) $(LG_VG_CXX_PROGS)
# These alone, for scripts/check-valgrind-tree.
vg-programs: $(LG_VG_PROGS) $(LG_VG_SHARED) $(LG_VG_CXX_PROGS)
.PHONY: vg-programs

tests_vg_absurd_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_absurd_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_can_end_threads_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_can_end_threads_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_chain_cases_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_chain_cases_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_clo_change_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_clo_change_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_count_leaks_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_count_leaks_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_course_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_course_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_custom_overlap_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_custom_overlap_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_exec_child_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_exec_child_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_filtered_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_filtered_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_foreign_requests_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_foreign_requests_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_fork_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_fork_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_free_errors_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_free_errors_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_growth_owners_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_growth_owners_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_heap_layout_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_heap_layout_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_intercept_own_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_intercept_own_CFLAGS = $(LG_VG_CFLAGS) -fno-builtin
tests_vg_intercept_static_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_intercept_static_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_intercept_static_LDFLAGS = -static
tests_vg_intercept_stub_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_intercept_stub_CFLAGS = $(LG_VG_CFLAGS) -fno-pie
tests_vg_intercept_stub_LDFLAGS = -no-pie
tests_vg_heuristics_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_heuristics_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_closed_libs_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_closed_libs_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_closed_libs_LDADD = -ldl
tests_vg_keep_libs_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_keep_libs_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_keep_libs_LDADD = -ldl -lpthread
tests_vg_keep_stacktraces_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_keep_stacktraces_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_kinds_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_kinds_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_large_blocks_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_large_blocks_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_leak_delta_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_leak_delta_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_malloclike_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_malloclike_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_mappings_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_mappings_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_mempools_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_mempools_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_monitor_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_monitor_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_nested_handlers_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_nested_handlers_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_no_leaks_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_no_leaks_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_own_requests_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_own_requests_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_realloc_zero_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_realloc_zero_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_retained_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_retained_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_resolution_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_resolution_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_roots_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_roots_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_roots_LDADD = -lpthread
tests_vg_seed_grids_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_grids_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_interior_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_interior_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_list_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_list_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_lost_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_lost_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_memcpy_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_memcpy_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_pools_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_pools_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_seed_rings_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_rings_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_stack_integrity_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_stack_integrity_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_stack_integrity_LDADD = -lpthread
tests_vg_stack_switch_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_stack_switch_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_stack_switch_LDADD = -lpthread
tests_vg_stale_exit_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_stale_exit_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_stale_exit_LDADD = -lpthread
tests_vg_stale_heap_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_stale_heap_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_exit_registers_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_exit_registers_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_stale_registers_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_stale_registers_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_stale_stack_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_stale_stack_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_stale_stack_LDADD = -lpthread
tests_vg_supp_family_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_supp_family_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_supp_many_tls_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_supp_many_tls_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_supp_many_tls_LDADD = -ldl
tests_vg_supp_names_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_supp_names_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_supp_names_LDADD = -ldl
tests_vg_supp_tsearch_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_supp_tsearch_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_tagged_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_tagged_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_threads_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_threads_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_threads_LDADD = -lpthread
tests_vg_threads_ended_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_threads_ended_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_threads_ended_LDADD = -lpthread
tests_vg_threads_openmp_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_threads_openmp_CFLAGS = $(LG_VG_CFLAGS) $(OPENMP_CFLAGS)
tests_vg_trace_malloc_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_trace_malloc_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_unreadable_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_unreadable_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_valgrind_since_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_valgrind_since_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_unflushed_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_unflushed_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_vector_upper_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_vector_upper_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_vgdb_target_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_vgdb_target_CFLAGS = $(LG_VG_CFLAGS)
# The dynamic linker looks its functions up when they are called.
tests_vg_show_paths_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_show_paths_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_why_ring_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_why_ring_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_why_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_why_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_why_LDADD = -lpthread
tests_vg_wrapped_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_wrapped_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_wrapped_LDFLAGS = -Wl,-z,lazy
tests_vg_zero_size_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_zero_size_CFLAGS = $(LG_VG_CFLAGS)
tests_vg_ctypes_case1_so_SOURCES = tests/vg/ctypes_case1.c
tests_vg_ctypes_case1_so_CFLAGS = $(LG_VG_CFLAGS) -fPIC
tests_vg_ctypes_case1_so_LDFLAGS = -shared
tests_vg_ctypes_case2_so_SOURCES = tests/vg/ctypes_case2.c
tests_vg_ctypes_case2_so_CFLAGS = $(LG_VG_CFLAGS) -fPIC
tests_vg_ctypes_case2_so_LDFLAGS = -shared
tests_vg_closed_libs_plugin_so_SOURCES = tests/vg/closed_libs_plugin.c
tests_vg_closed_libs_plugin_so_CFLAGS = $(LG_VG_CFLAGS) -fPIC
tests_vg_closed_libs_plugin_so_LDFLAGS = -shared
tests_vg_keep_libs_inner_so_SOURCES = tests/vg/keep_libs_inner.c
tests_vg_keep_libs_inner_so_CFLAGS = $(LG_VG_CFLAGS) -fPIC
tests_vg_keep_libs_inner_so_LDFLAGS = -shared -Wl,-soname,keep_libs_inner.so
tests_vg_keep_libs_outer_so_SOURCES = tests/vg/keep_libs_outer.c
tests_vg_keep_libs_outer_so_CFLAGS = $(LG_VG_CFLAGS) -fPIC
tests_vg_keep_libs_outer_so_LDFLAGS = -shared -Wl,-rpath,'$$ORIGIN'
tests_vg_keep_libs_outer_so_LDADD = tests/vg/keep_libs_inner.so
tests_vg_supp_many_tls_so_SOURCES = tests/vg/supp_many_tls_lib.c
tests_vg_supp_many_tls_so_CFLAGS = $(LG_VG_CFLAGS) -fPIC
tests_vg_supp_many_tls_so_LDFLAGS = -shared
tests_vg_supp_names_so_SOURCES = tests/vg/supp_names_lib.c
tests_vg_supp_names_so_CFLAGS = $(LG_VG_CFLAGS) -fPIC
tests_vg_supp_names_so_LDFLAGS = -shared \
	-Wl,--version-script=$(srcdir)/tests/vg/supp_names.map
tests_vg_alloc_functions_SOURCES = tests/vg/alloc_functions.cpp
tests_vg_alloc_functions_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_alloc_functions_CXXFLAGS = $(LG_VG_CXXFLAGS)
tests_vg_cpp_owner_SOURCES = tests/vg/cpp_owner.cpp
tests_vg_cpp_owner_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_cpp_owner_CXXFLAGS = $(LG_VG_CXXFLAGS)
tests_vg_cpp_objects_SOURCES = tests/vg/cpp_objects.cpp
tests_vg_cpp_objects_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_cpp_objects_CXXFLAGS = $(LG_VG_CXXFLAGS)
tests_vg_fishy_SOURCES = tests/vg/fishy.cpp
tests_vg_fishy_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_fishy_CXXFLAGS = $(LG_VG_CXXFLAGS)
tests_vg_heap_args_SOURCES = tests/vg/heap_args.cpp
tests_vg_heap_args_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_heap_args_CXXFLAGS = $(LG_VG_CXXFLAGS)
tests_vg_mismatches_SOURCES = tests/vg/mismatches.cpp
tests_vg_mismatches_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_mismatches_CXXFLAGS = $(LG_VG_CXXFLAGS)
tests_vg_new_fails_SOURCES = tests/vg/new_fails.cpp
tests_vg_new_fails_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_new_fails_CXXFLAGS = $(LG_VG_CXXFLAGS)
tests_vg_no_elements_SOURCES = tests/vg/no_elements.cpp
tests_vg_no_elements_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_no_elements_CXXFLAGS = $(LG_VG_CXXFLAGS)
tests_vg_seed_prodcons_SOURCES = tests/vg/seed_prodcons.cpp
tests_vg_seed_prodcons_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_seed_prodcons_CXXFLAGS = $(LG_VG_CXXFLAGS)
tests_vg_threads_std_SOURCES = tests/vg/threads_std.cpp
tests_vg_threads_std_CPPFLAGS = $(LG_VG_CPPFLAGS)
tests_vg_threads_std_CXXFLAGS = $(LG_VG_CXXFLAGS) -O2
tests_vg_threads_std_LDADD = -lpthread

LG_VG_TESTS = \
	tests/vg/absurd_requests.vgtest \
	tests/vg/absurd_who_points.vgtest \
	tests/vg/alloc_functions.vgtest \
	tests/vg/chain_cases_full.vgtest \
	tests/vg/chain_cases_possible.vgtest \
	tests/vg/chain_cases_summary.vgtest \
	tests/vg/clo_change.vgtest \
	tests/vg/closed_libs.vgtest \
	tests/vg/closed_libs_suppressed.vgtest \
	tests/vg/count_leaks.vgtest \
	tests/vg/course_asked.vgtest \
	tests/vg/course_midrun.vgtest \
	tests/vg/course_off.vgtest \
	tests/vg/cpp_objects.vgtest \
	tests/vg/cpp_owner.vgtest \
	tests/vg/cpp_owner_mangled.vgtest \
	tests/vg/ctypes_case1.vgtest \
	tests/vg/ctypes_case2.vgtest \
	tests/vg/custom_overlap.vgtest \
	tests/vg/exitcode.vgtest \
	tests/vg/filtered_inherited.vgtest \
	tests/vg/filtered_made.vgtest \
	tests/vg/fishy.vgtest \
	tests/vg/heap_args.vgtest \
	tests/vg/foreign_requests.vgtest \
	tests/vg/fork__exit.vgtest \
	tests/vg/fork_exit.vgtest \
	tests/vg/fork_free.vgtest \
	tests/vg/fork_grandchild.vgtest \
	tests/vg/fork_silent.vgtest \
	tests/vg/free_errors.vgtest \
	tests/vg/free_errors_xml.vgtest \
	tests/vg/growth_owners.vgtest \
	tests/vg/heap_layout.vgtest \
	tests/vg/heuristics_shown.vgtest \
	tests/vg/intercept_own.vgtest \
	tests/vg/intercept_static.vgtest \
	tests/vg/intercept_stub.vgtest \
	tests/vg/keep_libs.vgtest \
	tests/vg/keep_stacktraces.vgtest \
	tests/vg/large_blocks.vgtest \
	tests/vg/leak_delta.vgtest \
	tests/vg/limit.vgtest \
	tests/vg/leak_delta_new.vgtest \
	tests/vg/log_files.vgtest \
	tests/vg/malloclike.vgtest \
	tests/vg/mappings_all.vgtest \
	tests/vg/mappings_reservation.vgtest \
	tests/vg/mappings_reservation_without_proc.vgtest \
	tests/vg/mappings_shared_reservation.vgtest \
	tests/vg/mappings_sparse.vgtest \
	tests/vg/mempool_alloc_and_free.vgtest \
	tests/vg/mempool_auto_free.vgtest \
	tests/vg/mempool_change.vgtest \
	tests/vg/mempool_destroy.vgtest \
	tests/vg/mempool_exists.vgtest \
	tests/vg/mempool_metapool.vgtest \
	tests/vg/mempool_trim.vgtest \
	tests/vg/mempool_without_auto_free.vgtest \
	tests/vg/mempool_wrong.vgtest \
	tests/vg/mismatches.vgtest \
	tests/vg/monitor_block_lists.vgtest \
	tests/vg/monitor_help.vgtest \
	tests/vg/monitor_leak_checks.vgtest \
	tests/vg/monitor_who_points.vgtest \
	tests/vg/monitor_wrong.vgtest \
	tests/vg/monitor_xtrees.vgtest \
	tests/vg/nested_handlers.vgtest \
	tests/vg/new_fails.vgtest \
	tests/vg/no_elements.vgtest \
	tests/vg/no_leaks.vgtest \
	tests/vg/no_leaks_verbosity.vgtest \
	tests/vg/opt_bad_values.vgtest \
	tests/vg/opt_default.vgtest \
	tests/vg/opt_errors_for_leak_kinds.vgtest \
	tests/vg/opt_help-debug.vgtest \
	tests/vg/opt_help-dyn-options.vgtest \
	tests/vg/opt_help.vgtest \
	tests/vg/opt_heuristics.vgtest \
	tests/vg/opt_leak_check.vgtest \
	tests/vg/opt_leak_resolution.vgtest \
	tests/vg/opt_no_effect.vgtest \
	tests/vg/opt_seed_command.vgtest \
	tests/vg/opt_sanity_level.vgtest \
	tests/vg/opt_show_leak_kinds.vgtest \
	tests/vg/opt_show_legacy.vgtest \
	tests/vg/opt_stats.vgtest \
	tests/vg/opt_verbose.vgtest \
	tests/vg/opt_verbosity.vgtest \
	tests/vg/own_requests.vgtest \
	tests/vg/own_requests_elsewhere.vgtest \
	tests/vg/realloc_zero.vgtest \
	tests/vg/retained.vgtest \
	tests/vg/roots.vgtest \
	tests/vg/seed_grids.vgtest \
	tests/vg/seed_interior.vgtest \
	tests/vg/seed_list.vgtest \
	tests/vg/seed_lost.vgtest \
	tests/vg/seed_memcpy.vgtest \
	tests/vg/seed_pools_plain.vgtest \
	tests/vg/seed_pools_told.vgtest \
	tests/vg/seed_prodcons.vgtest \
	tests/vg/seed_rings.vgtest \
	tests/vg/show_paths.vgtest \
	tests/vg/stack_integrity.vgtest \
	tests/vg/stack_switch.vgtest \
	tests/vg/stale_exit__exit.vgtest \
	tests/vg/stale_exit__exit_in_signal.vgtest \
	tests/vg/stale_exit_abort.vgtest \
	tests/vg/stale_exit_exit.vgtest \
	tests/vg/stale_exit_exit_in_signal.vgtest \
	tests/vg/stale_exit_handler.vgtest \
	tests/vg/stale_exit_kill.vgtest \
	tests/vg/stale_exit_return.vgtest \
	tests/vg/stale_exit_segv.vgtest \
	tests/vg/stale_exit_syscall.vgtest \
	tests/vg/stale_heap.vgtest \
	tests/vg/exit_registers.vgtest \
	tests/vg/exit_registers_none.vgtest \
	tests/vg/stale_registers_vectors.vgtest \
	tests/vg/stale_registers_copies.vgtest \
	tests/vg/stale_registers_red_zone.vgtest \
	tests/vg/stale_stack_alloca.vgtest \
	tests/vg/stale_stack_coroutines.vgtest \
	tests/vg/stale_stack_large_frame.vgtest \
	tests/vg/stale_stack_live_frames.vgtest \
	tests/vg/stale_stack_many_frames.vgtest \
	tests/vg/stale_stack_one_frame.vgtest \
	tests/vg/stale_stack_other_thread.vgtest \
	tests/vg/supp_all.vgtest \
	tests/vg/supp_ask.vgtest \
	tests/vg/supp_bad.vgtest \
	tests/vg/supp_bad_entries.vgtest \
	tests/vg/supp_cycle.vgtest \
	tests/vg/supp_each.vgtest \
	tests/vg/supp_each_errors.vgtest \
	tests/vg/supp_each_python.vgtest \
	tests/vg/supp_each_python_xml.vgtest \
	tests/vg/supp_each_references.vgtest \
	tests/vg/supp_each_xml.vgtest \
	tests/vg/supp_family.vgtest \
	tests/vg/supp_from_pipe.vgtest \
	tests/vg/supp_generate.vgtest \
	tests/vg/supp_many_tls.vgtest \
	tests/vg/supp_match_kinds.vgtest \
	tests/vg/supp_names.vgtest \
	tests/vg/supp_num_callers.vgtest \
	tests/vg/supp_other_tool.vgtest \
	tests/vg/supp_ours.vgtest \
	tests/vg/supp_ours_delta.vgtest \
	tests/vg/supp_python.vgtest \
	tests/vg/supp_references.vgtest \
	tests/vg/supp_round_trip.vgtest \
	tests/vg/supp_round_trip_errors.vgtest \
	tests/vg/supp_round_trip_fishy.vgtest \
	tests/vg/supp_round_trip_heap_args.vgtest \
	tests/vg/supp_round_trip_mempool.vgtest \
	tests/vg/supp_strange.vgtest \
	tests/vg/supp_tsearch.vgtest \
	tests/vg/supp_verbose.vgtest \
	tests/vg/tagged.vgtest \
	tests/vg/threads_abort.vgtest \
	tests/vg/threads_check.vgtest \
	tests/vg/threads_check_then_exit.vgtest \
	tests/vg/threads_ended_check.vgtest \
	tests/vg/threads_ended_exit.vgtest \
	tests/vg/threads_ended_supp.vgtest \
	tests/vg/threads_ended_xml.vgtest \
	tests/vg/threads_exit_in_thread.vgtest \
	tests/vg/threads_main_exits.vgtest \
	tests/vg/threads_openmp.vgtest \
	tests/vg/threads_std.vgtest \
	tests/vg/trace_children.vgtest \
	tests/vg/trace_malloc.vgtest \
	tests/vg/unflushed.vgtest \
	tests/vg/unreadable_arenas.vgtest \
	tests/vg/unreadable_guards.vgtest \
	tests/vg/unreadable_signals.vgtest \
	tests/vg/vector_upper.vgtest \
	tests/vg/vgdb.vgtest \
	tests/vg/why.vgtest \
	tests/vg/why_no_roots.vgtest \
	tests/vg/why_request.vgtest \
	tests/vg/why_ring.vgtest \
	tests/vg/why_variables.vgtest \
	tests/vg/wrapped.vgtest \
	tests/vg/xml_leaks.vgtest \
	tests/vg/xml_no_leaks.vgtest \
	tests/vg/xml_summary.vgtest \
	tests/vg/xtree_leak.vgtest \
	tests/vg/xtree_leak_kinds.vgtest \
	tests/vg/xtree_memory_allocs.vgtest \
	tests/vg/xtree_memory_full.vgtest \
	tests/vg/zero_size.vgtest

TESTS += $(LG_VG_TESTS) tests/vg/check-lg-supp-convert.py tests/vg/check-run_vgtest.py \
	tests/vg/nameless.sh \
	tests/vg/xml_names.sh

EXTRA_DIST += $(LG_VG_TESTS) \
	tests/vg/check-lg-supp-convert.py \
	tests/vg/check-run_vgtest.py \
	tests/vg/check_course \
	tests/vg/check_lost \
	tests/vg/check_scanned \
	tests/vg/ctypes_guest1.py \
	tests/vg/ctypes_guest2.py \
	tests/vg/filter_help \
	tests/vg/filter_course \
	tests/vg/filter_stderr \
	tests/vg/filter_threads \
	tests/vg/gen_each \
	tests/vg/gen_then_use \
	tests/vg/nameless.c \
	tests/vg/nameless.sh \
	tests/vg/our_files \
	tests/vg/run_vgtest \
	tests/vg/show_xml \
	tests/vg/show_xtree \
	tests/vg/supp_answer \
	tests/vg/supp_cycle_guest.py \
	tests/vg/supp_from_pipe \
	tests/vg/supp_guest.py \
	tests/vg/supp_references_guest.py \
	tests/vg/supp_strange_guest.py \
	tests/vg/try_entries \
	tests/vg/try_options \
	tests/vg/vgdb_ask \
	tests/vg/vgt.h \
	tests/vg/xml_names.c \
	tests/vg/xml_names.sh

# What tests expect, and the files that they name, is what there is.
dist-hook: dist-vg
dist-vg:
	for f in '$(srcdir)'/tests/vg/*.commands '$(srcdir)'/tests/vg/*.exp* \
	  '$(srcdir)'/tests/vg/*.list '$(srcdir)'/tests/vg/*.map \
	  '$(srcdir)'/tests/vg/*.supp; do \
	  cp -p "$$f" '$(distdir)/tests/vg/' || exit 1; done
.PHONY: dist-vg

# What a failed test leaves behind.
mostlyclean-local: mostlyclean-vg
mostlyclean-vg:
	rm -rf tests/vg/*.tmp
.PHONY: mostlyclean-vg
