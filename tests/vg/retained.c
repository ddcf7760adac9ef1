/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says by monitor command who keeps how much in use: a hash table, a list, and two
   variables that lead to the same block. */

#include "vgt.h"
#include <valgrind/valgrind.h>

struct node {
    struct node *next;
    void        *value;
};

static struct node *table[8];
static struct node *list;
static void        *first, *second;

DISTINCT static struct node *new_node(struct node *next, size_t size)
{
    struct node *n = calloc(1, sizeof *n);
    n->next = next;
    n->value = size != 0 ? calloc(1, size) : NULL;
    return n;
}

DISTINCT static void fill(void)
{
    void *shared = calloc(1, 500);

    for (int i = 0; i < 20; i++)
        table[i % 8] = new_node(table[i % 8], 1000);
    for (int i = 0; i < 1000; i++)
        list = new_node(list, 0);
    first = calloc(1, 100 * sizeof(void *));
    second = calloc(1, 50 * sizeof(void *));
    *(void **)first = *(void **)second = shared;
}

static void ask(const char *command)
{
    say("## %s\n", command);
    CLEAR_REGISTERS();
    VALGRIND_MONITOR_COMMAND(command);
}

int main(void)
{
    fill();
    ask("retained");
    ask("retained 1");
    ask("retained none");
    ask("retained 0");
    ask("retained 1000001");
    ask("retained 99999999999999999999");
    table[0] = table[1] = table[2] = table[3] = NULL;
    list = list->next->next;
    ask("retained 2");
    return 0;
}
