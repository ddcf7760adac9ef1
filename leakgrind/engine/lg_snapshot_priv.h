/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_snapshot_priv.h: the index of a snapshot, for the snapshot's own files and
   for the mark loop, which does each step of a lookup for a whole batch, to
   prefetch between the steps.

   From an address to a block:

       d = a - base                  one compare rejects most words: d <= maxOff
       top[d >> 20]                  the 1 MiB chunk:
           how == 0                  no block is in it
           how & LG_TOP_FEW          search the `count` blocks from `first` on
           else                      sub-index number `how - 1`:
               first + rel[cell]  the last block that starts at or before
                                     the 128-byte cell
       walk forward                  while the next block starts at or before a
       compare with the block's size

   A chunk in which few blocks start has no sub-index, since that would cost a
   heap of large blocks 16 KiB for each of them.  Nor has a chunk with more
   blocks than 16 bits can count, that is, one every 16 bytes or more.

   The array ends with a sentinel that starts at the end of the address space,
   so that the walk needs no other bound. */

#ifndef LG_SNAPSHOT_PRIV_H
#define LG_SNAPSHOT_PRIV_H

#include "lg_snapshot.h"

#include "../lg_platform.h"

#define LG_CHUNK_BITS      20
#define LG_CELL_BITS    7
#define LG_CHUNK_CELLS  (1u << (LG_CHUNK_BITS - LG_CELL_BITS))
#define LG_TOP_FEW         0x80000000u
#define LG_FEW_MAX         16u     /* up to here, no sub-index is worth it */
#define LG_SUB_MAX         0xFFFFu /* the most that a sub-index can have */
#define LG_MAX_CHUNKS ((SizeT)1 << (47 - LG_CHUNK_BITS))

typedef struct {
    UInt first;
    UInt how; /* 0, LG_TOP_FEW + count, or number of the sub-index + 1 */
} LgChunk;

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
    LgChunk*    top; /* NULL: the blocks are too far apart, search all */
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

/* Sorts the blocks. */
void lg_snap_sort(LgSnapshot* s);
/* Settles overlaps of sorted blocks; see lg_snap_finish. */
UInt lg_snap_settle(LgSnapshot* s, LgOverlap* overlaps, UInt maxOverlaps);

/* Of blocks [first, first + count), the last that starts at or before `a`;
   `first` if there is none. */
UInt lg_snap_search(const LgSnapshot* s, UInt first, UInt count, Addr a);

/* The innermost metapool block that holds both block i and `a`, which lies
   between block i and block i + 1; LG_NO_HOLDER if there is none. */
UInt lg_snap_holder_of(const LgSnapshot* s, UInt i, Addr a);

/* The last step of a lookup: the last block that starts at or before `a`.
   `i`: a block that does, or the first that could hold `a`. */
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
