/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_irbuild.h: short functions to add VEX statements to translations. */

#ifndef LG_IRBUILD_H
#define LG_IRBUILD_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

/* Like addStmtToIRSB, but inline if there is room. */
static inline void lg_ir_stmt(IRSB* out, IRStmt* st)
{
    if (LIKELY(out->stmts_used < out->stmts_size))
        out->stmts[out->stmts_used++] = st;
    else
        addStmtToIRSB(out, st);
}

static inline IRExpr* lg_ir_assign(IRSB* out, IRType ty, IRExpr* e)
{
    IRTemp t = newIRTemp(out->tyenv, ty);
    lg_ir_stmt(out, IRStmt_WrTmp(t, e));
    return IRExpr_RdTmp(t);
}

static inline IRExpr* lg_ir_u64(ULong v)
{
    return IRExpr_Const(IRConst_U64(v));
}

static inline IRExpr* lg_ir_add(IRSB* out, IRExpr* atom, Long c)
{
    if (c == 0)
        return atom;
    return lg_ir_assign(out, Ity_I64,
                  IRExpr_Binop(Iop_Add64, atom, lg_ir_u64((ULong)c)));
}

static inline IRExpr* lg_ir_get(IRSB* out, Int offset)
{
    return lg_ir_assign(out, Ity_I64, IRExpr_Get(offset, Ity_I64));
}

/* Calls a helper that has effect `fx` on the szB bytes at `offset` of the guest
   state. */
static inline void lg_ir_call(IRSB* out, IRDirty* d, IREffect fx, Int offset,
                              UInt szB)
{
    d->nFxState = 1;
    d->fxState[0].fx     = fx;
    d->fxState[0].offset = (UShort)offset;
    d->fxState[0].size   = (UShort)szB;
    d->fxState[0].nRepeats  = 0;
    d->fxState[0].repeatLen = 0;
    lg_ir_stmt(out, IRStmt_Dirty(d));
}

#endif
