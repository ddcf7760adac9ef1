/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_spread.c: what hangs from a suppressed block is suppressed with it.  See
   lg_mark.h. */

#include "lg_mark_priv.h"

static void mark_suppressed(LgMark* m, LgBatch* b)
{
    const LgSnapshot* s = m->snap;

    for (UInt c = 0; c < b->nCands; c++) {
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(s, b->cands[c].ptr, &i))
            continue;
        LgSnapBlock* sb = &s->blocks[i];
        if (lg_sb_kind(sb) == m->spreadTo && !lg_sb_suppressed(sb)) {
            lg_sb_set_suppressed(sb);
            lg_push(m, i);
        }
    }
}

/* The source: suppressed blocks to spread from. */
static Bool push_suppressed(LgMark* m)
{
    const LgSnapshot* s = m->snap;
    UInt              n = 0;

    for (; m->sourceAt < s->n && n < LG_BATCH_ITEMS; m->sourceAt++) {
        const LgSnapBlock* b = &s->blocks[m->sourceAt];
        if (lg_sb_suppressed(b) &&
            (m->spreadFrom & LG_KIND_BIT(lg_sb_kind(b)))) {
            lg_push(m, m->sourceAt);
            n++;
        }
    }
    return n > 0;
}

static void run_spread(void* arg)
{
    LgMark* m = arg;
    m->isDone = lg_drain(m, mark_suppressed);
}

static void spread(LgMark* m, LgKindSet from, LgKind to)
{
    m->source = push_suppressed;
    m->sourceAt = 0;
    m->spreadFrom = from;
    m->spreadTo = to;
    lg_run_guarded(m, run_spread);
}

/* The leader of block i, by way of `up`, which is shortened on the way. */
static UInt leader_of(UInt* up, UInt i)
{
    while (up[i] != i) {
        up[i] = up[up[i]];
        i = up[i];
    }
    return i;
}

/* Sums up the cliques anew, without suppressed blocks. */
static void sum_cliques(LgMark* m)
{
    const LgSnapshot* s = m->snap;
    SizeT             szB = ((SizeT)s->n + 1) * sizeof(UInt);
    UInt*             up = lg_plat_map(szB);

    for (UInt i = 0; i < s->n; i++) {
        up[i] = m->parent[i] == LG_NO_PARENT ? i : m->parent[i];
        m->indirectB[i] = 0;
    }
    for (UInt i = 0; i < s->n; i++) {
        const LgSnapBlock* b = &s->blocks[i];
        if (lg_sb_kind(b) == LgIndirect && !lg_sb_suppressed(b))
            m->indirectB[leader_of(up, i)] += lg_sb_szB(b);
    }
    lg_plat_unmap(up, szB);
}

void lg_mark_spread_suppressed(LgMark* m)
{
    spread(m, LG_KIND_BIT(LgPossible), LgPossible);
    if (m->parent == NULL)
        return;
    spread(m, LG_KIND_BIT(LgDefinite) | LG_KIND_BIT(LgIndirect), LgIndirect);
    sum_cliques(m);
}
