/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_main.c: wiring only.  It tells the core who we are and what we need, and
   the parts of the tool what happens. */

#include "pub_tool_basics.h"
#include "pub_tool_libcproc.h"
#include "pub_tool_options.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_tooliface.h"
#include "pub_tool_vkiscnums.h"
#include "pub_tool_xtree.h"
#include "pub_tool_xtmemory.h"

#include "tool/check/lg_changes.h"
#include "tool/check/lg_coursechecks.h"
#include "tool/check/lg_dataout.h"
#include "tool/check/lg_leakcheck.h"
#include "tool/check/lg_showpaths.h"
#include "tool/control/lg_requests.h"
#include "tool/finalize/lg_pyfinalize.h"
#include "tool/finalize/lg_pysubs.h"
#include "tool/heap/lg_closedlibs.h"
#include "tool/heap/lg_describe.h"
#include "tool/heap/lg_fresh.h"
#include "tool/heap/lg_heap.h"
#include "tool/heap/lg_intercept.h"
#include "tool/heap/lg_pools.h"
#include "tool/host/lg_compat.h"
#include "tool/host/lg_kernel.h"
#include "tool/host/lg_options.h"
#include "tool/host/lg_xmltext.h"
#include "tool/instrument/lg_ending.h"
#include "tool/instrument/lg_funcentry.h"
#include "tool/instrument/lg_instrument.h"
#include "tool/memory/lg_guestmem.h"
#include "tool/memory/lg_pages.h"
#include "tool/process/lg_forks.h"
#include "tool/process/lg_python.h"
#include "tool/process/lg_pythreads.h"
#include "tool/python/lg_pyarenas.h"
#include "tool/python/lg_pyfreelists.h"
#include "tool/python/lg_pyhooks.h"
#include "tool/python/lg_pyinterp.h"
#include "tool/python/lg_pyreuse.h"
#include "tool/report/lg_errors.h"
#include "tool/suppress/lg_suppress.h"
#include "tool/threads/lg_exit.h"
#include "tool/threads/lg_stacks.h"
#include "tool/threads/lg_threads.h"
#include "tool/threads/lg_zones.h"
#include "tool/trace/lg_evalloop.h"
#include "tool/trace/lg_inlineinfo.h"
#include "tool/trace/lg_unwind.h"
#include "tool/watch/lg_pywatch.h"

static void explain_record(const LgLossRecord* r)
{
    lg_changes_print(r);
    lg_showpaths_print(r);
}

static void post_clo_init(void)
{
    lg_xmltext_end_preamble();
    lg_options_settle();
    lg_inlineinfo_init();
    lg_closedlibs_init();
    lg_suppress_add_our_files();
    lg_suppress_hint();
    lg_pywatch_init();
    lg_dataout_init();
    lg_coursechecks_init();
    if (VG_(clo_xtree_memory) == Vg_XTMemory_Full)
        VG_(XTMemory_Full_init)(VG_(XT_filter_1top_and_maybe_below_main));
}

static void finish_run(Int exitcode)
{
    (void)exitcode;
    lg_heap_xtmemory_report(VG_(clo_xtree_memory_file), True);
    lg_heap_print_summary();
    if (VG_(clo_verbosity) >= 1)
        lg_intercept_explain();
    lg_leakcheck_run_at_exit();
    lg_coursechecks_finish();
    lg_dataout_finish();
    lg_pywatch_explain();
    if (VG_(clo_stats))
        lg_leakcheck_print_stats();
}

/* The core calls this now and then at any level; whole tables are looked at only
   when the user asked for checks. */
static Bool check_expensively(void)
{
    if (lg_compat_sanity_level() < 3)
        return True;
    lg_bt_check(lg_heap_blocks());
    lg_ws_check(lg_heap_skips());
    lg_fresh_check();
    lg_guestmem_check();
    lg_pages_check();
    lg_evalloop_check();
    if (lg_python()->isPresent) {
        lg_pytraces_check(lg_python_traces());
        lg_pytypes_check(lg_python_types());
    }
    return True;
}

/* The core calls this at the end of each time slice, among others. */
static Bool check_cheaply(void)
{
    if (VG_(get_running_tid)() != VG_INVALID_THREADID)
        lg_coursechecks_poll();
    return True;
}

static void after_fork_in_parent(ThreadId tid)
{
    lg_forks_in_parent();
    lg_stacks_after_fork(tid, /*inChild*/ False);
}

static void after_fork_in_child(ThreadId tid)
{
    if (lg_forks_in_child()) {
        lg_bt_flag_all(lg_heap_blocks(), LG_BF_GENERATION);
        lg_pools_flag_all(LG_BF_GENERATION);
    }
    lg_stacks_after_fork(tid, /*inChild*/ True);
    lg_threads_in_child();
    lg_dataout_in_child();
    lg_coursechecks_in_child();
}

static void on_thread_start(ThreadId tid)
{
    lg_stacks_on_thread_start(tid);
    lg_zones_on_thread_start(tid);
    lg_threads_on_start(tid);
}

static void on_thread_exit(ThreadId tid)
{
    lg_stacks_on_thread_exit(tid);
    lg_threads_on_end(tid);
    lg_pythreads_on_exit(tid);
}

static void on_munmap(Addr a, SizeT len)
{
    lg_closedlibs_on_munmap(a, len);
    lg_ws_remove(lg_heap_skips(), a, a + len);
    lg_guestmem_on_munmap(a, len);
    lg_pages_on_munmap(a, len);
    lg_zones_on_map(a, len);
    lg_unwind_forget();
    lg_python_forget_memory();
    lg_pyarenas_on_munmap(a, len);
    lg_pywatch_on_unmap(a, len);
}

static void on_mprotect(Addr a, SizeT len, Bool rr, Bool ww, Bool xx)
{
    (void)ww;
    (void)xx;
    lg_zones_on_map(a, len);
    if (!rr) {
        lg_unwind_forget();
        lg_python_forget_memory();
        lg_pywatch_on_unmap(a, len);
    }
}

static void on_mmap(Addr a, SizeT len, Bool rr, Bool ww, Bool xx,
                    ULong di_handle)
{
    (void)rr;
    (void)ww;
    (void)xx;
    on_munmap(a, len);
    lg_pyarenas_on_mmap(a, len);
    lg_inlineinfo_on_mmap(a, di_handle != 0);
    if (di_handle != 0)
        lg_closedlibs_on_file_read();
}

static void on_signal(ThreadId tid, Int sigNo, Bool altStack)
{
    (void)sigNo;
    lg_stacks_on_signal(tid, altStack);
    lg_zones_on_signal(tid, altStack);
}

static void on_signal_done(ThreadId tid, Int sigNo)
{
    (void)sigNo;
    lg_stacks_on_signal_done(tid);
    lg_zones_on_signal_done(tid);
}

static void before_syscall(ThreadId tid, UInt number, UWord* args, UInt nArgs)
{
    lg_kernel_before_syscall(tid, number, args, nArgs);
    lg_threads_before_syscall(tid, number, args, nArgs);
    lg_coursechecks_poll();
}

static void after_syscall(ThreadId tid, UInt number, UWord* args, UInt nArgs,
                          SysRes res)
{
    lg_kernel_after_syscall(tid, number, args, nArgs, res);
    if (sr_isError(res))
        return;
    if (number == __NR_mmap)
        lg_pages_after_mmap(sr_Res(res), args[1], args[3]);
    else if (number == __NR_madvise &&
             lg_guestmem_on_madvise(args[0], args[1], args[2]))
        lg_python_forget_memory();
}

static void forget_python(void)
{
    lg_pythreads_forget();
    lg_pyfreelists_forget();
    lg_pyinterp_forget();
    lg_pywatch_forget();
}

static void register_errors(void)
{
    static const LgErrorHost host = {lg_describe_addr, lg_suppgen_begin,
                                     lg_suppgen_on_printed, lg_suppgen_end,
                                     explain_record};

    lg_errors_init(&host);
    VG_(needs_tool_errors)(lg_errors_are_same, lg_errors_before_print,
                           lg_errors_print,
                           /*show_ThreadIDs_for_errors*/ True,
                           lg_errors_update_extra, lg_suppress_recognised,
                           lg_suppress_read_extra, lg_suppress_matches,
                           lg_suppress_name, lg_suppress_generate,
                           lg_suppress_use_text, lg_suppress_note_use);
}

static void connect_rooms(void)
{
    static const LgPythonHost python = {forget_python, lg_pyhooks_is_object,
                                        lg_pyhooks_on_code};
    static const LgFuncHandlers functions = {
        .on = {
            [LgFuncEntryExit]       = lg_exit_on_call,
            [LgFuncEntryFreeres]    = lg_ending_begin,
            [LgFuncEntryNote]       = lg_pyhooks_on_note,
            [LgFuncEntryFree]       = lg_pyhooks_on_free,
            [LgFuncEntryInitObject] = lg_pyreuse_on_init,
            [LgFuncEntryEndSub]     = lg_pysubs_on_end,
            [LgFuncEntryFinalize]   = lg_pyfinalize_on_finalize,
        },
        .onInitialize = lg_pyfinalize_on_init,
    };

    lg_python_init(&python);
    lg_funcentry_init(&functions);
    lg_zones_init(lg_stacks_on_jump);
}

static void pre_clo_init(void)
{
    VG_(details_name)("Leakgrind");
    VG_(details_version)(PACKAGE_VERSION);
    VG_(details_description)("a leak checker for C, C++ and Python");
    VG_(details_copyright_author)(
        "Copyright (C) 2026, and GNU GPL'd, by the leakgrind developers.");
    VG_(details_bug_reports_to)(PACKAGE_BUGREPORT);
    VG_(details_avg_translation_sizeB)(200);

    VG_(basic_tool_funcs)(post_clo_init, lg_instrument, finish_run);
    VG_(needs_libc_freeres)();
    VG_(needs_cxx_freeres)();
    lg_compat_need_core_errors();
    register_errors();
    VG_(needs_command_line_options)(lg_options_process, lg_options_usage,
                                    lg_options_debug_usage);
    VG_(needs_client_requests)(lg_request_handle);
    VG_(needs_sanity_checks)(check_cheaply, check_expensively);
    VG_(needs_print_stats)(lg_leakcheck_print_stats);
    VG_(needs_xml_output)();
    VG_(needs_syscall_wrapper)(before_syscall, after_syscall);
    lg_compat_register_malloc(0);

    VG_(track_die_mem_munmap)(on_munmap);
    VG_(track_new_mem_mmap)(on_mmap);
    VG_(track_change_mem_mprotect)(on_mprotect);
    VG_(track_pre_thread_first_insn)(on_thread_start);
    VG_(track_pre_thread_ll_exit)(on_thread_exit);
    VG_(track_pre_deliver_signal)(on_signal);
    VG_(track_post_deliver_signal)(on_signal_done);
    VG_(atfork)(lg_stacks_before_fork, after_fork_in_parent,
                after_fork_in_child);

    lg_kernel_init();
    lg_heap_init();
    lg_pools_init();
    connect_rooms();
    lg_xmltext_begin_preamble();
}

VG_DETERMINE_INTERFACE_VERSION(pre_clo_init)
