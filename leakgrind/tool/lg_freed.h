/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_freed.h: the blocks that were freed last.

   A short first-in first-out queue.  It serves two ends: a block that is
   freed twice can be described with both stacks; and its memory is not handed
   out again at once, which would make the second free look like a right one.
   It is short on purpose: leakgrind does not watch memory accesses, so that
   memcheck's long queue would only cost cache misses. */

#ifndef LG_FREED_H
#define LG_FREED_H

#include "../engine/lg_vocab.h"

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
