/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_blocktable.c: the functions of the block table for malloc and free.  The
   layout is explained in lg_blocktable_priv.h. */

#include "lg_blocktable_priv.h"

/* ---- Records ------------------------------------------------------------ */

static void set_rec(LgRecord* r, UInt off, SizeT szB, UInt ctx, UInt allocKind,
                    UInt flags)
{
    r->w = RECORD_USED | (ULong)szB | (ULong)off << 44 |
           (ULong)allocKind << 50 | (ULong)flags << RECORD_FLAG_SHIFT;
    r->ctx = ctx;
}

static void grow_records(LgBlockTable* bt)
{
    if (bt->nSegs == bt->maxSegs) {
        bt->maxSegs = bt->maxSegs == 0 ? 64 : 2 * bt->maxSegs;
        bt->segs = lg_plat_realloc("lg.bt.segs", bt->segs,
                                   bt->maxSegs * sizeof(LgRecord*));
    }
    LgRecord* seg = lg_plat_map(REC_SEG_SZB);
    UInt      first = bt->nSegs << REC_SEG_BITS;
    bt->segs[bt->nSegs++] = seg;
    for (UInt i = 1u << REC_SEG_BITS; i-- > 0;) {
        if (first + i == NO_RECORD)
            continue;
        seg[i].next = bt->freeRec;
        bt->freeRec = first + i;
    }
}

static UInt new_rec(LgBlockTable* bt)
{
    if (UNLIKELY(bt->freeRec == NO_RECORD))
        grow_records(bt);
    UInt i = bt->freeRec;
    bt->freeRec = rec_at(bt, i)->next;
    return i;
}

static void free_rec(LgBlockTable* bt, UInt i)
{
    LgRecord* r = rec_at(bt, i);
    r->w = 0;
    r->next = bt->freeRec;
    bt->freeRec = i;
}

/* ---- Directories and leaves --------------------------------------------- */

static LgDirectory* new_directory(LgBlockTable* bt, Addr a)
{
    UWord        region = a >> REGION_BITS;
    LgDirectory* d = lg_plat_map(sizeof(LgDirectory));
    d->base = region << REGION_BITS;
    d->lo = DIR_LEAVES;
    d->hi = 0;
    if (region < NEAR_REGIONS) {
        bt->near[region] = d;
        if (region < bt->nearLo)
            bt->nearLo = (UInt)region;
        if (region > bt->nearHi)
            bt->nearHi = (UInt)region;
    } else {
        LgDirectory** link = &bt->far;
        while (*link != NULL && (*link)->base < d->base)
            link = &(*link)->nextFar;
        d->nextFar = *link;
        *link = d;
    }
    return d;
}

static ULong* take_leaf(LgBlockTable* bt)
{
    ULong* leaf = bt->freeLeaf;
    if (leaf != NULL) {
        bt->freeLeaf = (ULong*)(UWord)leaf[0];
        leaf[0] = 0;
        return leaf;
    }
    if (bt->slab == NULL || bt->slabUsed + LEAF_SZB > SLAB_SZB) {
        UChar* slab = lg_plat_map(SLAB_SZB);
        *(UChar**)slab = bt->slab;
        bt->slab = slab;
        bt->slabUsed = LEAF_SZB; /* the first word is the link */
    }
    leaf = (ULong*)(bt->slab + bt->slabUsed);
    bt->slabUsed += LEAF_SZB;
    bt->leafSzB += LEAF_SZB;
    return leaf;
}

/* As granule_slot, but makes what is missing. */
static inline ULong* make_slot(LgBlockTable* bt, Addr a, UWord** word)
{
    LgDirectory* d = directory_of(bt, a);
    if (UNLIKELY(d == NULL))
        d = new_directory(bt, a);
    UInt no = leaf_no(a);
    *word = &d->leaves[no];
    if (UNLIKELY(**word == 0)) {
        **word = (UWord)take_leaf(bt);
        if (no < d->lo)
            d->lo = no;
        if (no > d->hi)
            d->hi = no;
    }
    return &leaf_of(**word)[granule_no(a)];
}

/* A slot became 0. */
static inline void slot_emptied(LgBlockTable* bt, UWord* word)
{
    (*word)--;
    if (UNLIKELY(in_use(*word) == 0)) {
        ULong* leaf = leaf_of(*word);
        leaf[0] = (UWord)bt->freeLeaf;
        bt->freeLeaf = leaf;
        *word = 0;
    }
}

/* ---- New and delete ----------------------------------------------------- */

LgBlockTable* lg_bt_new(void)
{
    LgBlockTable* bt = lg_plat_alloc("lg.bt", sizeof(LgBlockTable));
    memset(bt, 0, sizeof(*bt));
    bt->near = lg_plat_map(NEAR_REGIONS * sizeof(LgDirectory*));
    bt->nearLo = NEAR_REGIONS;
    return bt;
}

void lg_bt_delete(LgBlockTable* bt)
{
    for (UInt i = bt->nearLo; i <= bt->nearHi; i++) {
        if (bt->near[i] != NULL)
            lg_plat_unmap(bt->near[i], sizeof(LgDirectory));
    }
    lg_plat_unmap(bt->near, NEAR_REGIONS * sizeof(LgDirectory*));
    while (bt->far != NULL) {
        LgDirectory* d = bt->far;
        bt->far = d->nextFar;
        lg_plat_unmap(d, sizeof(LgDirectory));
    }
    while (bt->slab != NULL) {
        UChar* slab = bt->slab;
        bt->slab = *(UChar**)slab;
        lg_plat_unmap(slab, SLAB_SZB);
    }
    for (UInt i = 0; i < bt->nSegs; i++)
        lg_plat_unmap(bt->segs[i], REC_SEG_SZB);
    lg_plat_free(bt->segs);
    lg_plat_free(bt);
}

/* ---- Insertion ---------------------------------------------------------- */

void lg_bt_spill(LgBlockTable* bt, ULong* e)
{
    UInt      i = new_rec(bt);
    LgRecord* r = rec_at(bt, i);
    set_rec(r, inl_off(*e), inl_szB(*e), inl_ctx(*e), inl_allocKind(*e),
            inl_flags(*e));
    r->next = NO_RECORD;
    *e = make_chain(i);
}

/* Makes an inline slot of a one-record chain, if possible. */
static void unspill_chain(LgBlockTable* bt, ULong* e)
{
    UInt            i = chain_first(*e);
    const LgRecord* r = rec_at(bt, i);
    if (r->next != NO_RECORD || !fits_inline(rec_szB(r), rec_flags(r)))
        return;
    *e = make_inline(rec_off(r), rec_szB(r), r->ctx, rec_allocKind(r),
                     rec_flags(r));
    free_rec(bt, i);
}

static void insert_chained(LgBlockTable* bt, ULong* e, const LgBlock* b,
                           SizeT szB)
{
    UInt first = NO_RECORD;
    if (*e != 0) {
        if ((*e & SLOT_MODE) == SLOT_INLINE)
            lg_bt_spill(bt, e);
        first = chain_first(*e);
    }
    UInt      off = GRANULE_OFF(b->start);
    UInt      new = new_rec(bt);
    LgRecord* r = rec_at(bt, new);
    set_rec(r, off, szB, b->ctx, b->allocKind, b->flags);

    if (first == NO_RECORD || rec_off(rec_at(bt, first)) >= off) {
        r->next = first;
        *e = make_chain(new);
        return;
    }
    LgRecord* before = rec_at(bt, first);
    while (before->next != NO_RECORD &&
           rec_off(rec_at(bt, before->next)) < off)
        before = rec_at(bt, before->next);
    r->next = before->next;
    before->next = new;
}

void lg_bt_insert(LgBlockTable* bt, const LgBlock* b)
{
    UWord* word;
    ULong* e = make_slot(bt, b->start, &word);
    SizeT  szB = clamped_size(b->szB);

    bt->count++;
    bt->bytes += szB;
    if (szB > bt->maxSzB)
        bt->maxSzB = szB;
    Bool was_empty = *e == 0;
    if (LIKELY(was_empty)) {
        (*word)++;
        if (LIKELY(fits_inline(szB, b->flags))) {
            *e = make_inline(GRANULE_OFF(b->start), szB, b->ctx, b->allocKind,
                             b->flags);
            return;
        }
    }
    insert_chained(bt, e, b, szB);
}

/* ---- Lookup ------------------------------------------------------------- */

/* Where a found block is: inline (rec is NO_RECORD), or a record and the one
   before it in the chain. */
typedef struct {
    ULong* slot;
    UWord* word;
    UInt   rec;
    UInt   before;
} LgPlace;

static Bool find_chained(const LgBlockTable* bt, UInt off,
                         LgAllocKind preferKind, LgPlace* place)
{
    UInt before = NO_RECORD;
    Bool found = False;

    for (UInt i = chain_first(*place->slot); i != NO_RECORD;) {
        const LgRecord* r = rec_at(bt, i);
        if (rec_off(r) > off)
            break;
        if (rec_off(r) == off) {
            Bool preferred = rec_allocKind(r) == preferKind;
            if (preferred || !found) {
                place->rec = i;
                place->before = before;
                found = True;
            }
            if (preferred)
                break;
        }
        before = i;
        i = r->next;
    }
    return found;
}

static inline Bool find_place(const LgBlockTable* bt, Addr start,
                              LgAllocKind preferKind, LgPlace* place)
{
    ULong* e = granule_slot(bt, start, &place->word);
    if (UNLIKELY(e == NULL))
        return False;
    place->slot = e;
    place->rec = NO_RECORD;
    if (LIKELY((*e & SLOT_MODE) == SLOT_INLINE))
        return inl_off(*e) == GRANULE_OFF(start);
    if (*e == 0)
        return False;
    return find_chained(bt, GRANULE_OFF(start), preferKind, place);
}

static inline void out_place(const LgBlockTable* bt, Addr start,
                             const LgPlace* place, LgBlock* out)
{
    Addr granule = start - GRANULE_OFF(start);
    if (LIKELY(place->rec == NO_RECORD))
        out_inline(*place->slot, granule, out);
    else
        out_rec(rec_at(bt, place->rec), granule, out);
}

Bool lg_bt_find(const LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                LgBlock* out)
{
    LgPlace place;
    if (!find_place(bt, start, preferKind, &place))
        return False;
    out_place(bt, start, &place, out);
    return True;
}

Bool lg_bt_remove(LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                  LgBlock* out)
{
    LgPlace place;
    if (UNLIKELY(!find_place(bt, start, preferKind, &place)))
        return False;
    out_place(bt, start, &place, out);
    bt->count--;
    bt->bytes -= out->szB;

    if (UNLIKELY(place.rec != NO_RECORD)) {
        UInt next = rec_at(bt, place.rec)->next;
        if (place.before != NO_RECORD)
            rec_at(bt, place.before)->next = next;
        else if (next != NO_RECORD)
            *place.slot = make_chain(next);
        else
            *place.slot = 0;
        free_rec(bt, place.rec);
        if (*place.slot != 0) {
            unspill_chain(bt, place.slot);
            return True;
        }
    }
    *place.slot = 0;
    slot_emptied(bt, place.word);
    return True;
}

/* The place gets a new block, with the same start. */
static void fill_place(LgBlockTable* bt, LgPlace* place, const LgBlock* old,
                       const LgBlock* b)
{
    SizeT szB = clamped_size(b->szB);
    UInt  off = GRANULE_OFF(b->start);

    bt->bytes += szB - old->szB;
    if (szB > bt->maxSzB)
        bt->maxSzB = szB;
    if (LIKELY(place->rec == NO_RECORD && fits_inline(szB, b->flags))) {
        *place->slot = make_inline(off, szB, b->ctx, b->allocKind, b->flags);
        return;
    }
    if (place->rec == NO_RECORD) {
        lg_bt_spill(bt, place->slot);
        place->rec = chain_first(*place->slot);
    }
    set_rec(rec_at(bt, place->rec), off, szB, b->ctx, b->allocKind, b->flags);
    unspill_chain(bt, place->slot);
}

Bool lg_bt_resize(LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                  SizeT newSzB)
{
    LgPlace place;
    LgBlock old, b;
    if (!find_place(bt, start, preferKind, &place))
        return False;
    out_place(bt, start, &place, &old);
    b = old;
    b.szB = newSzB;
    fill_place(bt, &place, &old, &b);
    return True;
}

Bool lg_bt_update(LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                  const LgBlock* b)
{
    LgPlace place;
    LgBlock old;
    lg_assert(b->start == start);
    if (!find_place(bt, start, preferKind, &place))
        return False;
    out_place(bt, start, &place, &old);
    fill_place(bt, &place, &old, b);
    return True;
}
