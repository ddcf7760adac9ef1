/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leakcheck_count.c: adds the blocks of a search up, to loss records and to
   the totals of the summary.  See lg_leakcheck_priv.h. */

#include "lg_leakcheck_priv.h"

#include "../process/lg_python.h"
#include "../trace/lg_context.h"
#include "lg_references.h"

/* After a search with LgSearchOwn, whose snapshot lacks most of them. */
static void set_all_inherited_aside(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);

    for (UInt i = 0; i < lg_snap_count(c->search.snap); i++)
        if (lg_sb_inherited(&blocks[i]))
            lg_sb_set_suppressed(&blocks[i]);
    c->totals.inherited.szB = c->search.inherited.szB;
    c->totals.inherited.nBlocks = c->search.inherited.nBlocks;
}

void lg_leakcheck_set_inherited_aside(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    UInt         n = lg_snap_count(c->search.snap);
    LgAmount*    inherited = &c->totals.inherited;
    Bool         any = False;

    lg_amount_start(inherited);
    if (c->search.changed != NULL) {
        set_all_inherited_aside(c);
        return;
    }
    for (UInt i = 0; i < n; i++) {
        if (lg_sb_inherited(&blocks[i]) &&
            lg_sb_kind(&blocks[i]) != LgReachable) {
            lg_sb_set_suppressed(&blocks[i]);
            any = True;
        }
    }
    if (!any)
        return;
    lg_mark_spread_suppressed(c->search.mark);
    for (UInt i = 0; i < n; i++)
        if (lg_sb_suppressed(&blocks[i]) &&
            lg_sb_kind(&blocks[i]) != LgReachable)
            lg_amount_add(inherited, &blocks[i]);
}

void lg_leakcheck_count_excused(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    LgAmount*    byRule = c->totals.byRule;

    for (UInt r = 0; r < LG_N_RULES; r++)
        lg_amount_start(&byRule[r]);
    for (UInt i = 0; i < lg_snap_count(c->search.snap); i++)
        if (lg_sb_suppressed(&blocks[i]))
            lg_amount_add(&byRule[lg_pysnap_rule(c->search.py, i)], &blocks[i]);
}

LgLossKey lg_leakcheck_key(const LgCheckResult* c, UInt i)
{
    LgLossKey key = lg_heapsearch_key(&c->search, i);
    key.ctx = lg_ctx_resolve(key.ctx);
    return key;
}

void lg_leakcheck_count_records(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    UInt         n = lg_snap_count(c->search.snap);
    const SizeT* indirectB = lg_mark_indirectB(c->search.mark);
    for (UInt i = 0; i < n; i++) {
        const LgSnapBlock* b = &blocks[i];
        LgLossAmount       amount = {
                  .szB = lg_sb_szB(b),
                  .nExcessRefs = lg_pysnap_excess(c->search.py, i),
                  .nCRefs = lg_pysnap_c_refs(c->search.py, i)};
        if (lg_sb_suppressed(b))
            continue;
        if (lg_sb_kind(b) != LgReachable)
            amount.name = lg_python_class_at(
                lg_pysnap_type(c->search.py, i), lg_sb_base(b));
        if (lg_sb_kind(b) == LgDefinite)
            amount.indirectB = indirectB[i];
        lg_loss_add(c->records, lg_leakcheck_key(c, i), amount);
    }
    lg_references_count(c->records);
}

void lg_leakcheck_count_totals(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    UInt         n = lg_snap_count(c->search.snap);
    LgTotals*    t = &c->totals;

    for (UInt k = 0; k < LG_N_KINDS; k++)
        lg_amount_start(&t->kind[k]);
    for (UInt h = 0; h < LG_N_HEURISTICS; h++)
        lg_amount_start(&t->heuristic[h]);
    lg_amount_start(&t->cycles);
    lg_amount_start(&t->suppressed);
    for (UInt i = 0; i < n; i++) {
        const LgSnapBlock* b = &blocks[i];
        if (c->search.changed != NULL && lg_sb_inherited(b))
            continue;
        if (lg_sb_suppressed(b))
            lg_amount_add(&t->suppressed, b);
        else if (lg_pysnap_class(c->search.py, i) == LgLossGarbage)
            lg_amount_add(&t->cycles, b);
        else {
            lg_amount_add(&t->kind[lg_sb_kind(b)], b);
            if (lg_sb_heuristic(b) != LgHeurNone)
                lg_amount_add(&t->heuristic[lg_sb_heuristic(b)], b);
        }
    }
    lg_references_total(c->records, t);
    if (c->search.changed != NULL)
        return;
    /* Inherited blocks are marked as suppressed. */
    t->suppressed.szB -= t->inherited.szB;
    t->suppressed.nBlocks -= t->inherited.nBlocks;
}
