/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_fresh.h: large blocks that nobody has written to yet.

   A new block must be all zeroes, but zeroing must not touch the pages of a
   large block.  Valgrind's allocator takes memory for each large block from
   the kernel, and gives it back when the block is freed.  If that is proven to
   have happened, the block is zero already.  Large aligned blocks are cut from
   mappings that stay; a block that is placed there later is not fresh. */

#ifndef LG_FRESH_H
#define LG_FRESH_H

#include "pub_tool_basics.h"

#include "../memory/lg_pages.h"

/* Blocks larger than this are large. */
#define LG_FRESH_FROM_SZB ((SizeT)4 << 20)

/* Is the large block [p, p + szB), which was just allocated, all zeroes? */
Bool lg_fresh_is(Addr p, SizeT szB);

/* Zeroes a block that was just allocated, from byte `fromB` on.  May zero up
   to 7 bytes behind its end as well. */
static inline void lg_fresh_zero_block(Addr p, SizeT szB, SizeT fromB)
{
    if (LIKELY(szB <= LG_FRESH_FROM_SZB) || !lg_fresh_is(p, szB))
        lg_pages_zero(p + fromB, szB - fromB);
}

/* To be called when an aligned block was allocated. */
void lg_fresh_on_aligned(Addr p, SizeT szB, SizeT alignB);

/* To be called when a large block went back to the allocator. */
void lg_fresh_on_free(Addr p, SizeT szB);

/* Asserts the invariants of the list of superblocks.  For --sanity-level. */
void lg_fresh_check(void);

#endif
