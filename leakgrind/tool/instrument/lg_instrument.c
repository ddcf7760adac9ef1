/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_instrument.c: instruments a translation.  See lg_instrument.h. */

#include "lg_instrument.h"

#include "pub_tool_libcassert.h"

#include "../host/lg_options.h"
#include "lg_ending.h"
#include "lg_funcentry.h"
#include "lg_irbuild.h"
#include "lg_refstores.h"
#include "lg_sptrack.h"
#include "lg_stackclean.h"
#include "lg_vectorregs.h"

/* Takes the statements out of sb, and makes room in it for them and for a few
   additional ones per place. */
static IRStmt** take_stmts(IRSB* sb, const LgSPTrack* a)
{
    IRStmt** stmts = sb->stmts;
    UInt     nPlaces = 1 + a->nRuns + a->nHints + a->nSaved + a->nEpochs;

    sb->stmts_size = sb->stmts_used + (Int)(6 * nPlaces) + LG_N_VECTORS;
    sb->stmts = LibVEX_Alloc((SizeT)sb->stmts_size * sizeof(IRStmt*));
    sb->stmts_used = 0;
    return stmts;
}

IRSB* lg_instrument(VgCallbackClosure* closure, IRSB* in,
                    const VexGuestLayout* layout, const VexGuestExtents* vge,
                    const VexArchInfo* host, IRType gWordTy, IRType hWordTy)
{
    Addr      entryAt = 0;
    LgFuncEntry   entry = lg_funcentry_in(vge, &entryAt);
    LgSPTrack a;
    Int       first = 0;
    (void)closure;
    (void)host;
    (void)hWordTy;
    tl_assert(gWordTy == Ity_I64);
    tl_assert(layout->total_sizeB == sizeof(VexGuestArchState));

    while (first < in->stmts_used && in->stmts[first]->tag != Ist_IMark)
        first++;
    lg_sptrack(&a, in, lg_options.cleanStack ? first : in->stmts_used);
    Bool needsSP = a.nRuns > 0 || a.nRises > 0 || a.nSaved > 0 || a.nEpochs > 1;
    LgVectorWrites written = lg_vectorregs_written(in, first);
    Bool isReturn = in->jumpkind == Ijk_Ret;
    Bool isSyscall = in->jumpkind == Ijk_Sys_syscall;
    if (!needsSP && a.nHints == 0 && (written.computed | written.loaded) == 0 &&
        !isReturn && !isSyscall && entry == LgFuncEntryNone &&
        !lg_refstores_are_on())
        return in;

    Int      n = in->stmts_used;
    IRStmt** stmts = take_stmts(in, &a);

    UInt    run = 0, rise = 0, epoch = 0, hint = 0, mark = 0;
    IRExpr* base = NULL;
    for (Int i = 0; i < n; i++) {
        IRStmt* st = stmts[i];
        if (i == first)
            lg_vectorregs_emit_written(in, written);
        if (i == first && needsSP)
            base = lg_ir_get(in, (Int)LG_OFFSET_SP);
        if (entry != LgFuncEntryNone && st->tag == Ist_IMark &&
            st->Ist.IMark.addr == entryAt)
            lg_funcentry_emit(in, entry, entryAt, layout->offset_IP);
        if (run < a.nRuns && a.runs[run].at == i)
            lg_stackclean_emit_run(in, &a.runs[run++], base);
        if (lg_refstores_concern(st, in))
            lg_refstores_emit(in, st);
        else
            lg_ir_stmt(in, st);
        if (rise < a.nRises && a.rises[rise].at == i)
            lg_stackclean_emit_rise(in, &a.rises[rise++], base);
        if (hint < a.nHints && a.hints[hint].at == i)
            lg_stackclean_emit_hint(in, &a.hints[hint++]);
        if (mark < a.nSaved && a.marks[mark].at == i)
            lg_stackclean_emit_mark(in, &a.marks[mark++], base);
        if (epoch + 1 < a.nEpochs && a.epochs[epoch + 1].at == i) {
            const LgSPEpoch* e = &a.epochs[++epoch];
            base = lg_stackclean_emit_epoch(
                in, e, lg_ir_add(in, base, e->oldDelta));
        }
    }
    if (isReturn)
        lg_vectorregs_emit_return(in);
    if (isSyscall)
        lg_ending_emit(in);
    return in;
}
