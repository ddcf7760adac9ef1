/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark.c: which blocks can be reached, and how.  The interface.

   The search has two phases, so that nothing is read twice.  The first one
   follows start pointers from the roots: the blocks that it finds are
   reachable, and those to which it finds only interior pointers are possibly
   lost.  The second phase begins when all reachable blocks are known, and
   follows pointers of both sorts from the possibly lost ones. */

#include "lg_mark_priv.h"

/* ---- Marking ------------------------------------------------------------ */

static inline ULong with_kind(ULong bits, LgKind kind, LgHeuristic h)
{
    return (bits & ~(LG_SB_KIND | LG_SB_PENDING | LG_SB_HEURISTIC)) |
           (ULong)kind << LG_SB_KIND_SHIFT |
           (ULong)h << LG_SB_HEURISTIC_SHIFT;
}

static void make_reachable(LgMark* m, LgSnapBlock* b, UInt i, LgHeuristic h)
{
    if (lg_sb_kind(b) == LgDefinite)
        m->total.nReached++;
    else if (b->bits & LG_SB_PENDING)
        m->nPending--;
    b->bits = with_kind(b->bits, LgReachable, h);
    lg_push(m, i);
}

LgHeuristic lg_guarded_heuristic(LgMark* m, UInt i, Addr ptr,
                                 LgHeuristicSet set)
{
    LgHeuristic h;
    if (m->heuristicFaults) {
        m->heuristicFaults = False;
        return LgHeurNone;
    }
    m->inHeuristic = True;
    __asm__ __volatile__("" ::: "memory");
    h = lg_heuristic_of(m, i, ptr, set);
    m->inHeuristic = False;
    return h;
}

/* An interior pointer from a root or a reachable block. */
static void meet_interior(LgMark* m, LgSnapBlock* b, UInt i, Addr ptr)
{
    LgHeuristicSet set = m->heuristics;
    LgHeuristic    old = lg_sb_heuristic(b), h = LgHeurNone;

    if (lg_sb_kind(b) == LgReachable) {
        if (old == LgHeurNone)
            return;
        set &= LG_HEUR_BIT(old) - 1; /* those that come before */
    }
    if (set != 0)
        h = lg_guarded_heuristic(m, i, ptr, set);
    if (lg_sb_kind(b) == LgReachable) {
        if (h != LgHeurNone)
            b->bits = with_kind(b->bits, LgReachable, h);
    } else if (h != LgHeurNone) {
        make_reachable(m, b, i, h);
    } else if (lg_sb_kind(b) == LgDefinite) {
        b->bits = with_kind(b->bits, LgPossible, LgHeurNone) | LG_SB_PENDING;
        m->nPending++;
        m->total.nReached++;
    }
}

/* Most references to Python objects are handled here: they hold the base of the
   object, which is not where the block starts.  False: not such a reference. */
static inline Bool meet_base(LgMark* m, LgSnapBlock* b, UInt i, Addr ptr)
{
    if (!(b->bits & LG_SB_OBJ_OFF) || ptr != lg_sb_base(b) ||
        !(m->heuristics & LG_HEUR_BIT(LgHeurPyObject)))
        return False;
    if (lg_sb_kind(b) != LgReachable)
        make_reachable(m, b, i, LgHeurPyObject);
    return True; /* this heuristic is the last one */
}

static void mark_from_reachable(LgMark* m, LgBatch* b)
{
    const LgSnapshot* s = m->snap;

    for (UInt c = b->cand; c < b->nCands; c++) {
        Addr ptr = b->cands[c].ptr;
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(s, ptr, &i))
            continue;
        LgSnapBlock* sb = &s->blocks[i];
        if (LIKELY(ptr == sb->start)) {
            if (lg_sb_kind(sb) != LgReachable)
                make_reachable(m, sb, i, LgHeurNone);
            else if (UNLIKELY(sb->bits & LG_SB_HEURISTIC))
                sb->bits &= ~LG_SB_HEURISTIC;
        } else if (!meet_base(m, sb, i, ptr)) {
            b->cand = c;
            meet_interior(m, sb, i, ptr);
        }
    }
}

static void mark_from_possible(LgMark* m, LgBatch* b)
{
    const LgSnapshot* s = m->snap;

    for (UInt c = b->cand; c < b->nCands; c++) {
        Addr ptr = b->cands[c].ptr;
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(s, ptr, &i))
            continue;
        LgSnapBlock* sb = &s->blocks[i];
        if (lg_sb_kind(sb) == LgDefinite) {
            sb->bits = with_kind(sb->bits, LgPossible, LgHeurNone);
            m->total.nReached++;
            lg_push(m, i);
        } else if (UNLIKELY(sb->bits & LG_SB_HEURISTIC) && ptr == sb->start) {
            sb->bits &= ~LG_SB_HEURISTIC;
        }
    }
}

static void run_from_reachable(void* arg)
{
    LgMark* m = arg;
    m->isDone = lg_drain(m, mark_from_reachable);
}

static void run_from_possible(void* arg)
{
    LgMark* m = arg;
    m->isDone = lg_drain(m, mark_from_possible);
}

/* The source of the second phase: blocks that are pending after the first. */
static Bool push_pending(LgMark* m)
{
    const LgSnapshot* s = m->snap;
    UInt              n = 0;

    while (m->nPending > 0 && n < LG_BATCH_ITEMS) {
        LgSnapBlock* b = &s->blocks[m->sourceAt];
        if (b->bits & LG_SB_PENDING) {
            b->bits = (b->bits & ~LG_SB_PENDING) | LG_SB_ITSELF;
            m->nPending--;
            lg_push(m, m->sourceAt);
            n++;
        }
        m->sourceAt++;
    }
    return n > 0;
}

/* ---- The interface ------------------------------------------------------ */

LgMark* lg_mark_new(LgSnapshot* snap, LgHeuristicSet heuristics,
                    const LgMarkHost* host, const LgRange* skips, UInt nSkips)
{
    LgMark* m = lg_plat_alloc("lg.mark", sizeof(LgMark));
    memset(m, 0, sizeof(*m));
    m->snap = snap;
    m->heuristics = heuristics & ~LG_HEUR_BIT(LgHeurNone);
    if (host != NULL)
        m->host = *host;
    m->skips = skips;
    m->nSkips = nSkips;
    m->progressB = LG_PROGRESS_SZB;
    lg_push_new_chunk(m);
    lg_skips_begin(m);
    lg_met_begin(m);
    for (UInt i = 0; i < snap->n && snap->isSearched; i++) {
        LgSnapBlock* b = &snap->blocks[i];
        b->bits = with_kind(b->bits, LgDefinite, LgHeurNone) &
                  ~(LG_SB_SUPPRESSED | LG_SB_SPREAD | LG_SB_ITSELF);
    }
    snap->isSearched = True;
    return m;
}

void lg_mark_attach(LgMark* m, const LgAttached* attached, UInt n)
{
    m->attached = attached;
    m->nAttached = n;
}

void lg_mark_delete(LgMark* m)
{
    while (m->stack != NULL) {
        LgStackChunk* chunk = m->stack;
        m->stack = chunk->below;
        lg_plat_free(chunk);
    }
    lg_plat_free(m->spareChunk);
    lg_plat_free(m->slices);
    lg_met_end(m);
    lg_skips_end(m);
    if (m->parent != NULL) {
        lg_plat_unmap(m->parent, (SizeT)m->snap->n * sizeof(UInt));
        lg_plat_unmap(m->indirectB, (SizeT)m->snap->n * sizeof(SizeT));
    }
    lg_plat_free(m);
}

static void run_phase_one(LgMark* m)
{
    if (m->isMetStale) {
        lg_met_begin(m);
        m->isMetStale = False;
    }
    m->source = NULL;
    lg_run_guarded(m, run_from_reachable);
    m->stats = m->total;
}

void lg_mark_word(LgMark* m, Addr w)
{
    lg_batch_take_root(m, &w);
    run_phase_one(m);
}

void lg_mark_range(LgMark* m, Addr lo, Addr hi)
{
    if (lg_push_root(m, lo, hi))
        run_phase_one(m);
}

void lg_mark_drain(LgMark* m)
{
    if (m->nPending == 0)
        return;
    m->isMetStale = True;
    m->source = push_pending;
    m->sourceAt = 0;
    lg_run_guarded(m, run_from_possible);
    m->stats = m->total;
}

const LgMarkStats* lg_mark_stats(const LgMark* m) { return &m->stats; }

const UInt* lg_mark_parents(const LgMark* m) { return m->parent; }

const SizeT* lg_mark_indirectB(const LgMark* m) { return m->indirectB; }

/* ---- Asking for one heuristic ------------------------------------------- */

typedef struct {
    LgMark*     m;
    UInt        block;
    Addr        ptr;
    LgHeuristic which, found;
} LgQuestion;

static void answer_question(void* arg)
{
    LgQuestion* q = arg;
    q->found =
        lg_heuristic_of(q->m, q->block, q->ptr, LG_HEUR_BIT(q->which));
}

Bool lg_mark_heuristic_applies(LgMark* m, UInt i, Addr ptr, LgHeuristic h)
{
    LgQuestion q = {m, i, ptr, h, LgHeurNone};
    Addr       fault;

    if (h == LgHeurNone || ptr == m->snap->blocks[i].start)
        return False;
    if (!lg_plat_guarded(answer_question, &q, &fault))
        return False;
    return q.found == h;
}
