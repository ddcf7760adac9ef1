/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_vectorregs.c: see lg_vectorregs.h. */

#include "lg_vectorregs.h"

#include "pub_tool_machine.h"

#include "lg_irbuild.h"

/* A byte for each register in the shadow of the first ones; that of register 0
   stands apart, so that the others are cleared as words. */
#define NOTES_OFFSET \
    ((Int)(LG_VECTORS_OFFSET + sizeof(VexGuestArchState)))
enum { NOTES_SZB = LG_N_VECTORS + 8 };

#if defined(VGA_amd64)
#define KEPT 0u
#elif defined(VGA_arm64)
#define KEPT 0xFF00u
#endif

static inline UInt note_of(UInt reg)
{
    return reg == 0 ? LG_N_VECTORS : reg;
}

static inline Bool is_vector(UInt offset)
{
    return offset - (UInt)LG_VECTORS_OFFSET < LG_N_VECTORS * LG_VECTOR_SZB;
}

/* Helpers that write to the guest state are few. */
static Bool writes_vectors(const IRDirty* d)
{
    for (Int i = 0; i < d->nFxState; i++)
        if (d->fxState[i].fx != Ifx_Read && is_vector(d->fxState[i].offset))
            return True;
    return False;
}

/* Is what statement i puts loaded from memory as it is? */
static Bool is_loaded(const IRSB* sb, Int i)
{
    const IRExpr* data = sb->stmts[i]->Ist.Put.data;

    if (data->tag != Iex_RdTmp)
        return False;
    while (--i >= 0) {
        const IRStmt* st = sb->stmts[i];
        if (st->tag == Ist_WrTmp && st->Ist.WrTmp.tmp == data->Iex.RdTmp.tmp)
            return st->Ist.WrTmp.data->tag == Iex_Load;
    }
    return False;
}

static void see_put(LgVectorWrites* w, const IRSB* sb, Int i, UInt bit)
{
    const IRExpr* data = sb->stmts[i]->Ist.Put.data;

    if (data->tag == Iex_Const)
        return; /* no pointer */
    if (!is_loaded(sb, i))
        w->computed |= bit;
    else if (sizeofIRType(typeOfIRExpr(sb->tyenv, data)) >= 16)
        w->loaded |= bit;
}

LgVectorWrites lg_vectorregs_written(const IRSB* sb, Int first)
{
    LgVectorWrites w = {0, 0};

    for (Int i = first; i < sb->stmts_used; i++) {
        const IRStmt* st = sb->stmts[i];
        UInt          offset = (UInt)st->Ist.Put.offset;
        if (st->tag == Ist_Put && is_vector(offset))
            see_put(&w, sb, i,
                    1u << (offset - (UInt)LG_VECTORS_OFFSET) / LG_VECTOR_SZB);
        else if (st->tag == Ist_Dirty && writes_vectors(st->Ist.Dirty.details))
            w.computed = ~0u >> (32 - LG_N_VECTORS);
    }
    w.loaded &= ~w.computed;
    return w;
}

void lg_vectorregs_emit_written(IRSB* out, LgVectorWrites w)
{
    for (UInt reg = 0; reg < LG_N_VECTORS; reg++)
        if ((w.computed | w.loaded) >> reg & 1)
            lg_ir_stmt(out, IRStmt_Put(NOTES_OFFSET + (Int)note_of(reg),
                                       IRExpr_Const(IRConst_U8(
                                           w.computed >> reg & 1))));
}

void lg_vectorregs_emit_return(IRSB* out)
{
    for (Int at = 0; at < LG_N_VECTORS; at += 8)
        lg_ir_stmt(out, IRStmt_Put(NOTES_OFFSET + at, lg_ir_u64(0)));
}

UInt lg_vectorregs_in_use(ThreadId tid)
{
    UChar notes[NOTES_SZB];
    UInt  inUse = KEPT;

    VG_(get_shadow_regs_area)(tid, notes, 1, (PtrdiffT)LG_VECTORS_OFFSET,
                              NOTES_SZB);
    for (UInt reg = 0; reg < LG_N_VECTORS; reg++)
        inUse |= (UInt)(notes[note_of(reg)] != 0) << reg;
    return inUse;
}
