/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_snapshot_settle.c: sorting the blocks of a snapshot and settling what
   overlaps.

   Usually the blocks come sorted and nothing overlaps; then nothing here runs.
   Settling takes two steps, which are linear except for binary searches.
   First, malloc blocks are dropped that are only the ground of others (of a
   pool's blocks, or of an arena that pymalloc got from an allocator that the
   program has set); then every block that overlaps another one without being
   held by a metapool block. */

#include "lg_snapshot_priv.h"

/* ---- Sorting ------------------------------------------------------------ */

typedef struct {
    LgSnapBlock block;
    UInt        ctx;
    UInt        no; /* as added: makes the order total */
    UShort      flags;
} LgSortItem;

static Int compare_items(const void* va, const void* vb)
{
    const LgSortItem* a = va;
    const LgSortItem* b = vb;
    SizeT             szA = lg_sb_searchSzB(&a->block);
    SizeT             szB = lg_sb_searchSzB(&b->block);

    if (a->block.start != b->block.start)
        return a->block.start < b->block.start ? -1 : 1;
    if (szA != szB)
        return szA > szB ? -1 : 1;
    return a->no < b->no ? -1 : a->no > b->no;
}

static void sort_blocks(LgSnapshot* s)
{
    SizeT       szB = (SizeT)s->n * sizeof(LgSortItem);
    LgSortItem* items = lg_plat_map(szB);

    for (UInt i = 0; i < s->n; i++) {
        items[i].block = s->blocks[i];
        items[i].ctx = s->ctx[i];
        items[i].no = i;
        items[i].flags = s->flags[i];
    }
    lg_plat_sort(items, s->n, sizeof(LgSortItem), compare_items);
    for (UInt i = 0; i < s->n; i++) {
        s->blocks[i] = items[i].block;
        s->ctx[i] = items[i].ctx;
        s->flags[i] = items[i].flags;
    }
    lg_plat_unmap(items, szB);
    s->isSorted = True;
}

/* ---- Mistakes ----------------------------------------------------------- */

typedef struct {
    LgOverlap* pairs;
    UInt       n, max;
} LgMistakes;

static LgBlock as_block(const LgSnapshot* s, UInt i)
{
    const LgSnapBlock* sb = &s->blocks[i];
    LgBlock            b;

    b.start = sb->start;
    b.szB = lg_sb_szB(sb);
    b.ctx = s->ctx[i];
    b.allocKind = (UChar)lg_sb_allocKind(sb);
    b.flags = s->flags[i];
    return b;
}

static void add_mistake(LgMistakes* m, const LgSnapshot* s, UInt kept,
                        UInt dropped)
{
    if (m->n < m->max) {
        m->pairs[m->n].a = as_block(s, kept);
        m->pairs[m->n].b = as_block(s, dropped);
    }
    m->n++;
}

/* ---- Malloc blocks that are the ground of others ------------------------ */

static inline Bool is_malloc(const LgSnapBlock* b)
{
    return lg_sb_allocKind(b) <= LgAllocNewVec;
}

/* Numbers of disjoint blocks, and an address. */
typedef struct {
    const LgSnapBlock* blocks;
    const UInt*        list;
    Addr               a;
} LgListSearch;

static inline Bool starts_by(const void* x, UInt i)
{
    const LgListSearch* s = x;
    return s->blocks[s->list[i]].start <= s->a;
}

/* Of the n disjoint blocks that `list` names, the one that holds `a`;
   LG_NO_HOLDER if there is none. */
static UInt find_in_list(const LgSnapshot* s, const UInt* list, UInt n, Addr a)
{
    LgListSearch search = {s->blocks, list, a};
    UInt         k = lg_bisect(n, starts_by, &search);

    return k > 0 && a <= lg_sb_last(&s->blocks[list[k - 1]]) ? list[k - 1]
                                                             : LG_NO_HOLDER;
}

/* Block i takes place k <= i. */
static inline void move_block(LgSnapshot* s, UInt k, UInt i)
{
    s->blocks[k] = s->blocks[i];
    s->ctx[k] = s->ctx[i];
    s->flags[k] = s->flags[i];
}

/* Removes the blocks whose `dropped` is set. */
static void compact_blocks(LgSnapshot* s, const UChar* dropped)
{
    UInt k = 0;
    for (UInt i = 0; i < s->n; i++) {
        if (!dropped[i])
            move_block(s, k++, i);
    }
    s->n = k;
}

static void drop_grounds(LgSnapshot* s, LgMistakes* m)
{
    const UInt n = s->n;
    UInt*      mallocs = lg_plat_map((SizeT)n * sizeof(UInt));
    UChar*     dropped = lg_plat_map(n);
    UInt       nMallocs = 0;

    /* Malloc blocks overlap each other only by mistake. */
    for (UInt i = 0; i < n; i++) {
        if (!is_malloc(&s->blocks[i]))
            continue;
        UInt before = nMallocs > 0 ? mallocs[nMallocs - 1] : LG_NO_HOLDER;
        if (before != LG_NO_HOLDER &&
            lg_sb_last(&s->blocks[before]) >= s->blocks[i].start) {
            add_mistake(m, s, before, i);
            dropped[i] = 1;
        } else {
            mallocs[nMallocs++] = i;
        }
    }
    for (UInt i = 0; i < n; i++) {
        const LgSnapBlock* b = &s->blocks[i];
        if (is_malloc(b))
            continue;
        UInt ground = find_in_list(s, mallocs, nMallocs, b->start);
        if (ground != LG_NO_HOLDER)
            dropped[ground] = 1;
        ground = find_in_list(s, mallocs, nMallocs, lg_sb_last(b));
        if (ground != LG_NO_HOLDER)
            dropped[ground] = 1;
    }
    compact_blocks(s, dropped);
    lg_plat_unmap(dropped, n);
    lg_plat_unmap(mallocs, (SizeT)n * sizeof(UInt));
}

/* ---- Metapool blocks, and what remains ---------------------------------- */

/* The metapool blocks that are open at the current place, the innermost on
   top. */
typedef struct {
    UInt block;
    UInt holder; /* its number among the holders, or LG_NO_HOLDER so far */
} LgOpenMeta;

typedef struct {
    LgOpenMeta* metas;
    UInt        n, max;
} LgOpenMetas;

static void open_meta(LgOpenMetas* open, UInt block)
{
    if (open->n == open->max) {
        open->max = open->max == 0 ? 16 : 2 * open->max;
        open->metas = lg_plat_realloc("lg.snap.metas", open->metas,
                                      open->max * sizeof(LgOpenMeta));
    }
    open->metas[open->n].block = block;
    open->metas[open->n].holder = LG_NO_HOLDER;
    open->n++;
}

/* The innermost open metapool block holds something. */
static void note_holder(LgSnapshot* s, LgOpenMetas* open)
{
    LgOpenMeta* meta = &open->metas[open->n - 1];
    if (meta->holder != LG_NO_HOLDER)
        return;
    if (s->nHolders == s->maxHolders) {
        s->maxHolders = s->maxHolders == 0 ? 16 : 2 * s->maxHolders;
        s->holders = lg_plat_realloc("lg.snap.holders", s->holders,
                                     s->maxHolders * sizeof(LgHolder));
    }
    /* The one around it is already a holder, because it holds this one. */
    meta->holder = s->nHolders++;
    s->holders[meta->holder].block = meta->block;
    s->holders[meta->holder].parent =
        open->n > 1 ? open->metas[open->n - 2].holder : LG_NO_HOLDER;
}

/* Drops blocks that overlap without being held; finds the holders.  Closes the
   gaps at the same time: block i moves to place k. */
static void nest_blocks(LgSnapshot* s, LgMistakes* m)
{
    LgOpenMetas open = {NULL, 0, 0};
    UInt        plain = LG_NO_HOLDER; /* the last one kept that is no meta */
    UInt        k = 0;

    for (UInt i = 0; i < s->n; i++) {
        Addr start = s->blocks[i].start;
        Addr last = lg_sb_last(&s->blocks[i]);

        while (open.n > 0 &&
               lg_sb_last(&s->blocks[open.metas[open.n - 1].block]) < start)
            open.n--;
        if (plain != LG_NO_HOLDER && lg_sb_last(&s->blocks[plain]) >= start) {
            add_mistake(m, s, plain, i);
            continue;
        }
        if (open.n > 0) {
            UInt meta = open.metas[open.n - 1].block;
            if (last > lg_sb_last(&s->blocks[meta])) {
                add_mistake(m, s, meta, i);
                continue;
            }
            note_holder(s, &open);
            s->blocks[i].bits |= LG_SB_IN_META;
        }
        move_block(s, k, i);
        if (lg_sb_allocKind(&s->blocks[k]) == LgAllocMeta)
            open_meta(&open, k);
        else
            plain = k;
        k++;
    }
    s->n = k;
    lg_plat_free(open.metas);
}

/* ------------------------------------------------------------------------- */

void lg_snap_sort(LgSnapshot* s)
{
    if (!s->isSorted)
        sort_blocks(s);
}

UInt lg_snap_settle(LgSnapshot* s, LgOverlap* overlaps, UInt maxOverlaps)
{
    LgMistakes m = {overlaps, 0, maxOverlaps};

    drop_grounds(s, &m);
    nest_blocks(s, &m);
    return m.n;
}
