/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_spread.c: suppresses what hangs from suppressed blocks.

   Lost blocks are searched from suppressed leaders and suppressed indirectly
   lost blocks, which may lead into other cliques; possibly lost blocks from the
   suppressed ones among them.  A block whose words were read keeps the bit
   LG_SB_SPREAD, so that another call only looks at each block once. */

#include "lg_mark_priv.h"

/* The source: suppressed blocks whose words were not read yet. */
static Bool push_suppressed(LgMark* m)
{
    const LgSnapshot* s = m->snap;
    UInt              n = 0;

    for (; m->sourceAt < s->n && n < LG_BATCH_ITEMS; m->sourceAt++) {
        LgSnapBlock* b = &s->blocks[m->sourceAt];
        if ((b->bits & (LG_SB_SUPPRESSED | LG_SB_SPREAD)) !=
                LG_SB_SUPPRESSED ||
            !(m->spreadFrom & LG_KIND_BIT(lg_sb_kind(b))))
            continue;
        b->bits |= LG_SB_SPREAD;
        m->nSpread++;
        lg_push(m, m->sourceAt);
        n++;
    }
    return n > 0;
}

static void mark_suppressed(LgMark* m, LgBatch* b)
{
    for (UInt c = b->cand; c < b->nCands; c++) {
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(m->snap, b->cands[c].ptr, &i))
            continue;
        LgSnapBlock* sb = &m->snap->blocks[i];
        if (lg_sb_kind(sb) != m->spreadTo || (sb->bits & LG_SB_SPREAD))
            continue;
        sb->bits |= LG_SB_SUPPRESSED | LG_SB_SPREAD;
        m->nSpread++;
        lg_push(m, i);
    }
}

static void run_spread(void* arg)
{
    LgMark* m = arg;
    m->isDone = lg_drain(m, mark_suppressed);
}

static void spread_suppressed(LgMark* m, LgKindSet from, LgKind to)
{
    m->spreadFrom = from;
    m->spreadTo = to;
    m->source = push_suppressed;
    m->sourceAt = 0;
    lg_run_guarded(m, run_spread);
}

/* Computes indirectB again: the bytes of each clique that are not
   suppressed. */
static void count_cliques(LgMark* m)
{
    const LgSnapshot* s = m->snap;
    UInt*             known = lg_plat_map((SizeT)s->n * sizeof(UInt));

    for (UInt i = 0; i < s->n; i++) {
        if (lg_sb_kind(&s->blocks[i]) == LgDefinite)
            m->indirectB[i] = 0;
    }
    for (UInt i = 0; i < s->n; i++) {
        const LgSnapBlock* b = &s->blocks[i];
        if (lg_sb_kind(b) == LgIndirect && !lg_sb_suppressed(b))
            m->indirectB[lg_mark_leader_of(m->parent, known, i)] +=
                lg_sb_szB(b);
    }
    lg_plat_unmap(known, (SizeT)s->n * sizeof(UInt));
}

void lg_mark_spread_suppressed(LgMark* m)
{
    m->nSpread = 0;
    lg_met_end(m);
    if (m->parent != NULL) {
        spread_suppressed(m, LG_KIND_BIT(LgDefinite) | LG_KIND_BIT(LgIndirect),
               LgIndirect);
        if (m->nSpread > 0)
            count_cliques(m);
    }
    spread_suppressed(m, LG_KIND_BIT(LgPossible), LgPossible);
}
