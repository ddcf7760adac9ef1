/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_refs.c: references among the unreached.  See lg_refs.h.

   A separate search, through all unreached blocks in the order of their
   addresses.  Every word counts, not only the first that leads to a block. */

#include "lg_refs.h"

#include "lg_mark_priv.h"

/* The source: the unreached blocks. */
static Bool push_unreached(LgMark* m)
{
    const LgSnapshot* s = m->snap;
    UInt              n = 0;

    for (; m->sourceAt < s->n && n < LG_BATCH_ITEMS; m->sourceAt++) {
        if (lg_sb_kind(&s->blocks[m->sourceAt]) == LgDefinite) {
            lg_push(m, m->sourceAt);
            n++;
        }
    }
    return n > 0;
}

static void count_refs(LgMark* m, LgBatch* b)
{
    for (UInt c = b->cand; c < b->nCands; c++) {
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(m->snap, b->cands[c].ptr, &i))
            continue;
        const LgSnapBlock* sb = &m->snap->blocks[i];
        if (lg_is_reference(sb, b->cands[c].ptr) && lg_sb_kind(sb) == LgDefinite)
            m->refs[i]++;
    }
}

static void run_refs(void* arg)
{
    LgMark* m = arg;
    m->isDone = lg_drain(m, count_refs);
}

UInt* lg_refs_count(LgMark* m)
{
    const Bool useMet = m->useMet;
    UInt*      refs;

    lg_assert(m->parent == NULL);
    if (m->total.nReached == m->snap->n)
        return NULL;
    m->refs = refs = lg_plat_map(lg_refs_szB(m));
    m->useMet = False;
    m->source = push_unreached;
    m->sourceAt = 0;
    lg_run_guarded(m, run_refs);
    m->useMet = useMet;
    m->refs = NULL;
    return refs;
}

void lg_refs_delete(const LgMark* m, UInt* refs)
{
    if (refs != NULL)
        lg_plat_unmap(refs, lg_refs_szB(m));
}

/* --- What can be found from where ----------------------------------------- */

static inline Bool is_unreached(const LgSnapBlock* b)
{
    return lg_sb_kind(b) == LgDefinite || lg_sb_kind(b) == LgIndirect;
}

/* The source: the blocks that are marked at the start. */
static Bool push_found(LgMark* m)
{
    UInt n = 0;

    for (; m->sourceAt < m->snap->n && n < LG_BATCH_ITEMS; m->sourceAt++)
        if (m->found[m->sourceAt] &&
            is_unreached(&m->snap->blocks[m->sourceAt])) {
            lg_push(m, m->sourceAt);
            n++;
        }
    return n > 0;
}

static void mark_found(LgMark* m, LgBatch* b)
{
    for (UInt c = b->cand; c < b->nCands; c++) {
        UInt i = b->cands[c].block;
        if (!lg_candidate_hits(m->snap, b->cands[c].ptr, &i) || m->found[i] ||
            !is_unreached(&m->snap->blocks[i]))
            continue;
        m->found[i] = 1;
        /* The source will come to the blocks that follow. */
        if (i < m->sourceAt)
            lg_push(m, i);
    }
}

static void run_follow(void* arg)
{
    LgMark* m = arg;
    m->isDone = lg_drain(m, mark_found);
}

void lg_refs_follow(LgMark* m, UChar* found)
{
    lg_met_end(m);
    m->found = found;
    m->source = push_found;
    m->sourceAt = 0;
    lg_run_guarded(m, run_follow);
    m->found = NULL;
}
