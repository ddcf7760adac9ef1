/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_snapshot.c: adding blocks, building the index, and looking up an
   address. */

#include "lg_snapshot_priv.h"

/* ---- Filling ------------------------------------------------------------ */

#define MAX_BLOCKS 0x7FFFFFFEu /* block numbers are also Ints */

static SizeT blocks_szB(UInt nMax)
{
    return ((SizeT)nMax + 1) * sizeof(LgSnapBlock);
}
static SizeT ctx_szB(UInt nMax) { return ((SizeT)nMax + 1) * sizeof(UInt); }
static SizeT flags_szB(UInt nMax) { return ((SizeT)nMax + 1) * sizeof(UShort); }

LgSnapshot* lg_snap_new(UInt nMax)
{
    lg_assert(nMax <= MAX_BLOCKS);
    LgSnapshot* s = lg_plat_alloc("lg.snap", sizeof(LgSnapshot));
    memset(s, 0, sizeof(*s));
    s->nMax = nMax;
    s->blocks = lg_plat_map(blocks_szB(nMax));
    s->ctx = lg_plat_map(ctx_szB(nMax));
    s->flags = lg_plat_map(flags_szB(nMax));
    s->isSorted = True;
    return s;
}

/* If two blocks start at the same address, the larger one comes first, so that
   a block comes after all that hold it. */
static inline Bool in_order(const LgSnapBlock* a, const LgSnapBlock* b)
{
    return a->start < b->start ||
           (a->start == b->start &&
            lg_sb_searchSzB(a) >= lg_sb_searchSzB(b));
}

void lg_snap_add(LgSnapshot* s, const LgBlock* b)
{
    lg_assert(s->n < s->nMax);
    UInt  i = s->n++;
    SizeT szB = b->szB;
    SizeT room = 0 - b->start; /* up to the end of the address space */

    if (szB > LG_MAX_BLOCK_SZB)
        szB = LG_MAX_BLOCK_SZB;
    if (b->start != 0 && szB > room)
        szB = room;
    Bool isPastEnd = szB == 0 || (b->flags & LG_BF_NO_ELEMENTS) != 0;
    LgSnapBlock* sb = &s->blocks[i];
    sb->start = b->start;
    sb->bits = (ULong)(szB + isPastEnd) |
               (ULong)LgDefinite << LG_SB_KIND_SHIFT |
               (ULong)b->allocKind << LG_SB_ALLOC_KIND_SHIFT |
               (isPastEnd ? LG_SB_PAST_END : 0) |
               (b->flags & LG_BF_INHERITED ? LG_SB_INHERITED : 0);
    s->ctx[i] = b->ctx;
    s->flags[i] = b->flags;
    s->hasInherited |= lg_sb_inherited(sb);
    if (i > 0 && !in_order(sb - 1, sb))
        s->isSorted = False;
}

void lg_snap_delete(LgSnapshot* s)
{
    lg_plat_unmap(s->blocks, blocks_szB(s->nMax));
    lg_plat_unmap(s->ctx, ctx_szB(s->nMax));
    lg_plat_unmap(s->flags, flags_szB(s->nMax));
    if (s->top != NULL)
        lg_plat_unmap(s->top, s->nTop * sizeof(LgChunk));
    if (s->rel != NULL)
        lg_plat_unmap(s->rel,
                      (SizeT)s->nSub * LG_CHUNK_CELLS * sizeof(UShort));
    lg_plat_free(s->holders);
    lg_plat_free(s);
}

/* ---- Building the index ------------------------------------------------- */

static inline SizeT chunk_of(const LgSnapshot* s, Addr a)
{
    return (a - s->base) >> LG_CHUNK_BITS;
}

/* The end of the run of blocks that start in the same chunk as block i. */
static inline UInt run_end(const LgSnapshot* s, UInt i, SizeT chunk)
{
    do
        i++;
    while (i < s->n && chunk_of(s, s->blocks[i].start) == chunk);
    return i;
}

/* The block with which the search in a chunk begins, if `i` is the first that
   starts in the chunk: the one before may reach into it. */
static inline UInt first_of_chunk(const LgSnapshot* s, UInt i)
{
    Addr chunkStart = s->blocks[i].start >> LG_CHUNK_BITS << LG_CHUNK_BITS;
    return i > 0 && s->blocks[i].start > chunkStart ? i - 1 : i;
}

static inline Bool wants_sub_index(UInt count)
{
    return count > LG_FEW_MAX && count <= LG_SUB_MAX;
}

/* Fills the sub-index of the chunk in which blocks [i, end) start. */
static void fill_sub_index(const LgSnapshot* s, UShort* rel, UInt first,
                           UInt i, UInt end)
{
    const Addr chunkMask = ((Addr)1 << LG_CHUNK_BITS) - 1;
    const Addr cellMask = ((Addr)1 << LG_CELL_BITS) - 1;
    UInt       g = 0;
    UShort     before = 0;

    for (; i < end; i++) {
        /* The first cell that starts at or after the block. */
        UInt own = (UInt)(((s->blocks[i].start & chunkMask) + cellMask) >>
                          LG_CELL_BITS);
        while (g < own)
            rel[g++] = before;
        before = (UShort)(i - first);
    }
    while (g < LG_CHUNK_CELLS)
        rel[g++] = before;
}

/* What one pass over the sorted blocks finds out. */
typedef struct {
    Bool hasOverlaps;
    Addr maxLast; /* the last address that lies in a block */
    UInt nSub;
} LgSurvey;

static LgSurvey survey_blocks(const LgSnapshot* s)
{
    LgSurvey v = {False, 0, 0};
    for (UInt i = 0; i < s->n;) {
        UInt end = run_end(s, i, chunk_of(s, s->blocks[i].start));
        if (wants_sub_index(end - first_of_chunk(s, i)))
            v.nSub++;
        for (; i < end; i++) {
            Addr last = lg_sb_last(&s->blocks[i]);
            if (i > 0 && s->blocks[i].start <= v.maxLast)
                v.hasOverlaps = True;
            if (last > v.maxLast)
                v.maxLast = last;
        }
    }
    return v;
}

static void fill_top(LgSnapshot* s)
{
    UInt nSub = 0;
    Addr maxLast = 0;

    for (UInt i = 0; i < s->n;) {
        SizeT       chunk = chunk_of(s, s->blocks[i].start);
        UInt        end = run_end(s, i, chunk);
        UInt        first = first_of_chunk(s, i);
        LgChunk* t = &s->top[chunk];

        t->first = first;
        if (wants_sub_index(end - first)) {
            fill_sub_index(s, s->rel + (SizeT)nSub * LG_CHUNK_CELLS, first,
                           i, end);
            t->how = ++nSub;
        } else {
            t->how = LG_TOP_FEW + (end - first);
        }
        for (; i < end; i++) {
            if (lg_sb_last(&s->blocks[i]) > maxLast)
                maxLast = lg_sb_last(&s->blocks[i]);
        }
        /* Chunks in which no block starts, but into which a block reaches. */
        SizeT stop = chunk_of(s, maxLast) + 1;
        if (end < s->n && chunk_of(s, s->blocks[end].start) < stop)
            stop = chunk_of(s, s->blocks[end].start);
        while (++chunk < stop) {
            s->top[chunk].first = end - 1;
            s->top[chunk].how = LG_TOP_FEW + 1;
        }
    }
    lg_assert(nSub == s->nSub);
}

static void set_base(LgSnapshot* s)
{
    s->base = s->blocks[0].start >> LG_CHUNK_BITS << LG_CHUNK_BITS;
}

static void build_index(LgSnapshot* s, const LgSurvey* v)
{
    /* The sentinel: see lg_snap_walk. */
    s->blocks[s->n].start = ~(Addr)0;
    s->blocks[s->n].bits = 0;
    if (s->n == 0) {
        /* Even the smallest bounds contain one address: a chunk for it, without
           blocks. */
        s->base = ~(Addr)0;
        s->maxOff = 0;
        s->nTop = 1;
        s->top = lg_plat_map(sizeof(LgChunk));
        return;
    }
    s->maxOff = (v->maxLast == ~(Addr)0 ? v->maxLast - 1 : v->maxLast) -
                s->base;
    s->nTop = (s->maxOff >> LG_CHUNK_BITS) + 1;
    if (s->nTop > LG_MAX_CHUNKS)
        return;
    s->top = lg_plat_map(s->nTop * sizeof(LgChunk));
    s->nSub = v->nSub;
    if (s->nSub > 0)
        s->rel = lg_plat_map((SizeT)s->nSub * LG_CHUNK_CELLS *
                             sizeof(UShort));
    fill_top(s);
}

UInt lg_snap_finish(LgSnapshot* s, LgOverlap* overlaps, UInt maxOverlaps)
{
    UInt nOverlaps = 0;

    lg_snap_sort(s);
    set_base(s);
    LgSurvey v = survey_blocks(s);
    if (v.hasOverlaps) {
        nOverlaps = lg_snap_settle(s, overlaps, maxOverlaps);
        set_base(s);
        v = survey_blocks(s);
    }
    build_index(s, &v);
    return nOverlaps;
}

/* ---- Looking up --------------------------------------------------------- */

UInt lg_snap_search(const LgSnapshot* s, UInt first, UInt count, Addr a)
{
    while (count > 1) {
        UInt half = count / 2;
        if (s->blocks[first + half].start <= a)
            first += half;
        count -= half;
    }
    return first;
}

/* Holders, and a block. */
typedef struct {
    const LgHolder* holders;
    UInt            block;
} LgHolderSearch;

static inline Bool holder_comes_by(const void* x, UInt i)
{
    const LgHolderSearch* s = x;
    return s->holders[i].block <= s->block;
}

UInt lg_snap_holder_of(const LgSnapshot* s, UInt i, Addr a)
{
    LgHolderSearch search = {s->holders, i};

    if (!(s->blocks[i].bits & LG_SB_IN_META))
        return LG_NO_HOLDER;
    /* A block in a metapool block comes after its holder: there is one. */
    UInt k = lg_bisect(s->nHolders, holder_comes_by, &search) - 1;
    while (k != LG_NO_HOLDER) {
        UInt holder = s->holders[k].block;
        if (a <= lg_sb_last(&s->blocks[holder]))
            return holder;
        k = s->holders[k].parent;
    }
    return LG_NO_HOLDER;
}

Int lg_snap_find(const LgSnapshot* s, Addr a)
{
    UInt i;

    if (!lg_snap_in_bounds(s, a))
        return -1;
    if (UNLIKELY(s->top == NULL)) {
        i = lg_snap_search(s, 0, s->n, a);
    } else {
        UWord      d = a - s->base;
        LgChunk t = s->top[d >> LG_CHUNK_BITS];
        if (t.how == 0)
            return -1;
        if (t.how & LG_TOP_FEW) {
            i = lg_snap_search(s, t.first, t.how - LG_TOP_FEW, a);
        } else {
            i = t.first + s->rel[(SizeT)(t.how - 1) * LG_CHUNK_CELLS +
                                 ((d >> LG_CELL_BITS) &
                                  (LG_CHUNK_CELLS - 1))];
            i = lg_snap_walk(s, i, a);
        }
    }
    const LgSnapBlock* b = &s->blocks[i];
    if (a - b->start < lg_sb_searchSzB(b))
        return (Int)i;
    if (UNLIKELY(b->bits & LG_SB_IN_META) && a > b->start) {
        UInt holder = lg_snap_holder_of(s, i, a);
        if (holder != LG_NO_HOLDER)
            return (Int)holder;
    }
    return -1;
}

UInt lg_snap_count(const LgSnapshot* s) { return s->n; }

LgSnapBlock* lg_snap_blocks(const LgSnapshot* s) { return s->blocks; }

UInt lg_snap_ctx(const LgSnapshot* s, UInt i) { return s->ctx[i]; }

UShort lg_snap_flags(const LgSnapshot* s, UInt i) { return s->flags[i]; }

void lg_snap_set_leaf_data(LgSnapshot* s, ULong offsets)
{
    s->leafData = offsets;
}

/* ---- Checking ----------------------------------------------------------- */

/* Is block `holder` among those that hold block i? */
static Bool is_held_by(const LgSnapshot* s, UInt i, UInt holder)
{
    for (UInt a = i; s->blocks[a].bits & LG_SB_IN_META;) {
        UInt up = LG_NO_HOLDER;
        for (UInt h = s->nHolders; h-- > 0;) {
            const LgSnapBlock* b = &s->blocks[s->holders[h].block];
            if (s->holders[h].block < a &&
                lg_sb_last(b) >= lg_sb_last(&s->blocks[a])) {
                up = s->holders[h].block;
                break;
            }
        }
        if (up == LG_NO_HOLDER)
            return False;
        if (up == holder)
            return True;
        a = up;
    }
    return False;
}

void lg_snap_check(const LgSnapshot* s)
{
    lg_assert(s->blocks[s->n].start == ~(Addr)0);
    for (UInt i = 0; i < s->n; i++) {
        const LgSnapBlock* b = &s->blocks[i];
        Addr               last = lg_sb_last(b);
        Int                found;

        lg_assert(lg_sb_searchSzB(b) > 0);
        lg_assert(last >= b->start);
        lg_assert(lg_sb_inherited(b) == ((s->flags[i] & LG_BF_INHERITED) != 0));
        lg_assert(lg_sb_objOff(b) < lg_sb_searchSzB(b));
        lg_assert(!lg_sb_hasGC(b) || (lg_sb_objOff(b) > 0 && !lg_sb_pymem(b)));
        if (i + 1 < s->n) {
            const LgSnapBlock* next = b + 1;
            lg_assert(in_order(b, next));
            /* Disjoint, or the next one is held by this one. */
            if (last >= next->start) {
                lg_assert(lg_sb_allocKind(b) == LgAllocMeta);
                lg_assert(lg_sb_last(next) <= last);
                lg_assert(is_held_by(s, i + 1, i));
            }
        }
        found = lg_snap_find(s, b->start);
        lg_assert(b->start == ~(Addr)0 || found == (Int)i ||
                  (s->blocks[found].start == b->start &&
                   is_held_by(s, (UInt)found, i)));
        found = lg_snap_find(s, last);
        lg_assert(last == ~(Addr)0 || found == (Int)i ||
                  is_held_by(s, (UInt)found, i));
        if (b->start > 0) {
            found = lg_snap_find(s, b->start - 1);
            lg_assert(found < (Int)i);
        }
    }
}
