/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_freed.h: the blocks that were freed last.

   A first-in first-out queue.  A block that is freed twice can be described
   with both stacks.  And the memory of a freed block is not handed out again at
   once: that would make the second free look like a right one, and a dangling
   pointer to the old block like a pointer to the new one.  The queue is as long
   as the caches allow; leakgrind does not watch memory accesses, so a longer
   one, as memcheck has it, would cost more than it finds. */

#ifndef LG_FREED_H
#define LG_FREED_H

#include "../../engine/lg_vocab.h"

typedef struct {
    LgBlock block;
    UInt    freeCtx;
} LgFreedBlock;

/* Queues a block; its memory goes back to the allocator when its turn comes
   (custom blocks have no memory of ours). */
void lg_freed_add(const LgBlock* b, UInt freeCtx);

/* The youngest freed block that has `a` in it or within slopB of its ends;
   NULL when there is none. */
const LgFreedBlock* lg_freed_find(Addr a, SizeT slopB);

#endif
