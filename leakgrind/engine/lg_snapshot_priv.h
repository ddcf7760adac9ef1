/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_snapshot_priv.h: the index of a snapshot, for the snapshot's own files
   and for the mark loop, which takes the steps of a lookup one by one in order
   to prefetch between them.

   From an address to a block:

       d = a - base                  one compare rejects most words: d <= maxOff
       top[d >> 20]                  what is known of this 1 MiB chunk:
           how == 0                  no block touches it
           how & LG_TOP_FEW          search the `count` blocks from `first` on
           else                      sub-index number `how - 1`:
               first + rel[granule]  the last block that starts at or before
                                     the 128-byte granule
       walk forward                  while the next block starts at or before a
       compare with the block's size

   A chunk in which few blocks start has no sub-index: a heap of large blocks
   would pay 16 KiB for each of them.  Nor has a chunk with more blocks than
   16 bits can count, i.e. a block every 16 bytes or denser.

   The array ends with a sentinel that starts at the end of the address space,
   so the walk needs no other bound. */

#ifndef LG_SNAPSHOT_PRIV_H
#define LG_SNAPSHOT_PRIV_H

#include "lg_snapshot.h"

#include "../lg_platform.h"

#define LG_CHUNK_BITS      20
#define LG_GRANULE_BITS    7
#define LG_CHUNK_GRANULES  (1u << (LG_CHUNK_BITS - LG_GRANULE_BITS))
#define LG_TOP_FEW         0x80000000u
#define LG_FEW_MAX         16u     /* so many are worth no sub-index */
#define LG_SUB_MAX         0xFFFFu /* so many fit a sub-index */
#define LG_MAX_TOP_ENTRIES ((SizeT)1 << (47 - LG_CHUNK_BITS))

typedef struct {
    UInt first;
    UInt how; /* 0, LG_TOP_FEW + count, or number of the sub-index + 1 */
} LgTopEntry;

/* A metapool block that holds others; sorted by block number. */
#define LG_NO_HOLDER 0xFFFFFFFFu
typedef struct {
    UInt block;
    UInt parent; /* the holder in which it lies, or LG_NO_HOLDER */
} LgHolder;

struct LgSnapshot {
    LgSnapBlock* blocks; /* n of them, and the sentinel */
    UInt*        ctx;
    UShort*      flags; /* LG_BF_* */
    UInt         n, nMax;
    Bool         isSorted;
    Bool         hasInherited;
    Bool         isSearched; /* the blocks have the states of a search */
    ULong        leafData;   /* see lg_snap_set_leaf_data */

    Addr        base;   /* start of the first chunk */
    UWord       maxOff; /* largest offset from base that lies in a block */
    LgTopEntry* top; /* NULL: too wide an address range, search all blocks */
    SizeT       nTop;
    UShort*     rel; /* all sub-indexes */
    UInt        nSub;

    LgHolder* holders;
    UInt      nHolders, maxHolders;
};

/* Address of the block's last byte. */
static inline Addr lg_sb_last(const LgSnapBlock* b)
{
    return b->start + lg_sb_searchSzB(b) - 1;
}

/* Puts the blocks into order. */
void lg_snap_sort(LgSnapshot* s);
/* Settles overlaps of sorted blocks; see lg_snap_finish. */
UInt lg_snap_settle(LgSnapshot* s, LgOverlap* overlaps, UInt maxOverlaps);

/* Of blocks [first, first + count), the last that starts at or before `a`;
   `first` if there is none. */
UInt lg_snap_search(const LgSnapshot* s, UInt first, UInt count, Addr a);

/* The holder around block i that holds `a`, which is behind block i and
   before block i + 1; LG_NO_HOLDER if there is none. */
UInt lg_snap_holder_of(const LgSnapshot* s, UInt i, Addr a);

/* The last step: block `i` starts at or before `a`, or is the first that can
   hold it. */
static inline UInt lg_snap_walk(const LgSnapshot* s, UInt i, Addr a)
{
    while (s->blocks[i + 1].start <= a)
        i++;
    return i;
}

static inline Bool lg_snap_in_bounds(const LgSnapshot* s, Addr a)
{
    return a - s->base <= s->maxOff;
}

#endif
