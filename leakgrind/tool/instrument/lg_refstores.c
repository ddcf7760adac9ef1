/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_refstores.c: see lg_refstores.h. */

#include "lg_refstores.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_machine.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_transtab.h"

#include "../host/lg_arch.h"
#include "lg_irbuild.h"

/* By bits of the address: how many marks concern them; STUCK: more than can be
   counted, for ever. */
enum { GRANULE_BITS = 4, N_GRANULES = 1 << 16, STUCK = 255 };
static UChar marks[N_GRANULES];

static const LgRefStoreHost* host; /* NULL: off */

static UChar* marks_of(Addr a)
{
    return &marks[a >> GRANULE_BITS & (N_GRANULES - 1)];
}

void lg_refstores_mark(Addr a)
{
    if (*marks_of(a) != STUCK)
        ++*marks_of(a);
}

void lg_refstores_unmark(Addr a)
{
    tl_assert(*marks_of(a) > 0);
    if (*marks_of(a) != STUCK)
        --*marks_of(a);
}

Bool lg_refstores_are_on(void)
{
    return host != NULL;
}

void lg_refstores_begin(const LgRefStoreHost* h)
{
    if (host == NULL && VG_(get_running_tid)() != VG_INVALID_THREADID)
        VG_(discard_translations_safely)(0, ~(SizeT)0 >> 16, "leakgrind");
    host = h;
}

/* --- Instrumentation ----------------------------------------------------- */

static VG_REGPARM(2) void on_store_4(Addr a, ULong value)
{
    if (host->isWatched(a))
        host->onChange(a, *(const UInt*)a, (UInt)value, 4);
}

static VG_REGPARM(2) void on_store_8(Addr a, ULong value)
{
    if (host->isWatched(a))
        host->onChange(a, *(const ULong*)a, value, 8);
}

static VG_REGPARM(3) void on_swap_4(Addr a, ULong old, ULong value)
{
    if (host->isWatched(a))
        host->onChange(a, (UInt)old, (UInt)value, 4);
}

static VG_REGPARM(3) void on_swap_8(Addr a, ULong old, ULong value)
{
    if (host->isWatched(a))
        host->onChange(a, old, value, 8);
}

/* Is the atom the stack pointer plus a constant, as seen from its nearest
   definition? */
static Bool is_on_stack(const IRSB* sb, const IRExpr* atom)
{
    for (Int i = sb->stmts_used - 1; i >= 0 && atom->tag == Iex_RdTmp; i--) {
        const IRStmt* st = sb->stmts[i];
        if (st->tag != Ist_WrTmp || st->Ist.WrTmp.tmp != atom->Iex.RdTmp.tmp)
            continue;
        const IRExpr* e = st->Ist.WrTmp.data;
        if (e->tag == Iex_Get)
            return e->Iex.Get.offset == (Int)LG_OFFSET_SP;
        if (e->tag != Iex_Binop ||
            (e->Iex.Binop.op != Iop_Add64 && e->Iex.Binop.op != Iop_Sub64) ||
            e->Iex.Binop.arg2->tag != Iex_Const)
            return False;
        atom = e->Iex.Binop.arg1;
    }
    return False;
}

static Bool is_counted_type(IRType ty)
{
    return ty == Ity_I32 || ty == Ity_I64;
}

Bool lg_refstores_concern(const IRStmt* st, const IRSB* sb)
{
    if (host == NULL)
        return False;
    if (st->tag == Ist_Store)
        return is_counted_type(typeOfIRExpr(sb->tyenv, st->Ist.Store.data)) &&
               !is_on_stack(sb, st->Ist.Store.addr);
    return st->tag == Ist_CAS && st->Ist.CAS.details->expdHi == NULL &&
           is_counted_type(
               typeOfIRExpr(sb->tyenv, st->Ist.CAS.details->dataLo));
}

static IRExpr* widen_atom(IRSB* out, IRExpr* atom)
{
    return typeOfIRExpr(out->tyenv, atom) == Ity_I64
               ? atom
               : lg_ir_assign(out, Ity_I64, IRExpr_Unop(Iop_32Uto64, atom));
}

/* Whether the address has marks. */
static IRExpr* emit_look(IRSB* out, IRExpr* addr)
{
    IRExpr* granule = lg_ir_assign(
        out, Ity_I64,
        IRExpr_Binop(Iop_Shr64, addr, IRExpr_Const(IRConst_U8(GRANULE_BITS))));
    IRExpr* index =
        lg_ir_assign(out, Ity_I64,
                     IRExpr_Binop(Iop_And64, granule,
                                  lg_ir_u64(N_GRANULES - 1)));
    IRExpr* place = lg_ir_add(out, index, (Long)(Addr)marks);
    IRExpr* mark =
        lg_ir_assign(out, Ity_I8, IRExpr_Load(Iend_LE, Ity_I8, place));
    return lg_ir_assign(
        out, Ity_I1,
        IRExpr_Binop(Iop_CmpNE8, mark, IRExpr_Const(IRConst_U8(0))));
}

/* Adds a call whose helper may unwind. */
static void emit_call(IRSB* out, IRDirty* d, IRExpr* guard)
{
    d->guard = guard;
    lg_ir_call(out, d, Ifx_Read, LG_OFFSET_AT_CALL,
               LG_OFFSET_AT_CALL_END - LG_OFFSET_AT_CALL);
}

static void emit_store(IRSB* out, IRStmt* st)
{
    IRExpr* addr  = st->Ist.Store.addr;
    IRExpr* value = st->Ist.Store.data;
    Bool    isWord = typeOfIRExpr(out->tyenv, value) == Ity_I64;
    void*   fn     = isWord ? (void*)on_store_8 : (void*)on_store_4;

    emit_call(out,
              unsafeIRDirty_0_N(2, "leakgrind:on_store",
                                VG_(fnptr_to_fnentry)(fn),
                                mkIRExprVec_2(addr, widen_atom(out, value))),
              emit_look(out, addr));
    lg_ir_stmt(out, st);
}

/* A compare-and-swap has changed the word if it found what it expected. */
static void emit_swap(IRSB* out, IRStmt* st)
{
    const IRCAS* cas = st->Ist.CAS.details;
    IRExpr*      old = IRExpr_RdTmp(cas->oldLo);
    Bool         isWord = typeOfIRExpr(out->tyenv, old) == Ity_I64;
    void*        fn     = isWord ? (void*)on_swap_8 : (void*)on_swap_4;

    lg_ir_stmt(out, st);
    IRExpr* isMarked = emit_look(out, cas->addr);
    IRExpr* succeeds = lg_ir_assign(
        out, Ity_I1,
        IRExpr_Binop(isWord ? Iop_CmpEQ64 : Iop_CmpEQ32, old, cas->expdLo));
    IRExpr* both = lg_ir_assign(
        out, Ity_I32,
        IRExpr_Binop(
            Iop_And32,
            lg_ir_assign(out, Ity_I32, IRExpr_Unop(Iop_1Uto32, isMarked)),
            lg_ir_assign(out, Ity_I32, IRExpr_Unop(Iop_1Uto32, succeeds))));
    IRExpr* guard = lg_ir_assign(
        out, Ity_I1,
        IRExpr_Binop(Iop_CmpNE32, both, IRExpr_Const(IRConst_U32(0))));
    emit_call(out,
              unsafeIRDirty_0_N(3, "leakgrind:on_swap",
                                VG_(fnptr_to_fnentry)(fn),
                                mkIRExprVec_3(cas->addr, widen_atom(out, old),
                                              widen_atom(out, cas->dataLo))),
              guard);
}

void lg_refstores_emit(IRSB* out, IRStmt* st)
{
    if (st->tag == Ist_Store)
        emit_store(out, st);
    else
        emit_swap(out, st);
}
