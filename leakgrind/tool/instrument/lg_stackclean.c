/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackclean.c: has what stacks gain zeroed.  See lg_stackclean.h.

   A translation is examined for the stack pointer's value as "value at some
   point plus a constant".  Consecutive decrements (push, push, sub) are one
   run and are zeroed at once, at the first of them: at that point all of it is
   dead already.  What the program writes there before its stack pointer moves,
   beyond the red zone, is lost if it does so before the first: any signal
   might have overwritten it.  Other ways to set the stack pointer:
     - from the stack pointer by arithmetic (alloca, alignment): downwards by no
       more than a frame, or within the zone, the gain is zeroed;
     - anything else is an unknown change, unless it takes the pointer back to
       where the running function has copied it ("leave"). */

#include "lg_stackclean.h"

#include "pub_tool_machine.h"

#include "../../engine/lg_stackzone.h"
#include "../threads/lg_zones.h"
#include "lg_irbuild.h"

static void add_call(IRSB* out, const HChar* name, void* fn, IRExpr** args)
{
    lg_ir_stmt(out, IRStmt_Dirty(unsafeIRDirty_0_N(
                        0, name, VG_(fnptr_to_fnentry)(fn), args)));
}

#if LG_CALLS_PUSH

/* Calls a helper that changes what is noted about the current function. */
static void call_with_state(IRSB* out, const HChar* name, void* fn,
                            IRExpr** args)
{
    lg_ir_call(out, unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(fn), args),
               Ifx_Modify, LG_OFFSET_RETURNED, 8);
}

static void set_returned(IRSB* out, ULong isReturned)
{
    lg_ir_stmt(out, IRStmt_Put(LG_OFFSET_RETURNED, lg_ir_u64(isReturned)));
}

void lg_stackclean_emit_hint(IRSB* out, const LgSPHint* hint)
{
    IRExpr* pushedB = lg_ir_u64((ULong)(hint->hiDelta - hint->delta));
    IRExpr* szB = lg_ir_u64((ULong)(hint->delta - hint->loDelta));

    if (hint->isReturn)
        set_returned(out, 1);
    else if (hint->delta == hint->loDelta)
        call_with_state(out, "leakgrind:called", lg_zones_called,
                        mkIRExprVec_2(IRExpr_GSPTR(), pushedB));
    else
        call_with_state(out, "leakgrind:called_for", lg_zones_called_for,
                        mkIRExprVec_3(IRExpr_GSPTR(), pushedB, szB));
}

#else

/* There is no red zone. */
static void set_returned(IRSB* out, ULong isReturned)
{
    (void)out;
    (void)isReturned;
}

void lg_stackclean_emit_hint(IRSB* out, const LgSPHint* hint)
{
    (void)out;
    (void)hint;
}

#endif

/* The stack pointer goes down. */
void lg_stackclean_emit_run(IRSB* out, const LgSPRun* run, IRExpr* base)
{
    IRExpr* szB = lg_ir_u64((ULong)(run->hiDelta - run->loDelta));

    if (run->hiDelta - run->loDelta >= LG_MAX_FRAME_SZB) {
        add_call(out, "leakgrind:grown_much", lg_zones_grown_much,
                 mkIRExprVec_2(lg_ir_add(out, base, run->loDelta), szB));
        return;
    }
#if LG_CALLS_PUSH
    if (run->isFirst) {
        call_with_state(out, "leakgrind:grown_at_start", lg_zones_grown_at_start,
                        mkIRExprVec_2(IRExpr_GSPTR(), szB));
        return;
    }
#endif
    add_call(out, "leakgrind:grown", lg_zones_grown,
             mkIRExprVec_2(lg_ir_add(out, base, run->loDelta), szB));
}

void lg_stackclean_emit_rise(IRSB* out, const LgSPRise* rise, IRExpr* base)
{
    add_call(out, "leakgrind:risen", lg_zones_risen,
             mkIRExprVec_2(lg_ir_add(out, base, rise->hiDelta),
                           lg_ir_u64((ULong)(rise->hiDelta - rise->loDelta))));
}

void lg_stackclean_emit_mark(IRSB* out, const LgSPMark* m, IRExpr* base)
{
    add_call(out, "leakgrind:marked", lg_zones_marked,
             mkIRExprVec_3(lg_ir_add(out, base, m->delta),
                           lg_ir_u64((ULong)(m->delta - m->loDelta)),
                           lg_ir_u64(m->isEntry)));
}

IRExpr* lg_stackclean_emit_epoch(IRSB* out, const LgSPEpoch* epoch,
                                 IRExpr* oldSP)
{
    IRExpr* newSP = epoch->base != NULL ? epoch->base
                                        : lg_ir_get(out, (Int)LG_OFFSET_SP);
    IRExpr** args = mkIRExprVec_2(newSP, oldSP);

    set_returned(out, 0);
    switch (epoch->origin) {
    case LgFromSPByArithmetic:
        add_call(out, "leakgrind:moved", lg_zones_moved, args);
        break;
    default:
        add_call(out, "leakgrind:jumped", lg_zones_jumped, args);
        break;
    }
    return newSP;
}
