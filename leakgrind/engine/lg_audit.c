/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_audit.c: see lg_audit.h. */

#include "lg_audit.h"

#include "lg_mark_priv.h"

static void count_refs_to_all(LgMark* m, LgBatch* b)
{
    const LgSnapshot* s = m->snap;

    for (UInt c = b->cand; c < b->nCands; c++) {
        Addr ptr = b->cands[c].ptr;
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(s, ptr, &i))
            continue;
        const LgSnapBlock* sb = &s->blocks[i];
        if (lg_is_reference(sb, ptr) ||
            (lg_sb_isLeaf(sb) && lg_is_leaf_data(s, sb, ptr)))
            m->refs[i]++;
    }
}

static void run_audit(void* arg)
{
    LgMark* m = arg;
    m->isDone = lg_drain(m, count_refs_to_all);
}

void lg_audit_begin(LgMark* m)
{
    lg_assert(m->parent == NULL && m->refs == NULL);
    if (m->snap->n > 0)
        m->refs = lg_plat_map(lg_refs_szB(m));
    m->useMet = False; /* every word counts */
    m->source = NULL;
}

void lg_audit_word(LgMark* m, Addr w)
{
    lg_batch_take_root(m, &w);
    lg_run_guarded(m, run_audit);
}

void lg_audit_range(LgMark* m, Addr lo, Addr hi)
{
    if (lg_push_root(m, lo, hi))
        lg_run_guarded(m, run_audit);
}

UInt* lg_audit_finish(LgMark* m)
{
    UInt* refs = m->refs;

    m->source = lg_push_all_blocks;
    m->sourceAt = 0;
    lg_run_guarded(m, run_audit);
    m->useMet = m->met != NULL;
    m->refs = NULL;
    return refs;
}
