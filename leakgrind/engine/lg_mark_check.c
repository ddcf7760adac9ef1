/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark_check.c: the invariants of a search.  See lg_mark_check in
   lg_mark.h. */

#include "lg_mark_priv.h"

/* Between calls no work is left over. */
static void check_is_idle(const LgMark* m)
{
    lg_assert(m->main.step == LgStepFill && m->leaders.step == LgStepFill);
    lg_assert(m->nInChunk == 0 && m->stack->below == NULL);
    lg_assert(m->nSlices == 0 && !m->inHeuristic);
}

static void check_skips(const LgMark* m)
{
    for (UInt k = 0; k < m->nSkips; k++) {
        lg_assert(m->skips[k].lo < m->skips[k].hi);
        lg_assert(k == 0 || m->skips[k - 1].hi <= m->skips[k].lo);
    }
    for (UInt k = 0; k < m->nAttached; k++) {
        lg_assert(m->attached[k].block < m->snap->n);
        lg_assert(k == 0 ||
                  m->attached[k - 1].block <= m->attached[k].block);
    }
}

static void check_states(const LgMark* m)
{
    UInt nReached = 0, nPending = 0;

    for (UInt i = 0; i < m->snap->n; i++) {
        const LgSnapBlock* b = &m->snap->blocks[i];
        LgKind             kind = lg_sb_kind(b);
        lg_assert(kind == LgReachable || lg_sb_heuristic(b) == LgHeurNone);
        lg_assert(kind <= LgPossible || !lg_sb_possible_itself(b));
        lg_assert(kind == LgPossible || !(b->bits & LG_SB_PENDING));
        lg_assert(kind != LgIndirect || m->parent != NULL);
        lg_assert(lg_sb_suppressed(b) || !(b->bits & LG_SB_SPREAD));
        nReached += kind == LgReachable || kind == LgPossible;
        nPending += (b->bits & LG_SB_PENDING) != 0;
    }
    lg_assert(nReached == m->total.nReached && nPending == m->nPending);
    lg_assert(m->stats.nReached <= nReached);
}

/* A block that hangs from others: they lead to a leader, and not back to it. */
static void check_parents_of(const LgMark* m, UInt i)
{
    UInt n = 0;

    for (UInt at = i; lg_sb_kind(&m->snap->blocks[at]) != LgDefinite; n++) {
        lg_assert(lg_sb_kind(&m->snap->blocks[at]) == LgIndirect);
        lg_assert(n < m->snap->n);
        at = m->parent[at];
        lg_assert(at < m->snap->n);
    }
}

/* Bytes of a clique without its leader. */
typedef struct {
    SizeT all, notSuppressed;
} CliqueSize;

static void check_cliques(const LgMark* m)
{
    const UInt  n = m->snap->n;
    CliqueSize* sizes = lg_plat_map((SizeT)n * sizeof *sizes);
    UInt*       known = lg_plat_map((SizeT)n * sizeof *known);

    for (UInt i = 0; i < n; i++) {
        const LgSnapBlock* b = &m->snap->blocks[i];
        if (lg_sb_kind(b) == LgDefinite)
            lg_assert(m->parent[i] == LG_NO_PARENT);
        if (lg_sb_kind(b) != LgIndirect)
            continue;
        if (known[i] == 0)
            check_parents_of(m, i);
        UInt leader = lg_mark_leader_of(m->parent, known, i);
        sizes[leader].all += lg_sb_szB(b);
        sizes[leader].notSuppressed += lg_sb_suppressed(b) ? 0 : lg_sb_szB(b);
        lg_assert(m->indirectB[i] == 0);
    }
    /* Suppressed blocks leave a clique when suppression is spread. */
    for (UInt i = 0; i < n; i++)
        if (lg_sb_kind(&m->snap->blocks[i]) == LgDefinite) {
            lg_assert(m->indirectB[i] >= sizes[i].notSuppressed);
            lg_assert(m->indirectB[i] <= sizes[i].all);
        }
    lg_plat_unmap(sizes, (SizeT)n * sizeof *sizes);
    lg_plat_unmap(known, (SizeT)n * sizeof *known);
}

void lg_mark_check(const LgMark* m)
{
    check_is_idle(m);
    check_skips(m);
    check_states(m);
    if (m->parent != NULL)
        check_cliques(m);
}
