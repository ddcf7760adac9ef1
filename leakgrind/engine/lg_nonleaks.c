/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_nonleaks.c: unreachable blocks that are not leaks.  They and all that
   hangs from them count as reachable and are suppressed: see lg_mark_excuse in
   lg_mark.h.

   Start and interior pointers mean the same here, as in a search from possibly
   lost blocks. */

#include "lg_mark_priv.h"

static void excuse_block(LgMark* m, LgSnapBlock* b, UInt i)
{
    if (lg_sb_kind(b) == LgDefinite)
        m->total.nReached++;
    b->bits &= ~LG_SB_ITSELF;
    lg_sb_set_kind(b, LgReachable);
    lg_sb_set_suppressed(b);
    lg_push(m, i);
}

static inline Bool is_not_reachable(const LgSnapBlock* b)
{
    return lg_sb_kind(b) != LgReachable;
}

/* The source: blocks that the host has marked. */
static Bool push_excused(LgMark* m)
{
    const LgSnapshot* s = m->snap;
    UInt              n = 0;

    for (; m->sourceAt < s->n && n < LG_BATCH_ITEMS; m->sourceAt++) {
        LgSnapBlock* b = &s->blocks[m->sourceAt];
        if (is_not_reachable(b) && lg_sb_suppressed(b)) {
            excuse_block(m, b, m->sourceAt);
            n++;
        }
    }
    return n > 0;
}

static void mark_excused(LgMark* m, LgBatch* b)
{
    for (UInt c = b->cand; c < b->nCands; c++) {
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(m->snap, b->cands[c].ptr, &i))
            continue;
        LgSnapBlock* sb = &m->snap->blocks[i];
        if (is_not_reachable(sb))
            excuse_block(m, sb, i);
    }
}

static void run_excuse(void* arg)
{
    LgMark* m = arg;
    m->isDone = lg_drain(m, mark_excused);
}

void lg_mark_excuse(LgMark* m)
{
    lg_assert(m->parent == NULL && m->nPending == 0);
    lg_met_begin(m); /* a word that made a block possibly lost counts again */
    m->isMetStale = True;
    m->source = push_excused;
    m->sourceAt = 0;
    lg_run_guarded(m, run_excuse);
}
