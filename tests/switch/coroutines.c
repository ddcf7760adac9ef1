/* SPDX-License-Identifier: GPL-2.0-or-later */
/* coroutines.c: stacks that are suspended while others run, and resumed in any
   order.  See switch.h. */

#include "switch.h"

void coroutine_end(Co* co)
{
    co->alive       = 0;
    co->stack->busy = 0;
}

static void jump_to(World* w, Wait* to)
{
    Side nowhere;

    switch (to->kind) {
    case ByJump:    note("longjmp", NULL); longjmp(to->jump, 1);
    case ByContext: note("setcontext", NULL); setcontext(&to->context);
    default: break;
    }
    const SwitchWay* way = &switches[world_choose(w, (unsigned)n_switches)];
    note("jump", way->name);
    way->f(&nowhere, &to->side);
}

/* Leaves this stack for `to`, until somebody comes back by `from`. */
NOINLINE static void switch_away(World* w, Wait* from, Wait* to)
{
    volatile uint64_t kept[4];
    volatile int      isBack = 0;

    keep(kept, 4, world_random(w));
    from->kind = to->kind == BySwitch ? (WaitKind)world_choose(w, 3)
                                      : (WaitKind)(1 + world_choose(w, 2));
    if (from->kind == BySwitch) {
        const SwitchWay* way = &switches[world_choose(w, (unsigned)n_switches)];
        note("switch", way->name);
        way->f(&from->side, &to->side);
    } else if (from->kind == ByJump) {
        note("setjmp", NULL);
        if (setjmp(from->jump) == 0)
            jump_to(w, to);
    } else if (to->kind == ByContext) {
        note("swapcontext", NULL);
        swapcontext(&from->context, &to->context);
    } else {
        note("getcontext", NULL);
        getcontext(&from->context);
        if (!isBack) {
            isBack = 1;
            jump_to(w, to);
        }
    }
    note("somebody came back", NULL);
    look(kept, 4, "a frame that waited", "switching");
}

/* The innermost coroutine that runs; -1: none does. */
static int running_coroutine(const World* w)
{
    for (int i = w->nControl - 1; i >= 0; i--)
        if (w->control[i].kind == InCoroutine)
            return i;
    return -1;
}

/* Takes the coroutine at control[i], and all that it has begun, away. */
static Co* take_off(World* w, int i)
{
    Co* co = w->control[i].co;

    co->current = w->current;
    co->nKept   = w->nControl - i - 1;
    memcpy(co->kept, &w->control[i + 1], (size_t)co->nKept * sizeof(Control));
    w->current  = w->control[i].current;
    w->nControl = i;
    return co;
}

void thing_yield(World* w, int level)
{
    int i = running_coroutine(w);

    (void)level;
    if (i < 0)
        return;
    Co* co = take_off(w, i);
    switch_away(w, &co->here, &co->resumer);
}

static void resume(World* w, Co* co)
{
    if (w->nControl + co->nKept >= MAX_CONTROL - 4)
        return;
    Control* c = control_push(w, InCoroutine, NULL);
    c->co = co;
    memcpy(&w->control[w->nControl], co->kept,
           (size_t)co->nKept * sizeof(Control));
    w->nControl += co->nKept;
    w->current = co->current;
    /* Its own stack is busy until it ends. */
    switch_away(w, &co->resumer, &co->here);
}

/* A coroutine begins here; it never returns. */
void switch_enter(void);
void switch_enter(void)
{
    World*            w = here;
    volatile uint64_t kept[5];

    keep(kept, 5, world_random(w));
    scenario_run(w, 2);
    look(kept, 5, "a coroutine's frame", "its end");
    Co* co = take_off(w, running_coroutine(w));
    coroutine_end(co);
    jump_to(w, &co->resumer);
}

/* A handler leaves its frame on the alternate stack, for the coroutine to begin
   there: that is how it is done where there are no contexts. */
static __thread Co* begun;

static void begin_in_handler(int signal)
{
    (void)signal;
    if (setjmp(begun->here.jump) != 0)
        switch_enter();
}

static int can_begin_in_handler(World* w, const Piece* p)
{
    return !ticking && p->hi - p->lo >= HANDLER_SZB &&
           (w->alternate == NULL || !w->alternate->busy) &&
           world_choose(w, 2) == 0;
}

static void begin_on_alternate(World* w, Co* co, const Piece* p)
{
    world_set_alternate(p);
    begun = co;
    co->here.kind = ByJump;
    note("a handler begins a coroutine", NULL);
    signal_send(SIGUSR2, begin_in_handler, SA_ONSTACK);
    world_set_alternate(w->alternate);
}

void thing_coroutine(World* w, int level)
{
    Piece* p = world_idle(w, RUN_SZB + 1000);

    (void)level;
    if (p == NULL || !control_has_room(w))
        return;
    for (int i = 0; i < MAX_COS; i++) {
        Co* co = &w->cos[i];
        if (co->alive)
            continue;
        co->alive   = 1;
        co->nKept   = 0;
        co->current = p;
        co->stack   = p;
        p->busy     = 1;
        if (can_begin_in_handler(w, p))
            begin_on_alternate(w, co, p);
        else if (world_choose(w, 3) == 0) {
            co->here.kind = ByContext;
            getcontext(&co->here.context);
            co->here.context.uc_stack.ss_sp   = p->lo;
            co->here.context.uc_stack.ss_size = (size_t)(p->hi - p->lo);
            co->here.context.uc_link          = NULL;
            makecontext(&co->here.context, switch_enter, 0);
        } else {
            co->here.kind    = BySwitch;
            co->here.side.sp = p->hi;
            co->here.side.pc = switch_start;
        }
        resume(w, co);
        return;
    }
}

/* Does it wait, and may be resumed? */
static int is_waiting(const World* w, const Co* co)
{
    if (!co->alive)
        return 0;
    for (int i = 0; i < w->nControl; i++)
        if (w->control[i].kind == InCoroutine && w->control[i].co == co)
            return 0;
    return 1;
}

static Co* a_waiting_one(World* w)
{
    unsigned start = world_choose(w, MAX_COS);

    for (unsigned i = 0; i < MAX_COS; i++) {
        Co* co = &w->cos[(start + i) % MAX_COS];
        if (is_waiting(w, co))
            return co;
    }
    return NULL;
}

void thing_resume(World* w, int level)
{
    Co* co = a_waiting_one(w);

    (void)level;
    if (co != NULL)
        resume(w, co);
}

/* Its stack is free again, with all that still lives on it. */
void thing_abandon(World* w, int level)
{
    Co* co = a_waiting_one(w);

    (void)level;
    if (co == NULL)
        return;
    note("a coroutine is given up", NULL);
    for (int i = co->nKept; i-- > 0;)
        control_release(w, &co->kept[i]);
    coroutine_end(co);
}
