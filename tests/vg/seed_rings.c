/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lost circular lists.  Nothing outside points to any of their nodes, but
   every node has a pointer to it: the node of each ring with the lowest address
   is the leader, and the others hang from it. */

#include "vgt.h"

struct single {
    struct single *next;
    char rest[16]; /* 24 bytes */
};

struct twofold {
    struct twofold *next, *prev;
    char rest[16]; /* 32 bytes */
};

struct single *volatile kept;

static void single_ring(int n)
{
    struct single *first = malloc(sizeof *first);
    struct single *last = first;
    for (int i = 1; i < n; i++) {
        last->next = malloc(sizeof *first);
        last = last->next;
    }
    last->next = first;
}

static void twofold_ring(int n)
{
    struct twofold *first = malloc(sizeof *first);
    struct twofold *last = first;
    for (int i = 1; i < n; i++) {
        struct twofold *node = malloc(sizeof *node);
        last->next = node;
        node->prev = last;
        last = node;
    }
    last->next = first;
    first->prev = last;
}

/* The smallest ring: a block that points at itself. */
static void ring_of_one(void)
{
    void **block = malloc(40);
    block[0] = block;
}

/* A ring that is held at one node is reachable all around. */
static void held_ring(void)
{
    struct single *a = malloc(sizeof *a);
    struct single *b = malloc(sizeof *b);
    a->next = b;
    b->next = a;
    kept = b;
}

int main(void)
{
    single_ring(5);
    twofold_ring(4);
    ring_of_one();
    held_ring();
    return 0;
}
