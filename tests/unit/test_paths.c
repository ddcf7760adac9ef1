/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_paths.c: shortest paths, against a naive reference on random graphs.

       test_paths [seed] */

#include <stdlib.h>
#include <time.h>

#include "../../leakgrind/engine/lg_paths.h"
#include "check.h"

enum { MAX_NODES = 60, MAX_EDGES = 300 };

/* A graph as a list of edges. */
typedef struct {
    UInt        nNodes, nEdges;
    UInt        from[MAX_EDGES], to[MAX_EDGES];
    UChar       rank[MAX_NODES];
    UInt        begin[MAX_NODES], nBegin;
    UInt        first[MAX_NODES + 1], sorted[MAX_EDGES];
    LgGraphView view;
} Graph;

static ULong seed, state;

static UInt pick(UInt below)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (UInt)((state >> 33) % below);
}

static const LgGraphView* view_of(Graph* g)
{
    UInt n = 0;

    for (UInt i = 0; i < g->nNodes; i++) {
        g->first[i] = n;
        for (UInt k = 0; k < g->nEdges; k++)
            if (g->from[k] == i)
                g->sorted[n++] = g->to[k];
    }
    g->first[g->nNodes] = n;
    g->view = (LgGraphView){g->nNodes, g->nNodes, g->first, g->sorted};
    return &g->view;
}

/* --- The reference ----------------------------------------------------------- */

typedef struct {
    UInt rank, length; /* rank LG_PATHS_CLOSED: no path */
} Cost;

static Bool is_better(Cost a, Cost b)
{
    return a.rank != b.rank ? a.rank < b.rank : a.length < b.length;
}

static Cost step_from(const Graph* g, const Cost* cost, UInt i)
{
    Cost c = {g->rank[i] > cost[i].rank ? g->rank[i] : cost[i].rank,
              cost[i].length + 1};
    return c;
}

/* Settles the node with the best path of all, again and again. */
static void find_costs(const Graph* g, Cost* cost)
{
    Bool isSettled[MAX_NODES] = {False};

    for (UInt i = 0; i < g->nNodes; i++)
        cost[i] = (Cost){LG_PATHS_CLOSED, 0};
    for (UInt k = 0; k < g->nBegin; k++)
        cost[g->begin[k]].rank = 0;
    for (UInt round = 0; round < g->nNodes; round++) {
        UInt best = MAX_NODES;
        for (UInt i = 0; i < g->nNodes; i++)
            if (!isSettled[i] && cost[i].rank < LG_PATHS_CLOSED &&
                (best == MAX_NODES || is_better(cost[i], cost[best])))
                best = i;
        if (best == MAX_NODES)
            return;
        isSettled[best] = True;
        for (UInt k = 0; k < g->nEdges; k++)
            if (g->from[k] == best && !isSettled[g->to[k]] &&
                is_better(step_from(g, cost, best), cost[g->to[k]]))
                cost[g->to[k]] = step_from(g, cost, best);
    }
}

static Bool has_edge(const Graph* g, UInt from, UInt to)
{
    for (UInt k = 0; k < g->nEdges; k++)
        if (g->from[k] == from && g->to[k] == to)
            return True;
    return False;
}

static void compare_node(const Graph* g, const Cost* cost, const LgPaths* p,
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
    expect_true(parent < g->nNodes && has_edge(g, parent, i));
    Cost c = step_from(g, cost, parent);
    expect_eq(c.rank, cost[i].rank);
    expect_eq(c.length, cost[i].length);
}

static void random_graph(Graph* g)
{
    UInt maxRank = pick(LG_PATHS_CLOSED + 1) + 1;

    g->nNodes = 1 + pick(MAX_NODES);
    g->nEdges = pick(pick(2) ? MAX_EDGES : 2 * g->nNodes);
    g->nBegin = 0;
    for (UInt k = 0; k < g->nEdges; k++) {
        g->from[k] = pick(g->nNodes);
        g->to[k] = pick(g->nNodes);
    }
    for (UInt i = 0; i < g->nNodes; i++) {
        g->rank[i] = (UChar)pick(maxRank);
        if (pick(12) == 0)
            g->begin[g->nBegin++] = i;
    }
}

static void agrees_with_reference(void)
{
    static Graph g;
    Cost         cost[MAX_NODES];
    UInt         seen[LG_PATHS_CLOSED + 1] = {0}, nLong = 0;

    for (UInt round = 0; round < 5000; round++) {
        random_graph(&g);
        find_costs(&g, cost);
        LgPaths* p = lg_paths_new(view_of(&g), g.begin, g.nBegin, g.rank);
        for (UInt i = 0; i < g.nNodes; i++) {
            compare_node(&g, cost, p, i);
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

static void add_edge(Graph* g, UInt from, UInt to)
{
    g->from[g->nEdges] = from;
    g->to[g->nEdges++] = to;
}

/* 0 -> 1 -> 2 -> 3 -> 4, and 0 -> 5 -> 4, where 5 is a last resort. */
static void last_resort(void)
{
    static Graph g;

    g.nNodes = 6;
    for (UInt i = 0; i < 4; i++)
        add_edge(&g, i, i + 1);
    add_edge(&g, 0, 5);
    add_edge(&g, 5, 4);
    g.begin[g.nBegin++] = 0;
    LgPaths* p = lg_paths_new(view_of(&g), g.begin, g.nBegin, NULL);
    expect_eq(lg_paths_parent(p, 4), 5);
    expect_eq(lg_paths_length(p, 4), 2);
    lg_paths_delete(p);
    g.rank[5] = 1;
    p = lg_paths_new(&g.view, g.begin, g.nBegin, g.rank);
    expect_eq(lg_paths_parent(p, 4), 3);
    expect_eq(lg_paths_parent(p, 5), 0);
    expect_eq(lg_paths_length(p, 4), 4);
    lg_paths_delete(p);
    /* Closed: nothing is found through it, but it is found itself. */
    g.rank[1] = LG_PATHS_CLOSED;
    p = lg_paths_new(&g.view, g.begin, g.nBegin, g.rank);
    expect_eq(lg_paths_parent(p, 1), 0);
    expect_eq(lg_paths_parent(p, 2), LG_PATHS_NONE);
    expect_eq(lg_paths_parent(p, 4), 5);
    lg_paths_delete(p);
}

/* The first of those that are equally good. */
static void preferred_in_order(void)
{
    static Graph g;

    g.nNodes = 4;
    for (UInt i = 0; i < 3; i++)
        add_edge(&g, i, 3);
    g.begin[g.nBegin++] = 2;
    g.begin[g.nBegin++] = 0;
    g.begin[g.nBegin++] = 1;
    LgPaths* p = lg_paths_new(view_of(&g), g.begin, g.nBegin, g.rank);
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
    seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (ULong)time(NULL);
    state = seed;
    printf("seed %llu\n", seed);
    check_run(agrees_with_reference);
    check_run(last_resort);
    check_run(preferred_in_order);
    check_run(long_ring);
    return check_done();
}
