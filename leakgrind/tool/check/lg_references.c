/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_references.c: see lg_references.h. */

#include "lg_references.h"

#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../python/lg_pydeficits.h"
#include "../python/lg_pynames.h"
#include "../trace/lg_context.h"

/* One object. */
typedef struct {
    LgKind kind;
    Addr   start; /* of its block */
    SizeT  szB;
    UInt   ctx;
    UInt   type;
    UInt   name; /* a number of lg_texts */
    UInt   n;    /* references that nobody holds, or that are too few */
} Referenced;

static XArray* kept;    /* of Referenced; NULL: nothing was */
static XArray* current; /* likewise, for this check */

static XArray* new_list(void)
{
    return VG_(newXA)(VG_(malloc), "lg.references", VG_(free),
                      sizeof(Referenced));
}

/* How many references to object i are of the kind.  What a child has from its
   parent is the parent's. */
static UInt n_of_kind(const LgHeapSearch* s, LgKind kind, UInt i)
{
    return lg_sb_inherited(&lg_snap_blocks(s->snap)[i]) ? 0
           : kind == LgReference ? lg_pysnap_unheld(s->py, i)
                                 : lg_pydeficits_of(s->py, i);
}

/* names: by block. */
static void append_kind(XArray* to, const LgHeapSearch* s, LgKind kind,
                        const UInt* names)
{
    const LgSnapBlock* blocks = lg_snap_blocks(s->snap);

    for (UInt i = 0; i < lg_snap_count(s->snap); i++) {
        Referenced r = {kind,
                        lg_sb_start(&blocks[i]),
                        lg_sb_szB(&blocks[i]),
                        lg_snap_ctx(s->snap, i),
                        lg_pysnap_type(s->py, i),
                        names[i],
                        n_of_kind(s, kind, i)};
        if (r.n > 0)
            VG_(addToXA)(to, &r);
    }
}

static void append_references(XArray* to, const LgHeapSearch* s)
{
    if (lg_pysnap_n_unheld(s->py) > 0) {
        UInt* names = lg_pynames_of_unheld(s->py);
        append_kind(to, s, LgReference, names);
        lg_pynames_delete(s->py, names);
    }
    UInt* names = lg_pydeficits_names(s->py);
    if (names != NULL)
        append_kind(to, s, LgOverReleased, names);
    lg_pydeficits_delete_names(s->py, names);
}

void lg_references_keep(const LgHeapSearch* s)
{
    if (kept == NULL)
        kept = new_list();
    append_references(kept, s);
}

/* Does this search itself say what has become of the object? */
static Bool is_told_by_search(const LgHeapSearch* s, const Referenced* u)
{
    Int i = lg_snap_find(s->snap, u->start);

    if (i < 0 || lg_sb_start(&lg_snap_blocks(s->snap)[i]) != u->start ||
        lg_snap_ctx(s->snap, (UInt)i) != u->ctx)
        return False; /* it is no more */
    return lg_sb_kind(&lg_snap_blocks(s->snap)[i]) != LgReachable ||
           n_of_kind(s, u->kind, (UInt)i) > 0;
}

void lg_references_begin(const LgHeapSearch* s)
{
    if (current != NULL)
        VG_(deleteXA)(current);
    current = new_list();
    append_references(current, s);
    for (Word i = 0; kept != NULL && s->moment == LgAtExit &&
                     i < VG_(sizeXA)(kept);
         i++) {
        const Referenced* u = VG_(indexXA)(kept, i);
        if (!is_told_by_search(s, u))
            VG_(addToXA)(current, u);
    }
}

LgLossKey lg_references_key(LgKind kind, UInt ctx, UInt type)
{
    return (LgLossKey){kind, lg_ctx_resolve(ctx), type, LgLossPlain};
}

void lg_references_count(LgLossTable* t)
{
    for (Word i = 0; i < VG_(sizeXA)(current); i++) {
        const Referenced* u = VG_(indexXA)(current, i);
        LgLossKey     key = lg_references_key(u->kind, u->ctx, u->type);
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
    for (UInt k = 0; k < sizeof totals->refs / sizeof totals->refs[0]; k++) {
        LgRefAmount* a = &totals->refs[k];
        *a = (LgRefAmount){.oldN = a->n, .oldNObjects = a->nObjects};
    }
    for (UInt i = 0; i < lg_loss_count(t); i++) {
        const LgLossRecord* r = lg_loss_record(t, i);
        if (r->kind < LG_N_KINDS || r->suppressed)
            continue;
        totals->refs[r->kind - LG_N_KINDS].n += r->nExcessRefs;
        totals->refs[r->kind - LG_N_KINDS].nObjects += r->nBlocks;
    }
}
