/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario.c: random things that a program does with stacks.  See switch.h.

   scenario SEED N [OPTION]...: the scenarios of seeds SEED .. SEED + N - 1

   --trace         says what is done, as it is done
   --budget=B      at most so many things in each world
   --only=NAME,... these things alone, besides calls within a stack
   --planted       destroys some data itself: the program must find it

   A line for each scenario goes to the standard output, and does not depend on
   addresses.  The exit code is 1 if anything was destroyed. */

#include "switch.h"

#include <alloca.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <valgrind/memcheck.h>

__thread long switch_scratch[2];

static int         planted;
static int         budget = 40;
static const char* only;

/* What running a scenario takes of a stack, and what more a function of the C
   library may take. */
enum {
    RUN_SZB     = 4500,
    LIBRARY_SZB = 24576,
};
enum { MAX_NESTING = 3, MAX_LEVEL = 7 };

/* ---- The thread of control --------------------------------------------------- */

static Control* push(World* w, ControlKind kind, Piece* piece)
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

/* Nothing of it is kept. */
static void end_coroutine(Co* co)
{
    co->alive       = 0;
    co->stack->busy = 0;
}

static void release(World* w, const Control* c)
{
    if (c->piece != NULL)
        c->piece->busy = 0;
    if (c->kind == Edited)
        w->isEdited = 0;
    if (c->kind == InCoroutine)
        end_coroutine(c->co);
}

/* Normally: the last one. */
static void pop(World* w)
{
    Control* c = &w->control[--w->nControl];

    w->current = c->current;
    release(w, c);
}

/* Cuts off what has begun since. */
static void cut(World* w, int nControl)
{
    while (w->nControl > nControl)
        release(w, &w->control[--w->nControl]);
}

static int has_room_to_push(const World* w)
{
    return w->nControl < MAX_CONTROL - 4;
}

/* The level of what is called on another stack. */
static void call_body(void* level)
{
    scenario_run(here, (int)(intptr_t)level);
}

/* ---- Another stack and back ----------------------------------------------------- */

static void call_on_stack(World* w, int level)
{
    Piece* p = world_idle(w, RUN_SZB);
    const CallWay* way = &calls[world_choose(w, (unsigned)n_calls)];

    if (p == NULL || !has_room_to_push(w))
        return;
    push(w, OnStack, p);
    w->current = p;
    note("call", way->name);
    way->f(call_body, (void*)(intptr_t)(level + 1), p->hi);
    note("back from call", way->name);
    pop(w);
}

/* Where the running stack has as much below as is free there, at a distance. */
static void call_mirrored(World* w, int level)
{
    unsigned start = world_choose(w, (unsigned)n_mirrors);
    char     sp;

    if (w->stride == 0 || !has_room_to_push(w))
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
            push(w, OnStack, p);
            w->current = p;
            note("mirror", way->name);
            way->f(call_body, (void*)(intptr_t)(level + 1));
            note("back from mirror", way->name);
            pop(w);
            return;
        }
    }
}

/* To the very end of a stack. */
static void dive(World* w)
{
    const DiveWay* way = &dives[world_choose(w, (unsigned)n_dives)];

    if (w->current->hi == NULL || world_room(w) < 2048)
        return;
    note("dive", way->name);
    way->f(w->current->lo);
    world_check(w, "a dive");
}

static void send(int signal, void (*function)(int), int flags)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = function;
    action.sa_flags   = SA_NODEFER | flags;
    sigaction(signal, &action, NULL);
    raise(signal);
}

/* ---- Coroutines -------------------------------------------------------------------- */

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
    uint64_t          first  = world_random(w);

    for (int i = 0; i < 4; i++)
        kept[i] = first + (unsigned)i;
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
    for (unsigned i = 0; i < 4; i++)
        if (kept[i] != kept[0] + i)
            damage("a frame that waited", (const void*)&kept[i], "switching");
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

static void yield(World* w)
{
    int i = running_coroutine(w);

    if (i < 0)
        return;
    Co* co = take_off(w, i);
    switch_away(w, &co->here, &co->resumer);
}

static void resume(World* w, Co* co)
{
    if (w->nControl + co->nKept >= MAX_CONTROL - 4)
        return;
    Control* c = push(w, InCoroutine, NULL);
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
    World*   w = here;
    uint64_t first = world_random(w);
    volatile uint64_t kept = first;

    scenario_run(w, 2);
    if (kept != first)
        damage("a coroutine's frame", (const void*)&kept, "its end");
    w = here;
    Co* co = take_off(w, running_coroutine(w));
    end_coroutine(co);
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
    send(SIGUSR2, begin_in_handler, SA_ONSTACK);
    world_set_alternate(w->alternate);
}

static void begin_coroutine(World* w)
{
    Piece* p = world_idle(w, RUN_SZB + 1000);

    if (p == NULL || !has_room_to_push(w))
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

static void resume_one(World* w)
{
    Co* co = a_waiting_one(w);

    if (co != NULL)
        resume(w, co);
}

/* Its stack is free again, with all that still lives on it. */
static void abandon_one(World* w)
{
    Co* co = a_waiting_one(w);

    if (co == NULL)
        return;
    note("a coroutine is given up", NULL);
    for (int i = co->nKept; i-- > 0;)
        release(w, &co->kept[i]);
    end_coroutine(co);
}

/* ---- Jumps out ---------------------------------------------------------------------- */

static void jump_target(World* w, int level)
{
    jmp_buf           target;
    volatile uint64_t kept[6];
    uint64_t          first = world_random(w);

    if (!has_room_to_push(w))
        return;
    for (unsigned i = 0; i < 6; i++)
        kept[i] = first + i;
    push(w, Target, NULL)->jump = &target;
    note("setjmp", NULL);
    if (setjmp(target) == 0)
        scenario_run(here, level + 1);
    else
        note("longjmp has come", NULL);
    pop(here);
    for (unsigned i = 0; i < 6; i++)
        if (kept[i] != kept[0] + i)
            damage("a frame jumped to", (const void*)&kept[i], "longjmp");
}

static void jump_out(World* w)
{
    int found = -1, n = 0;

    for (int i = 0; i < w->nControl; i++)
        if (w->control[i].kind == Target && world_choose(w, (unsigned)++n) == 0)
            found = i;
    if (found < 0)
        return;
    jmp_buf* target = w->control[found].jump;
    w->current      = w->control[found].current;
    cut(w, found + 1);
    note("longjmp", NULL);
    longjmp(*target, 1);
}

/* ---- Signals ------------------------------------------------------------------------- */

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

static void signalled(World* w, int level)
{
    int    isAlternate = world_choose(w, 3) != 0;
    Piece* p           = w->alternate;

    if (!has_room_to_push(w))
        return;
    if (isAlternate ? !alternate_is_free(w, LIBRARY_SZB)
                    : world_room(w) < LIBRARY_SZB)
        return;
    if (isAlternate && p != w->current) {
        push(w, InHandler, p);
        w->current = p;
    } else
        push(w, InHandler, NULL);
    handlerLevel = level + 1;
    note("signal", isAlternate ? "on the alternate stack" : "on this stack");
    send(SIGUSR1, handler, isAlternate ? SA_ONSTACK : 0);
    pop(w);
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

static void edited(World* w)
{
    Piece* p = world_idle(w, RUN_SZB + 2000);

    if (p == NULL || w->isEdited || !has_room_to_push(w) ||
        w->alternate == NULL || w->alternate->busy)
        return;
    push(w, Edited, p);
    w->current  = p;
    w->isEdited = 1;
    editedSP    = p->hi;
    note("the kernel changes the stack", NULL);
    send_with_context(edit);
    pop(w);
}

/* A child does a few more things, and ends wherever that leads. */
static int isChild;

static void end_child(const World* w)
{
    world_check(w, "a child's end");
    _exit(damaged ? 99 : (int)(w->sum % 64));
}

/* ---- Worlds within ---------------------------------------------------------------------- */

typedef struct {
    World*    parent;
    uint64_t  random;
    int       level;
    int       nesting;
    int       budget;
    PlaceKind place;
    char*     memory;
    size_t    szB;
    Piece     base;
    uint64_t  sum; /* of what it has done */
} Inside;

static void run_inside(Inside* i)
{
    World* w = world_make(i->parent, i->random, i->place, i->memory, i->szB,
                          i->base);

    w->budget  = i->budget;
    w->nesting = i->nesting;
    scenario_run(w, i->level);
    i->sum = w->sum;
    if (isChild && i->parent == NULL)
        end_child(w);
    world_end(w);
}

NOINLINE static void in_an_array(Inside* i)
{
    char memory[40960] __attribute__((aligned(64)));

    i->memory = memory;
    i->szB    = sizeof memory;
    run_inside(i);
}

NOINLINE static void on_request(Inside* i, size_t szB)
{
    i->memory = (char*)(((uintptr_t)alloca(szB + 16) + 15) & ~(uintptr_t)15);
    i->szB    = szB;
    run_inside(i);
}

static void another_world(World* w, int level)
{
    Inside i    = { .parent = w, .random = world_random(w),
                    .level = level + 1, .nesting = w->nesting + 1,
                    .budget = w->budget / 2, .place = InGiven,
                    .base = *w->current };
    size_t room = world_room(w);

    if (w->nesting >= MAX_NESTING || room < RUN_SZB + 4096)
        return;
    switch (world_choose(w, 5)) {
    case 0:
        if (room < 40960 + RUN_SZB + 4096)
            return;
        note("a world in an array", NULL);
        in_an_array(&i);
        break;
    case 1:
        if (room < 20480 + RUN_SZB + 4096)
            return;
        note("a world in alloca's memory", NULL);
        on_request(&i, 20480 + 16 * world_choose(w, (unsigned)(room - 20480 -
                                                       RUN_SZB - 4096) / 16 + 1));
        break;
    case 2:
        /* The end of the stack that runs is given to others. */
        if (room < 24576 + RUN_SZB + 8192)
            return;
        note("a world below", NULL);
        i.memory = w->current->lo;
        i.szB    = 24576 + 4096 * world_choose(w, (unsigned)(room - 24576 -
                                                   RUN_SZB - 8192) / 4096 + 1);
        i.base.lo += i.szB;
        run_inside(&i);
        break;
    default:
        i.place = (PlaceKind)world_choose(w, InGiven);
        note("another world", NULL);
        run_inside(&i);
        break;
    }
    w->sum = w->sum * 31 + i.sum;
}

/* ---- Threads, processes -------------------------------------------------------------- */

static void in_a_child(World* w, int level)
{
    int status = 0;

    if (world_room(w) < LIBRARY_SZB || isChild)
        return;
    note("fork", NULL);
    pid_t pid = fork();
    if (pid == 0) {
        isChild = 1;
        note("in the child", NULL);
        for (World* p = w; p != NULL; p = p->parent)
            p->budget = p->budget < 3 ? p->budget : 3;
        scenario_run(w, level + 1);
        end_child(w);
    }
    if (pid > 0)
        while (waitpid(pid, &status, 0) != pid)
            ;
    if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 99)
        damage("in a child", NULL, "fork");
    w->sum = w->sum * 31 + (unsigned)WEXITSTATUS(status);
}

static void* thread(void* data)
{
    /* The world that made it is not its own: that goes on meanwhile. */
    run_inside(data);
    return NULL;
}

static void on_a_thread(World* w, int level)
{
#if defined(__aarch64__)
    const size_t min = 200000;
#else
    const size_t min = 65536;
#endif
    Piece*         p = world_idle(w, min);
    pthread_attr_t attr;
    pthread_t      id;
    Inside         i = { .random = world_random(w), .level = level + 1,
                         .nesting = w->nesting + 1, .budget = w->budget / 2,
                         .place = (PlaceKind)world_choose(w, InGiven) };

    if (p == NULL || world_room(w) < LIBRARY_SZB ||
        w->nesting >= MAX_NESTING || !has_room_to_push(w))
        return;
    push(w, OnStack, p);
    i.base    = *p;
    i.base.hi = NULL;
    /* Signals come to the first thread. */
    sigset_t ticks, before;
    sigemptyset(&ticks);
    sigaddset(&ticks, SIGVTALRM);
    pthread_sigmask(SIG_BLOCK, &ticks, &before);
    pthread_attr_init(&attr);
    if (pthread_attr_setstack(&attr, p->lo, (size_t)(p->hi - p->lo)) == 0 &&
        pthread_create(&id, &attr, thread, &i) == 0) {
        note("a thread", NULL);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (world_choose(w, 2))
            frames_recurse(w, 8, NULL, 0);
        pthread_join(id, NULL);
    } else
        damage("a thread cannot be made", NULL, "pthread_create");
    pthread_attr_destroy(&attr);
    w->sum = w->sum * 31 + i.sum;
    pop(w);
}

/* ---- What is done ---------------------------------------------------------------------- */

static void recurse(World* w, int level)
{
    note("frames", NULL);
    frames_recurse(w, 2 + (int)world_choose(w, 20),
                   world_choose(w, 2) && world_room(w) > RUN_SZB + 30000
                       ? scenario_run
                       : NULL,
                   level + 1);
}

static void destroy(World* w)
{
    for (int i = 0; i < w->nPieces; i++)
        if (w->pieces[i].kind == Data) {
            memset(w->pieces[i].hi - 16, 0, 16);
            return;
        }
}

typedef struct {
    const char* name;
    unsigned    weight;
    void (*f)(World*, int level);
} Thing;

static void do_dive(World* w, int level) { (void)level; dive(w); }
static void do_begin(World* w, int level) { (void)level; begin_coroutine(w); }
static void do_resume(World* w, int level) { (void)level; resume_one(w); }
static void do_yield(World* w, int level) { (void)level; yield(w); }
static void do_jump(World* w, int level) { (void)level; jump_out(w); }
static void do_check(World* w, int level)
{
    (void)w;
    (void)level;
    note("a leak check", NULL);
    VALGRIND_DO_QUICK_LEAK_CHECK;
}

static void do_edit(World* w, int level) { (void)level; edited(w); }
static void do_convert(World* w, int level) { (void)level; world_convert(w); }
static void do_abandon(World* w, int level) { (void)level; abandon_one(w); }

static const Thing things[] = {
    { "call", 6, call_on_stack },  { "mirror", 8, call_mirrored },
    { "dive", 3, do_dive },        { "coroutine", 8, do_begin },
    { "resume", 8, do_resume },    { "yield", 8, do_yield },
    { "target", 3, jump_target },  { "jump", 2, do_jump },
    { "signal", 3, signalled },    { "edit", 1, do_edit },
    { "world", 3, another_world },      { "thread", 1, on_a_thread },
    { "fork", 1, in_a_child },     { "convert", 6, do_convert },
    { "abandon", 2, do_abandon },  { "check", 1, do_check },
    { "frames", 6, recurse },
};
enum { N_THINGS = sizeof things / sizeof *things };

static int is_wanted(const Thing* thing)
{
    if (only == NULL)
        return 1;
    const char* found = strstr(only, thing->name);
    size_t      n     = strlen(thing->name);
    return found != NULL && (found[n] == ',' || found[n] == '\0') &&
           (found == only || found[-1] == ',');
}

static void do_something(World* w, int level)
{
    unsigned total = 0, i = 0;

    for (unsigned k = 0; k < N_THINGS; k++)
        total += things[k].weight;
    for (unsigned left = world_choose(w, total); left >= things[i].weight; i++)
        left -= things[i].weight;
    if (!is_wanted(&things[i]))
        i = N_THINGS - 1;
    things[i].f(w, level);
    w = here;
    if (planted && w->budget == 3)
        destroy(w);
    world_check(w, things[i].name);
    w->sum = w->sum * 31 + i;
}

void scenario_run(World* w, int level)
{
    volatile uint64_t kept[9];
    uint64_t          first = world_random(w);
    int               n     = 1 + (int)world_choose(w, 6);

    for (unsigned i = 0; i < 9; i++)
        kept[i] = first + i;
    while (n-- > 0 && w->budget > 0 && level < MAX_LEVEL &&
           world_room(w) > RUN_SZB && !damaged) {
        w->budget--;
        do_something(w, level);
    }
    for (unsigned i = 0; i < 9; i++)
        if (kept[i] != kept[0] + i)
            damage("a live frame", (const void*)&kept[i], "what it has done");
    w->sum = w->sum * 31 + kept[8];
}

/* ---- The program ----------------------------------------------------------------------- */

enum { MAIN_STACK_SZB = 400000 };

/* The stack of the process is made large by using it. */
NOINLINE static void stretch(void)
{
    volatile char frame[MAIN_STACK_SZB + 65536];

    for (size_t i = sizeof frame; i >= 512; i -= 512)
        frame[i - 1] = 1;
}

NOINLINE static void tick_frames(int depth)
{
    volatile int words[40];

    for (int i = 0; i < 40; i++)
        words[i] = depth + i;
    if (depth > 0)
        tick_frames(depth - 1);
    for (int i = 0; i < 40; i++)
        if (words[i] != depth + i)
            damage("a handler's frame", (const void*)&words[i], "a tick");
}

static void tick(int signal)
{
    (void)signal;
    tick_frames(12);
}

/* From now on, or no longer. */
static void set_ticks(int are)
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

NOINLINE static void one(unsigned long seed)
{
    char      line[80];
    uintptr_t lowest = (uintptr_t)__builtin_frame_address(0) - MAIN_STACK_SZB;
    Piece     base   = { Stack, 1, (char*)(lowest / 256 * 256), NULL, 0 };

    set_ticks(seed % 5 == 3);
    /* Any seed is as good as another, but for small ones. */
    World* w = world_make(NULL, (seed + 1) * 0x9e3779b97f4a7c15,
                          (PlaceKind)(seed % InGiven), NULL, 0, base);

    for (w->budget = budget; w->budget > 0 && !damaged;) {
        w->budget--;
        do_something(w, 0);
    }
    uint64_t sum = w->sum;
    if (isChild)
        end_child(w);
    world_end(w);
    set_ticks(0);
    int n = snprintf(line, sizeof line, "%lu: %016llx%s\n", seed,
                     (unsigned long long)sum, damaged ? " DAMAGED" : "");
    if (write(1, line, (size_t)n) != n)
        damaged = 1;
}

NOINLINE static void all(unsigned long seed, unsigned long n)
{
    /* The same addresses, modulo a page, wherever the stack begins. */
    volatile char* aligned = alloca((uintptr_t)__builtin_frame_address(0) %
                                    4096 / 16 * 16 + 16);

    aligned[0] = 0;
    for (unsigned long i = 0; i < n && !damaged; i++)
        one(seed + i);
}

int main(int argc, char** argv)
{
    unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    unsigned long n    = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;

    for (int i = 3; i < argc; i++)
        if (strcmp(argv[i], "--trace") == 0)
            tracing = 1;
        else if (strcmp(argv[i], "--planted") == 0)
            planted = 1;
        else if (strncmp(argv[i], "--budget=", 9) == 0)
            budget = atoi(argv[i] + 9);
        else if (strncmp(argv[i], "--only=", 7) == 0)
            only = argv[i] + 7;
        else {
            fprintf(stderr, "scenario: what is %s?\n", argv[i]);
            return 2;
        }
    stretch();
    all(seed, n);
    return damaged != 0;
}
