/* SPDX-License-Identifier: GPL-2.0-or-later */
/* signals.c: handlers, on the running stack and on alternate ones.  See
   switch.h. */

#include "switch.h"

#include <sys/time.h>

void signal_send(int signal, void (*function)(int), int flags)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = function;
    action.sa_flags   = SA_NODEFER | flags;
    sigaction(signal, &action, NULL);
    raise(signal);
}

static __thread int handlerLevel;

static void handler(int signal)
{
    World* w = here;

    (void)signal;
    note("handler", NULL);
    scenario_run(w, handlerLevel);
    note("handler returns", NULL);
}

/* Is the alternate stack free for a handler, or the one that runs? */
static int alternate_is_free(const World* w, size_t szB)
{
    const Piece* a = w->alternate;

    return a != NULL && (a != w->current ? !a->busy : world_room(w) > szB);
}

void thing_signal(World* w, int level)
{
    int    isAlternate = world_choose(w, 3) != 0;
    Piece* p           = w->alternate;

    if (!control_has_room(w))
        return;
    if (isAlternate ? !alternate_is_free(w, LIBRARY_SZB)
                    : world_room(w) < LIBRARY_SZB)
        return;
    if (isAlternate && p != w->current) {
        control_push(w, InHandler, p);
        w->current = p;
    } else
        control_push(w, InHandler, NULL);
    handlerLevel = level + 1;
    note("signal", isAlternate ? "on the alternate stack" : "on this stack");
    signal_send(SIGUSR1, handler, isAlternate ? SA_ONSTACK : 0);
    control_pop(w);
}

/* A handler that has the program go on elsewhere, and one that has it return:
   the kernel sets the stack pointer. */
static __thread void* editedSP;

static void edited_body(void);

static void copy_registers(ucontext_t* to, const ucontext_t* from)
{
#if defined(__x86_64__)
    memcpy(to->uc_mcontext.gregs, from->uc_mcontext.gregs, sizeof(gregset_t));
#else
    memcpy(to->uc_mcontext.regs, from->uc_mcontext.regs,
           sizeof to->uc_mcontext.regs);
    to->uc_mcontext.sp     = from->uc_mcontext.sp;
    to->uc_mcontext.pc     = from->uc_mcontext.pc;
    to->uc_mcontext.pstate = from->uc_mcontext.pstate;
#endif
}

static void edit(int signal, siginfo_t* info, void* context)
{
    ucontext_t* uc = context;

    (void)signal;
    (void)info;
    copy_registers(&here->edited, uc);
#if defined(__x86_64__)
    uc->uc_mcontext.gregs[REG_RSP] = (greg_t)((char*)editedSP - 8);
    uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)edited_body;
#else
    uc->uc_mcontext.sp = (uintptr_t)editedSP;
    uc->uc_mcontext.pc = (uintptr_t)edited_body;
#endif
}

static void restore(int signal, siginfo_t* info, void* context)
{
    (void)signal;
    (void)info;
    copy_registers(context, &here->edited);
}

static void send_with_context(void (*function)(int, siginfo_t*, void*))
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_sigaction = function;
    action.sa_flags     = SA_NODEFER | SA_ONSTACK | SA_SIGINFO;
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
}

static void edited_body(void)
{
    World* w = here;

    frames_recurse(w, 5, NULL, 0);
    world_check(w, "a handler that changes the stack pointer");
    note("the kernel goes back", NULL);
    send_with_context(restore);
}

void thing_edit(World* w, int level)
{
    Piece* p = world_idle(w, RUN_SZB + 2000);

    (void)level;
    if (p == NULL || w->isEdited || !control_has_room(w) ||
        w->alternate == NULL || w->alternate->busy)
        return;
    control_push(w, Edited, p);
    w->current  = p;
    w->isEdited = 1;
    editedSP    = p->hi;
    note("the kernel changes the stack", NULL);
    send_with_context(edit);
    control_pop(w);
}

/* ---- Signals at any time ------------------------------------------------- */

NOINLINE static void tick_frames(int depth)
{
    volatile uint64_t words[20];

    keep(words, 20, (uint64_t)depth);
    if (depth > 0)
        tick_frames(depth - 1);
    look(words, 20, "a handler's frame", "a tick");
}

static void tick(int signal)
{
    (void)signal;
    tick_frames(12);
}

void signal_set_ticks(int are)
{
    static char      stack[65536] __attribute__((aligned(ALIGNMENT)));
    const Piece      alternate = { Stack, 1, stack, stack + sizeof stack, 0 };
    struct sigaction action;
    struct itimerval often = { { 0, are ? 1000 : 0 }, { 0, are ? 1000 : 0 } };

    memset(&action, 0, sizeof action);
    action.sa_handler = tick;
    action.sa_flags   = SA_ONSTACK | SA_RESTART;
    ticking           = are;
    if (are)
        world_set_alternate(&alternate);
    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &often, NULL);
    if (!are)
        world_set_alternate(NULL);
}
