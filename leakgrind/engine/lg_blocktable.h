/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_blocktable.h: the shadow blocks of a live heap.

   A table from a block's start address to what is known about the block.
   Each malloc and each free looks into it.  It is indexed by address: a
   directory has a pointer for every 4 KiB of a region of 2 GiB, and the pointer
   leads to a leaf, which has an 8-byte slot for every 64 bytes (a granule).  So
   there is no hashing and no rehash, and a walk through the table yields the
   blocks in address order.

   The slot itself is the record of a block that is the only one to start in
   its granule, is smaller than 128 KiB and has only the most common flags: then
   lookup, insertion and removal are three loads and a store.  All other blocks
   have records of 16 bytes in an array, chained from the slot.

   Guarantees: any address and any size up to LG_MAX_BLOCK_SZB can be stored (a
   larger size is stored as that maximum); several blocks may have the same
   start.  Addresses from 2^48 on are slower.  Not thread-safe: Valgrind runs
   one thread at a time. */

#ifndef LG_BLOCKTABLE_H
#define LG_BLOCKTABLE_H

#include "lg_vocab.h"

typedef struct LgBlockTable LgBlockTable;

LgBlockTable* lg_bt_new(void);
void          lg_bt_delete(LgBlockTable* bt);

void lg_bt_insert(LgBlockTable* bt, const LgBlock* b);

/* The block that starts at `start`.  If there are several: the youngest of
   those with allocKind preferKind, or if there is none, the youngest of all.
   False if no block starts there. */
Bool lg_bt_find(const LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                LgBlock* out);

/* As lg_bt_find, and takes the block out of the table. */
Bool lg_bt_remove(LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                  LgBlock* out);

/* Changes the size of the block that lg_bt_find would find. */
Bool lg_bt_resize(LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                  SizeT newSzB);

/* Replaces all that is known of the block that lg_bt_find would find with *b,
   which must have the same start.  A different allocKind may change which block
   is found later; the block's age among those of the same start stays. */
Bool lg_bt_update(LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                  const LgBlock* b);

/* The block that contains `a` (a block of size 0 contains its start); if there
   are several, the one that starts last.  If there is none: the closest block
   that ends at most `slopB` bytes below `a`, or else the closest that starts at
   most `slopB` bytes above it.  Slow, since it looks back as far as the largest
   block so far could reach: for messages only. */
Bool lg_bt_find_containing(const LgBlockTable* bt, Addr a, SizeT slopB,
                           LgBlock* out);

UInt  lg_bt_count(const LgBlockTable* bt);
ULong lg_bt_bytes(const LgBlockTable* bt); /* sum of the sizes */

/* Sets flags (LG_BF_*) on all blocks. */
void lg_bt_flag_all(LgBlockTable* bt, UChar flags);

/* Walks the blocks in address order, the youngest first where several have
   the same start.  Begin with a zeroed cursor.  The table must not be changed
   during a walk, except that the block just returned may be removed. */
typedef struct {
    UWord opaque[4];
} LgBlockCursor;
Bool lg_bt_next(const LgBlockTable* bt, LgBlockCursor* cur, LgBlock* out);

/* Continues the walk with the first block that starts at or after `a`, a
   multiple of 64. */
void lg_bt_seek(LgBlockCursor* cur, Addr a);

/* Of the blocks that start before `a` and might reach up to it, the one that
   starts last.  `a` is a multiple of 64.  Fast where blocks are dense. */
Bool lg_bt_before(const LgBlockTable* bt, Addr a, LgBlock* out);

/* Asserts every invariant.  O(size): for tests and --sanity-level only. */
void lg_bt_check(const LgBlockTable* bt);

/* Bytes that the table itself occupies. */
SizeT lg_bt_footprint(const LgBlockTable* bt);

#endif
