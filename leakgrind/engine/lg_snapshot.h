/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_snapshot.h: the blocks of one leak check, as one array sorted by
   address, with an index that finds the block at an address in O(1).

   A block takes 16 bytes in the array, so that one cache line tells the mark
   loop all that it must know of a block: where it starts, how long it is, and
   its state.  The index has 2 bytes for each 128 bytes of heap (a cell): the
   number, relative to the first block of the 1 MiB chunk, of the last block
   that starts at or before the cell.  (Details are in lg_snapshot_priv.h.)

   Blocks do not overlap, with one exception: a metapool block may hold other
   blocks.  An address then belongs to the innermost block that holds it.

   Limits: a block ends at the end of the address space at the latest, and the
   very last address of the address space belongs to no block.  Blocks that are
   more than 2^47 bytes apart are found, but not in O(1). */

#ifndef LG_SNAPSHOT_H
#define LG_SNAPSHOT_H

#include "lg_vocab.h"

/* A block. */
typedef struct {
    Addr  start;
    ULong bits; /* LG_SB_* */
} LgSnapBlock;

/* The bits.
   SIZE        the size as searched: one byte more than requested where a
               pointer one past the end belongs to the block, which is so if
               the requested size is 0, or LG_BF_NO_ELEMENTS is set
   KIND        LgKind; LgDefinite means: not reached so far
   PENDING     possibly lost, and its words are still to be read
   HEURISTIC   the LgHeuristic by which the block is reachable, or LgHeurNone
   ALLOC_KIND  LgAllocKind
   PAST_END    searched one byte further than requested
   INHERITED   LG_BF_INHERITED
   SUPPRESSED  is suppressed itself, or hangs from a suppressed block
   SPREAD      what hangs from this suppressed block is suppressed already
   IN_META     lies in a metapool block
   ITSELF      possibly lost by itself, not only through another such block

   What the host knows of Python's blocks:
   GC          with PYMEM clear: a PyGC_Head in the 16 bytes before the object
   PYMEM       with GC clear: Python's memory, but not an object
   GC | PYMEM  an object without references (a leaf)
   SKIPPED     the words of the block are not read
   OBJ_OFF     where the object begins in the block, in units of 16 bytes */
#define LG_SB_SIZE             ((1ULL << 44) - 1)
#define LG_SB_KIND_SHIFT       44
#define LG_SB_KIND             (3ULL << LG_SB_KIND_SHIFT)
#define LG_SB_PENDING          (1ULL << 46)
#define LG_SB_HEURISTIC_SHIFT  47
#define LG_SB_HEURISTIC        (7ULL << LG_SB_HEURISTIC_SHIFT)
#define LG_SB_ALLOC_KIND_SHIFT 50
#define LG_SB_ALLOC_KIND       (7ULL << LG_SB_ALLOC_KIND_SHIFT)
#define LG_SB_PAST_END         (1ULL << 53)
#define LG_SB_INHERITED        (1ULL << 54)
#define LG_SB_SUPPRESSED       (1ULL << 55)
#define LG_SB_SPREAD           (1ULL << 56)
#define LG_SB_IN_META          (1ULL << 57)
#define LG_SB_ITSELF           (1ULL << 58)
#define LG_SB_GC               (1ULL << 59)
#define LG_SB_SKIPPED          (1ULL << 60)
#define LG_SB_OBJ_OFF_SHIFT    61
#define LG_SB_OBJ_OFF          (3ULL << LG_SB_OBJ_OFF_SHIFT)
#define LG_SB_PYMEM            (1ULL << 63)
#define LG_SB_CLASS            (LG_SB_GC | LG_SB_PYMEM)

typedef struct LgSnapshot LgSnapshot;

/* Building: make one with room for `nMax` blocks, add them (any order, but
   ascending costs nothing), finish. */
LgSnapshot* lg_snap_new(UInt nMax);
void        lg_snap_add(LgSnapshot* s, const LgBlock* b);

/* Two blocks that overlap by mistake (see lg_snap_finish). */
typedef struct {
    LgBlock a, b;
} LgOverlap;

/* Sorts, settles overlaps, builds the index.
   - A malloc or new block that holds the first or the last byte of a custom,
     pool, metapool or Python block is the ground of these, and not a block: it
     is dropped.
   - A metapool block may hold whole blocks of any kind.
   - Any other overlap is a mistake in the program's requests: the block that
     starts later (or the smaller one, if both start together) is dropped.  Up
     to `maxOverlaps` such pairs are stored for a message, the dropped one as
     `b`.  Returns how many there were. */
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
    return b->bits & LG_SB_SIZE;
}
/* Size as requested. */
static inline SizeT lg_sb_szB(const LgSnapBlock* b)
{
    return lg_sb_searchSzB(b) - ((b->bits & LG_SB_PAST_END) != 0);
}
static inline LgKind lg_sb_kind(const LgSnapBlock* b)
{
    return (LgKind)((b->bits & LG_SB_KIND) >> LG_SB_KIND_SHIFT);
}
static inline void lg_sb_set_kind(LgSnapBlock* b, LgKind k)
{
    b->bits = (b->bits & ~LG_SB_KIND) | ((ULong)k << LG_SB_KIND_SHIFT);
}
static inline LgHeuristic lg_sb_heuristic(const LgSnapBlock* b)
{
    return (LgHeuristic)((b->bits & LG_SB_HEURISTIC) >>
                         LG_SB_HEURISTIC_SHIFT);
}
static inline LgAllocKind lg_sb_allocKind(const LgSnapBlock* b)
{
    return (LgAllocKind)((b->bits & LG_SB_ALLOC_KIND) >>
                         LG_SB_ALLOC_KIND_SHIFT);
}
static inline Bool lg_sb_inherited(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_INHERITED) != 0;
}
static inline Bool lg_sb_suppressed(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_SUPPRESSED) != 0;
}
/* Possibly lost because of an interior pointer from a root or a reachable
   block, and not only because another possibly lost block points to it. */
static inline Bool lg_sb_possible_itself(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_ITSELF) != 0;
}
static inline void lg_sb_set_suppressed(LgSnapBlock* b)
{
    b->bits |= LG_SB_SUPPRESSED;
}

/* ---- What the host knows of Python's blocks ------------------------------
   Set between lg_snap_finish and lg_mark_new, for all searches over the
   snapshot.  lg_mark.h says what it means to a search. */

/* The offsets that objects may have in their blocks: multiples of 16 up to
   this. */
#define LG_MAX_OBJ_OFF 48u

static inline UInt lg_sb_objOff(const LgSnapBlock* b)
{
    return (UInt)((b->bits & LG_SB_OBJ_OFF) >> LG_SB_OBJ_OFF_SHIFT) * 16;
}
/* Address of the object: what references to it hold. */
static inline Addr lg_sb_base(const LgSnapBlock* b)
{
    return b->start + lg_sb_objOff(b);
}
static inline Bool lg_sb_hasGC(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_CLASS) == LG_SB_GC;
}
static inline Bool lg_sb_skipped(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_SKIPPED) != 0;
}
static inline Bool lg_sb_pymem(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_CLASS) == LG_SB_PYMEM;
}
static inline Bool lg_sb_isLeaf(const LgSnapBlock* b)
{
    return (b->bits & LG_SB_CLASS) == LG_SB_CLASS;
}
/* The block holds an object, objOff bytes from its start, which must be within
   the block.  hasGC: the 16 bytes before the object are a PyGC_Head. */
static inline void lg_sb_set_object(LgSnapBlock* b, UInt objOff, Bool hasGC)
{
    b->bits &= ~(LG_SB_CLASS | LG_SB_OBJ_OFF);
    b->bits |= (ULong)(objOff / 16 & 3) << LG_SB_OBJ_OFF_SHIFT |
               (hasGC && objOff >= 16 ? LG_SB_GC : 0);
}
/* What begins at that offset is not an object, but other memory of
   CPython's. */
static inline void lg_sb_set_pymem(LgSnapBlock* b)
{
    b->bits = (b->bits & ~LG_SB_CLASS) | LG_SB_PYMEM;
}
/* The object holds no references: an int, a str, a bytes object. */
static inline void lg_sb_set_leaf(LgSnapBlock* b)
{
    b->bits |= LG_SB_CLASS;
}
/* The words of the block mean nothing, for example those of an object that
   waits in a free list. */
static inline void lg_sb_set_skipped(LgSnapBlock* b)
{
    b->bits |= LG_SB_SKIPPED;
}

/* Where C code keeps pointers into a leaf: bit k says that a pointer to 8 * k
   bytes behind the base is one to the object's data.  None, if not set. */
void lg_snap_set_leaf_data(LgSnapshot* s, ULong offsets);

/* ------------------------------------------------------------------------- */

/* The number of the innermost block that holds `a`, or -1.  O(1). */
Int lg_snap_find(const LgSnapshot* s, Addr a);

/* Every invariant; asserts.  O(n). */
void lg_snap_check(const LgSnapshot* s);

#endif
