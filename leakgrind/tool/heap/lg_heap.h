/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heap.h: the program's heap: every malloc and free passes here.

   Keeps the shadow blocks, and hands out memory that shows nothing of what
   was there before (stale pointers would hide leaks).  Also takes the blocks
   that a program announces by client request.  The functions that replace
   malloc and its kin are declared in lg_compat.h. */

#ifndef LG_HEAP_H
#define LG_HEAP_H

#include "pub_tool_basics.h"

#include "../../engine/lg_blocktable.h"
#include "../../engine/lg_wordset.h"

typedef struct {
    ULong nAllocs;
    ULong nFrees;
    ULong allocatedB; /* sum over all allocations */
} LgHeapStats;

void               lg_heap_init(void);
LgBlockTable*      lg_heap_blocks(void);
const LgHeapStats* lg_heap_stats(void);

/* Memory that the program declared inaccessible, by freeing a block of its
   own making or by MAKE_MEM_NOACCESS.  It is never searched for pointers. */
LgWordSet* lg_heap_inaccessible(void);

/* VALGRIND_MALLOCLIKE_BLOCK, _FREELIKE_BLOCK, _RESIZEINPLACE_BLOCK. */
void lg_heap_malloclike(ThreadId tid, Addr start, SizeT szB);
void lg_heap_freelike(ThreadId tid, Addr start);
void lg_heap_resize_in_place(ThreadId tid, Addr start, SizeT oldSzB,
                             SizeT newSzB);

/* What all ways to make and to release a block have in common: counting,
   the xtree memory profile, the memory of freed blocks.  For pools, whose
   blocks live elsewhere. */
void lg_heap_count_alloc(SizeT szB, UInt ctx);
void lg_heap_end_block(ThreadId tid, const LgBlock* b);
/* Sets flags (LG_BF_*) of a block that has just been found in the table. */
void lg_heap_set_flags(LgBlock* b, UShort flags);
/* The end of a block of pymalloc. */
void lg_heap_count_python_free(const LgBlock* b);
/* The context for a block that is made now, as --keep-stacktraces says. */
UInt lg_heap_alloc_ctx(ThreadId tid);

/* Takes every malloc-like block that lies within [lo, hi) out of the heap
   without a free by the program (an auto-free pool's block was freed). */
void lg_heap_auto_free(ThreadId tid, Addr lo, Addr hi);

/* Prints how many blocks are in use, and how many were allocated and freed:
   "HEAP SUMMARY", or its XML. */
void lg_heap_print_summary(void);

/* --xtree-memory, the monitor command xtmemory. */
void lg_heap_xtmemory_report(const HChar* filename, Bool atExit);

#endif
