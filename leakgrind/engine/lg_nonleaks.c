/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_nonleaks.c: what is lost, but may be: it counts as reachable, and is
   suppressed, with all that hangs from it.  See lg_mark_excuse in lg_mark.h.

   As in a search from possibly lost blocks, start and interior pointers are
   alike. */

#include "lg_mark_priv.h"

static void excuse(LgMark* m, LgSnapBlock* b, UInt i)
{
    if (lg_sb_kind(b) == LgDefinite)
        m->total.nReached++;
    b->bits &= ~LG_SB_ITSELF;
    lg_sb_set_kind(b, LgReachable);
    lg_sb_set_suppressed(b);
    lg_push(m, i);
}

static inline Bool is_lost(const LgSnapBlock* b)
{
    return lg_sb_kind(b) != LgReachable;
}

/* The source: what the host has marked. */
static Bool push_marked(LgMark* m)
{
    const LgSnapshot* s = m->snap;
    UInt              n = 0;

    for (; m->sourceAt < s->n && n < LG_BATCH_ITEMS; m->sourceAt++) {
        LgSnapBlock* b = &s->blocks[m->sourceAt];
        if (is_lost(b) && lg_sb_suppressed(b)) {
            excuse(m, b, m->sourceAt);
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
        if (is_lost(sb))
            excuse(m, sb, i);
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
    lg_met_begin(m); /* a word that led to a possibly lost block means more */
    m->isMetStale = True;
    m->source = push_marked;
    m->sourceAt = 0;
    lg_run_guarded(m, run_excuse);
}
