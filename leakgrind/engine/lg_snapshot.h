/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_snapshot.h: the blocks of one leak check, as one array sorted by
   address, with an index that finds the block holding an address in O(1).

   The array entry has 16 bytes, so that one cache line tells everything the
   mark loop must know of a block: where it starts, how long it is, and its
   state.  The index has one 2-byte entry per 128 bytes of heap: the number,
   relative to the first block of its 1 MiB chunk, of the last block that
   starts at or before it.  (lg_snapshot_priv.h tells the details.)

   Blocks do not overlap, with one exception: a metapool block may hold other
   blocks.  An address then belongs to the innermost block that holds it.

   Limits: a block ends at the end of the address space at the latest, and an
   address that is the last of the address space belongs to no block.  Blocks
   that are more than 2^47 bytes apart are found, but not in O(1). */

#ifndef LG_SNAPSHOT_H
#define LG_SNAPSHOT_H

#include "lg_vocab.h"

/* Entry of the array.  `bits`:
     0..43  size as searched: one byte more than requested where a pointer
            one past the end belongs to the block, i.e. where the requested
            size is 0 or LG_BF_NO_ELEMENTS is set
     44..45 LgKind (LgDefinite means: not reached so far)
     46     pending: on the mark stack
     47..49 LgHeuristic by which the block is reachable, or LgHeurNone
     50..52 LgAllocKind
     53     searched one byte more than requested
     54     inherited (LG_BF_INHERITED)
     55     suppressed: hangs from a suppressed block, or is one
     56     what hangs from this suppressed block is suppressed already
     57     lies in a metapool block
     58     possibly lost by itself, not only through another such block
   and what the host knows of blocks that are Python's:
     59     with 63 clear: there is a PyGC_Head in the 16 bytes before the
            object; with 63 set: an object without references (a leaf)
     60     not to be searched
     61..62 where the object begins in the block, in units of 16 bytes
     63     with 59 clear: Python's memory, but no object */
typedef struct {
    Addr  start;
    ULong bits;
} LgSnapBlock;

typedef struct LgSnapshot LgSnapshot;

/* Building: make one with room for `nMax` blocks, add them (any order, but
   ascending costs nothing), finish. */
LgSnapshot* lg_snap_new(UInt nMax);
void        lg_snap_add(LgSnapshot* s, const LgBlock* b);

/* Two blocks that overlap in a way that cannot be (see finish). */
typedef struct {
    LgBlock a, b;
} LgOverlap;

/* Sorts, settles overlaps, builds the index.
   - A malloc/new block that holds the first or the last byte of a custom,
     pool, metapool or Python block is the ground that those stand on, no
     block: it is dropped.
   - A metapool block may hold whole blocks of any kind.
   - Any other overlap is a mistake of the program's annotations: the block
     that starts later (or, of two that start together, the smaller one) is
     dropped, and up to `maxOverlaps` such pairs are stored for a message,
     `b` being the one dropped.  Returns how many there were. */
UInt lg_snap_finish(LgSnapshot* s, LgOverlap* overlaps, UInt maxOverlaps);

void lg_snap_delete(LgSnapshot* s);

UInt         lg_snap_count(const LgSnapshot* s);
LgSnapBlock* lg_snap_blocks(const LgSnapshot* s); /* the array, sorted */
UInt         lg_snap_ctx(const LgSnapshot* s, UInt i);
UShort       lg_snap_flags(const LgSnapshot* s, UInt i); /* LG_BF_* */

static inline Addr lg_sb_start(const LgSnapBlock* b) { return b->start; }
/* Size as searched: never 0. */
static inline SizeT lg_sb_searchSzB(const LgSnapBlock* b)
{
    return b->bits & LG_MAX_BLOCK_SZB;
}
/* Size as requested. */
static inline SizeT lg_sb_szB(const LgSnapBlock* b)
{
    return lg_sb_searchSzB(b) - ((b->bits >> 53) & 1);
}
static inline LgKind lg_sb_kind(const LgSnapBlock* b)
{
    return (LgKind)((b->bits >> 44) & 3);
}
static inline void lg_sb_set_kind(LgSnapBlock* b, LgKind k)
{
    b->bits = (b->bits & ~(3ULL << 44)) | ((ULong)k << 44);
}
static inline LgHeuristic lg_sb_heuristic(const LgSnapBlock* b)
{
    return (LgHeuristic)((b->bits >> 47) & 7);
}
static inline LgAllocKind lg_sb_allocKind(const LgSnapBlock* b)
{
    return (LgAllocKind)((b->bits >> 50) & 7);
}
static inline Bool lg_sb_inherited(const LgSnapBlock* b)
{
    return (b->bits >> 54) & 1;
}
static inline Bool lg_sb_suppressed(const LgSnapBlock* b)
{
    return (b->bits >> 55) & 1;
}
/* Possibly lost by an interior pointer from a root or a reachable block, and
   not (only) because another possibly lost block points at it. */
static inline Bool lg_sb_possible_itself(const LgSnapBlock* b)
{
    return (b->bits >> 58) & 1;
}
static inline void lg_sb_set_suppressed(LgSnapBlock* b)
{
    b->bits |= 1ULL << 55;
}

/* ---- What the host knows of Python's blocks ------------------------------
   To be set between lg_snap_finish and lg_mark_new; holds for every search
   over the snapshot.  What it means to a search is told in lg_mark.h. */

/* The offsets that objects may have in their blocks: multiples of 16 up to
   this. */
#define LG_MAX_OBJ_OFF 48u

static inline UInt lg_sb_objOff(const LgSnapBlock* b)
{
    return (UInt)((b->bits >> 61) & 3) * 16;
}
/* Address of the object: what references to it hold. */
static inline Addr lg_sb_base(const LgSnapBlock* b)
{
    return b->start + lg_sb_objOff(b);
}
#define LG_SB_CLASS (1ULL << 59 | 1ULL << 63)
static inline Bool lg_sb_hasGC(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_CLASS) == 1ULL << 59;
}
static inline Bool lg_sb_unsearched(const LgSnapBlock* b)
{
    return (b->bits >> 60) & 1;
}
static inline Bool lg_sb_pymem(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_CLASS) == 1ULL << 63;
}
static inline Bool lg_sb_isLeaf(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_CLASS) == LG_SB_CLASS;
}
/* The block holds an object, objOff bytes from its start, which must be within
   the block; hasGC: with a PyGC_Head before it, which takes 16 of these. */
static inline void lg_sb_set_object(LgSnapBlock* b, UInt objOff, Bool hasGC)
{
    b->bits &= ~(1ULL << 59 | 3ULL << 61 | 1ULL << 63);
    b->bits |= (ULong)(objOff / 16 & 3) << 61 |
               (ULong)(hasGC && objOff >= 16) << 59;
}
/* What begins at that offset is no object, but other memory of CPython's. */
static inline void lg_sb_set_pymem(LgSnapBlock* b)
{
    b->bits = (b->bits & ~(1ULL << 59)) | 1ULL << 63;
}
/* The object holds no references: an int, a str, a bytes object. */
static inline void lg_sb_set_leaf(LgSnapBlock* b)
{
    b->bits |= LG_SB_CLASS;
}
/* The contents of the block mean nothing, e.g. those of an object that waits
   in a free list. */
static inline void lg_sb_set_unsearched(LgSnapBlock* b)
{
    b->bits |= 1ULL << 60;
}

/* ------------------------------------------------------------------------- */

/* The number of the innermost block that holds `a`, or -1.  O(1). */
Int lg_snap_find(const LgSnapshot* s, Addr a);

/* Every invariant; asserts.  O(n). */
void lg_snap_check(const LgSnapshot* s);

#endif
