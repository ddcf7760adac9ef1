/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_instrument.c: puts together what is added to a translation.  See
   lg_instrument.h. */

#include "lg_instrument.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_machine.h"

#include "lg_entries.h"
#include "lg_irbuild.h"
#include "lg_options.h"
#include "lg_sptrack.h"
#include "lg_stackclean.h"

IRSB* lg_instrument(VgCallbackClosure* closure, IRSB* in,
                    const VexGuestLayout* layout, const VexGuestExtents* vge,
                    const VexArchInfo* host, IRType gWordTy, IRType hWordTy)
{
    Addr      entryAt = 0;
    LgEntry   entry = lg_entry_in(vge, &entryAt);
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
    Bool changesSP = a.nRuns > 0 || a.nEpochs > 1 || a.nHints > 0;
    if (!changesSP && entry == LgEntryNone)
        return in;

    IRSB* out = deepCopyIRSBExceptStmts(in);
    for (Int i = 0; i < first; i++)
        addStmtToIRSB(out, in->stmts[i]);

    UInt    run = 0, epoch = 0, hint = 0;
    IRExpr* base = NULL;
    if (a.nRuns > 0 || a.nEpochs > 1)
        base = lg_ir_get(out, (Int)LG_OFFSET_SP);
    for (Int i = first; i < in->stmts_used; i++) {
        IRStmt* st = in->stmts[i];
        if (st->tag == Ist_IMark && entry != LgEntryNone &&
            st->Ist.IMark.addr == entryAt)
            lg_entry_emit(out, entry, entryAt, layout->offset_IP);
        if (run < a.nRuns && a.runs[run].at == i)
            lg_stackclean_emit_run(out, &a.runs[run++], base);
        addStmtToIRSB(out, st);
        if (hint < a.nHints && a.hints[hint].at == i)
            lg_stackclean_emit_hint(out, &a.hints[hint++]);
        if (epoch + 1 < a.nEpochs && a.epochs[epoch + 1].at == i) {
            const LgSPEpoch* e = &a.epochs[++epoch];
            lg_stackclean_emit_epoch(out, e,
                                     lg_ir_add(out, base, e->oldDelta));
            base = e->base;
        }
    }
    return out;
}
