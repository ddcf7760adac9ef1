/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_freed.h: the blocks that were freed last.

   A first-in first-out queue.  The report of a block that is freed twice can
   show both stacks.  And the memory of a freed block is not reused at once:
   otherwise a second free would look correct, and a dangling pointer to the
   old block would look like a pointer to the new one.  The queue is short
   enough for the processor's caches.  A queue as long as memcheck's would cost
   more than it finds, as leakgrind does not watch memory accesses. */

#ifndef LG_FREED_H
#define LG_FREED_H

#include "../../engine/lg_vocab.h"

typedef struct {
    LgBlock block;
    UInt    freeCtx;
} LgFreedBlock;

/* Adds a block to the queue.  When the block leaves it, its memory goes back to
   the allocator, unless it is a custom block, whose memory is the program's. */
void lg_freed_add(const LgBlock* b, UInt freeCtx);

/* The block that was freed last among those that contain `a`, or have an end
   within slopB bytes of it; NULL if there is none. */
const LgFreedBlock* lg_freed_find(Addr a, SizeT slopB);

#endif
