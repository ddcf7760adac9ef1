/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words left in freed memory must not hide a leak: neither in a free block nor
   in a new block at the place of an old one. */

#include "vgt.h"
#include <valgrind/memcheck.h>

#define N 50

void *volatile holder[N];
void *volatile kept[4];

DISTINCT static void *lost_1(void) { return calloc(1, 11); }
DISTINCT static void *lost_2(void) { return calloc(1, 22); }
DISTINCT static void *lost_3(void) { return calloc(1, 33); }
DISTINCT static void *lost_4(void) { return calloc(1, 44); }
DISTINCT static void *lost_5(void) { return calloc(1, 55); }

/* A freed block, still pointed at, holds the only pointer. */
static void in_a_free_block(void)
{
    void **old = malloc(64);
    for (int i = 0; i < 8; i++)
        old[i] = NULL;
    old[3] = lost_1();
    kept[0] = old;
    free(old);
}

/* New blocks of all these sizes are where the old ones were, unless memory is
   not used again at all; their contents is whatever malloc gives. */
static void in_new_blocks(void)
{
    void *target = lost_2();
    for (int i = 0; i < N; i++) {
        void **old = malloc(40 + i * 8);
        for (int k = 0; k < 5 + i; k++)
            old[k] = target;
        holder[i] = old;
    }
    for (int i = 0; i < N; i++)
        free(holder[i]);
    for (int i = 0; i < N; i++)
        holder[i] = malloc(40 + i * 8);
}

/* The part that realloc adds. */
static void in_the_grown_part(void)
{
    void **old = malloc(4000);
    void *target = lost_3();
    for (int k = 0; k < 500; k++)
        old[k] = target;
    free(old);
    kept[1] = realloc(calloc(1, 80), 4000);
}

/* A large block, from a mapping of its own or not. */
static void in_a_large_block(void)
{
    size_t n = 1000 * 1000;
    void **old = malloc(n * sizeof *old);
    void *target = lost_4();
    for (size_t k = 0; k < n; k++)
        old[k] = target;
    free(old);
    kept[2] = malloc(n * sizeof *old);
}

/* realloc makes a block smaller: what was behind its new end is gone. */
static void behind_a_shrunk_end(void)
{
    void **block = calloc(100, sizeof *block);
    block[90] = lost_5();
    kept[3] = realloc(block, 20 * sizeof *block);
}

int main(void)
{
    in_new_blocks();
    in_the_grown_part();
    in_a_large_block();
    behind_a_shrunk_end();
    /* Last: its dangling pointer would hold what is allocated there next. */
    in_a_free_block();
    return 0;
}
