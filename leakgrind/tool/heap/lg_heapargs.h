/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heapargs.h: alignments and sizes that the program passes to functions of
   the heap.

   posix_memalign and its kin, the aligned operators new and delete and the
   sized deletes are told an alignment, a size or both.  What is against the
   function's rules is an error, and so is what differs from how the block was
   made.  The errors are memcheck's.

   Where the core does not tell what was passed (LG_HAS_HEAP_ARGS), there are
   no such errors, and nothing is remembered. */

#ifndef LG_HEAPARGS_H
#define LG_HEAPARGS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_blocktable.h"
#include "../host/lg_compat.h"

#ifdef LG_HAS_HEAP_ARGS

/* A block was made with an alignment that the program named. */
void lg_heapargs_made(Addr start, SizeT alignB);

/* A block has ended. */
void lg_heapargs_ended(const LgBlock* b);

/* One of the functions is about to begin; what it was passed.  `blocks`: the
   table of the heap. */
void lg_heapargs_check(ThreadId tid, LgBlockTable* blocks,
                       const struct AlignedAllocInfo* args);

#else

static inline void lg_heapargs_made(Addr start, SizeT alignB)
{
    (void)start;
    (void)alignB;
}

static inline void lg_heapargs_ended(const LgBlock* b)
{
    (void)b;
}

#endif

#endif
