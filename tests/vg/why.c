/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks by monitor command, or with an argument by client request, why blocks are there:
   in a list, a hash table, a running function, a thread, thread-local; and lost ones. */

#include "leakgrind.h"
#include "vgt.h"
#include <pthread.h>

struct node {
    long         key;
    struct node *next;
    void        *value;
};

static struct node *list;
static struct node *table[8];
static struct {
    int   filler[4];
    void *config;
} settings;
static __thread void *own;
static void *volatile hidden; /* kept inverted */

DISTINCT static struct node *new_node(long key, struct node *next)
{
    struct node *n = calloc(1, sizeof *n);
    n->key = key;
    n->next = next;
    return n;
}

DISTINCT static void *new_value(size_t size) { return calloc(1, size); }

static int byRequest;

static void why(const char *what, uintptr_t inverted)
{
    char text[100];

    if (byRequest) {
        say("## %s\n", what);
        CLEAR_REGISTERS();
        LEAKGRIND_WHY(inverted);
        return;
    }

    snprintf(text, sizeof text, "why 0x%lx", (unsigned long)~inverted);
    say("## %s\n", what);
    CLEAR_REGISTERS();
    VALGRIND_MONITOR_COMMAND(text);
}

DISTINCT static uintptr_t fill(void)
{
    for (long i = 0; i < 4; i++)
        list = new_node(i, list);
    list->next->next->value = new_value(100);
    return ~(uintptr_t)list->next->next->value;
}

DISTINCT static uintptr_t fill_table(void)
{
    table[5] = new_node(1, new_node(2, NULL));
    table[5]->next->value = new_value(101);
    return ~(uintptr_t)table[5]->next->value;
}

DISTINCT static uintptr_t fill_settings(void)
{
    settings.config = new_value(102);
    return ~(uintptr_t)settings.config;
}

DISTINCT static uintptr_t fill_own(void)
{
    own = new_value(103);
    return ~(uintptr_t)own;
}

DISTINCT static uintptr_t lose(void) { return ~(uintptr_t)new_value(104); }

static uintptr_t in_thread;
static int       begin[2], end[2];

DISTINCT static void *work(void *arg)
{
    void *volatile mine = new_value(105);
    char c = 0;

    in_thread = ~(uintptr_t)mine;
    if (write(begin[1], &c, 1) != 1 || read(end[0], &c, 1) != 1)
        abort();
    free(mine);
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    char      c = 0;

    (void)argv;
    byRequest = argc > 1;

    why("list", fill());
    why("table", fill_table());
    why("settings", fill_settings());
    why("thread-local", fill_own());
    why("lost", lose());
    why("no block", ~(uintptr_t)0x88888888);
    if (pipe(begin) != 0 || pipe(end) != 0 ||
        pthread_create(&thread, NULL, work, NULL) != 0 ||
        read(begin[0], &c, 1) != 1)
        abort();
    why("thread", in_thread);
    if (write(end[1], &c, 1) != 1)
        abort();
    pthread_join(thread, NULL);
    return 0;
}
