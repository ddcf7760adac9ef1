/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heapargs.h: alignments and sizes that the program passes to functions of
   the heap.

   posix_memalign and similar functions, the aligned operators new and delete,
   and the sized operators delete have arguments for an alignment, a size or
   both.  It is an error if these break the function's rules, or differ from
   what the block was allocated with.  The errors are memcheck's.

   Without LG_HAS_HEAP_ARGS the core does not pass these arguments on: then
   there are no such errors, and this module does nothing. */

#ifndef LG_HEAPARGS_H
#define LG_HEAPARGS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_blocktable.h"
#include "../host/lg_compat.h"

#ifdef LG_HAS_HEAP_ARGS

/* To be called when a block was allocated with an explicit alignment. */
void lg_heapargs_made(Addr start, SizeT alignB);

/* To be called when a block was released. */
void lg_heapargs_ended(const LgBlock* b);

/* To be called when one of the functions begins, with its arguments: reports
   what is wrong with them.  `blocks`: the table of the heap. */
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
