/* lg_blocktable.h: the shadow blocks of a live heap.

   A table from a block's start address to what is known about it, made for
   being hit twice per malloc/free pair.  It is indexed by address: the
   address space in chunks of 64 KiB, each with one 4-byte entry for every
   32-byte granule, which names a 16-byte record.  So there is no hashing, no
   node allocation, no rehash; lookup, insertion and removal take O(1) with
   three or four dependent loads; and walking the table yields the blocks in
   address order.  Blocks that share a granule (or even their start) are
   chained.

   Guarantees: any address and any size up to LG_MAX_BLOCK_SZB can be stored
   (a larger size is stored as that maximum); several blocks may have the same
   start.  Not thread-safe: Valgrind runs one thread at a time. */

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

/* A block that contains `a` (a zero-sized block contains its start), or whose
   bounds are within `slopB` bytes of it; the closest one below wins.  Slow
   (looks back chunk by chunk): for messages only. */
Bool lg_bt_find_containing(const LgBlockTable* bt, Addr a, SizeT slopB,
                           LgBlock* out);

UInt  lg_bt_count(const LgBlockTable* bt);
ULong lg_bt_bytes(const LgBlockTable* bt); /* sum of the sizes */

/* Sets flags (LG_BF_*) on all blocks. */
void lg_bt_flag_all(LgBlockTable* bt, UChar flags);

/* Walks the blocks in address order.  Start with a zeroed cursor.  The table
   must not be changed during a walk, except that the block just returned may
   be removed. */
typedef struct {
    UWord opaque[4];
} LgBlockCursor;
Bool lg_bt_next(const LgBlockTable* bt, LgBlockCursor* cur, LgBlock* out);

/* Every invariant of the table; asserts.  O(size): tests and
   --sanity-level only. */
void lg_bt_check(const LgBlockTable* bt);

/* Bytes that the table itself occupies. */
SizeT lg_bt_footprint(const LgBlockTable* bt);

#endif
