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

/* What is known of a value. */
typedef struct {
    LgSPOrigin origin;
    UInt       epoch; /* LgFromSP: base of that epoch ... */
    Long       delta; /* ... plus this */
} Value;

/* The stack pointer as a statement has left it. */
typedef struct {
    Int           at;
    const IRExpr* atom; /* what was put; NULL at the start */
    UInt          epoch;
    Long          delta;
} State;

/* Decrements that follow belong to: */
typedef enum {
    OfNewRun,
    OfRun, /* the last run */
    OfCall /* the last hint */
} Decrements;

/* Where the tracking stands. */
typedef struct {
    const IRSB* sb;
    State*      states; /* [0]: at the start; the last one is the current */
    UInt        nStates;
    Decrements  decrements;
} Tracker;

static const State* now(const Tracker* k)
{
    return &k->states[k->nStates - 1];
}

static Bool is_const64(const IRExpr* e, Long* value)
{
    if (e->tag != Iex_Const || e->Iex.Const.con->tag != Ico_U64)
        return False;
    *value = (Long)e->Iex.Const.con->Ico.U64;
    return True;
}

static Value value_of_get(const Tracker* k, const IRExpr* e, Int i)
{
    if (e->Iex.Get.ty == Ity_I64 && e->Iex.Get.offset == (Int)LG_OFFSET_SP) {
        const State* s = now(k);
        while (s->at > i)
            s--;
        return (Value){LgFromSP, s->epoch, s->delta};
    }
    return (Value){e->Iex.Get.ty == Ity_I64 && holds_frame(e->Iex.Get.offset)
                       ? LgFromFrame
                       : LgFromNothing,
                   0, 0};
}

static Value value_of_tmp(const Tracker* k, const IRExpr* e, Int i);

static Value value_of_binop(const Tracker* k, const IRExpr* e, Int i)
{
    const IRExpr* x = e->Iex.Binop.arg1;
    const IRExpr* y = e->Iex.Binop.arg2;
    IROp          op = e->Iex.Binop.op;
    Long          c;

    if (op != Iop_Add64 && op != Iop_Sub64 && op != Iop_And64)
        return (Value){LgFromNothing, 0, 0};
    if (op == Iop_Add64 && is_const64(x, &c)) {
        const IRExpr* swap = x;
        x = y;
        y = swap;
    }
    Value v = value_of_tmp(k, x, i);
    if (v.origin == LgFromNothing)
        return v;
    if (op == Iop_And64 || !is_const64(y, &c)) {
        /* Downwards (alloca, alignment) it stays on its stack; upwards by an
           unknown amount it may be anything, where compilers have no need of
           that. */
        if ((op == Iop_Add64 && !ADDS_REGISTERS) || v.origin == LgFromFrame)
            v.origin = LgFromNothing;
        else
            v.origin = LgFromSPByArithmetic;
    } else if (v.origin == LgFromSP)
        v.delta += op == Iop_Add64 ? c : -c;
    return v;
}

/* The value of a temporary that statement i makes use of.  Looked for
   backwards: it was made shortly before, nearly always. */
static Value value_of_tmp(const Tracker* k, const IRExpr* e, Int i)
{
    if (e->tag != Iex_RdTmp)
        return (Value){LgFromNothing, 0, 0};
    for (const State* s = now(k); s->atom != NULL; s--)
        if (s->atom->tag == Iex_RdTmp &&
            s->atom->Iex.RdTmp.tmp == e->Iex.RdTmp.tmp)
            return (Value){LgFromSP, s->epoch, s->delta};
    while (--i >= 0) {
        const IRStmt* st = k->sb->stmts[i];
        if (st->tag != Ist_WrTmp || st->Ist.WrTmp.tmp != e->Iex.RdTmp.tmp)
            continue;
        const IRExpr* data = st->Ist.WrTmp.data;
        switch (data->tag) {
        case Iex_RdTmp: return value_of_tmp(k, data, i);
        case Iex_Get:   return value_of_get(k, data, i);
        case Iex_Binop: return value_of_binop(k, data, i);
        default:        return (Value){LgFromNothing, 0, 0};
        }
    }
    return (Value){LgFromNothing, 0, 0};
}

/* A statement that matters, and the start of the instruction it belongs to. */
typedef struct {
    Int at, insn;
} Event;

static void see_put(Tracker* k, LgSPTrack* t, Event e, IRExpr* data)
{
    Value v = value_of_tmp(k, data, e.at);
    State s = *now(k);

    k->states[k->nStates++] = (State){e.at, data, s.epoch, v.delta};
    if (v.origin != LgFromSP || v.epoch != s.epoch) {
        LgSPOrigin o = v.origin == LgFromSP ? LgFromNothing : v.origin;
        t->epochs[t->nEpochs++] = (LgSPEpoch){e.at, o, data, s.delta};
        k->states[k->nStates - 1].epoch++;
        k->states[k->nStates - 1].delta = 0;
        k->decrements = OfNewRun;
    } else if (v.delta > s.delta)
        k->decrements = OfNewRun;
    else if (v.delta < s.delta && k->decrements == OfRun)
        t->runs[t->nRuns - 1].loDelta = v.delta;
    else if (v.delta < s.delta && k->decrements == OfCall)
        t->hints[t->nHints - 1].loDelta = v.delta;
    else if (v.delta < s.delta) {
        Int at = e.insn;
        if (at <= t->epochs[s.epoch].at)
            at = t->epochs[s.epoch].at + 1;
        t->runs[t->nRuns++] =
            (LgSPRun){at, s.epoch, s.delta, v.delta, s.atom == NULL};
        k->decrements = OfRun;
    }
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
        (LgSPHint){i, now(k)->epoch, now(k)->delta, now(k)->delta, isReturn};
}

/* Fills events[], which has room for all statements and one more; their
   number.  Every statement of the program comes by here, and what kind it is
   cannot be foretold: so there are no branches. */
static UInt find_events(Event* events, const IRSB* sb, Int first, Int* lastInsn)
{
    UInt n = 0;
    Int  insn = first;

    for (Int i = first; i < sb->stmts_used; i++) {
        const IRStmt* st = sb->stmts[i];
        Bool          putsSP = (st->tag == Ist_Put) &
                      (st->Ist.Put.offset == (Int)LG_OFFSET_SP);
        insn = st->tag == Ist_IMark ? i : insn;
        events[n] = (Event){i, insn};
        n += (st->tag == Ist_AbiHint) | putsSP;
    }
    *lastInsn = insn;
    return n;
}

void lg_sptrack(LgSPTrack* t, const IRSB* sb, Int first)
{
    Int    lastInsn;
    Event* events = LibVEX_Alloc((SizeT)(sb->stmts_used + 1) * sizeof(Event));
    UInt   n = find_events(events, sb, first, &lastInsn);

    VG_(memset)(t, 0, sizeof *t);
    if (n == 0)
        return;
    t->runs   = LibVEX_Alloc(n * sizeof(LgSPRun));
    t->hints  = LibVEX_Alloc(n * sizeof(LgSPHint));
    t->epochs = LibVEX_Alloc((n + 1) * sizeof(LgSPEpoch));
    t->epochs[0] = (LgSPEpoch){first - 1, LgFromSP, NULL, 0};
    t->nEpochs = 1;

    Tracker k = {.sb = sb, .nStates = 1};
    k.states = LibVEX_Alloc((n + 1) * sizeof(State));
    k.states[0] = (State){first - 1, NULL, 0, 0};
    for (UInt e = 0; e < n; e++) {
        const IRStmt* st = sb->stmts[events[e].at];
        if (st->tag == Ist_Put)
            see_put(&k, t, events[e], st->Ist.Put.data);
        else
            /* A translation goes on behind a call, but not behind a return. */
            see_hint(&k, t, events[e].at, sb->jumpkind == Ijk_Ret &&
                                              events[e].insn == lastInsn);
    }
}
