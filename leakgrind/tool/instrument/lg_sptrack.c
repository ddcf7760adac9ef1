/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_sptrack.c: how the stack pointer changes.  See lg_sptrack.h. */

#include "lg_sptrack.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_machine.h"

#include "../../engine/lg_stackzone.h"

/* What is known of a value. */
typedef struct {
    LgSPOrigin origin;
    UInt       epoch; /* LgFromSP: base of that epoch ... */
    Long       delta; /* ... plus this */
} Value;

/* The stack pointer as a statement has left it. */
typedef struct {
    Int           at;
    const IRExpr* atom; /* what was put; NULL at the start, or if it was part */
    UInt          epoch;
    Long          delta;
} State;

/* Decrements that follow belong to: */
typedef enum {
    OfNewRun,
    OfRun, /* the last run */
    OfCall /* the last hint */
} Decrements;

/* The state of the tracking. */
typedef struct {
    const IRSB* sb;
    State*      states; /* [0]: at the start; the last one is the current */
    UInt        nStates;
    Decrements  decrements;
    Bool        isMarked;    /* only pushes since the last mark */
    Bool        isRunMarked; /* there is a mark in the last run */
    UInt        atCall;      /* the current state at the last call */
    Bool        isRising;    /* the last change was an increment; ... */
    Long        riseFrom;    /* ... then, where it and those before begin */
} Tracker;

static const State* current_state(const Tracker* k)
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
        const State* s = current_state(k);
        while (s->at > i)
            s--;
        return (Value){LgFromSP, s->epoch, s->delta};
    }
    return (Value){LgFromNothing, 0, 0};
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
    if (op == Iop_And64 || !is_const64(y, &c))
        v.origin = LgFromSPByArithmetic;
    else if (v.origin == LgFromSP)
        v.delta += op == Iop_Add64 ? c : -c;
    return v;
}

/* The value of a temporary that statement i uses.  Searches backwards, since
   it was nearly always assigned shortly before. */
static Value value_of_tmp(const Tracker* k, const IRExpr* e, Int i)
{
    if (e->tag != Iex_RdTmp)
        return (Value){LgFromNothing, 0, 0};
    for (const State* s = current_state(k); s != k->states; s--)
        if (s->atom != NULL && s->atom->tag == Iex_RdTmp &&
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

/* Is the value that statement `at` puts computed by the same instruction (which
   begins at `insn`), or one that the stack pointer has had since the last call?
   Else it comes from another register, even if that has been computed from the
   stack pointer: it may lead anywhere. */
static Bool is_own_step(const Tracker* k, Event e, const IRExpr* data)
{
    IRTemp tmp = data->Iex.RdTmp.tmp;
    Int    i = e.at;

    for (UInt j = k->atCall; j < k->nStates; j++) {
        const IRExpr* atom = k->states[j].atom;
        if (atom != NULL && atom->tag == Iex_RdTmp &&
            atom->Iex.RdTmp.tmp == tmp)
            return True;
    }
    while (--i >= 0 && (k->sb->stmts[i]->tag != Ist_WrTmp ||
                        k->sb->stmts[i]->Ist.WrTmp.tmp != tmp))
        ;
    return i > e.insn ||
           (i >= 0 && k->sb->stmts[i]->Ist.WrTmp.data->tag == Iex_Get &&
            i > k->states[k->atCall].at);
}

/* A new epoch, with this base. */
static void begin_epoch(Tracker* k, LgSPTrack* t, Int at, LgSPOrigin origin,
                        IRExpr* base)
{
    State s = *current_state(k);

    t->epochs[t->nEpochs++] = (LgSPEpoch){at, origin, base, s.delta};
    k->states[k->nStates++] = (State){at, base, s.epoch + 1, 0};
    k->decrements = OfNewRun;
    k->isMarked = k->isRising = False;
}

/* The stack pointer is raised to `to`, in its epoch. */
static void see_rise(Tracker* k, LgSPTrack* t, Int at, State s, Long to)
{
    if (!k->isRising)
        k->riseFrom = s.delta;
    else if (s.delta - k->riseFrom > LG_MAX_FRAME_SZB)
        t->nRises--;
    k->isRising = True;
    if (to - k->riseFrom > LG_MAX_FRAME_SZB)
        t->rises[t->nRises++] = (LgSPRise){at, s.epoch, k->riseFrom, to};
}

static void see_sp_put(Tracker* k, LgSPTrack* t, Event e, IRExpr* data)
{
    State s = *current_state(k);

    if (typeOfIRExpr(k->sb->tyenv, data) != Ity_I64) {
        begin_epoch(k, t, e.at, LgFromNothing, NULL);
        return;
    }
    Value v = value_of_tmp(k, data, e.at);
    if (v.origin != LgFromSP || v.epoch != s.epoch) {
        begin_epoch(k, t, e.at,
                    v.origin == LgFromSP ? LgFromNothing : v.origin, data);
        return;
    }
    if (v.delta != s.delta && !is_own_step(k, e, data)) {
        begin_epoch(k, t, e.at, LgFromSPByArithmetic, data);
        return;
    }
    k->states[k->nStates++] = (State){e.at, data, s.epoch, v.delta};
    k->isMarked = k->isMarked && v.delta == s.delta - 8;
    if (k->isMarked)
        t->marks[t->nSaved - 1].loDelta = v.delta;
    if (v.delta > s.delta) {
        k->decrements = OfNewRun;
        see_rise(k, t, e.at, s, v.delta);
        return;
    }
    if (v.delta < s.delta)
        k->isRising = False;
    if (v.delta < s.delta && k->decrements == OfRun)
        t->runs[t->nRuns - 1].loDelta = v.delta;
    else if (v.delta < s.delta && k->decrements == OfCall &&
             t->hints[t->nHints - 1].hiDelta - v.delta < LG_MAX_FRAME_SZB)
        t->hints[t->nHints - 1].loDelta = v.delta;
    else if (v.delta < s.delta) {
        Int at = e.insn;
        if (at <= t->epochs[s.epoch].at)
            at = t->epochs[s.epoch].at + 1;
        t->runs[t->nRuns++] =
            (LgSPRun){at, s.epoch, s.delta, v.delta, k->nStates == 2};
        k->decrements  = OfRun;
        k->isRunMarked = False;
    }
}

static void see_frame(Tracker* k, LgSPTrack* t, Int at, UInt offset,
                      IRExpr* data)
{
    const State* s = current_state(k);
    Value        v = value_of_tmp(k, data, at);

    if (v.origin != LgFromSP || v.epoch != s->epoch ||
        !lg_arch_is_frame(offset, v.delta - s->delta))
        return;
    t->marks[t->nSaved++] = (LgSPMark){at, s->epoch, s->delta, s->delta,
                                       lg_arch_is_set_up_at_entry(offset)};
    k->isMarked = k->isRunMarked = True;
}

static void see_hint(Tracker* k, LgSPTrack* t, Event e, Bool isReturn)
{
    const State* s = current_state(k);
    Long         delta = s->delta;
    Long         hiDelta = delta;

    if (!isReturn && k->decrements == OfRun) {
        LgSPRun* r = &t->runs[t->nRuns - 1];
        /* What a call zeroes covers a short run that ends in it.  A longer one
           may be a large frame, to which the return address does not belong. */
        if (r->hiDelta - r->loDelta > VG_STACK_REDZONE_SZB) {
            if (s->at > e.insn)
                r->loDelta = hiDelta = delta + (Long)sizeof(Addr);
        } else if (!k->isRunMarked) {
            hiDelta = r->hiDelta;
            t->nRuns--;
        }
    }
    k->decrements = isReturn ? OfNewRun : OfCall;
    k->atCall     = k->nStates - 1;
    k->isMarked = k->isRising = False;
    t->hints[t->nHints++] =
        (LgSPHint){e.at, s->epoch, hiDelta, delta, delta, isReturn};
}

/* Fills events[], which has room for all statements and one more; their
   number, which is 0 if the stack pointer stays as it is.  Every statement of
   the program comes by here, and what kind it is cannot be foretold: so there
   are no branches. */
static UInt find_events(Event* events, const IRSB* sb, Int first, Int* lastInsn)
{
    UInt n = 0;
    Int  insn = first;
    Bool isOfInterest = False;

    for (Int i = first; i < sb->stmts_used; i++) {
        const IRStmt* st = sb->stmts[i];
        UInt          offset = (UInt)st->Ist.Put.offset;
        Bool          isPut = st->tag == Ist_Put;
        Bool          putsSP = isPut & (offset - (UInt)LG_OFFSET_SP < 8);
        insn = st->tag == Ist_IMark ? i : insn;
        events[n] = (Event){i, insn};
        isOfInterest |= (st->tag == Ist_AbiHint) | putsSP;
        n += (st->tag == Ist_AbiHint) | (st->tag == Ist_Exit) | putsSP |
             (isPut & lg_arch_holds_frame(offset));
    }
    *lastInsn = insn;
    return isOfInterest ? n : 0;
}

static void see_statement(Tracker* k, LgSPTrack* t, Event e, Int lastInsn)
{
    const IRStmt* st = k->sb->stmts[e.at];

    if (st->tag == Ist_Exit) {
        k->decrements = OfNewRun;
        k->isRising   = False;
        return;
    }
    if (st->tag == Ist_AbiHint) {
        /* A translation goes on behind a call, but not behind a return. */
        see_hint(k, t, e,
                 k->sb->jumpkind == Ijk_Ret && e.insn == lastInsn);
        return;
    }
    UInt offset = (UInt)st->Ist.Put.offset;
    if (lg_arch_holds_frame(offset))
        see_frame(k, t, e.at, offset, st->Ist.Put.data);
    else
        see_sp_put(k, t, e, st->Ist.Put.data);
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
    t->rises  = LibVEX_Alloc(n * sizeof(LgSPRise));
    t->hints  = LibVEX_Alloc(n * sizeof(LgSPHint));
    t->marks  = LibVEX_Alloc(n * sizeof(LgSPMark));
    t->epochs = LibVEX_Alloc((n + 1) * sizeof(LgSPEpoch));
    t->epochs[0] = (LgSPEpoch){first - 1, LgFromSP, NULL, 0};
    t->nEpochs = 1;

    Tracker k = {.sb = sb, .nStates = 1};
    k.states = LibVEX_Alloc((n + 1) * sizeof(State));
    k.states[0] = (State){first - 1, NULL, 0, 0};
    for (UInt e = 0; e < n; e++)
        see_statement(&k, t, events[e], lastInsn);
}
