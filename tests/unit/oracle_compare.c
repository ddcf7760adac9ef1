/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oracle_compare.c: runs the engine over a heap, as a leak check does, and
   compares all it says with the reference.  See oracle.h. */

#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>

#include "../../leakgrind/engine/lg_blocktable.h"
#include "../../leakgrind/engine/lg_audit.h"
#include "../../leakgrind/engine/lg_graph.h"
#include "../../leakgrind/engine/lg_refs.h"
#include "../../leakgrind/engine/lg_snapshot_priv.h"

typedef struct {
    const OracleHeap* h;
    OracleAnswer*     want;
    LgSnapshot*       s;
    LgMark*           m;
    ULong             choices;
    Bool              isQuiet, agrees;
} Comparison;

static void differ(Comparison* c, const char* fmt, ...) PRINTF_CHECK(2, 3);
static void differ(Comparison* c, const char* fmt, ...)
{
    va_list args;
    c->agrees = False;
    if (c->isQuiet)
        return;
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");
}

static ULong choose(Comparison* c)
{
    c->choices = c->choices * 6364136223846793005ULL + 1442695040888963407ULL;
    return c->choices >> 33;
}

/* ---- Steps -------------------------------------------------------------- */

/* By way of a block table, or in the order given. */
static LgSnapshot* take_snapshot(Comparison* c)
{
    LgSnapshot* s = lg_snap_new(c->h->n);
    if (choose(c) % 8 != 0) {
        for (UInt i = 0; i < c->h->n; i++)
            lg_snap_add(s, &c->h->blocks[i]);
        return s;
    }
    /* The youngest comes first where several have the same start: insert in
       reverse. */
    LgBlockTable* bt = lg_bt_new();
    LgBlockCursor cur = {{0}};
    LgBlock       b;
    for (UInt i = c->h->n; i-- > 0;)
        lg_bt_insert(bt, &c->h->blocks[i]);
    lg_bt_check(bt);
    while (lg_bt_next(bt, &cur, &b))
        lg_snap_add(s, &b);
    lg_bt_delete(bt);
    if (lg_snap_count(s) != c->h->n)
        differ(c, "the table walks over %u blocks of %u", lg_snap_count(s),
               c->h->n);
    return s;
}

static void set_known(Comparison* c)
{
    lg_snap_set_leaf_data(c->s, ORACLE_LEAF_DATA);
    for (UInt i = 0; i < lg_snap_count(c->s); i++) {
        LgSnapBlock*       b = &lg_snap_blocks(c->s)[i];
        const OracleKnown* k = &c->h->known[lg_snap_ctx(c->s, i) - 1];
        lg_sb_set_object(b, k->objOff, k->hasGC);
        if (k->isPymem)
            lg_sb_set_pymem(b);
        if (k->isLeaf)
            lg_sb_set_leaf(b);
        if (k->isSkipped)
            lg_sb_set_skipped(b);
    }
}

static void compare_blocks(Comparison* c)
{
    if (lg_snap_count(c->s) != c->want->n) {
        differ(c, "%u blocks, want %u", lg_snap_count(c->s), c->want->n);
        return;
    }
    for (UInt i = 0; i < c->want->n; i++) {
        const LgSnapBlock* got = &lg_snap_blocks(c->s)[i];
        const LgBlock*     want = &c->want->blocks[i].block;
        if (got->start != want->start || lg_sb_szB(got) != want->szB ||
            lg_sb_allocKind(got) != want->allocKind ||
            lg_sb_inherited(got) != !!(want->flags & LG_BF_INHERITED) ||
            lg_snap_flags(c->s, i) != want->flags ||
            lg_snap_ctx(c->s, i) != want->ctx)
            differ(c,
                   "block %u is 0x%lx+%lu kind %u ctx %u,"
                   " want 0x%lx+%lu kind %u ctx %u",
                   i, got->start, lg_sb_szB(got), lg_sb_allocKind(got),
                   lg_snap_ctx(c->s, i), want->start, want->szB,
                   want->allocKind, want->ctx);
    }
}

static void compare_lookups(Comparison* c)
{
    for (UInt i = 0; i < c->want->n; i++) {
        const LgSnapBlock* b = &lg_snap_blocks(c->s)[i];
        const Addr         probes[] = {
                    b->start - 1, b->start, lg_sb_last(b), lg_sb_last(b) + 1,
                    b->start + choose(c) % 4096, b->start - choose(c) % (1 << 22),
                    b->start + ((Addr)choose(c) << 12)};
        for (UInt p = 0; p < sizeof probes / sizeof probes[0]; p++) {
            Int got = lg_snap_find(c->s, probes[p]);
            Int want = oracle_find(c->want, probes[p]);
            if (got != want)
                differ(c, "0x%lx lies in block %d, want %d", probes[p], got,
                       want);
        }
    }
}

/* Shifts what the index says of the chunk of some block by one. */
static Bool plant_index_fault(Comparison* c)
{
    LgSnapshot* s = c->s;
    if (s->n < 2 || s->top == NULL)
        return False;
    Addr        a = s->blocks[choose(c) % (s->n - 1)].start;
    LgChunk* t = &s->top[(a - s->base) >> LG_CHUNK_BITS];
    if (t->how & LG_TOP_FEW) {
        if (t->how == LG_TOP_FEW + 1)
            return False;
        t->first++;
        t->how--;
        return True;
    }
    UShort* rel = &s->rel[(SizeT)(t->how - 1) * LG_CHUNK_CELLS];
    for (UInt g = 0; g < LG_CHUNK_CELLS; g++) {
        if (t->first + rel[g] + 1 < s->n)
            rel[g]++;
    }
    return True;
}

static void run_marking(Comparison* c)
{
    const OracleHeap* h = c->h;
    c->m = lg_mark_new(c->s, h->heuristics, &h->host, h->skips, h->nSkips);
    for (UInt i = 0; i < h->nWords; i++)
        lg_mark_word(c->m, h->words[i]);
    lg_mark_check(c->m);
    for (UInt i = 0; i < h->nRanges; i++)
        lg_mark_range(c->m, h->ranges[i].lo, h->ranges[i].hi);
    lg_mark_check(c->m);
    lg_mark_drain(c->m);
    lg_mark_check(c->m);
}

static void compare_reached(Comparison* c)
{
    UInt nReached = 0;
    for (UInt i = 0; i < c->want->n; i++) {
        const LgSnapBlock* got = &lg_snap_blocks(c->s)[i];
        const OracleBlock* want = &c->want->blocks[i];
        LgKind             kind = want->reached;
        nReached += kind != LgDefinite;
        if (lg_sb_kind(got) != kind ||
            lg_sb_heuristic(got) != want->heuristic)
            differ(c, "block %u at 0x%lx+%lu: kind %u by %u, want %u by %u", i,
                   got->start, lg_sb_szB(got), lg_sb_kind(got),
                   lg_sb_heuristic(got), kind, want->heuristic);
    }
    if (lg_mark_stats(c->m)->nReached != nReached)
        differ(c, "%u reached, want %u", lg_mark_stats(c->m)->nReached,
               nReached);
}

static void compare_audit(Comparison* c)
{
    const OracleHeap* h = c->h;

    lg_audit_begin(c->m);
    for (UInt i = 0; i < h->nWords; i++)
        lg_audit_word(c->m, h->words[i]);
    for (UInt i = 0; i < h->nRanges; i++)
        lg_audit_range(c->m, h->ranges[i].lo, h->ranges[i].hi);
    UInt* refs = lg_audit_finish(c->m);
    lg_mark_check(c->m);
    for (UInt i = 0; i < c->want->n && c->want->isLegal; i++)
        if (refs[i] != c->want->blocks[i].allRefs)
            differ(c, "block %u: %u references in all, want %u", i, refs[i],
                   c->want->blocks[i].allRefs);
    lg_refs_delete(c->m, refs);
}

static void compare_edges_of(Comparison* c, const LgGraphView* v, UInt i)
{
    UInt got[ORACLE_MAX] = {0};

    for (UInt k = v->first[i]; k < v->first[i + 1]; k++)
        got[v->to[k]]++;
    for (UInt j = 0; j < c->want->n; j++)
        if (got[j] != c->want->followed[i][j])
            differ(c, "node %u leads to block %u %u times, want %u", i, j,
                   got[j], c->want->followed[i][j]);
}

static LgGraph* make_graph(Comparison* c, UInt maxEdges)
{
    const OracleHeap* h = c->h;

    lg_graph_begin(c->m);
    lg_graph_limit(c->m, maxEdges);
    /* In any order. */
    for (UInt i = h->nRanges; i-- > 0;)
        lg_graph_range(c->m, h->nWords + i, h->ranges[i].lo, h->ranges[i].hi);
    for (UInt i = 0; i < h->nWords; i++)
        lg_graph_word(c->m, i, h->words[i]);
    return lg_graph_finish(c->m);
}

static void compare_graph(Comparison* c)
{
    LgGraph*           g = make_graph(c, LG_GRAPH_MAX_EDGES);
    const LgGraphView* v = lg_graph_view(g);
    UInt               nEdges = v->first[v->nNodes];

    lg_mark_check(c->m);
    if (v->nBlocks != c->want->n ||
        v->nNodes != c->want->n + c->h->nWords + c->h->nRanges)
        differ(c, "a graph of %u nodes, %u of them blocks", v->nNodes,
               v->nBlocks);
    for (UInt i = 0; i < v->nNodes && c->agrees; i++)
        compare_edges_of(c, v, i);
    lg_graph_delete(g);
    /* One edge too many. */
    if (nEdges > 0 && make_graph(c, nEdges - 1) != NULL)
        differ(c, "%u edges, though fewer are allowed", nEdges);
}

/* Before leaders are sought. */
static void run_python_steps(Comparison* c, UChar* rank)
{
    for (UInt i = 0; i < lg_snap_count(c->s); i++) {
        const OracleKnown* k = &c->h->known[lg_snap_ctx(c->s, i) - 1];
        rank[i] = k->rank;
        if (c->h->hasExcuses && k->isExcused)
            lg_sb_set_suppressed(&lg_snap_blocks(c->s)[i]);
    }
    if (c->h->hasExcuses)
        lg_mark_excuse(c->m);
    lg_mark_check(c->m);

    UInt* refs = lg_refs_count(c->m);
    for (UInt i = 0; i < c->want->n && c->want->isLegal; i++) {
        UInt got = refs == NULL ? 0 : refs[i];
        if (got != c->want->blocks[i].refs)
            differ(c, "block %u: %u references, want %u", i, got,
                   c->want->blocks[i].refs);
    }
    lg_refs_delete(c->m, refs);
    compare_audit(c);
}

/* Does the chain of parents lead to the owner, along existing pointers? */
static void compare_parents(Comparison* c, UInt i)
{
    const UInt* parent = lg_mark_parents(c->m);
    UInt        at = i, n = 0;
    while (parent[at] != LG_NO_PARENT && n++ < c->want->n) {
        if (!c->want->edge[parent[at]][at]) {
            differ(c, "block %u has the parent %u, which does not lead to it",
                   at, parent[at]);
            return;
        }
        at = parent[at];
    }
    if (at != c->want->blocks[i].owner)
        differ(c, "block %u belongs to leader %u, want %u", i, at,
               c->want->blocks[i].owner);
}

static void compare_lost(Comparison* c)
{
    Bool anyLost = False;
    for (UInt i = 0; i < c->want->n; i++) {
        const LgSnapBlock* got = &lg_snap_blocks(c->s)[i];
        const OracleBlock* want = &c->want->blocks[i];
        if (lg_sb_kind(got) != want->kind)
            differ(c, "block %u at 0x%lx+%lu: kind %u, want %u", i, got->start,
                   lg_sb_szB(got), lg_sb_kind(got), want->kind);
        if (lg_sb_suppressed(got) != want->suppressed)
            differ(c, "block %u suppressed: %d, want %d", i,
                   lg_sb_suppressed(got), want->suppressed);
        anyLost |= want->kind >= LgIndirect;
        if (!c->agrees || want->kind < LgIndirect)
            continue;
        compare_parents(c, i);
        if (want->kind == LgDefinite &&
            lg_mark_indirectB(c->m)[i] != want->indirectB)
            differ(c, "leader %u has %lu indirect bytes, want %lu", i,
                   lg_mark_indirectB(c->m)[i], want->indirectB);
    }
    if (!anyLost && (lg_mark_parents(c->m) != NULL ||
                     lg_mark_indirectB(c->m) != NULL))
        differ(c, "cliques, though nothing is lost");
}

static void suppress_some(Comparison* c)
{
    for (UInt i = 0; i < c->want->n; i++) {
        if (choose(c) % 8 == 0) {
            lg_sb_set_suppressed(&lg_snap_blocks(c->s)[i]);
            c->want->blocks[i].suppressed = True;
        }
    }
    lg_mark_spread_suppressed(c->m);
    lg_mark_check(c->m);
    oracle_spread(c->want);
    compare_lost(c);
}

/* ------------------------------------------------------------------------- */

Bool oracle_compare(const OracleHeap* h, ULong choices, OracleFault fault,
                    Bool* isPlanted, Bool isQuiet)
{
    static OracleAnswer want;
    Comparison c = {h, &want, NULL, NULL, choices, isQuiet, True};
    LgOverlap  mistakes[4];

    *isPlanted = False;
    oracle_classify(h, &want);
    c.s = take_snapshot(&c);
    UInt nMistakes = lg_snap_finish(c.s, mistakes, 4);
    set_known(&c);
    lg_snap_check(c.s);
    if ((nMistakes == 0) != want.isLegal)
        differ(&c, "%u mistakes, want %s", nMistakes,
               want.isLegal ? "none" : "some");
    if (fault == OracleIndexFault)
        *isPlanted = plant_index_fault(&c);
    /* Twice over the same snapshot: what one search leaves does not disturb
       the next. */
    for (UInt round = 0; round < 2; round++) {
        if (want.isLegal && fault == OracleNoFault) {
            compare_blocks(&c);
            compare_lookups(&c);
        }
        run_marking(&c);
        if (want.isLegal && c.agrees)
            compare_reached(&c);
        if (want.isLegal && c.agrees)
            compare_graph(&c);
        UChar rank[ORACLE_MAX];
        run_python_steps(&c, rank);
        lg_mark_cliques(c.m, h->hasRanks ? rank : NULL);
        lg_mark_check(c.m);
        if (want.isLegal && c.agrees) {
            compare_lost(&c);
            if (round == 0) {
                suppress_some(&c);
                suppress_some(&c);
                for (UInt i = 0; i < want.n; i++)
                    want.blocks[i].suppressed = want.blocks[i].excused;
                oracle_spread(&want);
            }
        }
        lg_mark_delete(c.m);
    }
    lg_snap_delete(c.s);
    return c.agrees;
}
