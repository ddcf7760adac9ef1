/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pymimalloc.h: the segments of mimalloc, the allocator of CPython without
   the GIL, and of other builds with PYTHONMALLOC=mimalloc (from 3.13 on).

   A segment is 32 MiB, aligned to 32 MiB, or larger for a single large
   block.  Its head has its size, and the secret word of the process,
   combined with the segment's address: two segments with the same secret are
   not a coincidence. */

#ifndef LG_PYMIMALLOC_H
#define LG_PYMIMALLOC_H

#include "lg_pymem.h"

#define LG_MIMALLOC_SEGMENT_SZB ((Addr)32 << 20)

/* The segment in which a block at `p` would begin. */
static inline Addr lg_pymimalloc_segment_of(Addr p)
{
    return p & ~(LG_MIMALLOC_SEGMENT_SZB - 1);
}

/* Is there a segment at `start`, which is a multiple of
   LG_MIMALLOC_SEGMENT_SZB?  Then *szB and *secret are filled. */
Bool lg_pymimalloc_read_segment(const LgPyMem* mem, Addr start, SizeT* szB,
                                Addr* secret);

#endif
