/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_cliques.c: leaders and what hangs from them. */

#include "testheap.h"

/* Blocks of 16, 32, 48, ... bytes: each has its own size. */
static void make_blocks(TestHeap* h, UInt n)
{
    heap_new(h, 1 << 20);
    for (UInt i = 0; i < n; i++)
        heap_block(h, 16 * (i + 1));
}

static void edge(const TestHeap* h, UInt from, UInt slot, UInt to)
{
    heap_point(h, from, 8 * slot, heap_start(h, to));
}

static void expect_leader(const TestHeap* h, UInt i, SizeT indirectB)
{
    expect_eq(heap_kind(h, i), LgDefinite);
    expect_eq(heap_parent(h, i), LG_NO_PARENT);
    expect_eq(heap_indirectB(h, i), indirectB);
}

static void expect_child(const TestHeap* h, UInt i, UInt parent)
{
    expect_eq(heap_kind(h, i), LgIndirect);
    expect_eq(heap_parent(h, i), parent);
}

static void single_blocks(void)
{
    TestHeap h;
    make_blocks(&h, 3);
    heap_search(&h);
    for (UInt i = 0; i < 3; i++)
        expect_leader(&h, i, 0);
    heap_delete(&h);
}

static void points_at_itself(void)
{
    TestHeap h;
    make_blocks(&h, 1);
    edge(&h, 0, 0, 0);
    heap_point(&h, 0, 8, heap_start(&h, 0) + 3);
    heap_search(&h);
    expect_leader(&h, 0, 0);
    heap_delete(&h);
}

static void ring(void)
{
    TestHeap h;
    make_blocks(&h, 4);
    for (UInt i = 0; i < 4; i++)
        edge(&h, i, 0, (i + 1) % 4);
    heap_search(&h);
    expect_leader(&h, 0, 32 + 48 + 64);
    expect_child(&h, 1, 0);
    expect_child(&h, 2, 1);
    expect_child(&h, 3, 2);
    heap_delete(&h);
}

/* A later block points at an earlier leader, which brings its clique. */
static void leader_is_taken_over(void)
{
    TestHeap h;
    make_blocks(&h, 5);
    edge(&h, 0, 0, 1);
    edge(&h, 2, 0, 0);
    edge(&h, 4, 0, 3);
    heap_point(&h, 4, 8, heap_start(&h, 2) + 5); /* interior will do */
    heap_search(&h);
    expect_leader(&h, 4, 16 + 32 + 48 + 64);
    expect_child(&h, 0, 2);
    expect_child(&h, 1, 0);
    expect_child(&h, 2, 4);
    expect_child(&h, 3, 4);
    heap_delete(&h);
}

/* What two leaders share belongs to the first. */
static void shared_children(void)
{
    TestHeap h;
    make_blocks(&h, 4);
    edge(&h, 0, 0, 2);
    edge(&h, 1, 0, 2);
    edge(&h, 1, 1, 3);
    edge(&h, 2, 0, 3);
    heap_search(&h);
    expect_leader(&h, 0, 48 + 64);
    expect_leader(&h, 1, 0);
    expect_child(&h, 2, 0);
    expect_child(&h, 3, 2);
    heap_delete(&h);
}

/* A ring entered behind its leader: as in memcheck, what is indirectly lost
   already does not lead back to it. */
static void ring_entered_elsewhere(void)
{
    TestHeap h;
    make_blocks(&h, 3);
    edge(&h, 0, 0, 2);
    edge(&h, 2, 0, 0);
    edge(&h, 1, 0, 2);
    heap_search(&h);
    expect_leader(&h, 0, 48);
    expect_leader(&h, 1, 0);
    expect_child(&h, 2, 0);
    heap_delete(&h);
}

static void reached_blocks_are_left_alone(void)
{
    TestHeap h;
    make_blocks(&h, 4);
    edge(&h, 0, 0, 1);
    edge(&h, 0, 1, 2);
    edge(&h, 0, 2, 3);
    heap_root(&h, heap_start(&h, 1));
    heap_root(&h, heap_start(&h, 2) + 1);
    heap_search(&h);
    expect_eq(heap_kind(&h, 1), LgReachable);
    expect_eq(heap_kind(&h, 2), LgPossible);
    expect_leader(&h, 0, 0); /* it has two words: the third is not its own */
    expect_leader(&h, 3, 0);
    heap_delete(&h);
}

/* Inherited blocks are tried first: what parent and child process share
   belongs to the parent's. */
static void inherited_first(void)
{
    TestHeap h;
    make_blocks(&h, 4);
    edge(&h, 0, 0, 1);
    edge(&h, 2, 0, 1);
    h.blocks[2].flags = LG_BF_INHERITED;
    edge(&h, 3, 0, 2);
    heap_search(&h);
    expect_child(&h, 1, 2);
    expect_child(&h, 2, 3);
    expect_leader(&h, 0, 0);
    expect_leader(&h, 3, 32 + 48);
    heap_delete(&h);
}

/* Ranks come before addresses; what is alone stays so, and takes what it
   finds. */
static void leaders_by_rank(void)
{
    static const UChar rank[] = {3, 2, 0, 1, 0, 2, 3};
    TestHeap           h;
    make_blocks(&h, 7);
    edge(&h, 0, 0, 1); /* 0 and 1 are a ring: the second leads */
    edge(&h, 1, 0, 0);
    edge(&h, 2, 0, 4); /* both alone */
    edge(&h, 2, 1, 2);
    edge(&h, 4, 0, 2);
    edge(&h, 4, 1, 5); /* comes before 3, which would have it, too */
    edge(&h, 3, 0, 5);
    edge(&h, 3, 1, 4);
    edge(&h, 6, 0, 3); /* a leader of before, with its clique */
    h.rank = rank;
    heap_search(&h);
    expect_child(&h, 0, 1);
    expect_leader(&h, 1, 16);
    expect_leader(&h, 2, 0);
    expect_child(&h, 3, 6);
    expect_leader(&h, 4, 96);
    expect_child(&h, 5, 4);
    expect_leader(&h, 6, 64);
    /* Suppression goes the same ways, but not into those that lead. */
    lg_sb_set_suppressed(heap_entry(&h, 2));
    lg_mark_spread_suppressed(h.mark);
    expect_false(heap_suppressed(&h, 4));
    heap_delete(&h);
}

/* Also among inherited blocks, which come before all others. */
static void inherited_before_ranks(void)
{
    static const UChar rank[] = {0, 3, 2, 0, 1};
    TestHeap           h;
    make_blocks(&h, 5);
    h.blocks[1].flags = h.blocks[2].flags = h.blocks[3].flags =
        LG_BF_INHERITED;
    edge(&h, 0, 0, 4);
    edge(&h, 1, 0, 4);
    edge(&h, 2, 0, 4);
    edge(&h, 2, 1, 1);
    edge(&h, 1, 1, 2);
    edge(&h, 2, 2, 3);
    h.rank = rank;
    heap_search(&h);
    expect_leader(&h, 0, 0);
    expect_leader(&h, 2, 32 + 80);
    expect_child(&h, 1, 2);
    expect_leader(&h, 3, 0);
    expect_child(&h, 4, 2);
    heap_delete(&h);
}

/* More than a batch of each rank; the same word is met by all leaders. */
static void many_ranks(void)
{
    enum { N = 240 };
    static UChar rank[N];
    TestHeap     h;
    heap_new(&h, 1 << 20);
    for (UInt i = 0; i < N; i++) {
        heap_block(&h, 24);
        rank[i] = (UChar)((N - 1 - i) * 4 / N);
    }
    for (UInt i = 0; i < N; i++) {
        heap_point(&h, i, 0, heap_start(&h, 0)); /* rank 3 */
        heap_point(&h, i, 8, heap_start(&h, N - 1)); /* rank 0 */
    }
    h.rank = rank;
    heap_search(&h);
    for (UInt i = 1; i < N; i++)
        expect_leader(&h, i, rank[i] == 0 && i == N * 3 / 4 ? 24 : 0);
    expect_child(&h, 0, N * 3 / 4);
    heap_delete(&h);
}

/* The size as requested counts, not that searched. */
static void zero_size_has_no_bytes(void)
{
    TestHeap h;
    make_blocks(&h, 1);
    UInt z = heap_block(&h, 0);
    edge(&h, 0, 0, z);
    heap_search(&h);
    expect_leader(&h, 0, 0);
    expect_child(&h, z, 0);
    heap_delete(&h);
}

/* Leaders are looked up many at a time: long chains of takeovers, either
   way, must come out as if they had been tried one by one. */
static void long_chains(void)
{
    for (UInt up = 0; up < 2; up++) {
        enum { N = 250 };
        TestHeap h;
        heap_new(&h, 1 << 20);
        for (UInt i = 0; i < N; i++)
            heap_block(&h, i % 7 == 0 ? 1000 : 24);
        for (UInt i = 0; i + 1 < N; i++)
            edge(&h, up ? i + 1 : i, 1, up ? i : i + 1);
        heap_search(&h);
        SizeT sum = 0;
        UInt  leader = up ? N - 1 : 0;
        for (UInt i = 0; i < N; i++) {
            if (i == leader)
                continue;
            sum += h.blocks[i].szB;
            expect_child(&h, i, up ? i + 1 : i - 1);
        }
        expect_leader(&h, leader, sum);
        heap_delete(&h);
    }
}

static void nothing_lost(void)
{
    TestHeap h;
    make_blocks(&h, 1);
    heap_root(&h, heap_start(&h, 0));
    heap_search(&h);
    expect_true(lg_mark_parents(h.mark) == NULL);
    expect_true(lg_mark_indirectB(h.mark) == NULL);
    heap_delete(&h);
}

int main(void)
{
    check_run(single_blocks);
    check_run(points_at_itself);
    check_run(ring);
    check_run(leader_is_taken_over);
    check_run(shared_children);
    check_run(ring_entered_elsewhere);
    check_run(reached_blocks_are_left_alone);
    check_run(inherited_first);
    check_run(leaders_by_rank);
    check_run(inherited_before_ranks);
    check_run(many_ranks);
    check_run(zero_size_has_no_bytes);
    check_run(long_chains);
    check_run(nothing_lost);
    return check_done();
}
