/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_keeplibs.c: see lg_keeplibs.h.

   A tool cannot refuse a system call, but it can make another one of it, which
   does nothing and succeeds. */

#include "lg_keeplibs.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_guest.h"
#include "pub_tool_machine.h"
#include "pub_tool_vkiscnums.h"

#include "lg_irbuild.h"

/* Where the number of a system call is, and its first argument. */
#if defined(VGA_amd64)
enum {
    NUMBER   = offsetof(VexGuestArchState, guest_RAX),
    ARGUMENT = offsetof(VexGuestArchState, guest_RDI)
};
#elif defined(VGA_arm64)
enum {
    NUMBER   = offsetof(VexGuestArchState, guest_X8),
    ARGUMENT = offsetof(VexGuestArchState, guest_X0)
};
#endif

static Bool isEnding;

void lg_keeplibs_begin(void)
{
    isEnding = True;
}

/* The number of the call to be made instead. */
static ULong on_syscall(ULong number, Addr argument)
{
    if (!isEnding || number != __NR_munmap)
        return number;
    const NSegment* seg = VG_(am_find_nsegment)(argument);
    return seg != NULL && seg->kind == SkFileC ? __NR_sched_yield : number;
}

void lg_keeplibs_emit(IRSB* out)
{
    IRTemp  instead  = newIRTemp(out->tyenv, Ity_I64);
    IRExpr* number   = lg_ir_get(out, NUMBER);
    IRExpr* argument = lg_ir_get(out, ARGUMENT);

    lg_ir_stmt(out, IRStmt_Dirty(unsafeIRDirty_1_N(
                        instead, 0, "leakgrind:on_syscall",
                        VG_(fnptr_to_fnentry)(on_syscall),
                        mkIRExprVec_2(number, argument))));
    lg_ir_stmt(out, IRStmt_Put(NUMBER, IRExpr_RdTmp(instead)));
}
