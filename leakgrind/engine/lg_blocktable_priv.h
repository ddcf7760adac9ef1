/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_blocktable_priv.h: the layout of the block table, for lg_blocktable.c
   (the functions for malloc and free) and lg_blocktable_walk.c (those that go
   through the whole table) only.

   From an address to a block:

       bits 47..31   number of the region (regions from 2^48 on are in a list)
       bits 30..12   number of the leaf in the region's directory
       bits 11..6    number of the granule in the leaf
       bits  5..0    offset of the block in the granule

   A directory has 2^19 words in pages that come straight from the kernel.
   Pages that are never touched cost nothing, so a directory takes 8 bytes for
   each page of address space in use.  Each word is the address of a leaf (512
   bytes, aligned to 512) plus the number of its granules in use, so that a leaf
   can be reused as soon as it is empty. */

#ifndef LG_BLOCKTABLE_PRIV_H
#define LG_BLOCKTABLE_PRIV_H

#include "lg_blocktable.h"

#include "../lg_platform.h"

/* ---- Layout ------------------------------------------------------------- */

#define GRANULE_BITS  6
#define LEAF_BITS     12
#define REGION_BITS   31
#define LEAF_GRANULES (1u << (LEAF_BITS - GRANULE_BITS))
#define LEAF_SZB      (LEAF_GRANULES * sizeof(ULong))
#define DIR_LEAVES    (1u << (REGION_BITS - LEAF_BITS))
#define NEAR_REGIONS  (1u << (48 - REGION_BITS))
#define SLAB_SZB      (1u << 20)

#define GRANULE_SZB    ((Addr)1 << GRANULE_BITS)
#define GRANULE_OFF(a) ((UInt)((a) & ((1u << GRANULE_BITS) - 1)))

/* A slot.  0: no block starts in this granule.
     0..1   mode: SLOT_INLINE or SLOT_CHAIN
   with SLOT_INLINE, the one block that starts here:
     2..4   allocKind
     5..8   flags, the lowest four of them
     9..14  offset in the granule
     15..31 size
     32..63 context
   with SLOT_CHAIN:
     32..63 number of the first record, never 0 */
#define SLOT_MODE        3u
#define SLOT_INLINE      1u
#define SLOT_CHAIN       2u
#define INLINE_MAX_SZB    ((1u << 17) - 1)
#define INLINE_MAX_FLAGS  15u
#define INLINE_FLAG_SHIFT 5

/* A block that is not inline.  The records of a granule are chained in the
   order of their offsets; of those with the same offset, the youngest is first.
     w   0..43 size, 44..49 offset in the granule, 50..52 allocKind,
         53..62 flags, 63 in use */
typedef struct {
    ULong w;
    UInt  ctx;
    UInt  next; /* number of a record, or 0 */
} LgRecord;

#define RECORD_USED       (1ULL << 63)
#define RECORD_FLAG_SHIFT 53
#define REC_SEG_BITS      12
#define REC_SEG_SZB       ((1u << REC_SEG_BITS) * sizeof(LgRecord))
#define NO_RECORD         0u

typedef struct LgDirectory LgDirectory;
struct LgDirectory {
    Addr         base;     /* of the region */
    LgDirectory* nextFar;  /* by base; only for regions from 2^48 on */
    UInt         lo, hi;   /* leaves outside [lo, hi] were never used */
    UWord        leaves[DIR_LEAVES];
};

struct LgBlockTable {
    LgDirectory** near; /* NEAR_REGIONS of them */
    UInt          nearLo, nearHi; /* none used outside [nearLo, nearHi] */
    LgDirectory*  far;

    ULong* freeLeaf; /* the first word of a free leaf names the next */
    UChar* slab;     /* the slab that leaves are cut from; slabs are linked */
    UInt   slabUsed; /* through their first word */

    LgRecord** segs;
    UInt       nSegs, maxSegs;
    UInt       freeRec; /* linked through `next` */

    UInt  count;
    ULong bytes;
    SizeT maxSzB; /* of any block so far */
    SizeT leafSzB; /* of all leaves, in use and free */
};

/* ---- Entries and records ------------------------------------------------ */

static inline SizeT clamped_size(SizeT szB)
{
    return szB > LG_MAX_BLOCK_SZB ? LG_MAX_BLOCK_SZB : szB;
}

static inline Bool fits_inline(SizeT szB, UInt flags)
{
    return szB <= INLINE_MAX_SZB && flags <= INLINE_MAX_FLAGS;
}

static inline ULong make_inline(UInt off, SizeT szB, UInt ctx, UInt allocKind,
                                UInt flags)
{
    return SLOT_INLINE | (ULong)allocKind << 2 |
           (ULong)flags << INLINE_FLAG_SHIFT | (ULong)off << 9 |
           (ULong)szB << 15 | (ULong)ctx << 32;
}

static inline UInt  inl_allocKind(ULong e) { return (e >> 2) & 7; }
static inline UInt  inl_flags(ULong e) { return (e >> INLINE_FLAG_SHIFT) & 15; }
static inline UInt  inl_off(ULong e) { return (e >> 9) & 63; }
static inline SizeT inl_szB(ULong e) { return (e >> 15) & INLINE_MAX_SZB; }
static inline UInt  inl_ctx(ULong e) { return (UInt)(e >> 32); }

static inline ULong make_chain(UInt rec)
{
    return SLOT_CHAIN | (ULong)rec << 32;
}
static inline UInt chain_first(ULong e) { return (UInt)(e >> 32); }

static inline SizeT rec_szB(const LgRecord* r)
{
    return r->w & LG_MAX_BLOCK_SZB;
}
static inline UInt rec_off(const LgRecord* r) { return (r->w >> 44) & 63; }
static inline UInt rec_allocKind(const LgRecord* r) { return (r->w >> 50) & 7; }
static inline UInt rec_flags(const LgRecord* r)
{
    return (r->w >> RECORD_FLAG_SHIFT) & LG_BF_STORED;
}

static inline LgRecord* rec_at(const LgBlockTable* bt, UInt i)
{
    return &bt->segs[i >> REC_SEG_BITS][i & ((1u << REC_SEG_BITS) - 1)];
}

static inline void out_inline(ULong e, Addr granule, LgBlock* out)
{
    out->start = granule + inl_off(e);
    out->szB = inl_szB(e);
    out->ctx = inl_ctx(e);
    out->allocKind = (UChar)inl_allocKind(e);
    out->flags = (UShort)inl_flags(e);
}

static inline void out_rec(const LgRecord* r, Addr granule, LgBlock* out)
{
    out->start = granule + rec_off(r);
    out->szB = rec_szB(r);
    out->ctx = r->ctx;
    out->allocKind = (UChar)rec_allocKind(r);
    out->flags = (UShort)rec_flags(r);
}

/* ---- Directories and leaves --------------------------------------------- */

static inline ULong* leaf_of(UWord word)
{
    return (ULong*)(word & ~(UWord)(LEAF_SZB - 1));
}
static inline UInt in_use(UWord word) { return word & (LEAF_SZB - 1); }

static inline LgDirectory* find_far(const LgBlockTable* bt, Addr base)
{
    for (LgDirectory* d = bt->far; d != NULL; d = d->nextFar) {
        if (d->base == base)
            return d;
    }
    return NULL;
}

static inline LgDirectory* directory_of(const LgBlockTable* bt, Addr a)
{
    UWord region = a >> REGION_BITS;
    if (LIKELY(region < NEAR_REGIONS))
        return bt->near[region];
    return find_far(bt, region << REGION_BITS);
}

static inline UInt leaf_no(Addr a)
{
    return (UInt)(a >> LEAF_BITS) & (DIR_LEAVES - 1);
}
static inline UInt granule_no(Addr a)
{
    return (UInt)(a >> GRANULE_BITS) & (LEAF_GRANULES - 1);
}

/* The slot for address `a`, or NULL when there is no leaf. */
static inline ULong* granule_slot(const LgBlockTable* bt, Addr a, UWord** word)
{
    LgDirectory* d = directory_of(bt, a);
    if (UNLIKELY(d == NULL))
        return NULL;
    *word = &d->leaves[leaf_no(a)];
    if (UNLIKELY(**word == 0))
        return NULL;
    return &leaf_of(**word)[granule_no(a)];
}

/* Makes a one-record chain of an inline slot. */
void lg_bt_spill(LgBlockTable* bt, ULong* e);

#endif
