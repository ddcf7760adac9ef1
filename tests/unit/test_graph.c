/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_graph.c: the pointers between blocks as a graph.  (test_oracle compares it
   with the reference on random heaps.) */

#include "../../leakgrind/engine/lg_graph.h"
#include "testheap.h"

/* How often node `from` leads to block i. */
static UInt n_edges(const TestHeap* h, const LgGraphView* v, UInt from, UInt i)
{
    UInt n = 0;

    for (UInt k = v->first[from]; k < v->first[from + 1]; k++)
        n += v->to[k] == heap_no(h, i);
    return n;
}

static UInt n_from(const LgGraphView* v, UInt from)
{
    return v->first[from + 1] - v->first[from];
}

static LgGraph* graph_of(TestHeap* h)
{
    heap_reach(h);
    lg_graph_begin(h->mark);
    for (UInt i = 0; i < h->nRoots; i++)
        lg_graph_word(h->mark, i, h->roots[i]);
    return lg_graph_finish(h->mark);
}

/* Interior pointers are edges only to what no start pointer reaches. */
static void start_and_interior_pointers(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt a = heap_block(&h, 64), b = heap_block(&h, 64);
    UInt possible = heap_block(&h, 64), lost = heap_block(&h, 64);
    UInt alsoLost = heap_block(&h, 64);
    heap_root(&h, heap_start(&h, a));
    heap_root(&h, heap_start(&h, b) + 8);
    heap_point(&h, a, 0, heap_start(&h, b));
    heap_point(&h, a, 8, heap_start(&h, b));
    heap_point(&h, a, 16, heap_start(&h, possible) + 8);
    heap_point(&h, b, 0, heap_start(&h, a) + 8);
    heap_point(&h, possible, 0, heap_start(&h, a));
    heap_point(&h, lost, 0, heap_start(&h, a));
    heap_point(&h, lost, 8, heap_start(&h, alsoLost) + 16);
    LgGraph*           g = graph_of(&h);
    const LgGraphView* v = lg_graph_view(g);
    expect_eq(v->nBlocks, 5);
    expect_eq(v->nNodes, 7);
    expect_eq(n_edges(&h, v, 5, a), 1);
    expect_eq(n_from(v, 6), 0);
    expect_eq(n_edges(&h, v, heap_no(&h, a), b), 2);
    expect_eq(n_edges(&h, v, heap_no(&h, a), possible), 1);
    expect_eq(n_from(v, heap_no(&h, a)), 3);
    expect_eq(n_from(v, heap_no(&h, b)), 0);
    expect_eq(n_edges(&h, v, heap_no(&h, possible), a), 1);
    expect_eq(n_edges(&h, v, heap_no(&h, lost), a), 1);
    expect_eq(n_edges(&h, v, heap_no(&h, lost), alsoLost), 1);
    expect_eq(v->first[v->nNodes], 7);
    lg_graph_delete(g);
    /* What comes after is not disturbed. */
    lg_mark_cliques(h.mark, NULL);
    expect_eq(heap_kind(&h, lost), LgDefinite);
    expect_eq(heap_kind(&h, alsoLost), LgIndirect);
    heap_delete(&h);
}

/* More edges than the notes have room for in one piece; a block that is read in
   slices; roots in any order. */
static void many_edges(void)
{
    enum { WORDS = 100000 };
    TestHeap h;
    heap_new(&h, 1 << 22);
    UInt a = heap_block(&h, 32), b = heap_block(&h, 32);
    UInt array = heap_block(&h, WORDS * 8);
    Addr roots = memory_new(4096);
    for (UInt i = 0; i < WORDS; i++)
        heap_point(&h, array, 8 * i, heap_start(&h, i % 4 == 0 ? a : b));
    heap_point(&h, b, 8, heap_start(&h, a));
    poke(roots + 8, heap_start(&h, array));
    poke(roots + 16, heap_start(&h, b));
    heap_root(&h, heap_start(&h, array));
    heap_reach(&h);
    lg_graph_begin(h.mark);
    lg_graph_range(h.mark, 2, roots + 16, roots + 32);
    lg_graph_word(h.mark, 1, heap_start(&h, a));
    lg_graph_range(h.mark, 2, roots, roots + 16);
    LgGraph*           g = lg_graph_finish(h.mark);
    const LgGraphView* v = lg_graph_view(g);
    expect_eq(v->nNodes, 3 + 3);
    expect_eq(n_edges(&h, v, heap_no(&h, array), a), WORDS / 4);
    expect_eq(n_edges(&h, v, heap_no(&h, array), b), WORDS / 4 * 3);
    expect_eq(n_edges(&h, v, heap_no(&h, b), a), 1);
    expect_eq(n_from(v, 3), 0);
    expect_eq(n_edges(&h, v, 4, a), 1);
    expect_eq(n_edges(&h, v, 5, array), 1);
    expect_eq(n_edges(&h, v, 5, b), 1);
    expect_eq(v->first[v->nNodes], WORDS + 4);
    lg_graph_delete(g);
    munmap((void*)roots, 4096);
    heap_delete(&h);
}

static void no_edges(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    heap_block(&h, 32);
    LgGraph*           g = graph_of(&h);
    const LgGraphView* v = lg_graph_view(g);
    expect_eq(v->nNodes, 1);
    expect_eq(v->first[1], 0);
    lg_graph_delete(g);
    heap_delete(&h);
}

static void too_many_edges(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_block(&h, 32);
    heap_point(&h, a, 0, heap_start(&h, a));
    heap_point(&h, a, 8, heap_start(&h, a));
    heap_reach(&h);
    lg_graph_begin(h.mark);
    lg_graph_limit(h.mark, 1);
    expect_true(lg_graph_finish(h.mark) == NULL);
    lg_graph_delete(NULL);
    heap_delete(&h);
}

int main(void)
{
    check_run(start_and_interior_pointers);
    check_run(many_edges);
    check_run(no_edges);
    check_run(too_many_edges);
    return check_done();
}
