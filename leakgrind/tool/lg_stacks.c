/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stacks.c: dead and live parts of stacks.  See lg_stacks.h. */

#include "lg_stacks.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_vki.h"

#include "lg_instrument.h"
#include "lg_options.h"
#include "lg_pages.h"

/* Highest address of the first thread's stack.  Kept because the core does not
   tell once the thread is ending. */
static Addr mainStackTop;

/* Per thread: the stack that was left for an alternate signal stack. */
typedef struct {
    Addr    sp;  /* 0: none */
    Addr    low; /* lowest address it had reached; 0: not known */
    LgRange alt; /* the alternate stack */
} Suspended;

static Suspended* suspended; /* by ThreadId; NULL: no such signal ever */

static void zero_range(Addr lo, Addr hi)
{
    if (lo < hi && VG_(am_is_valid_for_client)(lo, hi - lo, VKI_PROT_WRITE))
        lg_pages_zero(lo, hi - lo);
}

void lg_stacks_on_thread_start(ThreadId tid)
{
    if (tid == 1)
        mainStackTop = VG_(thread_get_stack_max)(tid);
}

void lg_stacks_on_signal(ThreadId tid, Bool altStack)
{
    Addr  sp = VG_(get_SP)(tid);
    Addr  altLo = VG_(thread_get_altstack_min)(tid);
    SizeT altSzB = VG_(thread_get_altstack_size)(tid);

    if (!altStack || sp - altLo < altSzB)
        return;
    if (suspended == NULL)
        suspended = VG_(calloc)("lg.stacks", VG_N_THREADS, sizeof *suspended);
    suspended[tid] = (Suspended){sp, lg_instrument_stack_low(tid),
                                 {altLo, altLo + altSzB}};
}

void lg_stacks_on_signal_done(ThreadId tid)
{
    Suspended* s = suspended != NULL ? &suspended[tid] : NULL;
    if (s == NULL || s->sp == 0)
        return;
    s->sp = 0;
    /* The handler's frames are gone, all of them. */
    if (lg_options.cleanStack)
        zero_range(s->alt.lo, s->alt.hi);
}

/* The lowest address of the stack that `tid` is on with `sp`, as far as can be
   told.  The first thread's own stack is a mapping of its own, all of it.
   Any other stack may be one of several in one mapping (stacks of coroutines
   often are), so only what the stack is known to have reached counts. */
static Addr stack_bottom(ThreadId tid, Addr sp, Addr low)
{
    NSegment const* seg = VG_(am_find_nsegment)(sp);
    if (seg == NULL || seg->kind != SkAnonC || seg->isCH)
        return sp;
    if (tid == 1 && seg->start <= mainStackTop && mainStackTop <= seg->end)
        return seg->start;
    if (low < seg->start + VG_STACK_REDZONE_SZB || low >= sp)
        return sp;
    return low - VG_STACK_REDZONE_SZB;
}

/* The dead part of the stack of `tid` that is alive from `liveFrom` on. */
static void add_dead(XArray* dead, ThreadId tid, Addr liveFrom, Addr low)
{
    LgRange r = {stack_bottom(tid, liveFrom, low), liveFrom};
    if (r.lo < r.hi)
        VG_(addToXA)(dead, &r);
}

/* Where the live part of a thread's stack begins.  isEnding: the thread ends
   the program, and the core no longer knows much of it. */
static Addr live_from(ThreadId tid, Bool isEnding)
{
    const LgExitFrame* f = lg_instrument_exit_frame();
    Addr               sp = VG_(get_SP)(tid);

    if (isEnding && f->valid && f->tid == tid && sp <= f->sp)
        return f->sp; /* what is below the caller of exit() is dead */
    return sp - (isEnding ? VG_STACK_REDZONE_SZB : lg_instrument_red_zone(tid));
}

/* Calls fn for each thread; at the end of the program also for the one that
   ends it, which Valgrind no longer counts as a thread. */
static void for_each_thread(Bool atExit,
                            void (*fn)(void*, ThreadId, Addr liveFrom),
                            void* opaque)
{
    ThreadId tid, ending = atExit ? VG_(get_running_tid)() : 0;
    Addr     stackMin, stackMax;

    VG_(thread_stack_reset_iter)(&tid);
    while (VG_(thread_stack_next)(&tid, &stackMin, &stackMax)) {
        fn(opaque, tid, live_from(tid, False));
        if (tid == ending)
            ending = VG_INVALID_THREADID;
    }
    if (ending != VG_INVALID_THREADID)
        fn(opaque, ending, live_from(ending, True));
}

static void collect_dead(void* dead, ThreadId tid, Addr liveFrom)
{
    add_dead(dead, tid, liveFrom, lg_instrument_stack_low(tid));
    if (suspended != NULL && suspended[tid].sp != 0) {
        /* A handler that was left by a jump was never done. */
        const Suspended* s = &suspended[tid];
        Addr             now = VG_(get_SP)(tid);
        if (s->alt.lo <= now && now < s->alt.hi)
            add_dead(dead, tid, s->sp - VG_STACK_REDZONE_SZB, s->low);
    }
}

void lg_stacks_dead(XArray* dead, Bool atExit)
{
    for_each_thread(atExit, collect_dead, dead);
}

static void collect_live(void* live, ThreadId tid, Addr liveFrom)
{
    NSegment const* seg = VG_(am_find_nsegment)(liveFrom);
    (void)tid;
    /* A stack within a heap block is part of that block. */
    if (seg != NULL && seg->kind == SkAnonC && !seg->isCH) {
        LgRange r = {liveFrom, seg->end + 1};
        VG_(addToXA)(live, &r);
    }
}

void lg_stacks_live(XArray* live, Bool atExit)
{
    for_each_thread(atExit, collect_live, live);
}

void lg_stacks_on_thread_exit(ThreadId tid)
{
    Addr sp = VG_(get_SP)(tid);
    if (lg_options.cleanStack)
        zero_range(stack_bottom(tid, sp, lg_instrument_stack_low(tid)),
                   sp - VG_STACK_REDZONE_SZB);
}

static XArray* deadAtFork;

void lg_stacks_before_fork(ThreadId tid)
{
    (void)tid;
    if (!lg_options.cleanStack)
        return;
    deadAtFork = VG_(newXA)(VG_(malloc), "lg.stacks.fork", VG_(free),
                            sizeof(LgRange));
    lg_stacks_dead(deadAtFork, False);
}

void lg_stacks_after_fork(ThreadId tid, Bool inChild)
{
    (void)tid;
    if (deadAtFork == NULL)
        return;
    /* The child has its own copy of that memory. */
    for (Word i = 0; inChild && i < VG_(sizeXA)(deadAtFork); i++) {
        const LgRange* r = VG_(indexXA)(deadAtFork, i);
        zero_range(r->lo, r->hi);
    }
    VG_(deleteXA)(deadAtFork);
    deadAtFork = NULL;
}
