/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_paths.c: shortest paths, against a naive reference on random graphs.

       test_paths [seed] */

#include <stdlib.h>

#include "../../leakgrind/engine/lg_paths.h"
#include "check.h"
#include "graphgen.h"

enum { MAX_NODES = GRAPHGEN_MAX_NODES };

/* A graph, where paths in it begin, and the ranks of its nodes. */
typedef struct {
    Graph g;
    UChar rank[MAX_NODES];
    UInt  begin[MAX_NODES], nBegin;
} Ways;

/* --- The reference ----------------------------------------------------------- */

typedef struct {
    UInt rank, length; /* rank LG_PATHS_CLOSED: no path */
} Cost;

static Bool is_better(Cost a, Cost b)
{
    return a.rank != b.rank ? a.rank < b.rank : a.length < b.length;
}

static Cost step_from(const Ways* w, const Cost* cost, UInt i)
{
    Cost c = {w->rank[i] > cost[i].rank ? w->rank[i] : cost[i].rank,
              cost[i].length + 1};
    return c;
}

/* Settles the node with the best path of all, again and again. */
static void find_costs(const Ways* w, Cost* cost)
{
    Bool isSettled[MAX_NODES] = {False};

    for (UInt i = 0; i < w->g.nNodes; i++)
        cost[i] = (Cost){LG_PATHS_CLOSED, 0};
    for (UInt k = 0; k < w->nBegin; k++)
        cost[w->begin[k]].rank = 0;
    for (UInt round = 0; round < w->g.nNodes; round++) {
        UInt best = MAX_NODES;
        for (UInt i = 0; i < w->g.nNodes; i++)
            if (!isSettled[i] && cost[i].rank < LG_PATHS_CLOSED &&
                (best == MAX_NODES || is_better(cost[i], cost[best])))
                best = i;
        if (best == MAX_NODES)
            return;
        isSettled[best] = True;
        for (UInt k = 0; k < w->g.nEdges; k++)
            if (w->g.from[k] == best && !isSettled[w->g.to[k]] &&
                is_better(step_from(w, cost, best), cost[w->g.to[k]]))
                cost[w->g.to[k]] = step_from(w, cost, best);
    }
}

static Bool has_edge(const Ways* w, UInt from, UInt to)
{
    for (UInt k = 0; k < w->g.nEdges; k++)
        if (w->g.from[k] == from && w->g.to[k] == to)
            return True;
    return False;
}

static void compare_node(const Ways* w, const Cost* cost, const LgPaths* p,
                         UInt i)
{
    UInt parent = lg_paths_parent(p, i);

    if (cost[i].rank == LG_PATHS_CLOSED) {
        expect_eq(parent, LG_PATHS_NONE);
        return;
    }
    expect_eq(lg_paths_length(p, i), cost[i].length);
    if (cost[i].length == 0) {
        expect_eq(parent, LG_PATHS_BEGIN);
        return;
    }
    expect_true(parent < w->g.nNodes && has_edge(w, parent, i));
    Cost c = step_from(w, cost, parent);
    expect_eq(c.rank, cost[i].rank);
    expect_eq(c.length, cost[i].length);
}

static void random_ways(Ways* w)
{
    UInt maxRank = graphgen_pick(LG_PATHS_CLOSED + 1) + 1;
    UInt n = 1 + graphgen_pick(MAX_NODES);

    w->g.nNodes = w->g.nBlocks = n;
    w->g.nEdges = w->nBegin = 0;
    graphgen_add_random(&w->g, graphgen_pick(graphgen_pick(2)
                                                 ? GRAPHGEN_MAX_EDGES
                                                 : 2 * n));
    for (UInt i = 0; i < n; i++) {
        w->rank[i] = (UChar)graphgen_pick(maxRank);
        if (graphgen_pick(12) == 0)
            w->begin[w->nBegin++] = i;
    }
}

static void agrees_with_reference(void)
{
    static Ways w;
    Cost         cost[MAX_NODES];
    UInt         seen[LG_PATHS_CLOSED + 1] = {0}, nLong = 0;

    for (UInt round = 0; round < 5000; round++) {
        random_ways(&w);
        find_costs(&w, cost);
        LgPaths* p = lg_paths_new(graphgen_view(&w.g), w.begin, w.nBegin, w.rank);
        for (UInt i = 0; i < w.g.nNodes; i++) {
            compare_node(&w, cost, p, i);
            seen[cost[i].rank]++;
            nLong += cost[i].rank < LG_PATHS_CLOSED && cost[i].length > 6;
        }
        lg_paths_delete(p);
    }
    for (UInt r = 0; r <= LG_PATHS_CLOSED; r++)
        expect_true(seen[r] > 100);
    expect_true(nLong > 100);
}

/* --- By hand ------------------------------------------------------------------ */

/* 0 -> 1 -> 2 -> 3 -> 4, and 0 -> 5 -> 4, where 5 is a last resort. */
static void last_resort(void)
{
    static Ways w;

    w.g.nNodes = w.g.nBlocks = 6;
    for (UInt i = 0; i < 4; i++)
        graphgen_add(&w.g, i, i + 1);
    graphgen_add(&w.g, 0, 5);
    graphgen_add(&w.g, 5, 4);
    w.begin[w.nBegin++] = 0;
    LgPaths* p = lg_paths_new(graphgen_view(&w.g), w.begin, w.nBegin, NULL);
    expect_eq(lg_paths_parent(p, 4), 5);
    expect_eq(lg_paths_length(p, 4), 2);
    lg_paths_delete(p);
    w.rank[5] = 1;
    p = lg_paths_new(&w.g.view, w.begin, w.nBegin, w.rank);
    expect_eq(lg_paths_parent(p, 4), 3);
    expect_eq(lg_paths_parent(p, 5), 0);
    expect_eq(lg_paths_length(p, 4), 4);
    lg_paths_delete(p);
    /* Closed: nothing is found through it, but it is found itself. */
    w.rank[1] = LG_PATHS_CLOSED;
    p = lg_paths_new(&w.g.view, w.begin, w.nBegin, w.rank);
    expect_eq(lg_paths_parent(p, 1), 0);
    expect_eq(lg_paths_parent(p, 2), LG_PATHS_NONE);
    expect_eq(lg_paths_parent(p, 4), 5);
    lg_paths_delete(p);
}

/* The first of those that are equally good. */
static void preferred_in_order(void)
{
    static Ways w;

    w.g.nNodes = w.g.nBlocks = 4;
    for (UInt i = 0; i < 3; i++)
        graphgen_add(&w.g, i, 3);
    w.begin[w.nBegin++] = 2;
    w.begin[w.nBegin++] = 0;
    w.begin[w.nBegin++] = 1;
    LgPaths* p = lg_paths_new(graphgen_view(&w.g), w.begin, w.nBegin, w.rank);
    expect_eq(lg_paths_parent(p, 3), 2);
    lg_paths_delete(p);
}

/* A list of a million nodes, which closes to a ring. */
static void long_ring(void)
{
    enum { N = 1000000 };
    UInt*       first = malloc((N + 1) * sizeof(UInt));
    UInt*       to = malloc(N * sizeof(UInt));
    UInt        begin = 0;
    LgGraphView v = {N, N, first, to};

    for (UInt i = 0; i < N; i++) {
        first[i] = i;
        to[i] = (i + 1) % N;
    }
    first[N] = N;
    LgPaths* p = lg_paths_new(&v, &begin, 1, NULL);
    expect_eq(lg_paths_parent(p, 0), LG_PATHS_BEGIN);
    expect_eq(lg_paths_parent(p, N - 1), N - 2);
    expect_eq(lg_paths_length(p, N - 1), N - 1);
    lg_paths_delete(p);
    free(first);
    free(to);
}

int main(int argc, char** argv)
{
    graphgen_seed(argc, argv);
    check_run(agrees_with_reference);
    check_run(last_resort);
    check_run(preferred_in_order);
    check_run(long_ring);
    return check_done();
}
