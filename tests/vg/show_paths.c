/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is still there at exit, and by which paths (--show-paths): a hash table, two
   lists, a tree, and an array in a structure. */

#include "vgt.h"

struct entry {
    struct entry *next;
    char         *name;
};

struct tree {
    struct tree *left, *right;
    long         key;
    char        *name;
};

enum { BUCKETS = 16 };
static struct entry *table[BUCKETS];
static struct entry *volatile list, *volatile other;
static struct tree  *root;
static struct {
    long   count;
    void **handles;
} registry;

DISTINCT static char *new_name(void) { return calloc(1, 20); }
DISTINCT static void *new_handle(void) { return calloc(1, 30); }
DISTINCT static void *new_array(int n) { return calloc(n, sizeof(void *)); }

DISTINCT static struct entry *new_entry(struct entry *next)
{
    struct entry *e = calloc(1, sizeof *e);
    e->next = next;
    e->name = new_name();
    return e;
}

DISTINCT static void insert(struct tree **at, long key)
{
    while (*at != NULL)
        at = key < (*at)->key ? &(*at)->left : &(*at)->right;
    *at = calloc(1, sizeof **at);
    (*at)->key = key;
    (*at)->name = new_name();
}

DISTINCT static void fill(void)
{
    for (int i = 0; i < 100; i++)
        table[i % BUCKETS] = new_entry(table[i % BUCKETS]);
    for (int i = 0; i < 5; i++)
        list = new_entry(list);
    other = new_entry(new_entry(NULL));
    for (long i = 0; i < 64; i++)
        insert(&root, i * 37 % 64);
    registry.handles = new_array(40);
    for (int i = 0; i < 40; i++)
        registry.handles[i] = new_handle();
}

int main(void)
{
    fill();
    _exit(0);
}
