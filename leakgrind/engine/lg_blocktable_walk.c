/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_blocktable_walk.c: functions that go through the whole block table:
   walking in the order of addresses, finding the block at an address,
   checking. */

#include "lg_blocktable_priv.h"

/* ---- Walking ------------------------------------------------------------ */

/* The first granule at or after `a` in which a block starts, or NULL. */
static ULong* first_in_directory(const LgDirectory* d, Addr a, Addr* granule)
{
    UInt no = 0, g = 0;
    if (a > d->base) {
        no = leaf_no(a);
        g = granule_no(a);
    }
    if (no < d->lo) {
        no = d->lo;
        g = 0;
    }
    for (; no <= d->hi; no++, g = 0) {
        if (d->leaves[no] == 0)
            continue;
        ULong* leaf = leaf_of(d->leaves[no]);
        for (; g < LEAF_GRANULES; g++) {
            if (leaf[g] != 0) {
                *granule = d->base + ((Addr)no << LEAF_BITS) +
                           ((Addr)g << GRANULE_BITS);
                return &leaf[g];
            }
        }
    }
    return NULL;
}

static ULong* first_used_slot(const LgBlockTable* bt, Addr a, Addr* granule)
{
    ULong* e;
    UWord  region = a >> REGION_BITS;

    if (region < bt->nearLo) {
        region = bt->nearLo;
        a = (Addr)region << REGION_BITS;
    }
    for (; region <= bt->nearHi; region++) {
        const LgDirectory* d = bt->near[region];
        if (d == NULL)
            continue;
        e = first_in_directory(d, a, granule);
        if (e != NULL)
            return e;
    }
    for (const LgDirectory* d = bt->far; d != NULL; d = d->nextFar) {
        if (d->base >> REGION_BITS < a >> REGION_BITS)
            continue;
        e = first_in_directory(d, a, granule);
        if (e != NULL)
            return e;
    }
    return NULL;
}

/* Cursor: [0] where to look next; [1] the next record of the granule before
   that, or 0; [2] whether the end of the address space was reached. */
Bool lg_bt_next(const LgBlockTable* bt, LgBlockCursor* cur, LgBlock* out)
{
    Addr         granule = cur->opaque[0] - GRANULE_SZB;
    UInt         rec = (UInt)cur->opaque[1];
    const ULong* e;
    UWord*       word;

    if (rec != NO_RECORD) {
        e = granule_slot(bt, granule, &word);
    } else {
        if (cur->opaque[2])
            return False;
        e = first_used_slot(bt, cur->opaque[0], &granule);
        if (e == NULL) {
            cur->opaque[2] = 1;
            return False;
        }
        cur->opaque[0] = granule + GRANULE_SZB;
        cur->opaque[2] = cur->opaque[0] == 0;
        rec = chain_first(*e);
    }
    /* A chain has become inline if the block that was returned last was removed
       and one was left. */
    if ((*e & SLOT_MODE) == SLOT_INLINE) {
        cur->opaque[1] = NO_RECORD;
        out_inline(*e, granule, out);
    } else {
        const LgRecord* r = rec_at(bt, rec);
        cur->opaque[1] = r->next;
        out_rec(r, granule, out);
    }
    return True;
}

void lg_bt_seek(LgBlockCursor* cur, Addr a)
{
    lg_assert(GRANULE_OFF(a) == 0);
    *cur = (LgBlockCursor){{a}};
}

/* In windows of increasing size, since most blocks are small. */
Bool lg_bt_before(const LgBlockTable* bt, Addr a, LgBlock* out)
{
    Addr  floor = a > bt->maxSzB ? (a - bt->maxSzB) & ~(GRANULE_SZB - 1) : 0;
    SizeT window = 1u << LEAF_BITS;
    Bool  found = False;

    for (Addr hi = a; hi > floor && !found; window *= 2) {
        LgBlockCursor cur;
        LgBlock       b;
        Addr          lo = hi - floor < window ? floor : hi - window;
        lg_bt_seek(&cur, lo);
        while (lg_bt_next(bt, &cur, &b) && b.start < hi) {
            *out = b;
            found = True;
        }
        hi = lo;
    }
    return found;
}

void lg_bt_flag_all(LgBlockTable* bt, UChar flags)
{
    Addr   granule;
    ULong* e;

    for (Addr a = 0; (e = first_used_slot(bt, a, &granule)) != NULL;) {
        if ((*e & SLOT_MODE) == SLOT_INLINE) {
            if ((inl_flags(*e) | flags) <= INLINE_MAX_FLAGS)
                *e |= (ULong)flags << INLINE_FLAG_SHIFT;
            else
                lg_bt_spill(bt, e);
        }
        if ((*e & SLOT_MODE) == SLOT_CHAIN) {
            for (UInt i = chain_first(*e); i != NO_RECORD;
                 i = rec_at(bt, i)->next)
                rec_at(bt, i)->w |= (ULong)flags << RECORD_FLAG_SHIFT;
        }
        a = granule + GRANULE_SZB;
        if (a == 0)
            break;
    }
}

/* ---- Which block is at an address --------------------------------------- */

/* The best block of each sort so far. */
typedef struct {
    Addr    a;
    SizeT   slopB;
    Bool    hasHolder, hasBelow, hasAbove;
    LgBlock holder; /* starts last of those that contain a */
    LgBlock below;  /* ends last of those that end at or before a */
    LgBlock above;  /* starts first of those that start after a */
} LgDescription;

static void consider_block(LgDescription* d, const LgBlock* b)
{
    SizeT szB = b->szB == 0 ? 1 : b->szB;

    if (b->start > d->a) {
        if (b->start - d->a <= d->slopB &&
            (!d->hasAbove || b->start < d->above.start)) {
            d->above = *b;
            d->hasAbove = True;
        }
    } else if (d->a - b->start < szB) {
        if (!d->hasHolder || b->start > d->holder.start) {
            d->holder = *b;
            d->hasHolder = True;
        }
    } else if (d->a - b->start - szB <= d->slopB) {
        if (!d->hasBelow ||
            b->start + b->szB > d->below.start + d->below.szB) {
            d->below = *b;
            d->hasBelow = True;
        }
    }
}

/* Considers every block that starts in [lo, hiIncl]. */
static void consider_range(const LgBlockTable* bt, LgDescription* d, Addr lo,
                           Addr hiIncl)
{
    LgBlockCursor cur;
    LgBlock       b;

    memset(&cur, 0, sizeof(cur));
    cur.opaque[0] = lo & ~(GRANULE_SZB - 1);
    while (lg_bt_next(bt, &cur, &b) && b.start <= hiIncl) {
        if (b.start >= lo)
            consider_block(d, &b);
    }
}

Bool lg_bt_find_containing(const LgBlockTable* bt, Addr a, SizeT slopB,
                           LgBlock* out)
{
    LgDescription d;
    SizeT         reach = bt->maxSzB + slopB;
    Addr          floor, lo, hiIncl;

    memset(&d, 0, sizeof(d));
    d.a = a;
    d.slopB = slopB;
    if (reach < slopB || reach > a)
        reach = a;
    floor = a - reach;
    hiIncl = a + slopB < a ? ~(Addr)0 : a + slopB;

    /* In windows of increasing size: most blocks are small, and of two blocks
       that contain `a` the nearer one is wanted. */
    SizeT window = 1u << 16;
    lo = a - floor < window ? floor : a - window;
    consider_range(bt, &d, lo, hiIncl);
    while (!d.hasHolder && lo > floor) {
        hiIncl = lo - 1;
        window *= 4;
        lo = lo - floor < window ? floor : lo - window;
        consider_range(bt, &d, lo, hiIncl);
    }

    if (d.hasHolder)
        *out = d.holder;
    else if (d.hasBelow)
        *out = d.below;
    else if (d.hasAbove)
        *out = d.above;
    return d.hasHolder || d.hasBelow || d.hasAbove;
}

/* ---- Numbers and checks ------------------------------------------------- */

UInt lg_bt_count(const LgBlockTable* bt) { return bt->count; }

ULong lg_bt_bytes(const LgBlockTable* bt) { return bt->bytes; }

static SizeT directory_footprint(const LgDirectory* d)
{
    if (d == NULL || d->hi < d->lo)
        return 0;
    return (d->hi - d->lo + 1) * sizeof(UWord);
}

SizeT lg_bt_footprint(const LgBlockTable* bt)
{
    SizeT sum = sizeof(LgBlockTable) + bt->maxSegs * sizeof(LgRecord*) +
                bt->nSegs * REC_SEG_SZB + bt->leafSzB;
    for (UInt i = bt->nearLo; i <= bt->nearHi; i++)
        sum += directory_footprint(bt->near[i]);
    for (const LgDirectory* d = bt->far; d != NULL; d = d->nextFar)
        sum += directory_footprint(d);
    return sum;
}

/* What a check counts. */
typedef struct {
    UInt  blocks, records, leaves;
    ULong bytes;
} LgTally;

static void check_chain(const LgBlockTable* bt, UInt first, LgTally* t)
{
    UInt off = 0, i = first, n = 0;

    lg_assert(first != NO_RECORD);
    for (; i != NO_RECORD; n++) {
        lg_assert(i >> REC_SEG_BITS < bt->nSegs);
        const LgRecord* r = rec_at(bt, i);
        lg_assert(r->w & RECORD_USED);
        lg_assert(rec_off(r) >= off);
        lg_assert(rec_szB(r) <= bt->maxSzB);
        lg_assert(n < bt->count); /* otherwise the chain is circular */
        off = rec_off(r);
        t->bytes += rec_szB(r);
        i = r->next;
    }
    t->blocks += n;
    t->records += n;
    /* A block that fits inline is inline. */
    const LgRecord* r = rec_at(bt, first);
    lg_assert(n > 1 || !fits_inline(rec_szB(r), rec_flags(r)));
}

static void check_directory(const LgBlockTable* bt, const LgDirectory* d,
                            LgTally* t)
{
    for (UInt no = d->lo; no <= d->hi; no++) {
        UWord word = d->leaves[no];
        UInt  used = 0;
        if (word == 0)
            continue;
        for (UInt g = 0; g < LEAF_GRANULES; g++) {
            ULong e = leaf_of(word)[g];
            if (e == 0)
                continue;
            used++;
            if ((e & SLOT_MODE) == SLOT_INLINE) {
                lg_assert(inl_szB(e) <= bt->maxSzB);
                t->blocks++;
                t->bytes += inl_szB(e);
            } else {
                lg_assert((e & SLOT_MODE) == SLOT_CHAIN);
                check_chain(bt, chain_first(e), t);
            }
        }
        lg_assert(used > 0 && used == in_use(word));
        t->leaves++;
    }
}

void lg_bt_check(const LgBlockTable* bt)
{
    LgTally t;
    memset(&t, 0, sizeof(t));

    for (UInt i = bt->nearLo; i <= bt->nearHi; i++) {
        const LgDirectory* d = bt->near[i];
        if (d == NULL)
            continue;
        lg_assert(d->base == (Addr)i << REGION_BITS);
        check_directory(bt, d, &t);
    }
    for (const LgDirectory* d = bt->far; d != NULL; d = d->nextFar) {
        lg_assert(d->base >> REGION_BITS >= NEAR_REGIONS);
        lg_assert(d->nextFar == NULL || d->nextFar->base > d->base);
        check_directory(bt, d, &t);
    }
    lg_assert(t.blocks == bt->count);
    lg_assert(t.bytes == bt->bytes);

    /* Every record and every leaf is either in use or free.  So none in use is
       outside the bounds. */
    for (UInt i = bt->freeRec; i != NO_RECORD; i = rec_at(bt, i)->next) {
        lg_assert(rec_at(bt, i)->w == 0);
        t.records++;
    }
    lg_assert(bt->nSegs == 0 ? t.records == 0
                             : t.records == (bt->nSegs << REC_SEG_BITS) - 1);
    for (const ULong* leaf = bt->freeLeaf; leaf != NULL;
         leaf = (const ULong*)(UWord)leaf[0]) {
        for (UInt g = 1; g < LEAF_GRANULES; g++)
            lg_assert(leaf[g] == 0);
        t.leaves++;
    }
    lg_assert(t.leaves * LEAF_SZB == bt->leafSzB);
}
