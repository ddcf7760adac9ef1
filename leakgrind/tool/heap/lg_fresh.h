/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_fresh.h: large blocks that nobody has written to yet.

   A block handed out must be all zeroes, and the pages of a large one must not
   be touched to make it so.  Valgrind's allocator asks the kernel for memory
   for each large block, and gives it back when the block is freed; where that
   is proven, the block is zero already.  Large blocks with an alignment are cut
   from mappings that stay: what lies there is not fresh again. */

#ifndef LG_FRESH_H
#define LG_FRESH_H

#include "pub_tool_basics.h"

#include "../memory/lg_pages.h"

/* Larger ones are large. */
#define LG_FRESH_FROM_SZB ((SizeT)4 << 20)

/* Is the large block [p, p + szB), which was just handed out, all zeroes? */
Bool lg_fresh_is(Addr p, SizeT szB);

/* Makes a block that was just handed out all zeroes from byte `fromB` on.  Up to
   7 bytes behind it may be zeroed as well. */
static inline void lg_fresh_zero_block(Addr p, SizeT szB, SizeT fromB)
{
    if (LIKELY(szB <= LG_FRESH_FROM_SZB) || !lg_fresh_is(p, szB))
        lg_pages_zero(p + fromB, szB - fromB);
}

/* A block was handed out that was cut to an alignment. */
void lg_fresh_on_aligned(Addr p, SizeT szB, SizeT alignB);

/* The allocator has got a large block back. */
void lg_fresh_on_free(Addr p, SizeT szB);

#endif
