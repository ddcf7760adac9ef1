/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_paths.c: see lg_paths.h.

   A round for each rank, from the lowest.  A round goes through the nodes of its
   rank to which earlier rounds have found paths, and through all nodes that it
   finds itself up to this rank; nodes of higher ranks wait for their rounds.  The
   nodes of a round are lists by length: those of one length are gone through
   before the next. */

#include "lg_paths.h"

#include "../lg_platform.h"

#define NO_NODE 0xFFFFFFFFu

struct LgPaths {
    const LgGraphView* v;
    const UChar*       rank;
    UInt*              parent;
    UInt*              length;
    UInt*              next; /* in the lists; each node is in one at most */
    /* While paths are looked for: those that wait for the round of their rank, in
       the order of their lengths; those of the current length, and of the next. */
    UInt waitingFirst[LG_PATHS_N_RANKS], waitingLast[LG_PATHS_N_RANKS];
    UInt nowFirst, nowLast, thenFirst, thenLast;
};

static SizeT nodes_szB(const LgPaths* p)
{
    return ((SizeT)p->v->nNodes + 1) * sizeof(UInt);
}

static UInt node_rank(const LgPaths* p, UInt i)
{
    return p->rank == NULL ? 0 : p->rank[i];
}

static void append_node(LgPaths* p, UInt* first, UInt* last, UInt i)
{
    if (*first == NO_NODE)
        *first = i;
    else
        p->next[*last] = i;
    *last = i;
    p->next[i] = NO_NODE;
}

static UInt take_node(LgPaths* p, UInt* first)
{
    UInt i = *first;
    *first = p->next[i];
    return i;
}

/* A path has been found, in the round of this rank. */
static void reach_node(LgPaths* p, UInt round, UInt i, UInt parent, UInt length)
{
    UInt rank = node_rank(p, i);

    p->parent[i] = parent;
    p->length[i] = length;
    if (rank <= round)
        append_node(p, &p->thenFirst, &p->thenLast, i);
    else if (rank < LG_PATHS_N_RANKS)
        append_node(p, &p->waitingFirst[rank], &p->waitingLast[rank], i);
}

static void go_through(LgPaths* p, UInt round, UInt i)
{
    for (UInt k = p->v->first[i]; k < p->v->first[i + 1]; k++)
        if (p->parent[p->v->to[k]] == LG_PATHS_NONE)
            reach_node(p, round, p->v->to[k], i, p->length[i] + 1);
}

/* Those of the current length: first those that have waited. */
static void run_level(LgPaths* p, UInt round, UInt length)
{
    UInt* waiting = &p->waitingFirst[round];

    p->nowFirst = p->thenFirst;
    p->thenFirst = NO_NODE;
    while (*waiting != NO_NODE && p->length[*waiting] == length)
        go_through(p, round, take_node(p, waiting));
    while (p->nowFirst != NO_NODE)
        go_through(p, round, take_node(p, &p->nowFirst));
}

static void run_round(LgPaths* p, UInt round)
{
    UInt* waiting = &p->waitingFirst[round];
    UInt  length = 0;

    p->thenFirst = NO_NODE;
    while (p->thenFirst != NO_NODE || *waiting != NO_NODE) {
        if (p->thenFirst == NO_NODE)
            length = p->length[*waiting];
        run_level(p, round, length++);
    }
}

/* Merges two lists that are sorted by length, as a round leaves them. */
static UInt merge_lists(LgPaths* p, UInt a, UInt b, UInt* last)
{
    UInt first = NO_NODE;

    while (a != NO_NODE || b != NO_NODE) {
        UInt* from = b == NO_NODE ||
                             (a != NO_NODE && p->length[a] <= p->length[b])
                         ? &a
                         : &b;
        UInt  i = take_node(p, from);
        append_node(p, &first, last, i);
    }
    return first;
}

/* Runs a round.  What it lets wait for later rounds is sorted by length, as what
   waited before is. */
static void run_and_merge(LgPaths* p, UInt round)
{
    UInt earlier[LG_PATHS_N_RANKS];

    for (UInt r = round + 1; r < LG_PATHS_N_RANKS; r++) {
        earlier[r] = p->waitingFirst[r];
        p->waitingFirst[r] = NO_NODE;
    }
    run_round(p, round);
    for (UInt r = round + 1; r < LG_PATHS_N_RANKS; r++)
        p->waitingFirst[r] = merge_lists(p, earlier[r], p->waitingFirst[r],
                                         &p->waitingLast[r]);
}

LgPaths* lg_paths_new(const LgGraphView* v, const UInt* begin, UInt n,
                      const UChar* rank)
{
    LgPaths* p = lg_plat_alloc("lg.paths", sizeof *p);

    memset(p, 0xFF, sizeof *p); /* NO_NODE */
    p->v = v;
    p->rank = rank;
    p->parent = lg_plat_map(nodes_szB(p));
    p->length = lg_plat_map(nodes_szB(p));
    p->next = lg_plat_map(nodes_szB(p));
    for (UInt i = 0; i < v->nNodes; i++)
        p->parent[i] = LG_PATHS_NONE;
    for (UInt k = 0; k < n; k++) {
        UInt r = node_rank(p, begin[k]);
        p->parent[begin[k]] = LG_PATHS_BEGIN;
        if (r < LG_PATHS_N_RANKS)
            append_node(p, &p->waitingFirst[r], &p->waitingLast[r], begin[k]);
    }
    for (UInt round = 0; round < LG_PATHS_N_RANKS; round++)
        run_and_merge(p, round);
    lg_plat_unmap(p->next, nodes_szB(p));
    p->next = NULL;
    return p;
}

void lg_paths_delete(LgPaths* p)
{
    if (p == NULL)
        return;
    lg_plat_unmap(p->length, nodes_szB(p));
    lg_plat_unmap(p->parent, nodes_szB(p));
    lg_plat_free(p);
}

UInt lg_paths_parent(const LgPaths* p, UInt i) { return p->parent[i]; }

UInt lg_paths_length(const LgPaths* p, UInt i) { return p->length[i]; }
