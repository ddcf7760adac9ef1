/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_cliques.c: splits the unreached blocks into leaders and what hangs from
   them.

   The result depends on the order.  Leaders are tried in passes, first the
   inherited blocks, and of these and of the others the lower ranks first; in
   each pass in the order of their addresses.  A leader takes all blocks that it
   finds and that are still unreached; an earlier leader brings its whole clique
   along.

   Usually a leader finds few blocks, so that going from leader to leader would
   be one wait for memory after the other.  Therefore the words of many possible
   leaders are read and looked up at once, in a batch of their own (m->leaders).
   Then they are processed in order: the candidates of a block that has joined
   an earlier leader's clique in the meantime are dropped, and all that a leader
   finds is followed (in m->main) before the next leader's turn. */

#include "lg_mark_priv.h"

/* ---- Gathering ---------------------------------------------------------- */

#define N_PASSES (2 * LG_N_RANKS)

static inline UInt rank_of(const LgMark* m, UInt i)
{
    return m->rank == NULL ? LG_N_RANKS - 1 : m->rank[i];
}

/* The pass in which block i may lead. */
static inline UInt pass_of(const LgMark* m, const LgSnapBlock* b, UInt i)
{
    return (lg_sb_inherited(b) ? 0 : LG_N_RANKS) + rank_of(m, i);
}

/* Has a search begun at block i, which may be a leader? */
static inline Bool was_searched(const LgMark* m, const LgSnapBlock* b, UInt i)
{
    UInt pass = pass_of(m, b, i);
    return pass < m->pass || (pass == m->pass && i < m->leader);
}

/* The block that a candidate points into joins the clique of m->leader, unless
   it is in another. */
static inline void join_clique(LgMark* m, const LgCandidate* cand)
{
    UInt i = cand->block;
    if (!lg_candidate_hits(m->snap, cand->ptr, &i))
        return;
    LgSnapBlock* b = &m->snap->blocks[i];
    if (lg_sb_kind(b) != LgDefinite)
        return;
    if (i == m->leader) {
        lg_met_forget(m, cand->ptr); /* a later leader may take it */
        return;
    }
    if (m->rank != NULL && m->rank[i] == LG_RANK_ALONE)
        return;
    lg_sb_set_kind(b, LgIndirect);
    m->parent[i] = cand->src;
    m->indirectB[m->leader] += lg_sb_szB(b) + m->indirectB[i];
    m->indirectB[i] = 0;
    /* An earlier leader has found all that it leads to. */
    if (!was_searched(m, b, i))
        lg_push(m, i);
}

static void mark_clique(LgMark* m, LgBatch* b)
{
    for (UInt c = b->cand; c < b->nCands; c++)
        join_clique(m, &b->cands[c]);
}

/* ---- Leaders ------------------------------------------------------------ */

static inline Bool may_lead(const LgMark* m, UInt i)
{
    const LgSnapBlock* b = &m->snap->blocks[i];
    return lg_sb_kind(b) == LgDefinite &&
           lg_sb_inherited(b) == (m->pass < LG_N_RANKS) &&
           (LIKELY(m->rank == NULL) || pass_of(m, b, i) == m->pass);
}

/* Takes the next blocks that may be leaders.  False if there are no more. */
static Bool fill_leaders(LgMark* m)
{
    LgBatch* b = &m->leaders;
    UInt     n = 0, words = 0;

    for (; m->sourceAt < m->snap->n && n < LG_BATCH_ITEMS &&
           words <= LG_BATCH_CANDS - LG_SMALL_WORDS;
         m->sourceAt++) {
        if (!may_lead(m, m->sourceAt))
            continue;
        LgItem it = lg_block_item(m, m->sourceAt);
        if (lg_item_is_small(m, &it)) {
            lg_prefetch_item(&it);
            words += (UInt)((it.end - it.cur) / LG_WORD_SZB);
        } else {
            lg_item_postpone(&it);
        }
        b->items[n++] = it;
    }
    b->nItems = n;
    b->item = 0;
    b->nCands = 0;
    b->hasBig = False;
    return n > 0;
}

/* Begins the clique of the next block of the batch that is still unreached;
   False if there is none. */
static Bool next_leader(LgMark* m)
{
    LgBatch* b = &m->leaders;

    while (m->leaderItem < b->nItems) {
        const LgItem* it = &b->items[m->leaderItem++];
        UInt          endCand = b->cand;
        while (endCand < b->nCands && b->cands[endCand].src == it->src)
            endCand++;
        if (lg_sb_kind(&m->snap->blocks[it->src]) != LgDefinite) {
            b->cand = endCand;
            continue;
        }
        m->leader = it->src;
        m->parent[it->src] = LG_NO_PARENT;
        if (it->end == it->cur) {
            LgItem whole = lg_block_item(m, it->src);
            if (whole.end != it->end) /* postponed */
                lg_push_block(m, &whole);
        }
        for (; b->cand < endCand; b->cand++)
            join_clique(m, &b->cands[b->cand]);
        return True;
    }
    return False;
}

static void run_cliques(void* arg)
{
    LgMark*  m = arg;
    LgBatch* b = &m->leaders;

    for (;;) {
        switch (b->step) {
        case LgStepFill:
            if (!fill_leaders(m)) {
                m->isDone = True;
                return;
            }
            b->step = LgStepScan;
            /* fallthrough */
        case LgStepScan:
            lg_batch_scan(m, b);
            m->leaderItem = 0;
            /* fallthrough */
        case LgStepMark:
            /* First follow what the current leader has found, also after a
               fault or a pause. */
            do {
                if (!lg_drain(m, mark_clique))
                    return;
            } while (next_leader(m));
            b->step = LgStepFill;
        }
        if (m->total.scannedB >= m->progressB)
            return;
    }
}

static void gather_pass(LgMark* m, UInt pass)
{
    m->pass = pass;
    m->source = NULL;
    m->sourceAt = 0;
    lg_run_guarded(m, run_cliques);
}

/* Which passes have a block that may lead, as bits. */
static UInt passes_needed(const LgMark* m)
{
    UInt set = 0;
    if (m->rank == NULL)
        return 1u << (N_PASSES - 1) |
               (m->snap->hasInherited ? 1u << (LG_N_RANKS - 1) : 0);
    for (UInt i = 0; i < m->snap->n; i++) {
        const LgSnapBlock* b = &m->snap->blocks[i];
        if (lg_sb_kind(b) == LgDefinite)
            set |= 1u << pass_of(m, b, i);
    }
    return set;
}

void lg_mark_cliques(LgMark* m, const UChar* rank)
{
    SizeT n = m->snap->n;

    if (m->total.nReached == n || m->parent != NULL)
        return;
    m->parent = lg_plat_map(n * sizeof(UInt));
    m->indirectB = lg_plat_map(n * sizeof(SizeT));
    m->rank = rank;
    UInt needed = passes_needed(m);
    for (UInt pass = 0; pass < N_PASSES; pass++) {
        if (needed & 1u << pass)
            gather_pass(m, pass);
    }
    m->rank = NULL;
}

UInt lg_mark_leader_of(const UInt* parents, UInt* known, UInt i)
{
    UInt leader = i;

    while (known[leader] == 0 && parents[leader] != LG_NO_PARENT)
        leader = parents[leader];
    if (known[leader] != 0)
        leader = known[leader] - 1;
    while (i != leader && known[i] == 0) {
        known[i] = leader + 1;
        i = parents[i];
    }
    return leader;
}
