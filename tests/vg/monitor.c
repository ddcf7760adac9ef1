/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives monitor commands from inside the program.  What they print goes where
   Valgrind's own output goes. */

#include "vgt.h"
#include <valgrind/memcheck.h>

char *volatile possible;
void **volatile reachable;
static void *hidden; /* kept inverted */

DISTINCT static void *get_lost(int size) { return calloc(1, size); }
DISTINCT static void *get_kept(int size) { return calloc(1, size); }

static void make_blocks(void)
{
    void **leader = get_lost(100);
    leader[0] = get_lost(20);
    leader[1] = get_lost(21);
    hidden = (void *)~(uintptr_t)leader;
    possible = (char *)get_kept(30) + 8;
    reachable = get_kept(40);
    reachable[1] = get_kept(50);
}

static void command(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
static void command(const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say("## %s\n", text);
    CLEAR_REGISTERS();
    int unknown = VALGRIND_MONITOR_COMMAND(text);
    if (unknown)
        say("not understood\n");
}

static void leak_checks(void)
{
    command("leak_check");
    command("leak_check full");
    command("leak_check full any");
    command("leak_check summary any");
    command("leak_check full kinds definite,indirect any");
    command("leak_check full kinds all any");
    command("leak_check full reachable any");
    command("leak_check full definiteleak any");
    command("leak_check full possibleleak any");
    command("leak_check full reachable any limited 2");
    command("leak_check full reachable any unlimited");
    command("leak_check full reachable changed");
    free(reachable[1]);
    reachable[1] = NULL;
    command("leak_check full reachable changed");
    reachable[2] = get_kept(60);
    command("leak_check full reachable increased");
    reachable[3] = get_kept(70);
    command("leak_check full reachable new");
    command("leak_check full heuristics none any");
    command("leak_check full kinds none any");
}

static void block_lists(void)
{
    command("block_list 1");
    command("leak_check full kinds all any");
    command("block_list 1");
    command("block_list 1..3");
    command("block_list 2 limited 1");
    command("block_list 99");
    command("block_list 0");
    command("block_list nothing");
    command("block_list 6");
}

struct addresses {
    char reachable[40], possible[40], child[40];
};

static void look_up(struct addresses *a)
{
    void **leader = (void **)~(uintptr_t)hidden;
    snprintf(a->reachable, sizeof a->reachable, "%p", (void *)reachable);
    snprintf(a->possible, sizeof a->possible, "%p", (void *)(possible - 8));
    snprintf(a->child, sizeof a->child, "%p", leader[0]);
}

static void who_points(void)
{
    /* The addresses are texts, so that the question does not answer
       itself. */
    struct addresses a;
    look_up(&a);
    command("who_points_at %s", a.reachable);
    command("who_points_at %s 40", a.reachable);
    command("who_points_at %s", a.possible);
    command("who_points_at %s 30", a.possible);
    command("who_points_at %s 20", a.child);
    command("who_points_at 0x123456789abcdef0");
    command("who_points_at");
}

static void xtrees(void)
{
    command("xtmemory monitor.kcg");
    command("leak_check xtleak any");
}

static void wrong(void)
{
    command("leak_check sometimes");
    command("leak_check full kinds imaginary");
    command("leak_check full kinds");
    command("leak_check full heuristics luck");
    command("leak_check full limited");
    command("leak_check full limited 0");
    command("leak_check full limited many");
    command("no_such_command");
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    make_blocks();
    const char *which = argv[1];
    if (strcmp(which, "leak_checks") == 0)
        leak_checks();
    else if (strcmp(which, "block_lists") == 0)
        block_lists();
    else if (strcmp(which, "who_points") == 0)
        who_points();
    else if (strcmp(which, "xtrees") == 0)
        xtrees();
    else if (strcmp(which, "wrong") == 0)
        wrong();
    else if (strcmp(which, "help") == 0)
        command("help");
    return 0;
}
