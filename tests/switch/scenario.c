/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario.c: random things that a program does with stacks.  See switch.h.

   scenario SEED N [OPTION]...: the scenarios of seeds SEED .. SEED + N - 1

   --trace         prints each action
   --budget=B      at most B actions in each world
   --only=NAME,... only these actions, and calls within a stack
   --planted       destroys some data itself: the program must find it

   It prints a line for each scenario, which does not depend on addresses.  The exit
   code is 1 if any data was destroyed. */

#include "switch.h"

#include <alloca.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <valgrind/memcheck.h>

__thread long switch_scratch[2];

static int         planted;
static int         budget = 40;
static const char* only;

enum { MAX_NESTING = 3, MAX_LEVEL = 7 };

/* A child does a few more things, and ends wherever that leads. */
static int isChild;

static void end_child(const World* w)
{
    world_check(w, "a child's end");
    _exit(damaged ? 99 : (int)(w->sum % 64));
}

/* ---- Worlds within ------------------------------------------------------- */

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

static void thing_world(World* w, int level)
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
        room -= 20480 + RUN_SZB + 4096;
        on_request(&i, 20480 + 16 * world_choose(w, (unsigned)room / 16 + 1));
        break;
    case 2:
        /* The end of the stack that runs is given to others. */
        if (room < 24576 + RUN_SZB + 8192)
            return;
        note("a world below", NULL);
        i.memory = w->current->lo;
        room -= 24576 + RUN_SZB + 8192;
        i.szB = 24576 + 4096 * world_choose(w, (unsigned)room / 4096 + 1);
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

/* ---- Threads, processes -------------------------------------------------- */

static void thing_fork(World* w, int level)
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

static void thing_thread(World* w, int level)
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
        w->nesting >= MAX_NESTING || !control_has_room(w))
        return;
    control_push(w, OnStack, p);
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
    control_pop(w);
}

/* ---- What is done -------------------------------------------------------- */

static void thing_frames(World* w, int level)
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

static void thing_check(World* w, int level)
{
    (void)w;
    (void)level;
    note("a leak check", NULL);
    VALGRIND_DO_QUICK_LEAK_CHECK;
}

static void thing_convert(World* w, int level)
{
    (void)level;
    world_convert(w);
}

static const Thing things[] = {
    { "call", 6, thing_call },       { "mirror", 8, thing_mirror },
    { "dive", 3, thing_dive },       { "coroutine", 8, thing_coroutine },
    { "resume", 8, thing_resume },   { "yield", 8, thing_yield },
    { "target", 3, thing_target },   { "jump", 2, thing_jump },
    { "signal", 3, thing_signal },   { "edit", 1, thing_edit },
    { "world", 3, thing_world },     { "thread", 1, thing_thread },
    { "fork", 1, thing_fork },       { "convert", 6, thing_convert },
    { "abandon", 2, thing_abandon }, { "check", 1, thing_check },
    { "frames", 6, thing_frames },
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
    int               n = 1 + (int)world_choose(w, 6);

    keep(kept, 9, world_random(w));
    while (n-- > 0 && w->budget > 0 && level < MAX_LEVEL &&
           world_room(w) > RUN_SZB && !damaged) {
        w->budget--;
        do_something(w, level);
    }
    look(kept, 9, "a live frame", "what it has done");
    w->sum = w->sum * 31 + kept[8];
}

/* ---- The program --------------------------------------------------------- */

enum { MAIN_STACK_SZB = 400000 };

/* The stack of the process is made large by using it. */
NOINLINE static void stretch(void)
{
    volatile char frame[MAIN_STACK_SZB + 65536];

    for (size_t i = sizeof frame; i >= 512; i -= 512)
        frame[i - 1] = 1;
}

NOINLINE static void one(unsigned long seed)
{
    char      line[80];
    uintptr_t lowest = (uintptr_t)__builtin_frame_address(0) - MAIN_STACK_SZB;
    Piece     base   = { Stack, 1, NULL, NULL, 0 };

    base.lo = (char*)(lowest / ALIGNMENT * ALIGNMENT);
    signal_set_ticks(seed % 5 == 3);
    /* Small seeds would begin alike. */
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
    signal_set_ticks(0);
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
