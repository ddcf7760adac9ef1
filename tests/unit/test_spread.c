/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_spread.c: what hangs from a suppressed block is suppressed with it. */

#include "testheap.h"

static void edge(const TestHeap* h, UInt from, UInt slot, UInt to)
{
    heap_point(h, from, 8 * slot, heap_start(h, to));
}

static void suppress(const TestHeap* h, UInt i)
{
    lg_sb_set_suppressed(heap_entry(h, i));
    lg_mark_spread_suppressed(h->mark);
}

static void make_blocks(TestHeap* h, UInt n)
{
    heap_new(h, 1 << 16);
    for (UInt i = 0; i < n; i++)
        heap_block(h, 16 * (i + 1));
}

static void expect_suppressed(const TestHeap* h, const char* want)
{
    char got[HEAP_MAX + 1];
    for (UInt i = 0; i < h->n; i++)
        got[i] = heap_suppressed(h, i) ? 's' : '-';
    got[h->n] = 0;
    expect_str(got, want);
}

static void from_a_leader(void)
{
    TestHeap h;
    make_blocks(&h, 4);
    edge(&h, 0, 0, 1);
    edge(&h, 1, 0, 2);
    heap_search(&h);
    expect_eq(heap_indirectB(&h, 0), 32 + 48);
    suppress(&h, 0);
    expect_suppressed(&h, "sss-");
    expect_eq(heap_indirectB(&h, 0), 0);
    heap_delete(&h);
}

/* From the middle of a chain, and then, asked again, from its other end. */
static void from_the_middle(void)
{
    TestHeap h;
    make_blocks(&h, 5);
    edge(&h, 0, 0, 1);
    edge(&h, 1, 0, 2);
    edge(&h, 2, 0, 3);
    heap_search(&h);
    suppress(&h, 2);
    expect_suppressed(&h, "--ss-");
    expect_eq(heap_indirectB(&h, 0), 32);
    lg_mark_spread_suppressed(h.mark);
    expect_eq(heap_indirectB(&h, 0), 32);
    suppress(&h, 1);
    expect_suppressed(&h, "-sss-");
    expect_eq(heap_indirectB(&h, 0), 0);
    heap_delete(&h);
}

static void across_cliques(void)
{
    TestHeap h;
    make_blocks(&h, 4);
    edge(&h, 0, 0, 2); /* shared, and in the clique of 0 */
    edge(&h, 1, 0, 2);
    edge(&h, 2, 0, 3);
    heap_search(&h);
    expect_eq(heap_indirectB(&h, 0), 48 + 64);
    suppress(&h, 1);
    expect_suppressed(&h, "-sss");
    expect_eq(heap_indirectB(&h, 0), 0);
    expect_eq(heap_indirectB(&h, 1), 0);
    heap_delete(&h);
}

/* A leader that can be found from what hangs from it stays a leader. */
static void not_up_to_the_leader(void)
{
    TestHeap h;
    make_blocks(&h, 3);
    edge(&h, 0, 0, 1);
    edge(&h, 1, 0, 0);
    edge(&h, 0, 1, 2);
    heap_search(&h);
    suppress(&h, 1);
    expect_suppressed(&h, "-s-");
    expect_eq(heap_indirectB(&h, 0), 48);
    heap_delete(&h);
}

static void possibly_lost(void)
{
    TestHeap h;
    make_blocks(&h, 4);
    edge(&h, 0, 0, 1);
    edge(&h, 0, 1, 3);
    edge(&h, 1, 0, 2);
    heap_root(&h, heap_start(&h, 0) + 1);
    heap_root(&h, heap_start(&h, 3));
    heap_search(&h);
    suppress(&h, 1);
    expect_suppressed(&h, "-ss-");
    suppress(&h, 0);
    expect_suppressed(&h, "sss-"); /* 3 is reachable */
    heap_delete(&h);
}

/* Reachable blocks neither give nor take. */
static void reachable(void)
{
    TestHeap h;
    make_blocks(&h, 3);
    edge(&h, 0, 0, 1);
    heap_point(&h, 0, 8, heap_start(&h, 2) + 1);
    heap_root(&h, heap_start(&h, 0));
    heap_search(&h);
    suppress(&h, 0);
    expect_suppressed(&h, "s--");
    heap_delete(&h);
}

static void nothing_suppressed(void)
{
    TestHeap h;
    make_blocks(&h, 2);
    edge(&h, 0, 0, 1);
    heap_search(&h);
    lg_mark_spread_suppressed(h.mark);
    expect_suppressed(&h, "--");
    expect_eq(heap_indirectB(&h, 0), 32);
    heap_delete(&h);
}

int main(void)
{
    check_run(from_a_leader);
    check_run(from_the_middle);
    check_run(across_cliques);
    check_run(not_up_to_the_leader);
    check_run(possibly_lost);
    check_run(reachable);
    check_run(nothing_suppressed);
    return check_done();
}
