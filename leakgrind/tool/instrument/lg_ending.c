/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_ending.c: see lg_ending.h.

   A tool cannot prevent a system call, but it can replace it: by one that does
   nothing and succeeds (sched_yield), or by one that fails (getsid of a
   process that cannot exist). */

#include "lg_ending.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_guest.h"
#include "pub_tool_machine.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_vkiscnums.h"

#include "../host/lg_arch.h"
#include "../threads/lg_exit.h"
#include "../threads/lg_threads.h"
#include "lg_irbuild.h"

enum {
    SUCCEED = __NR_sched_yield,
    FAIL    = __NR_getsid /* with NO_PROCESS */
};
#define NO_PROCESS (~(ULong)0)

static Bool isEnding;

void lg_ending_begin(const VexGuestArchState* gst)
{
    (void)gst;
    isEnding = True;
}

static Bool is_file_mapping(Addr a)
{
    const NSegment* seg = VG_(am_find_nsegment)(a);
    return seg != NULL && seg->kind == SkFileC;
}

static Bool is_only_thread(void)
{
    ThreadId tid;
    Addr     stackMin, stackMax;
    UInt     n = 0;

    VG_(thread_stack_reset_iter)(&tid);
    while (VG_(thread_stack_next)(&tid, &stackMin, &stackMax))
        n++;
    return n <= 1;
}

/* Does it end the program, or the running thread? */
static void look_at_syscall(ULong number)
{
    ThreadId tid = VG_(get_running_tid)();

    if (LIKELY(number != __NR_exit_group && number != __NR_exit))
        return;
    if (number == __NR_exit_group || is_only_thread())
        lg_exit_on_syscall(tid);
    else
        lg_threads_on_exit(tid);
}

/* The number of the call to be made instead. */
static ULong on_syscall(ULong number, Addr argument)
{
    look_at_syscall(number);
    if (LIKELY(!isEnding))
        return number;
    switch (number) {
    case __NR_munmap:
        return is_file_mapping(argument) ? SUCCEED : number;
    case __NR_mmap:
    case __NR_mprotect:
    case __NR_mremap:
    case __NR_madvise:
    case __NR_brk:
    case __NR_futex:
    case __NR_sched_yield:
    case __NR_rt_sigprocmask:
    case __NR_rt_sigreturn:
    case __NR_close:
    case __NR_exit:
    case __NR_exit_group: return number;
    default:              return FAIL;
    }
}

void lg_ending_emit(IRSB* out)
{
    IRTemp  instead  = newIRTemp(out->tyenv, Ity_I64);
    IRExpr* number   = lg_ir_get(out, (Int)LG_OFFSET_SYSCALL_NUMBER);
    IRExpr* argument = lg_ir_get(out, (Int)LG_OFFSET_SYSCALL_ARGUMENT);
    IRExpr* fails;

    lg_ir_stmt(out, IRStmt_Dirty(unsafeIRDirty_1_N(
                        instead, 0, "leakgrind:on_syscall",
                        VG_(fnptr_to_fnentry)(on_syscall),
                        mkIRExprVec_2(number, argument))));
    lg_ir_stmt(out, IRStmt_Put((Int)LG_OFFSET_SYSCALL_NUMBER, IRExpr_RdTmp(instead)));
    fails = lg_ir_assign(out, Ity_I1,
                         IRExpr_Binop(Iop_CmpNE64, IRExpr_RdTmp(instead),
                                      number));
    argument = lg_ir_assign(out, Ity_I64,
                            IRExpr_ITE(fails, lg_ir_u64(NO_PROCESS),
                                       argument));
    lg_ir_stmt(out, IRStmt_Put((Int)LG_OFFSET_SYSCALL_ARGUMENT, argument));
}
