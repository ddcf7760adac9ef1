/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_references.c: see lg_references.h. */

#include "lg_references.h"

#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../python/lg_pynames.h"
#include "../trace/lg_context.h"

/* One object. */
typedef struct {
    Addr  start; /* of its block */
    SizeT szB;
    UInt  ctx;
    UInt  type;
    UInt  name; /* a number of lg_texts */
    UInt  n;    /* references that nobody holds */
} Unheld;

static XArray* kept;    /* of Unheld; NULL: nothing was */
static XArray* current; /* likewise, for this check */

static XArray* new_list(void)
{
    return VG_(newXA)(VG_(malloc), "lg.references", VG_(free), sizeof(Unheld));
}

/* What a child has from its parent is the parent's. */
static Bool is_unheld(const LgHeapSearch* s, UInt i)
{
    return lg_pysnap_unheld(s->py, i) > 0 &&
           !lg_sb_inherited(&lg_snap_blocks(s->snap)[i]);
}

static void append_unheld(XArray* to, const LgHeapSearch* s)
{
    const LgSnapBlock* blocks = lg_snap_blocks(s->snap);

    if (lg_pysnap_n_unheld(s->py) == 0)
        return;
    UInt* names = lg_pynames_of_unheld(s->py);
    for (UInt i = 0; i < lg_snap_count(s->snap); i++) {
        Unheld u = {lg_sb_start(&blocks[i]), lg_sb_szB(&blocks[i]),
                    lg_snap_ctx(s->snap, i), lg_pysnap_type(s->py, i),
                    names[i],                lg_pysnap_unheld(s->py, i)};
        if (is_unheld(s, i))
            VG_(addToXA)(to, &u);
    }
    lg_pynames_delete(s->py, names);
}

void lg_references_keep(const LgHeapSearch* s)
{
    if (kept == NULL)
        kept = new_list();
    append_unheld(kept, s);
}

/* Does this search itself say what has become of the object? */
static Bool is_told_by_search(const LgHeapSearch* s, const Unheld* u)
{
    Int i = lg_snap_find(s->snap, u->start);

    if (i < 0 || lg_sb_start(&lg_snap_blocks(s->snap)[i]) != u->start ||
        lg_snap_ctx(s->snap, (UInt)i) != u->ctx)
        return False; /* it is no more */
    return lg_sb_kind(&lg_snap_blocks(s->snap)[i]) != LgReachable ||
           lg_pysnap_unheld(s->py, (UInt)i) > 0;
}

void lg_references_begin(const LgHeapSearch* s)
{
    if (current != NULL)
        VG_(deleteXA)(current);
    current = new_list();
    append_unheld(current, s);
    for (Word i = 0; kept != NULL && s->moment == LgAtExit &&
                     i < VG_(sizeXA)(kept);
         i++) {
        const Unheld* u = VG_(indexXA)(kept, i);
        if (!is_told_by_search(s, u))
            VG_(addToXA)(current, u);
    }
}

LgLossKey lg_references_key(UInt ctx, UInt type)
{
    return (LgLossKey){LgReference, lg_ctx_resolve(ctx), type, LgLossPlain};
}

void lg_references_count(LgLossTable* t)
{
    for (Word i = 0; i < VG_(sizeXA)(current); i++) {
        const Unheld* u = VG_(indexXA)(current, i);
        LgLossKey     key = lg_references_key(u->ctx, u->type);
        Int           r = lg_loss_find(t, key);
        if (r < 0 || !lg_loss_record(t, (UInt)r)->suppressed)
            lg_loss_add(t, key,
                        (LgLossAmount){.szB = u->szB,
                                       .nExcessRefs = u->n,
                                       .name = u->name});
    }
}

void lg_references_total(LgLossTable* t, LgTotals* totals)
{
    totals->oldNReferences = totals->nReferences;
    totals->oldNReferenced = totals->nReferenced;
    totals->nReferences = totals->nReferenced = 0;
    for (UInt i = 0; i < lg_loss_count(t); i++) {
        const LgLossRecord* r = lg_loss_record(t, i);
        if (r->kind != LgReference || r->suppressed)
            continue;
        totals->nReferences += r->nExcessRefs;
        totals->nReferenced += r->nBlocks;
    }
}
