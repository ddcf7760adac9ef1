/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_dominators.c: see lg_dominators.h.

   The reached nodes are numbered in the order in which a depth-first search finds
   them; number 0 is a node of our own, which leads to all roots.  A number is less
   than those of the nodes below it, in the tree of the search and in that of the
   dominators.

   The time is that of waiting for memory.  So what is needed together lies together,
   what will be needed soon is prefetched, and each edge is looked at as few times as
   possible: by the search, which counts the edges to each node on the way; when it is
   turned round; and for the semidominators. */

#include "lg_dominators.h"

#include "../lg_platform.h"

#define NO_NUMBER 0xFFFFFFFFu

/* Of a node. */
typedef struct {
    UInt number; /* 0: not reached */
    union {
        UInt edges; /* while dominators are looked for: see turn_edges */
        UInt nRetained;
    };
} Node;

/* Of a number, while dominators are looked for. */
typedef struct {
    UInt ancestor; /* in the tree of the search; compressed later */
    UInt label;    /* the ancestor with the least semidominator */
    UInt semi;     /* the semidominator */
} Place;

struct LgDominators {
    UInt   nNodes; /* of the graph */
    UInt   n;      /* numbers in use */
    Node*  nodes;
    UInt*  node; /* by number, and so are these: */
    UInt*  dominator;
    ULong* retainedB;
};

typedef struct {
    const LgGraphView* v;
    LgDominators*      d;
    Place*             places;
    UInt*              from; /* the numbers where the edges to a node begin */
} Search;

static void* new_array(const LgDominators* d, SizeT elemSzB)
{
    return lg_plat_map(((SizeT)d->nNodes + 2) * elemSzB);
}

static void drop_array(const LgDominators* d, void* a, SizeT elemSzB)
{
    lg_plat_unmap(a, ((SizeT)d->nNodes + 2) * elemSzB);
}

/* --- Numbering --------------------------------------------------------------- */

static void give_number(Search* s, UInt node, UInt parent)
{
    LgDominators* d = s->d;
    UInt          i = d->n++;

    d->nodes[node].number = i;
    d->node[i] = node;
    d->dominator[i] = s->places[i].ancestor = parent;
    s->places[i].label = s->v->first[node]; /* the edge that is followed next */
}

/* What the search needs when it goes on from this node. */
static void prefetch_next(const Search* s, UInt node)
{
    const LgGraphView* v = s->v;

    for (UInt e = v->first[node]; e < v->first[node + 1]; e++) {
        __builtin_prefetch(&s->d->nodes[v->to[e]]);
        __builtin_prefetch(&v->first[v->to[e]]);
    }
}

/* Numbers what can be reached from the root, and counts the edges to each node. */
static void number_from_root(Search* s, UInt root)
{
    const LgGraphView* v = s->v;
    LgDominators*      d = s->d;
    UInt               at = d->n;

    give_number(s, root, 0);
    while (at != 0) {
        UInt edge = s->places[at].label++;
        if (edge == v->first[d->node[at] + 1]) {
            at = s->places[at].ancestor;
            continue;
        }
        Node* to = &d->nodes[v->to[edge]];
        to->edges++;
        if (to->number == 0) {
            give_number(s, v->to[edge], at);
            at = d->n - 1;
            prefetch_next(s, v->to[edge]);
        }
    }
}

static void number_nodes(Search* s)
{
    s->d->n = 1;
    for (UInt root = s->v->nBlocks; root < s->v->nNodes; root++)
        number_from_root(s, root);
}

/* --- Edges backwards ----------------------------------------------------------- */

static SizeT from_szB(const Search* s)
{
    return ((SizeT)s->v->first[s->v->nNodes] + 1) * sizeof(UInt);
}

/* How many nodes are prefetched ahead. */
enum { AHEAD = 8 };

static void prefetch_targets(const Search* s, UInt i)
{
    const LgGraphView* v = s->v;

    if (i + AHEAD < s->d->n)
        __builtin_prefetch(&v->first[s->d->node[i + AHEAD]]);
    if (i + AHEAD / 2 < s->d->n) {
        UInt node = s->d->node[i + AHEAD / 2];
        for (UInt e = v->first[node]; e < v->first[node + 1]; e++)
            __builtin_prefetch(&s->d->nodes[v->to[e]]);
    }
}

/* After this, the edges to a node begin at from[edges_begin(...)] and end at
   from[nodes[...].edges]. */
static void turn_edges(Search* s)
{
    const LgGraphView* v = s->v;
    LgDominators*      d = s->d;
    UInt               sum = 0;

    s->from = lg_plat_map(from_szB(s));
    for (UInt node = 0; node < d->nNodes; node++) {
        UInt count = d->nodes[node].edges;
        d->nodes[node].edges = sum;
        sum += count;
    }
    for (UInt i = 1; i < d->n; i++) {
        UInt node = d->node[i];
        prefetch_targets(s, i);
        for (UInt e = v->first[node]; e < v->first[node + 1]; e++)
            s->from[d->nodes[v->to[e]].edges++] = i;
    }
}

static UInt edges_begin(const Search* s, UInt node)
{
    return node == 0 ? 0 : s->d->nodes[node - 1].edges;
}

/* --- Dominators ---------------------------------------------------------------- */

/* Of the ancestors of i that are numbered `linked` or more, i included, the least
   semidominator.  Makes the way short for the next time: on the way up the links are
   turned round, on the way back they are set. */
static UInt least_semi(Search* s, UInt i, UInt linked)
{
    Place* p = s->places;
    UInt   back = NO_NUMBER;

    while (p[i].ancestor >= linked) {
        UInt above = p[i].ancestor;
        p[i].ancestor = back;
        back = i;
        i = above;
    }
    UInt top = p[i].ancestor, best = p[i].label;
    while (back != NO_NUMBER) {
        i = back;
        back = p[i].ancestor;
        p[i].ancestor = top;
        if (p[best].semi < p[p[i].label].semi)
            p[i].label = best;
        else
            best = p[i].label;
    }
    return p[best].semi;
}

static void prefetch_edges(const Search* s, UInt i)
{
    if (i > 2 * AHEAD)
        __builtin_prefetch(&s->d->nodes[s->d->node[i - 2 * AHEAD]]);
    if (i > AHEAD)
        __builtin_prefetch(&s->from[edges_begin(s, s->d->node[i - AHEAD])]);
    if (i > AHEAD / 2) {
        UInt node = s->d->node[i - AHEAD / 2];
        for (UInt e = edges_begin(s, node); e < s->d->nodes[node].edges; e++)
            __builtin_prefetch(&s->places[s->from[e]]);
    }
}

static void find_semidominators(Search* s)
{
    for (UInt i = 0; i < s->d->n; i++)
        s->places[i].label = s->places[i].semi = i;
    for (UInt i = s->d->n - 1; i > 0; i--) {
        UInt node = s->d->node[i], least = s->places[i].ancestor;
        prefetch_edges(s, i);
        for (UInt e = edges_begin(s, node); e < s->d->nodes[node].edges; e++) {
            UInt from = s->from[e];
            /* Before i, nothing is linked: such a node stands for itself. */
            UInt semi = from < i ? from : least_semi(s, from, i + 1);
            least = semi < least ? semi : least;
        }
        s->places[i].semi = least;
    }
}

static void find_dominators(Search* s)
{
    UInt* dominator = s->d->dominator; /* at first the parents */

    for (UInt i = 1; i < s->d->n; i++)
        while (dominator[i] > s->places[i].semi)
            dominator[i] = dominator[dominator[i]];
}

static void search_dominators(LgDominators* d, const LgGraphView* v)
{
    Search s = {.v = v, .d = d, .places = new_array(d, sizeof(Place))};

    number_nodes(&s);
    turn_edges(&s);
    find_semidominators(&s);
    find_dominators(&s);
    drop_array(d, s.places, sizeof(Place));
    lg_plat_unmap(s.from, from_szB(&s));
}

/* --- Retained sizes -------------------------------------------------------------- */

static void sum_up(LgDominators* d, UInt nBlocks,
                   SizeT (*szB)(void* opaque, UInt i), void* opaque)
{
    for (UInt node = 0; node < d->nNodes; node++)
        d->nodes[node].nRetained = 0;
    for (UInt i = d->n - 1; i > 0; i--) {
        UInt node = d->node[i], above = d->dominator[i];
        if (node < nBlocks) {
            d->retainedB[i] += szB(opaque, node);
            d->nodes[node].nRetained++;
        }
        if (above != 0) {
            d->retainedB[above] += d->retainedB[i];
            d->nodes[d->node[above]].nRetained += d->nodes[node].nRetained;
        }
    }
}

/* --- The interface ----------------------------------------------------------------- */

LgDominators* lg_dominators_new(const LgGraphView* v,
                                SizeT (*szB)(void* opaque, UInt i),
                                void* opaque)
{
    LgDominators* d = lg_plat_alloc("lg.dominators", sizeof *d);

    *d = (LgDominators){.nNodes = v->nNodes};
    d->nodes = new_array(d, sizeof(Node));
    d->node = new_array(d, sizeof(UInt));
    d->dominator = new_array(d, sizeof(UInt));
    search_dominators(d, v);
    d->retainedB = new_array(d, sizeof(ULong));
    sum_up(d, v->nBlocks, szB, opaque);
    return d;
}

void lg_dominators_delete(LgDominators* d)
{
    if (d == NULL)
        return;
    drop_array(d, d->nodes, sizeof(Node));
    drop_array(d, d->node, sizeof(UInt));
    drop_array(d, d->dominator, sizeof(UInt));
    drop_array(d, d->retainedB, sizeof(ULong));
    lg_plat_free(d);
}

UInt lg_dominators_of(const LgDominators* d, UInt i)
{
    if (d->nodes[i].number == 0)
        return LG_DOM_UNREACHED;
    UInt above = d->dominator[d->nodes[i].number];
    return above == 0 ? LG_DOM_TOP : d->node[above];
}

LgRetained lg_dominators_retained(const LgDominators* d, UInt i)
{
    const Node* node = &d->nodes[i];
    return node->number == 0
               ? (LgRetained){0, 0}
               : (LgRetained){d->retainedB[node->number], node->nRetained};
}

UInt lg_dominators_count(const LgDominators* d) { return d->n - 1; }

UInt lg_dominators_nth(const LgDominators* d, UInt k)
{
    return d->node[k + 1];
}
