/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_dominators.c: dominators and retained sizes, against a naive reference on
   random graphs: what is no longer reached without a node is what it dominates.

       test_dominators [seed] */

#include <stdlib.h>

#include "../../leakgrind/engine/lg_dominators.h"
#include "check.h"
#include "graphgen.h"

enum { MAX_NODES = 50 };

static SizeT size_of(void* opaque, UInt i)
{
    (void)opaque;
    return 1 + (SizeT)i * 100;
}

/* --- The reference ----------------------------------------------------------- */

/* Marks what the roots reach without node `without`. */
static void reach(const Graph* g, UInt without, Bool* isReached)
{
    for (UInt i = 0; i < g->nNodes; i++)
        isReached[i] = i >= g->nBlocks && i != without;
    for (Bool hasChanged = True; hasChanged;) {
        hasChanged = False;
        for (UInt k = 0; k < g->nEdges; k++)
            if (isReached[g->from[k]] && g->to[k] != without &&
                !isReached[g->to[k]])
                hasChanged = isReached[g->to[k]] = True;
    }
}

/* dominates[a][b]: node a is a dominator of b, which is another node. */
static void find_all(const Graph* g, Bool* isReached,
                     Bool dominates[][MAX_NODES])
{
    Bool isLeft[MAX_NODES];

    reach(g, MAX_NODES, isReached);
    for (UInt a = 0; a < g->nNodes; a++) {
        reach(g, a, isLeft);
        for (UInt b = 0; b < g->nNodes; b++)
            dominates[a][b] =
                a != b && isReached[a] && isReached[b] && !isLeft[b];
    }
}

/* Of the dominators of b, the one that all others dominate. */
static UInt nearest(const Graph* g, Bool dominates[][MAX_NODES], UInt b)
{
    UInt best = LG_DOM_TOP;

    for (UInt a = 0; a < g->nNodes; a++)
        if (dominates[a][b] && (best == LG_DOM_TOP || dominates[best][a]))
            best = a;
    return best;
}

static void compare_node(const Graph* g, const LgDominators* d,
                         const Bool* isReached, Bool dominates[][MAX_NODES],
                         UInt i)
{
    LgRetained want = {0, 0}, got = lg_dominators_retained(d, i);

    if (!isReached[i]) {
        expect_eq(lg_dominators_of(d, i), LG_DOM_UNREACHED);
        expect_eq(got.nBlocks, 0);
        return;
    }
    expect_eq(lg_dominators_of(d, i), nearest(g, dominates, i));
    for (UInt b = 0; b < g->nBlocks; b++)
        if (b == i || dominates[i][b]) {
            want.szB += size_of(NULL, b);
            want.nBlocks++;
        }
    expect_eq(got.szB, want.szB);
    expect_eq(got.nBlocks, want.nBlocks);
}

static void compare_order(const Graph* g, const LgDominators* d,
                          const Bool* isReached)
{
    Bool isSeen[MAX_NODES] = {False};
    UInt nReached = 0;

    for (UInt i = 0; i < g->nNodes; i++)
        nReached += isReached[i];
    expect_eq(lg_dominators_count(d), nReached);
    for (UInt k = 0; k < lg_dominators_count(d); k++) {
        UInt i = lg_dominators_nth(d, k), above = lg_dominators_of(d, i);
        expect_true(isReached[i] && !isSeen[i]);
        expect_true(above == LG_DOM_TOP || isSeen[above]);
        isSeen[i] = True;
    }
}

static void random_graph(Graph* g)
{
    g->nNodes = 1 + graphgen_pick(MAX_NODES);
    g->nBlocks = g->nNodes - graphgen_pick(g->nNodes < 5 ? g->nNodes : 5);
    g->nEdges = 0;
    graphgen_add_random(g, graphgen_pick(graphgen_pick(2) ? 200 : 2 * g->nNodes));
}

static void agrees_with_reference(void)
{
    static Graph g;
    static Bool  isReached[MAX_NODES], dominates[MAX_NODES][MAX_NODES];
    UInt         nDeep = 0;

    for (UInt round = 0; round < 3000; round++) {
        random_graph(&g);
        find_all(&g, isReached, dominates);
        LgDominators* d = lg_dominators_new(graphgen_view(&g), size_of, NULL);
        for (UInt i = 0; i < g.nNodes; i++) {
            compare_node(&g, d, isReached, dominates, i);
            nDeep += isReached[i] && lg_dominators_of(d, i) < g.nBlocks;
        }
        compare_order(&g, d, isReached);
        lg_dominators_delete(d);
    }
    expect_true(nDeep > 1000);
}

/* --- By hand ------------------------------------------------------------------ */

enum { N = 1000000 };

/* A graph of N blocks with at most two edges each, and one root, to block 0. */
typedef struct {
    UInt *      first, *to, n;
    LgGraphView view;
} Big;

static void begin_big(Big* b)
{
    b->first = malloc((N + 2) * sizeof(UInt));
    b->to = malloc((2 * N + 1) * sizeof(UInt));
    b->n = 0;
}

static LgDominators* dominators_of_big(Big* b)
{
    b->first[N] = b->n;
    b->to[b->n++] = 0;
    b->first[N + 1] = b->n;
    b->view = (LgGraphView){N, N + 1, b->first, b->to};
    return lg_dominators_new(&b->view, size_of, NULL);
}

static void end_big(Big* b, LgDominators* d)
{
    lg_dominators_delete(d);
    free(b->first);
    free(b->to);
}

/* A list that is linked in both directions. */
static void long_list(void)
{
    Big b;

    begin_big(&b);
    for (UInt i = 0; i < N; i++) {
        b.first[i] = b.n;
        if (i + 1 < N)
            b.to[b.n++] = i + 1;
        if (i > 0)
            b.to[b.n++] = i - 1;
    }
    LgDominators* d = dominators_of_big(&b);
    expect_eq(lg_dominators_of(d, 0), N);
    expect_eq(lg_dominators_of(d, N - 1), N - 2);
    expect_eq(lg_dominators_retained(d, 0).nBlocks, N);
    expect_eq(lg_dominators_retained(d, N / 2).nBlocks, N / 2);
    end_big(&b, d);
}

/* A ladder: each block leads to the next two, so that all but the first two have
   the first as their dominator. */
static void long_ladder(void)
{
    Big b;

    begin_big(&b);
    for (UInt i = 0; i < N; i++) {
        b.first[i] = b.n;
        for (UInt k = 1; k <= 2 && i + k < N; k++)
            b.to[b.n++] = i + k;
    }
    LgDominators* d = dominators_of_big(&b);
    expect_eq(lg_dominators_of(d, 1), 0);
    expect_eq(lg_dominators_of(d, 2), 0);
    expect_eq(lg_dominators_of(d, N - 1), 0);
    expect_eq(lg_dominators_retained(d, 0).nBlocks, N);
    expect_eq(lg_dominators_retained(d, 1).nBlocks, 1);
    end_big(&b, d);
}

int main(int argc, char** argv)
{
    graphgen_seed(argc, argv);
    check_run(agrees_with_reference);
    check_run(long_list);
    check_run(long_ladder);
    return check_done();
}
