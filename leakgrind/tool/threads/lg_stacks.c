/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stacks.c: dead and live parts of stacks.  See lg_stacks.h. */

#include "lg_stacks.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_vki.h"

#include "../memory/lg_pages.h"
#include "lg_exit.h"
#include "lg_zones.h"

/* The highest address of the first thread's stack.  The core does not know it
   any more when the thread ends. */
static Addr mainStackTop;

/* The stack pointer at which the first thread last left its stack by a jump;
   and whether a jump has led back to below it, as between coroutines on that
   stack. */
static Addr mainStackLeftAt;
static Bool isMainStackShared;

/* Per thread: the last signal that was handled on an alternate stack. */
typedef struct {
    Addr    sp;   /* at the time of the signal; 0: the handler has returned */
    LgRange dead; /* what of that stack was */
    LgRange alt;  /* the alternate stack */
    Bool    isDead; /* the handler has returned, and no other has run since */
} AltSignal;

static AltSignal* altSignals; /* by ThreadId; NULL: no such signal ever */

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

static Bool in_range(Addr a, const LgRange* r)
{
    return r->lo <= a && a < r->hi;
}

void lg_stacks_on_signal(ThreadId tid, Bool altStack)
{
    Addr    sp = VG_(get_SP)(tid);
    LgRange alt = lg_zones_alternate_stack(tid);

    if (!altStack || in_range(sp, &alt))
        return;
    if (altSignals == NULL)
        altSignals =
            VG_(calloc)("lg.stacks", VG_N_THREADS, sizeof *altSignals);
    altSignals[tid] = (AltSignal){
        sp, lg_zones_dead(tid, sp - VG_STACK_REDZONE_SZB), alt, False};
}

void lg_stacks_on_signal_done(ThreadId tid)
{
    AltSignal* s = altSignals != NULL ? &altSignals[tid] : NULL;
    /* The handler may have interrupted another one on the same stack. */
    if (s == NULL || s->sp == 0 || in_range(VG_(get_SP)(tid), &s->alt))
        return;
    s->sp = 0;
    s->isDead = True;
}

/* The mapping of the first thread's stack; empty if `a` is not in it. */
static LgRange main_stack_of(Addr a)
{
    NSegment const* seg =
        a < mainStackTop ? VG_(am_find_nsegment)(a) : NULL;
    return seg != NULL && seg->kind == SkAnonC && !seg->isCH &&
                   seg->start <= mainStackTop && mainStackTop <= seg->end
               ? (LgRange){seg->start, seg->end + 1}
               : (LgRange){a, a};
}

static Bool is_on_main_stack(Addr a)
{
    LgRange r = main_stack_of(a);
    return r.lo < r.hi;
}

void lg_stacks_on_jump(Addr newSP, Addr oldSP, Bool isComputed)
{
    AltSignal* s =
        altSignals != NULL ? &altSignals[VG_(get_running_tid)()] : NULL;
    /* Some programs make coroutines of handlers, and jump back into them. */
    if (s != NULL && in_range(newSP, &s->alt))
        s->isDead = False;
    if (isMainStackShared)
        return;
    if (is_on_main_stack(oldSP))
        mainStackLeftAt = oldSP;
    if (!isComputed && newSP < mainStackLeftAt && is_on_main_stack(newSP))
        isMainStackShared = True;
}

static void add_dead_range(XArray* ranges, LgRange r)
{
    if (r.lo < r.hi)
        VG_(addToXA)(ranges, &r);
}

/* Adds the dead part of the stack of `tid`, which is alive from liveFrom on.
   The first thread's stack has a mapping of its own: all below liveFrom is
   dead, even what functions left there that longjmp() abandoned, and that is
   not proven dead.  Other stacks may share a mapping (those of coroutines
   often do), so only what is proven dead is added. */
static void add_dead_stack(XArray* dead, ThreadId tid, Addr liveFrom)
{
    LgRange own = main_stack_of(liveFrom);
    LgRange proven = lg_zones_dead(tid, liveFrom);

    if (tid == 1 && !isMainStackShared && own.lo < own.hi)
        add_dead_range(dead, (LgRange){own.lo, liveFrom});
    else if (proven.lo < proven.hi)
        /* The function that used the lowest part of the stack had a red
           zone. */
        add_dead_range(dead, (LgRange){proven.lo - VG_STACK_REDZONE_SZB,
                                       proven.hi});
}

/* Where the live part of a thread's stack begins.  isEnding: the thread ends
   the program, and the core no longer knows much of it. */
static Addr live_from(ThreadId tid, Bool isEnding)
{
    const LgExitFrame* f = lg_exit_frame();
    Addr               sp = VG_(get_SP)(tid);

    if (isEnding && f->valid && f->registers.tid == tid && sp <= f->sp)
        return f->sp; /* the stack below exit's caller is dead */
    return sp - lg_zones_red_zone(tid);
}

/* Calls fn for each thread; at the end of the program also for the one that
   ends it, which Valgrind no longer counts as a thread. */
static void for_each_thread(Bool atExit,
                            void (*fn)(void*, ThreadId, Bool isEnding),
                            void* opaque)
{
    ThreadId tid, ending = atExit ? VG_(get_running_tid)() : 0;
    Addr     stackMin, stackMax;

    VG_(thread_stack_reset_iter)(&tid);
    while (VG_(thread_stack_next)(&tid, &stackMin, &stackMax)) {
        fn(opaque, tid, False);
        if (tid == ending)
            ending = VG_INVALID_THREADID;
    }
    if (ending != VG_INVALID_THREADID)
        fn(opaque, ending, True);
}

/* How the thread's alternate signal stack affects its stacks. */
static void collect_dead_of_signals(XArray* dead, ThreadId tid, Bool isEnding)
{
    const AltSignal* s = &altSignals[tid];
    LgRange          alt = s->alt;

    /* A handler that a jump has left never returned. */
    if (s->sp != 0 && in_range(VG_(get_SP)(tid), &alt))
        add_dead_range(dead, s->dead);
    /* Only if it is still the alternate stack; otherwise it may be anything. */
    LgRange now = isEnding ? lg_exit_frame()->alt
                           : lg_zones_alternate_stack(tid);
    if (s->isDead && now.lo == alt.lo && now.hi == alt.hi)
        VG_(addToXA)(dead, &alt);
}

static void collect_dead(void* dead, ThreadId tid, Bool isEnding)
{
    add_dead_stack(dead, tid, live_from(tid, isEnding));
    if (altSignals != NULL)
        collect_dead_of_signals(dead, tid, isEnding);
}

static void look_for_main_stack(void* isUsed, ThreadId tid, Bool isEnding)
{
    if (is_on_main_stack(live_from(tid, isEnding)) ||
        (altSignals != NULL && is_on_main_stack(altSignals[tid].sp)))
        *(Bool*)isUsed = True;
}

void lg_stacks_dead(XArray* dead, Bool atExit)
{
    Bool isUsed = mainStackLeftAt == 0 || isMainStackShared;

    for_each_thread(atExit, collect_dead, dead);
    for_each_thread(atExit, look_for_main_stack, &isUsed);
    /* It waits until a coroutine comes back to it. */
    if (!isUsed)
        add_dead_range(dead, (LgRange){main_stack_of(mainStackLeftAt).lo,
                                       mainStackLeftAt - VG_STACK_REDZONE_SZB});
}

static void collect_live(void* live, ThreadId tid, Bool isEnding)
{
    Addr            from = live_from(tid, isEnding);
    NSegment const* seg = VG_(am_find_nsegment)(from);
    /* A stack within a heap block is part of that block. */
    if (seg != NULL && seg->kind == SkAnonC && !seg->isCH) {
        LgRange r = {from, seg->end + 1};
        VG_(addToXA)(live, &r);
    }
}

void lg_stacks_live(XArray* live, Bool atExit)
{
    for_each_thread(atExit, collect_live, live);
}

void lg_stacks_on_thread_exit(ThreadId tid)
{
    Addr    sp = VG_(get_SP)(tid);
    LgRange dead = lg_zones_dead(tid, sp - VG_STACK_REDZONE_SZB);
    zero_range(dead.lo, dead.hi);
}

static XArray* deadAtFork;

void lg_stacks_before_fork(ThreadId forking)
{
    ThreadId tid;
    Addr     stackMin, stackMax;

    deadAtFork = VG_(newXA)(VG_(malloc), "lg.stacks.fork", VG_(free),
                            sizeof(LgRange));
    VG_(thread_stack_reset_iter)(&tid);
    while (VG_(thread_stack_next)(&tid, &stackMin, &stackMax))
        if (tid != forking)
            add_dead_range(
                deadAtFork,
                lg_zones_dead(tid, VG_(get_SP)(tid) - VG_STACK_REDZONE_SZB));
}

void lg_stacks_after_fork(ThreadId tid, Bool inChild)
{
    (void)tid;
    /* The child has its own copy of that memory. */
    for (Word i = 0; inChild && i < VG_(sizeXA)(deadAtFork); i++) {
        const LgRange* r = VG_(indexXA)(deadAtFork, i);
        zero_range(r->lo, r->hi);
    }
    VG_(deleteXA)(deadAtFork);
    deadAtFork = NULL;
}
