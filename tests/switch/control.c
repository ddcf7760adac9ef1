/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control.c: the calls in which a world's thread of control is; calls on other
   stacks, and jumps out of them.  See switch.h. */

#include "switch.h"

Control* control_push(World* w, ControlKind kind, Piece* piece)
{
    Control* c = &w->control[w->nControl++];

    memset(c, 0, sizeof *c);
    c->kind    = kind;
    c->piece   = piece;
    c->current = w->current;
    if (piece != NULL)
        piece->busy = 1;
    return c;
}

void control_release(World* w, const Control* c)
{
    if (c->piece != NULL)
        c->piece->busy = 0;
    if (c->kind == Edited)
        w->isEdited = 0;
    if (c->kind == InCoroutine)
        coroutine_end(c->co);
}

void control_pop(World* w)
{
    Control* c = &w->control[--w->nControl];

    w->current = c->current;
    control_release(w, c);
}

void control_cut(World* w, int nControl)
{
    while (w->nControl > nControl)
        control_release(w, &w->control[--w->nControl]);
}

int control_has_room(const World* w)
{
    return w->nControl < MAX_CONTROL - 4;
}

/* The level of what is called on another stack. */
static void call_body(void* level)
{
    scenario_run(here, (int)(intptr_t)level);
}

/* ---- Another stack and back ---------------------------------------------- */

void thing_call(World* w, int level)
{
    Piece* p = world_idle(w, RUN_SZB);
    const CallWay* way = &calls[world_choose(w, (unsigned)n_calls)];

    if (p == NULL || !control_has_room(w))
        return;
    control_push(w, OnStack, p);
    w->current = p;
    note("call", way->name);
    way->f(call_body, (void*)(intptr_t)(level + 1), p->hi);
    note("back from call", way->name);
    control_pop(w);
}

/* Where the running stack has as much below as is free there, at a distance.  Only
   within the world's memory are distances the same in each run. */
void thing_mirror(World* w, int level)
{
    unsigned start = world_choose(w, (unsigned)n_mirrors);
    char     sp;

    if (w->stride == 0 || &sp < w->memory ||
        &sp >= w->memory + w->memorySzB || !control_has_room(w))
        return;
    for (unsigned k = 0; k < n_mirrors; k++) {
        const MirrorWay* way = &mirrors[(start + k) % n_mirrors];
        if (way->distance % w->stride != 0)
            continue;
        char* there = &sp + way->distance;
        for (int i = 0; i < w->nPieces; i++) {
            Piece* p = &w->pieces[i];
            if (p->kind != Stack || p->busy || p == w->alternate ||
                there > p->hi - 512 || there < p->lo + RUN_SZB + 1024)
                continue;
            control_push(w, OnStack, p);
            w->current = p;
            note("mirror", way->name);
            way->f(call_body, (void*)(intptr_t)(level + 1));
            note("back from mirror", way->name);
            control_pop(w);
            return;
        }
    }
}

/* To the very end of a stack. */
void thing_dive(World* w, int level)
{
    const DiveWay* way = &dives[world_choose(w, (unsigned)n_dives)];

    (void)level;
    if (w->current->hi == NULL || world_room(w) < 2048)
        return;
    note("dive", way->name);
    way->f(w->current->lo);
    world_check(w, "a dive");
}

/* ---- Jumps out ----------------------------------------------------------- */

void thing_target(World* w, int level)
{
    jmp_buf           target;
    volatile uint64_t kept[6];

    if (!control_has_room(w))
        return;
    keep(kept, 6, world_random(w));
    control_push(w, Target, NULL)->jump = &target;
    note("setjmp", NULL);
    if (setjmp(target) == 0)
        scenario_run(here, level + 1);
    else
        note("longjmp has come", NULL);
    control_pop(here);
    look(kept, 6, "a frame jumped to", "longjmp");
}

void thing_jump(World* w, int level)
{
    int found = -1, n = 0;

    (void)level;
    for (int i = 0; i < w->nControl; i++)
        if (w->control[i].kind == Target && world_choose(w, (unsigned)++n) == 0)
            found = i;
    if (found < 0)
        return;
    jmp_buf* target = w->control[found].jump;
    w->current      = w->control[found].current;
    control_cut(w, found + 1);
    note("longjmp", NULL);
    longjmp(*target, 1);
}
