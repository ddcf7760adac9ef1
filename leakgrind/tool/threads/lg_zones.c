/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_zones.c: zeroes what stacks gain.  See lg_zones.h.

   A stack gains the words between the new stack pointer and the old one.  But
   below the old one there may be a red zone (128 bytes on amd64) that is in
   use.  So [newSP - redzone, oldSP - redzone) is zeroed, as far as
   engine/lg_stackzone.h says that it is dead.

   At a call all that lies below the stack pointer is dead, including the red
   zone, which a function that calls does not use.  So [SP - redzone, SP) is
   zeroed, and with it the frame of the callee, if it is in the same
   translation.

   This module also knows whether a callee has returned to the current
   function.  Then its red zone only has what the callee left there, since
   compilers use the red zone only in functions that call nothing.  That is no
   proof, so nothing is zeroed, but the leak check does not read the red
   zone. */

#include "lg_zones.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_tooliface.h"

#include "../../engine/lg_stackzone.h"
#include "../host/lg_options.h"
#include "../trace/lg_unwind.h"

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

static LgZonesOnJump onJump;

static Thread* thread_of(ThreadId tid)
{
    if (threads == NULL)
        threads = VG_(calloc)("lg.zones", VG_N_THREADS, sizeof *threads);
    if (threads[tid] == NULL)
        threads[tid] = VG_(calloc)("lg.zones", 1, sizeof(Thread));
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

/* Stored with the widest instructions of the processor. */
typedef ULong EightWords
    __attribute__((vector_size(64), aligned(8), may_alias));

/* The range is of whole words. */
static inline void zero_words(Addr lo, Addr hi)
{
    for (; lo + sizeof(EightWords) <= hi; lo += sizeof(EightWords))
        *(EightWords*)lo = (EightWords){0};
    for (; lo < hi; lo += sizeof(ULong))
        *(ULong*)lo = 0;
}

/* What grow_stack() does, in all other cases. */
static __attribute__((noinline)) void grow_stack_slowly(Addr newSP, Addr oldSP,
                                                        Addr hi)
{
    LgStackZone* z = &running->zone;
    Addr         lo = newSP - VG_STACK_REDZONE_SZB;
    LgRange      dead[2];

    lg_zone_settle(z, oldSP);
    if (lg_zone_has(z, lo, oldSP) && (hi - lo) % 8 == 0) {
        zero_words(lo, hi);
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
        onJump(newSP, oldSP, True);
    }
    lg_unwind_forget_below(hi);
}

/* The stack pointer goes down, and the stack gains what is below `hi`.  Quick
   in the usual case. */
static inline void grow_stack(Addr newSP, Addr oldSP, Addr hi)
{
    Addr lo = newSP - VG_STACK_REDZONE_SZB;

    if (LIKELY(lg_zone_has(&running->zone, lo, oldSP) && (hi - lo) % 8 == 0))
        zero_words(lo, hi);
    else
        grow_stack_slowly(newSP, oldSP, hi);
}

/* The stack pointer is set to an unknown value. */
static void jump_stack(Addr newSP, Addr oldSP, Bool isComputed)
{
    if (lg_zone_jump(&running->zone, oldSP, newSP,
                     VG_STACK_REDZONE_SZB > 0 /* calls are reported */))
        return;
    onJump(newSP, oldSP, isComputed);
    lg_unwind_forget();
}

void lg_zones_jumped(Addr newSP, Addr oldSP)
{
    if (!lg_zone_return(&running->zone, oldSP, newSP))
        jump_stack(newSP, oldSP, False);
}

/* The stack pointer has been computed with. */
void lg_zones_moved(Addr newSP, Addr oldSP)
{
    LgStackZone* z = &running->zone;

    lg_zone_settle(z, oldSP);
    if (newSP <= oldSP && (is_frame(newSP, oldSP) ||
                           (z->low <= newSP && oldSP <= z->top)))
        grow_stack_slowly(newSP, oldSP, oldSP - VG_STACK_REDZONE_SZB);
    else
        jump_stack(newSP, oldSP, True);
}

void lg_zones_marked(Addr sp, UWord pushedB, UWord isEntry)
{
    lg_zone_save(&running->zone, sp, sp - pushedB, isEntry != 0);
}

/* The stack pointer is about to become `newSP`, szB bytes lower. */
void lg_zones_grown(Addr newSP, UWord szB)
{
    Addr oldSP = newSP + szB;
    lg_zone_step(&running->zone, oldSP);
    grow_stack(newSP, oldSP, oldSP - VG_STACK_REDZONE_SZB);
}

/* The same by LG_MAX_FRAME_SZB or more. */
void lg_zones_grown_much(Addr newSP, UWord szB)
{
    lg_zone_take_large(&running->zone, newSP + szB, newSP);
    lg_zones_grown(newSP, szB);
}

/* The stack pointer was raised by szB, which is more than a frame. */
void lg_zones_risen(Addr newSP, UWord szB)
{
    lg_zone_rise(&running->zone, newSP - szB, newSP);
}

#if LG_CALLS_PUSH

/* lg_zones_grown for the first change in a translation, where the guest state
   still has the stack pointer. */
void lg_zones_grown_at_start(const UChar* gst, UWord szB)
{
    lg_zones_grown(*(const Addr*)(gst + LG_OFFSET_SP) - szB, szB);
}

/* A function is called, and the stack pointer is as at its entry: it was
   lowered by pushedB bytes for the call, and the function will first lower it
   by szB. */
void lg_zones_called_for(UChar* gst, UWord pushedB, UWord szB)
{
    Addr at = *(const Addr*)(gst + LG_OFFSET_SP);

    *(UWord*)(gst + LG_OFFSET_RETURNED) = 0;
    grow_stack(at - szB, at + pushedB, at);
    lg_zone_call(&running->zone, at, at + pushedB);
}

/* The same if nothing is known about the callee, which is the usual case. */
void lg_zones_called(UChar* gst, UWord pushedB)
{
    Addr         at = *(const Addr*)(gst + LG_OFFSET_SP);
    EightWords*  redZone = (EightWords*)(at - VG_STACK_REDZONE_SZB);
    LgStackZone* z = &running->zone;

    STATIC_ASSERT(VG_STACK_REDZONE_SZB == 2 * sizeof(EightWords));
    if (UNLIKELY(!lg_zone_has(z, (Addr)redZone, at + pushedB))) {
        lg_zones_called_for(gst, pushedB, 0);
        return;
    }
    *(UWord*)(gst + LG_OFFSET_RETURNED) = 0;
    lg_zone_call(z, at, at + pushedB);
    redZone[0] = redZone[1] = (EightWords){0};
}

#endif

/* --- Threads, signals, questions ----------------------------------------- */

LgRange lg_zones_dead(ThreadId tid, Addr hi)
{
    const Thread* t = thread_of(tid);
    return lg_options.cleanStack
               ? (LgRange){t->zone.low, hi < t->zone.top ? hi : t->zone.top}
               : (LgRange){0, 0};
}

SizeT lg_zones_red_zone(ThreadId tid)
{
    return lg_options.cleanStack && VG_(get_SP_s1)(tid) != 0
               ? 0
               : VG_STACK_REDZONE_SZB;
}

LgRange lg_zones_alternate_stack(ThreadId tid)
{
    Addr lo = VG_(thread_get_altstack_min)(tid);
    return (LgRange){lo, lo + VG_(thread_get_altstack_size)(tid)};
}

void lg_zones_on_map(Addr a, SizeT len)
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
    running = thread_of(tid);
}

void lg_zones_on_thread_start(ThreadId tid)
{
    Thread* t = thread_of(tid);

    lg_zone_forget(&t->zone);
    t->start = VG_(get_SP)(tid);
    VG_(set_SP_s1)(tid, 0);
    t->last = t->onOther = (Interruption){0, 0};
}

void lg_zones_on_signal(ThreadId tid, Bool altStack)
{
    Thread*      t = thread_of(tid);
    LgStackZone* z = &t->zone;
    Addr         sp = VG_(get_SP)(tid);

    lg_zone_settle(z, sp);
    if (altStack) {
        if (t->thenZone == NULL)
            t->thenZone =
                VG_(malloc)("lg.zones.signal", sizeof(LgStackZone));
        *t->thenZone = *z;
        /* The handler runs on another stack, about which nothing is known. */
        lg_zone_forget(z);
        t->onOther = (Interruption){sp, z->nJumps};
    } else {
        /* It runs as if it had been called. */
        lg_zone_call(z, sp - 1, sp);
        t->last = (Interruption){sp, z->nJumps};
    }
}

/* A handler has returned, whatever it returned to. */
void lg_zones_on_signal_done(ThreadId tid)
{
    Thread*      t = thread_of(tid);
    LgStackZone* z = &t->zone;
    Addr         sp = VG_(get_SP)(tid);

    if (t->onOther.sp == sp && t->onOther.nJumps == z->nJumps) {
        *z = *t->thenZone;
        t->onOther.sp = 0;
    } else if (t->last.sp != sp || t->last.nJumps != z->nJumps)
        lg_zone_forget(z);
    t->last.sp = 0;
}

void lg_zones_init(LgZonesOnJump fn)
{
    onJump = fn;
    VG_(track_start_client_code)(on_thread_runs);
}
