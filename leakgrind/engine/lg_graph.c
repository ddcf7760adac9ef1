/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_graph.c: see lg_graph.h.

   The edges are noted in the order in which they are found, which is nearly that of
   the blocks, and then sorted by counting.  A part of the notes is given back as
   soon as it is sorted, when the array that takes its edges is just being
   touched. */

#include "lg_graph.h"

#include "lg_mark_priv.h"

typedef struct {
    UInt from, to;
} Edge;

#define CHUNK_EDGES 65535
typedef struct Chunk Chunk;
struct Chunk {
    Chunk* next;
    Edge   edges[CHUNK_EDGES];
};

/* What is noted while the words are read. */
struct LgGraphNotes {
    UInt   root;   /* whose words are read, as a node */
    UInt   nNodes; /* so far */
    UInt   nEdges, maxEdges;
    Bool   isFull;
    UInt   nInChunk; /* in the last one */
    Chunk *firstChunk, *lastChunk;
};

struct LgGraph {
    LgGraphView view;
    UInt *      first, *to; /* those of the view */
};

/* --- Reading ---------------------------------------------------------------- */

static void add_chunk(LgGraphNotes* n)
{
    Chunk* c = lg_plat_map(sizeof *c);

    if (n->lastChunk == NULL)
        n->firstChunk = c;
    else
        n->lastChunk->next = c;
    n->lastChunk = c;
    n->nInChunk = 0;
}

static inline void note_edge(LgGraphNotes* n, UInt from, UInt to)
{
    if (UNLIKELY(n->nEdges == n->maxEdges)) {
        n->isFull = True;
        return;
    }
    if (UNLIKELY(n->lastChunk == NULL || n->nInChunk == CHUNK_EDGES))
        add_chunk(n);
    n->lastChunk->edges[n->nInChunk++] =
        (Edge){from == LG_NO_PARENT ? n->root : from, to};
    n->nEdges++;
}

/* Does the search follow `ptr`, which points into block i?  May evaluate a
   heuristic: the candidate must be the current one of the batch. */
static inline Bool is_followed(LgMark* m, const LgSnapBlock* sb, UInt i,
                               Addr ptr)
{
    if (LIKELY(ptr == sb->start) || lg_sb_kind(sb) != LgReachable)
        return True;
    if ((sb->bits & LG_SB_OBJ_OFF) && ptr == lg_sb_base(sb) &&
        (m->heuristics & LG_HEUR_BIT(LgHeurPyObject)))
        return True;
    return m->heuristics != 0 &&
           lg_guarded_heuristic(m, i, ptr, m->heuristics) != LgHeurNone;
}

static void note_edges(LgMark* m, LgBatch* b)
{
    const LgSnapshot* s = m->snap;

    for (UInt c = b->cand; c < b->nCands; c++) {
        Addr ptr = b->cands[c].ptr;
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(s, ptr, &i))
            continue;
        b->cand = c;
        if (is_followed(m, &s->blocks[i], i, ptr))
            note_edge(m->graph, b->cands[c].src, i);
    }
}

static void run_graph(void* arg)
{
    LgMark* m = arg;
    m->isDone = lg_drain(m, note_edges);
}

void lg_graph_begin(LgMark* m)
{
    LgGraphNotes* n = lg_plat_alloc("lg.graph.notes", sizeof *n);

    lg_assert(m->graph == NULL);
    *n = (LgGraphNotes){.nNodes = m->snap->n, .maxEdges = LG_GRAPH_MAX_EDGES};
    m->graph = n;
    m->useMet = False; /* every word counts */
    m->source = NULL;
}

void lg_graph_limit(LgMark* m, UInt maxEdges)
{
    m->graph->maxEdges = maxEdges;
}

static void take_root(LgMark* m, UInt root)
{
    LgGraphNotes* n = m->graph;

    n->root = m->snap->n + root;
    if (n->root >= n->nNodes)
        n->nNodes = n->root + 1;
}

void lg_graph_word(LgMark* m, UInt root, Addr w)
{
    take_root(m, root);
    lg_batch_take_root(m, &w);
    lg_run_guarded(m, run_graph);
}

void lg_graph_range(LgMark* m, UInt root, Addr lo, Addr hi)
{
    take_root(m, root);
    if (lg_push_root(m, lo, hi))
        lg_run_guarded(m, run_graph);
}

/* --- Sorting ---------------------------------------------------------------- */

/* The number of edges in a chunk. */
static UInt n_in_chunk(const LgGraphNotes* n, const Chunk* c)
{
    return c == n->lastChunk ? n->nInChunk : CHUNK_EDGES;
}

static void drop_first_chunk(LgGraphNotes* n)
{
    Chunk* c = n->firstChunk;

    n->firstChunk = c->next;
    lg_plat_unmap(c, sizeof *c);
}

static SizeT first_szB(const LgGraph* g)
{
    return ((SizeT)g->view.nNodes + 1) * sizeof(UInt);
}

static SizeT to_szB(const LgGraph* g)
{
    return ((SizeT)g->view.first[g->view.nNodes] + 1) * sizeof(UInt);
}

/* Fills in first[]. */
static void count_edges(LgGraph* g, const LgGraphNotes* n)
{
    UInt sum = 0;

    for (const Chunk* c = n->firstChunk; c != NULL; c = c->next)
        for (UInt k = 0; k < n_in_chunk(n, c); k++)
            g->first[c->edges[k].from]++;
    for (UInt i = 0; i <= g->view.nNodes; i++) {
        UInt count = g->first[i];
        g->first[i] = sum;
        sum += count;
    }
}

/* Fills in to[], and gives the notes back. */
static void place_edges(LgGraph* g, LgGraphNotes* n)
{
    while (n->firstChunk != NULL) {
        const Chunk* c = n->firstChunk;
        UInt         nEdges = n_in_chunk(n, c);
        for (UInt k = 0; k < nEdges; k++)
            g->to[g->first[c->edges[k].from]++] = c->edges[k].to;
        drop_first_chunk(n);
    }
    /* Each first[] is now where the next node begins. */
    for (UInt i = g->view.nNodes; i > 0; i--)
        g->first[i] = g->first[i - 1];
    g->first[0] = 0;
}

static LgGraph* sort_edges(LgGraphNotes* n, UInt nBlocks)
{
    LgGraph* g = lg_plat_alloc("lg.graph", sizeof *g);

    g->view = (LgGraphView){.nBlocks = nBlocks, .nNodes = n->nNodes};
    g->view.first = g->first = lg_plat_map(first_szB(g));
    count_edges(g, n);
    g->view.to = g->to = lg_plat_map(to_szB(g));
    place_edges(g, n);
    return g;
}

LgGraph* lg_graph_finish(LgMark* m)
{
    LgGraphNotes* n = m->graph;
    LgGraph*      g = NULL;

    m->source = lg_push_all_blocks;
    m->sourceAt = 0;
    lg_run_guarded(m, run_graph);
    m->useMet = m->met != NULL;
    m->graph = NULL;
    if (!n->isFull)
        g = sort_edges(n, m->snap->n);
    while (n->firstChunk != NULL)
        drop_first_chunk(n);
    lg_plat_free(n);
    return g;
}

const LgGraphView* lg_graph_view(const LgGraph* g) { return &g->view; }

void lg_graph_delete(LgGraph* g)
{
    if (g == NULL)
        return;
    lg_plat_unmap(g->to, to_szB(g));
    lg_plat_unmap(g->first, first_szB(g));
    lg_plat_free(g);
}
