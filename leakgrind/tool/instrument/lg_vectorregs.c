/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_vectorregs.c: see lg_vectorregs.h. */

#include "lg_vectorregs.h"

#include "../threads/lg_registers.h"
#include "lg_irbuild.h"

static inline Bool is_vector(UInt offset)
{
    return offset - (UInt)LG_VECTORS_OFFSET < LG_N_VECTORS * LG_VECTOR_SZB;
}

static inline UInt vector_number(UInt offset)
{
    return (offset - (UInt)LG_VECTORS_OFFSET) / LG_VECTOR_SZB;
}

/* Helpers that write to the guest state are few. */
static Bool writes_vectors(const IRDirty* d)
{
    for (Int i = 0; i < d->nFxState; i++)
        if (d->fxState[i].fx != Ifx_Read && is_vector(d->fxState[i].offset))
            return True;
    return False;
}

/* Does statement i put a value that was loaded from memory, unchanged? */
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

static void see_vector_put(LgVectorWrites* w, const IRSB* sb, Int i, UInt bit)
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
            see_vector_put(&w, sb, i, 1u << vector_number(offset));
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
            lg_ir_stmt(out, IRStmt_Put(LG_VECTOR_NOTES_OFFSET +
                                           (Int)lg_vector_note(reg),
                                       IRExpr_Const(IRConst_U8(
                                           w.computed >> reg & 1))));
}

void lg_vectorregs_emit_return(IRSB* out)
{
    for (Int at = 0; at < LG_N_VECTORS; at += 8)
        lg_ir_stmt(out, IRStmt_Put(LG_VECTOR_NOTES_OFFSET + at, lg_ir_u64(0)));
}
