/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackclean.c: zeroes what stacks gain.  See lg_stackclean.h.

   Only the words between the new stack pointer and the old one are gained,
   and below the old one there may be a red zone (128 bytes on amd64) that is
   in use.  So what is zeroed is [newSP - redzone, oldSP - redzone), and of
   that only what engine/lg_stackzone.h says is dead.

   At a call all that lies below the stack pointer is dead, red zone included:
   whoever calls does not use it.  So there [SP - redzone, SP) is zeroed, and
   the callee begins on clean ground; what that takes for its frame in the same
   translation is zeroed at once with it.  Whether a callee has returned to the
   current function is kept as well: what such a function has in its red zone is
   what that left there, for compilers use the red zone only in functions that
   call nothing.  That is no proof, so nothing is zeroed for it, but the leak
   check leaves it out.

   A translation is examined for the stack pointer's value as "value at some
   point plus a constant".  Consecutive decrements (push, push, sub) are one
   run and are zeroed at once, at the first of them: at that point all of it
   is dead already.  What the program writes there before its stack pointer
   moves, beyond the red zone, is lost if it does so before the first: any signal
   might have overwritten it.  Other ways to set the stack pointer:
     - from the stack pointer by arithmetic (alloca, alignment): downwards by no
       more than a frame, or within the zone, the gain is zeroed;
     - anything else is an unknown change, unless it takes the pointer back to
       where the running function has copied it ("leave"). */

#include "lg_stackclean.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcassert.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_threadstate.h"

#include "../../engine/lg_stackzone.h"
#include "lg_irbuild.h"
#include "../host/lg_options.h"
#include "../threads/lg_stacks.h"
#include "../trace/lg_unwind.h"

/* Where it is kept whether the current function has been returned to: in the
   shadow copy of the guest state, which follows that.  The core saves and
   restores it around signal handlers. */
#define OFFSET_RETURNED ((Int)(LG_OFFSET_SP + sizeof(VexGuestArchState)))

/* --- Threads -------------------------------------------------------------- */

/* Where a signal has interrupted a thread. */
typedef struct {
    Addr sp;     /* 0: nowhere */
    UInt nJumps; /* of the zone */
} Interruption;

typedef struct {
    LgStackZone  zone;
    Addr         start; /* of its stack pointer */
    Interruption last;
    Interruption onOther; /* by a handler on an alternate stack */
    LgStackZone* thenZone; /* what was known then; NULL: no such signal ever */
} Thread;

static Thread** threads; /* by ThreadId; NULL where there was none yet */
static Thread*  running; /* whose code is running */

static Thread* thread(ThreadId tid)
{
    if (threads == NULL)
        threads = VG_(calloc)("lg.stackclean", VG_N_THREADS, sizeof *threads);
    if (threads[tid] == NULL)
        threads[tid] = VG_(calloc)("lg.stackclean", 1, sizeof(Thread));
    return threads[tid];
}

/* The mapping that holds `a`; empty if none does. */
static LgRange mapping_of(Addr a)
{
    NSegment const* seg = VG_(am_find_nsegment)(a);
    return seg != NULL && seg->kind != SkFree && seg->kind != SkResvn
               ? (LgRange){seg->start, seg->end + 1}
               : (LgRange){~(Addr)0, 0};
}

/* --- Called from translations -------------------------------------------- */

static Bool is_frame(Addr newSP, Addr oldSP)
{
    return oldSP - newSP <= LG_MAX_FRAME_SZB;
}

/* Stored by the widest instructions that there are. */
typedef ULong EightWords
    __attribute__((vector_size(64), aligned(8), may_alias));

/* The range is of whole words. */
static inline void zero(Addr lo, Addr hi)
{
    for (; lo + sizeof(EightWords) <= hi; lo += sizeof(EightWords))
        *(EightWords*)lo = (EightWords){0};
    for (; lo < hi; lo += sizeof(ULong))
        *(ULong*)lo = 0;
}

/* The stack gains what is below `hi`, and its pointer goes down; it is not as
   easy as in clean(). */
static __attribute__((noinline)) void gain(Addr newSP, Addr oldSP, Addr hi)
{
    LgStackZone* z = &running->zone;
    Addr         lo = newSP - VG_STACK_REDZONE_SZB;
    LgRange      dead[2];

    lg_zone_settle(z, oldSP);
    if (lg_zone_has(z, lo, oldSP) && (hi - lo) % 8 == 0) {
        zero(lo, hi);
        return;
    }
    Bool byFrame = is_frame(newSP, oldSP);
    UInt n = lg_zone_dead(z, lo, hi, byFrame, dead);
    for (UInt i = 0; i < n; i++)
        VG_(memset)((void*)dead[i].lo, 0, dead[i].hi - dead[i].lo);
    if (newSP >= z->low && oldSP <= z->top)
        return;
    if (byFrame)
        lg_zone_descend(z, oldSP, newSP, mapping_of(oldSP - 1).lo);
    else {
        lg_zone_leap(z, newSP);
        lg_stacks_on_jump(newSP, oldSP, True);
    }
    lg_unwind_forget();
}

/* The same, quickly in the usual case. */
static inline void clean(Addr newSP, Addr oldSP, Addr hi)
{
    Addr lo = newSP - VG_STACK_REDZONE_SZB;

    if (LIKELY(lg_zone_has(&running->zone, lo, oldSP) && (hi - lo) % 8 == 0))
        zero(lo, hi);
    else
        gain(newSP, oldSP, hi);
}

/* The stack pointer is set to an unknown value. */
static void jump(Addr newSP, Addr oldSP, Bool isComputed)
{
    if (lg_zone_jump(&running->zone, oldSP, newSP,
                     VG_STACK_REDZONE_SZB > 0 /* calls are told of */))
        return;
    lg_stacks_on_jump(newSP, oldSP, isComputed);
    lg_unwind_forget();
}

static void jumped(Addr newSP, Addr oldSP)
{
    if (!lg_zone_return(&running->zone, oldSP, newSP))
        jump(newSP, oldSP, False);
}

/* The stack pointer has been computed with. */
static void moved(Addr newSP, Addr oldSP)
{
    LgStackZone* z = &running->zone;

    lg_zone_settle(z, oldSP);
    if (newSP <= oldSP && (is_frame(newSP, oldSP) ||
                           (z->low <= newSP && oldSP <= z->top)))
        gain(newSP, oldSP, oldSP - VG_STACK_REDZONE_SZB);
    else
        jump(newSP, oldSP, True);
}

static void marked(Addr sp, UWord pushedB, UWord isEntry)
{
    lg_zone_mark(&running->zone, sp, sp - pushedB, isEntry != 0);
}

/* The stack pointer is going to be `newSP`, szB bytes lower than before. */
static void grown(Addr newSP, UWord szB)
{
    Addr oldSP = newSP + szB;
    lg_zone_step(&running->zone, oldSP);
    clean(newSP, oldSP, oldSP - VG_STACK_REDZONE_SZB);
}

/* The same by LG_MAX_FRAME_SZB or more. */
static void grown_much(Addr newSP, UWord szB)
{
    lg_zone_take_large(&running->zone, newSP + szB, newSP);
    grown(newSP, szB);
}

/* The stack pointer has gone up by szB, which is more than a frame. */
static void risen(Addr newSP, UWord szB)
{
    lg_zone_rise(&running->zone, newSP - szB, newSP);
}

#if defined(VGA_amd64)

/* grown() at the start of a translation, whose first change it is: there the
   guest state has the stack pointer. */
static void grown_at_start(const UChar* gst, UWord szB)
{
    grown(*(const Addr*)(gst + LG_OFFSET_SP) - szB, szB);
}

/* A function is called; the stack pointer is as it finds it.  It has come down
   by pushedB bytes, and is going to take szB bytes more first of all. */
static void called_for(UChar* gst, UWord pushedB, UWord szB)
{
    Addr at = *(const Addr*)(gst + LG_OFFSET_SP);

    *(UWord*)(gst + OFFSET_RETURNED) = 0;
    clean(at - szB, at + pushedB, at);
    lg_zone_call(&running->zone, at, at + pushedB);
}

/* The same for the usual case, that nothing is known of the callee. */
static void called(UChar* gst, UWord pushedB)
{
    Addr         at = *(const Addr*)(gst + LG_OFFSET_SP);
    EightWords*  redZone = (EightWords*)(at - VG_STACK_REDZONE_SZB);
    LgStackZone* z = &running->zone;

    STATIC_ASSERT(VG_STACK_REDZONE_SZB == 2 * sizeof(EightWords));
    if (UNLIKELY(!lg_zone_has(z, (Addr)redZone, at + pushedB))) {
        called_for(gst, pushedB, 0);
        return;
    }
    *(UWord*)(gst + OFFSET_RETURNED) = 0;
    lg_zone_call(z, at, at + pushedB);
    redZone[0] = redZone[1] = (EightWords){0};
}

#endif

/* --- Emission ------------------------------------------------------------ */

static void call(IRSB* out, const HChar* name, void* fn, IRExpr** args)
{
    lg_ir_stmt(out, IRStmt_Dirty(unsafeIRDirty_0_N(
                        0, name, VG_(fnptr_to_fnentry)(fn), args)));
}

#if defined(VGA_amd64)

/* Calls a helper that has effects on what is kept of the function. */
static void call_with_state(IRSB* out, const HChar* name, void* fn,
                            IRExpr** args)
{
    lg_ir_call(out, unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(fn), args),
               Ifx_Modify, OFFSET_RETURNED, 8);
}

static void set_returned(IRSB* out, ULong isReturned)
{
    lg_ir_stmt(out, IRStmt_Put(OFFSET_RETURNED, lg_ir_u64(isReturned)));
}

void lg_stackclean_emit_hint(IRSB* out, const LgSPHint* hint)
{
    IRExpr* pushedB = lg_ir_u64((ULong)(hint->hiDelta - hint->delta));
    IRExpr* szB = lg_ir_u64((ULong)(hint->delta - hint->loDelta));

    if (hint->isReturn)
        set_returned(out, 1);
    else if (hint->delta == hint->loDelta)
        call_with_state(out, "leakgrind:called", called,
                        mkIRExprVec_2(IRExpr_GSPTR(), pushedB));
    else
        call_with_state(out, "leakgrind:called_for", called_for,
                        mkIRExprVec_3(IRExpr_GSPTR(), pushedB, szB));
}

#elif defined(VGA_arm64)

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
        call(out, "leakgrind:grown_much", grown_much,
             mkIRExprVec_2(lg_ir_add(out, base, run->loDelta), szB));
        return;
    }
#if defined(VGA_amd64)
    if (run->isFirst) {
        call_with_state(out, "leakgrind:grown_at_start", grown_at_start,
                        mkIRExprVec_2(IRExpr_GSPTR(), szB));
        return;
    }
#endif
    call(out, "leakgrind:grown", grown,
         mkIRExprVec_2(lg_ir_add(out, base, run->loDelta), szB));
}

void lg_stackclean_emit_rise(IRSB* out, const LgSPRise* rise, IRExpr* base)
{
    call(out, "leakgrind:risen", risen,
         mkIRExprVec_2(lg_ir_add(out, base, rise->hiDelta),
                       lg_ir_u64((ULong)(rise->hiDelta - rise->loDelta))));
}

void lg_stackclean_emit_mark(IRSB* out, const LgSPMark* m, IRExpr* base)
{
    call(out, "leakgrind:marked", marked,
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
        call(out, "leakgrind:moved", moved, args);
        break;
    default:
        call(out, "leakgrind:jumped", jumped, args);
        break;
    }
    return newSP;
}

/* --- Threads, signals, questions ----------------------------------------- */

LgRange lg_stackclean_dead(ThreadId tid, Addr hi)
{
    const Thread* t = thread(tid);
    return lg_options.cleanStack
               ? (LgRange){t->zone.low, hi < t->zone.top ? hi : t->zone.top}
               : (LgRange){0, 0};
}

SizeT lg_stackclean_red_zone(ThreadId tid)
{
    return lg_options.cleanStack && VG_(get_SP_s1)(tid) != 0
               ? 0
               : VG_STACK_REDZONE_SZB;
}

void lg_stackclean_on_map(Addr a, SizeT len)
{
    for (ThreadId tid = 1; threads != NULL && tid < VG_N_THREADS; tid++) {
        Thread* t = threads[tid];
        if (t == NULL)
            continue;
        lg_zone_cut(&t->zone, a, a + len);
        if (t->onOther.sp != 0)
            lg_zone_cut(t->thenZone, a, a + len);
    }
}

static void on_thread_runs(ThreadId tid, ULong nBlocks)
{
    (void)nBlocks;
    running = thread(tid);
}

void lg_stackclean_on_thread_start(ThreadId tid)
{
    Thread* t = thread(tid);

    lg_zone_forget(&t->zone);
    t->start = VG_(get_SP)(tid);
    VG_(set_SP_s1)(tid, 0);
    t->last = t->onOther = (Interruption){0, 0};
}

static void on_signal(ThreadId tid, Int sigNo, Bool altStack)
{
    Thread*      t = thread(tid);
    LgStackZone* z = &t->zone;
    Addr         sp = VG_(get_SP)(tid);

    (void)sigNo;
    lg_stacks_on_signal(tid, altStack);
    lg_zone_settle(z, sp);
    if (altStack) {
        if (t->thenZone == NULL)
            t->thenZone =
                VG_(malloc)("lg.stackclean.signal", sizeof(LgStackZone));
        *t->thenZone = *z;
        /* The handler runs on another stack, of which nothing is known. */
        lg_zone_forget(z);
        t->onOther = (Interruption){sp, z->nJumps};
    } else {
        /* It runs as if it had been called. */
        lg_zone_call(z, sp - 1, sp);
        t->last = (Interruption){sp, z->nJumps};
    }
}

/* A handler has returned, to wherever it wanted. */
static void on_signal_done(ThreadId tid, Int sigNo)
{
    Thread*      t = thread(tid);
    LgStackZone* z = &t->zone;
    Addr         sp = VG_(get_SP)(tid);

    (void)sigNo;
    lg_stacks_on_signal_done(tid);
    if (t->onOther.sp == sp && t->onOther.nJumps == z->nJumps) {
        *z = *t->thenZone;
        t->onOther.sp = 0;
    } else if (t->last.sp != sp || t->last.nJumps != z->nJumps)
        lg_zone_forget(z);
    t->last.sp = 0;
}

void lg_stackclean_init(void)
{
    VG_(track_start_client_code)(on_thread_runs);
    VG_(track_pre_deliver_signal)(on_signal);
    VG_(track_post_deliver_signal)(on_signal_done);
}
