/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_dominators.c: see lg_dominators.h.

   The reached nodes are numbered in the order in which a depth-first search finds
   them; number 0 is a node of our own, which leads to all roots.  All arrays but
   `number` go by these numbers.  A number is less than those of the nodes below it,
   in the tree of the search and in that of the dominators. */

#include "lg_dominators.h"

#include "../lg_platform.h"

#define NO_NUMBER 0xFFFFFFFFu

struct LgDominators {
    UInt   nNodes; /* of the graph */
    UInt   n;      /* numbers in use */
    UInt*  number; /* by node; 0: not reached (a reached node has 1 or more) */
    UInt*  node;   /* by number, and so are all others */
    UInt*  dominator;
    UInt*  nRetained;
    ULong* retainedB;
};

/* What is needed while dominators are looked for. */
typedef struct {
    const LgGraphView* v;
    LgDominators*      d;
    UInt*              ancestor; /* in the tree of the search; compressed later */
    UInt*              label;    /* the ancestor with the least semidominator */
    UInt*              semi;     /* semidominators */
    UInt*              first;    /* edges backwards: those to number i are */
    UInt*              from;     /* from[first[i]] .. from[first[i + 1] - 1] */
} Search;

static SizeT array_szB(const LgDominators* d)
{
    return ((SizeT)d->nNodes + 2) * sizeof(UInt);
}

static UInt* new_array(const LgDominators* d)
{
    return lg_plat_map(array_szB(d));
}

static void drop_array(const LgDominators* d, UInt* a)
{
    lg_plat_unmap(a, array_szB(d));
}

/* --- Numbering --------------------------------------------------------------- */

static void give_number(Search* s, UInt node, UInt parent)
{
    LgDominators* d = s->d;
    UInt          i = d->n++;

    d->number[node] = i;
    d->node[i] = node;
    d->dominator[i] = s->ancestor[i] = parent;
}

/* Numbers what can be reached from the root: `cursor` of a number is its edge that
   is followed next. */
static void number_from_root(Search* s, UInt root, UInt* cursor)
{
    const LgGraphView*  v = s->v;
    const LgDominators* d = s->d;
    UInt                at = d->n;

    give_number(s, root, 0);
    cursor[at] = v->first[root];
    while (at != 0) {
        if (cursor[at] == v->first[d->node[at] + 1]) {
            at = s->ancestor[at];
            continue;
        }
        UInt to = v->to[cursor[at]++];
        if (d->number[to] != 0)
            continue;
        give_number(s, to, at);
        at = d->n - 1;
        cursor[at] = v->first[to];
    }
}

static void number_nodes(Search* s)
{
    s->d->n = 1;
    for (UInt root = s->v->nBlocks; root < s->v->nNodes; root++)
        number_from_root(s, root, s->label);
}

/* --- Edges backwards ----------------------------------------------------------- */

static SizeT from_szB(const Search* s)
{
    return ((SizeT)s->v->first[s->v->nNodes] + 1) * sizeof(UInt);
}

static void turn_edges(Search* s)
{
    const LgGraphView*  v = s->v;
    const LgDominators* d = s->d;
    UInt                sum = 0;

    s->first = new_array(d);
    s->from = lg_plat_map(from_szB(s));
    for (UInt i = 1; i < d->n; i++)
        for (UInt e = v->first[d->node[i]]; e < v->first[d->node[i] + 1]; e++)
            s->first[d->number[v->to[e]]]++;
    for (UInt i = 0; i <= d->n; i++) {
        UInt count = s->first[i];
        s->first[i] = sum;
        sum += count;
    }
    for (UInt i = 1; i < d->n; i++)
        for (UInt e = v->first[d->node[i]]; e < v->first[d->node[i] + 1]; e++)
            s->from[s->first[d->number[v->to[e]]]++] = i;
    /* Each first[] is now where the next one begins. */
    for (UInt i = d->n; i > 0; i--)
        s->first[i] = s->first[i - 1];
    s->first[0] = 0;
}

/* --- Dominators ---------------------------------------------------------------- */

/* Of the ancestors of i that are numbered `linked` or more, i included, the one
   with the least semidominator.  Makes the way short for the next time: on the way
   up the links are turned round, on the way back they are set. */
static UInt best_ancestor(Search* s, UInt i, UInt linked)
{
    UInt back = NO_NUMBER;

    while (s->ancestor[i] >= linked) {
        UInt above = s->ancestor[i];
        s->ancestor[i] = back;
        back = i;
        i = above;
    }
    UInt top = s->ancestor[i], best = s->label[i];
    while (back != NO_NUMBER) {
        i = back;
        back = s->ancestor[i];
        s->ancestor[i] = top;
        if (s->semi[best] < s->semi[s->label[i]])
            s->label[i] = best;
        else
            best = s->label[i];
    }
    return best;
}

static void find_semidominators(Search* s)
{
    for (UInt i = 0; i < s->d->n; i++)
        s->label[i] = s->semi[i] = i;
    for (UInt i = s->d->n - 1; i > 0; i--) {
        UInt least = s->ancestor[i];
        for (UInt e = s->first[i]; e < s->first[i + 1]; e++) {
            UInt semi = s->semi[best_ancestor(s, s->from[e], i + 1)];
            least = semi < least ? semi : least;
        }
        s->semi[i] = least;
    }
}

static void find_dominators(Search* s)
{
    UInt* dominator = s->d->dominator; /* at first the parents */

    for (UInt i = 1; i < s->d->n; i++)
        while (dominator[i] > s->semi[i])
            dominator[i] = dominator[dominator[i]];
}

static void search_dominators(LgDominators* d, const LgGraphView* v)
{
    Search s = {.v = v,
                .d = d,
                .ancestor = new_array(d),
                .label = new_array(d),
                .semi = new_array(d)};

    number_nodes(&s);
    turn_edges(&s);
    find_semidominators(&s);
    find_dominators(&s);
    drop_array(d, s.ancestor);
    drop_array(d, s.label);
    drop_array(d, s.semi);
    drop_array(d, s.first);
    lg_plat_unmap(s.from, from_szB(&s));
}

/* --- Retained sizes -------------------------------------------------------------- */

static void sum_up(LgDominators* d, UInt nBlocks,
                   SizeT (*szB)(void* opaque, UInt i), void* opaque)
{
    for (UInt i = d->n - 1; i > 0; i--) {
        if (d->node[i] < nBlocks) {
            d->retainedB[i] += szB(opaque, d->node[i]);
            d->nRetained[i]++;
        }
        d->retainedB[d->dominator[i]] += d->retainedB[i];
        d->nRetained[d->dominator[i]] += d->nRetained[i];
    }
}

/* --- The interface ----------------------------------------------------------------- */

LgDominators* lg_dominators_new(const LgGraphView* v,
                                SizeT (*szB)(void* opaque, UInt i),
                                void* opaque)
{
    LgDominators* d = lg_plat_alloc("lg.dominators", sizeof *d);

    *d = (LgDominators){.nNodes = v->nNodes};
    d->number = new_array(d);
    d->node = new_array(d);
    d->dominator = new_array(d);
    search_dominators(d, v);
    d->nRetained = new_array(d);
    d->retainedB = lg_plat_map(2 * array_szB(d));
    sum_up(d, v->nBlocks, szB, opaque);
    return d;
}

void lg_dominators_delete(LgDominators* d)
{
    if (d == NULL)
        return;
    drop_array(d, d->number);
    drop_array(d, d->node);
    drop_array(d, d->dominator);
    drop_array(d, d->nRetained);
    lg_plat_unmap(d->retainedB, 2 * array_szB(d));
    lg_plat_free(d);
}

UInt lg_dominators_of(const LgDominators* d, UInt i)
{
    if (d->number[i] == 0)
        return LG_DOM_UNREACHED;
    UInt above = d->dominator[d->number[i]];
    return above == 0 ? LG_DOM_TOP : d->node[above];
}

LgRetained lg_dominators_retained(const LgDominators* d, UInt i)
{
    UInt number = d->number[i];
    return number == 0 ? (LgRetained){0, 0}
                       : (LgRetained){d->retainedB[number],
                                      d->nRetained[number]};
}

UInt lg_dominators_count(const LgDominators* d) { return d->n - 1; }

UInt lg_dominators_nth(const LgDominators* d, UInt k)
{
    return d->node[k + 1];
}
