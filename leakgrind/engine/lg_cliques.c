/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_cliques.c: leaders, and what hangs from them.  See lg_mark.h.

   The unreached blocks are searched from, one after the other in address
   order (inherited ones first).  What a search meets becomes part of the
   clique of the block it began with. */

#include "lg_mark_priv.h"

/* While one leader is searched, the contents of one so far ahead are fetched:
   most cliques are a single block, and waiting for it is the whole cost. */
#define LEADERS_AHEAD 16

/* Has a search begun at block i, which is a leader? */
static Bool was_searched(const LgMark* m, UInt i)
{
    if (lg_sb_inherited(&m->snap->blocks[i]))
        return !m->inheritedPass || i < m->leader;
    return !m->inheritedPass && i < m->leader;
}

static void mark_clique(LgMark* m, LgBatch* b)
{
    const LgSnapshot* s = m->snap;

    for (UInt c = 0; c < b->nCands; c++) {
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(s, b->cands[c].ptr, &i))
            continue;
        LgSnapBlock* sb = &s->blocks[i];
        if (lg_sb_kind(sb) != LgDefinite || i == m->leader)
            continue;
        /* A leader of before hands its clique over; that is complete. */
        if (!was_searched(m, i))
            lg_push(m, i);
        lg_sb_set_kind(sb, LgIndirect);
        m->parent[i] = b->cands[c].src;
        m->indirectB[m->leader] += lg_sb_szB(sb) + m->indirectB[i];
        m->indirectB[i] = 0;
    }
}

/* Begins the search from the next leader; False when there is none. */
static Bool push_next_leader(LgMark* m)
{
    const LgSnapshot* s = m->snap;

    for (;;) {
        for (; m->sourceAt < s->n; m->sourceAt++) {
            const LgSnapBlock* b = &s->blocks[m->sourceAt];
            if (lg_sb_kind(b) != LgDefinite ||
                lg_sb_inherited(b) != m->inheritedPass)
                continue;
            if (m->sourceAt + LEADERS_AHEAD < s->n) {
                LgItem it = lg_block_item(m, m->sourceAt + LEADERS_AHEAD);
                lg_prefetch_item(&it);
            }
            m->leader = m->sourceAt++;
            lg_push(m, m->leader);
            return True;
        }
        if (!m->inheritedPass)
            return False;
        m->inheritedPass = False;
        m->sourceAt = 0;
    }
}

static void run_cliques(void* arg)
{
    LgMark* m = arg;
    do {
        if (!lg_drain(m, mark_clique))
            return;
    } while (push_next_leader(m));
    m->isDone = True;
}

void lg_mark_cliques(LgMark* m)
{
    SizeT n = (SizeT)m->snap->n + 1;

    if (m->stats.nReached == m->snap->n)
        return;
    m->parent = lg_plat_map(n * sizeof(UInt));
    m->indirectB = lg_plat_map(n * sizeof(SizeT));
    memset(m->parent, 0xFF, n * sizeof(UInt)); /* LG_NO_PARENT */
    m->source = NULL;
    m->sourceAt = 0;
    m->inheritedPass = True;
    lg_run_guarded(m, run_cliques);
}
