/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_blocktable.h: the shadow blocks of a live heap.

   A table from a block's start address to what is known about it, made for
   being hit twice per malloc/free pair.  It is indexed by address: a directory
   of 2 GiB regions, in each one pointer for every 4 KiB, and behind it a leaf
   with one 8-byte entry for every 64 bytes.  So there is no hashing, no
   rehash, and walking the table yields the blocks in address order.

   An entry is itself the record of the block, as long as the block is the
   only one that starts in these 64 bytes, is smaller than 128 KiB and has
   none but the commonest flags: then lookup, insertion and removal are three loads and a
   store.  All other blocks have a 16-byte record in a pool, chained from the
   entry.

   Guarantees: any address and any size up to LG_MAX_BLOCK_SZB can be stored
   (a larger size is stored as that maximum); several blocks may have the same
   start.  Addresses from 2^48 on are slower.  Not thread-safe: Valgrind runs
   one thread at a time. */

#ifndef LG_BLOCKTABLE_H
#define LG_BLOCKTABLE_H

#include "lg_vocab.h"

typedef struct LgBlockTable LgBlockTable;

LgBlockTable* lg_bt_new(void);
void          lg_bt_delete(LgBlockTable* bt);

void lg_bt_insert(LgBlockTable* bt, const LgBlock* b);

/* The block that starts at `start`; with several, the youngest whose
   allocKind is preferKind if there is one, else the youngest.  False when
   there is none. */
Bool lg_bt_find(const LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                LgBlock* out);

/* As find, and takes the block out of the table. */
Bool lg_bt_remove(LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                  LgBlock* out);

/* Changes the size of the block that find would have found. */
Bool lg_bt_resize(LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                  SizeT newSzB);

/* Replaces all that is known of the block that find would have found by *b,
   whose start must be the same.  (What it is found by may change with its
   allocKind; its age among blocks of the same start does not.) */
Bool lg_bt_update(LgBlockTable* bt, Addr start, LgAllocKind preferKind,
                  const LgBlock* b);

/* The block that contains `a` (a zero-sized block contains its start); of
   several, the one that starts last.  If there is none: the closest block
   that ends at most `slopB` bytes below `a`, or else the closest that starts
   at most `slopB` bytes above it.  Slow (looks back as far as the largest
   block ever seen might reach): for messages only. */
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

/* The walk goes on with the first block that starts at `a` or behind it; `a` is a
   multiple of 64. */
void lg_bt_seek(LgBlockCursor* cur, Addr a);

/* The block that starts last of those before `a` that may reach up to it; `a` is a
   multiple of 64.  Quick where blocks are dense. */
Bool lg_bt_before(const LgBlockTable* bt, Addr a, LgBlock* out);

/* Every invariant of the table; asserts.  O(size): tests and
   --sanity-level only. */
void lg_bt_check(const LgBlockTable* bt);

/* Bytes that the table itself occupies. */
SizeT lg_bt_footprint(const LgBlockTable* bt);

#endif
