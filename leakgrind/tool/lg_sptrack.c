/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_sptrack.c: where the stack pointer goes.  See lg_sptrack.h. */

#include "lg_sptrack.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_machine.h"

/* Registers in which compilers and the dynamic linker keep a frame's address:
   the callee-saved ones, and on amd64 R10, from which gcc restores the stack
   pointer of a frame that it has aligned.  Code that switches stacks takes the
   new pointer from memory or from an argument. */
static Bool holds_frame(Int offset)
{
#if defined(VGA_amd64)
#define REG(name) (1ULL << offsetof(VexGuestArchState, guest_##name) / 8)
    return offset < 64 * 8 &&
           (1ULL << offset / 8 & (REG(RBP) | REG(RBX) | REG(R10) | REG(R12) |
                                  REG(R13) | REG(R14) | REG(R15))) != 0;
#undef REG
#else
    /* X19 .. X29 lie in a row. */
    return offset >= (Int)offsetof(VexGuestArchState, guest_X19) &&
           offset <= (Int)offsetof(VexGuestArchState, guest_X29);
#endif
}

/* Does a function with a large frame return by adding a register to the stack
   pointer?  On arm64 no instruction adds a large number. */
#if defined(VGA_arm64)
#define ADDS_REGISTERS True
#else
#define ADDS_REGISTERS False
#endif

/* What is known of a temporary. */
typedef struct {
    UChar origin; /* LgSPOrigin */
    UInt  epoch;  /* LgFromSP: base of that epoch ... */
    Long  delta;  /* ... plus this */
} TempInfo;

/* Decrements that follow belong to: */
typedef enum {
    OfNewRun,
    OfRun, /* the last run */
    OfCall /* the last hint */
} Decrements;

/* Where the tracking stands. */
typedef struct {
    TempInfo*  temps; /* of all temporaries */
    UInt       epoch; /* the stack pointer is the base of this epoch ... */
    Long       delta; /* ... plus this */
    Decrements decrements;
    Bool       hasChanged; /* the stack pointer, since the start */
    Int        insn; /* start of the current instruction */
} Tracker;

static TempInfo info_of(const Tracker* k, const IRExpr* e)
{
    static const TempInfo nothing = {LgFromNothing, 0, 0};
    return e->tag == Iex_RdTmp ? k->temps[e->Iex.RdTmp.tmp] : nothing;
}

static Bool is_const64(const IRExpr* e, Long* value)
{
    if (e->tag != Iex_Const || e->Iex.Const.con->tag != Ico_U64)
        return False;
    *value = (Long)e->Iex.Const.con->Ico.U64;
    return True;
}

/* The value of `e`. */
static TempInfo evaluate(const Tracker* k, const IRExpr* e)
{
    TempInfo r = {LgFromNothing, 0, 0};
    Long     c;

    switch (e->tag) {
    case Iex_RdTmp:
        return info_of(k, e);
    case Iex_Get:
        if (e->Iex.Get.ty != Ity_I64)
            return r;
        if (e->Iex.Get.offset == (Int)LG_OFFSET_SP)
            r = (TempInfo){LgFromSP, k->epoch, k->delta};
        else if (holds_frame(e->Iex.Get.offset))
            r.origin = LgFromFrame;
        return r;
    case Iex_Binop: {
        const IRExpr* x = e->Iex.Binop.arg1;
        const IRExpr* y = e->Iex.Binop.arg2;
        IROp          op = e->Iex.Binop.op;
        if (op != Iop_Add64 && op != Iop_Sub64 && op != Iop_And64)
            return r;
        if (op == Iop_Add64 && is_const64(x, &c)) {
            const IRExpr* swap = x;
            x = y;
            y = swap;
        }
        r = info_of(k, x);
        if (r.origin == LgFromNothing)
            return r;
        if (op == Iop_And64 || !is_const64(y, &c)) {
            /* Downwards (alloca, alignment) it stays on its stack; upwards by
               an unknown amount it may be anything, where compilers have no
               need of that. */
            if ((op == Iop_Add64 && !ADDS_REGISTERS) ||
                r.origin == LgFromFrame)
                r.origin = LgFromNothing;
            else
                r.origin = LgFromSPByArithmetic;
        } else if (r.origin == LgFromSP)
            r.delta += op == Iop_Add64 ? c : -c;
        return r;
    }
    default:
        return r;
    }
}

static void note_put(Tracker* k, LgSPTrack* t, Int i, IRExpr* data)
{
    TempInfo v = info_of(k, data);

    if (v.origin != LgFromSP || v.epoch != k->epoch) {
        LgSPOrigin o =
            v.origin == LgFromSP ? LgFromNothing : (LgSPOrigin)v.origin;
        t->epochs[t->nEpochs++] = (LgSPEpoch){i, o, data, k->delta};
        k->epoch++;
        k->delta = 0;
        k->decrements = OfNewRun;
        return;
    }
    if (v.delta < k->delta && k->decrements == OfRun)
        t->runs[t->nRuns - 1].loDelta = v.delta;
    else if (v.delta < k->delta && k->decrements == OfCall)
        t->hints[t->nHints - 1].loDelta = v.delta;
    else if (v.delta < k->delta) {
        Int at = k->insn;
        if (at <= t->epochs[k->epoch].at)
            at = t->epochs[k->epoch].at + 1;
        t->runs[t->nRuns++] =
            (LgSPRun){at, k->epoch, k->delta, v.delta, !k->hasChanged};
        k->decrements = OfRun;
    } else if (v.delta > k->delta)
        k->decrements = OfNewRun;
    k->delta = v.delta;
}

static void see_put(Tracker* k, LgSPTrack* t, Int i, IRExpr* data)
{
    note_put(k, t, i, data);
    k->hasChanged = True;
}

static void see_hint(Tracker* k, LgSPTrack* t, Int i, Bool isReturn)
{
    /* What a call zeroes covers the gain of the run that ends in it. */
    if (!isReturn && k->decrements == OfRun) {
        const LgSPRun* r = &t->runs[t->nRuns - 1];
        if (r->hiDelta - r->loDelta <= VG_STACK_REDZONE_SZB)
            t->nRuns--;
    }
    k->decrements = isReturn ? OfNewRun : OfCall;
    t->hints[t->nHints++] =
        (LgSPHint){i, k->epoch, k->delta, k->delta, isReturn};
}

void lg_sptrack(LgSPTrack* t, const IRSB* sb, Int first)
{
    Tracker k = {NULL, 0, 0, OfNewRun, False, first};
    UInt    nPuts = 0, nHints = 0;
    Int     lastInsn = first;

    for (Int i = first; i < sb->stmts_used; i++) {
        const IRStmt* st = sb->stmts[i];
        if (st->tag == Ist_Put && st->Ist.Put.offset == (Int)LG_OFFSET_SP)
            nPuts++;
        else if (st->tag == Ist_AbiHint)
            nHints++;
        else if (st->tag == Ist_IMark)
            lastInsn = i;
    }
    /* No more runs or epochs than statements that put the stack pointer. */
    t->runs   = LibVEX_Alloc((nPuts + 1) * sizeof(LgSPRun));
    t->epochs = LibVEX_Alloc((nPuts + 1) * sizeof(LgSPEpoch));
    t->hints  = LibVEX_Alloc((nHints + 1) * sizeof(LgSPHint));
    t->nRuns = t->nHints = 0;
    t->epochs[0] = (LgSPEpoch){first - 1, LgFromSP, NULL, 0};
    t->nEpochs = 1;
    if (nPuts + nHints == 0)
        return;
    k.temps = LibVEX_Alloc(sb->tyenv->types_used * sizeof(TempInfo));
    VG_(memset)(k.temps, 0, sb->tyenv->types_used * sizeof(TempInfo));

    for (Int i = first; i < sb->stmts_used; i++) {
        const IRStmt* st = sb->stmts[i];
        if (st->tag == Ist_IMark)
            k.insn = i;
        else if (st->tag == Ist_WrTmp)
            k.temps[st->Ist.WrTmp.tmp] = evaluate(&k, st->Ist.WrTmp.data);
        else if (st->tag == Ist_Put && st->Ist.Put.offset == (Int)LG_OFFSET_SP)
            see_put(&k, t, i, st->Ist.Put.data);
        else if (st->tag == Ist_AbiHint)
            /* A translation goes on behind a call, but not behind a return. */
            see_hint(&k, t, i,
                     sb->jumpkind == Ijk_Ret && k.insn == lastInsn);
    }
}
