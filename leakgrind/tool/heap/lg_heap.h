/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heap.h: the program's heap: every malloc and free passes here.

   This module keeps the shadow blocks.  It zeroes the memory of new blocks,
   since stale pointers in it would hide leaks.  It also records the blocks
   that a program announces by client request.  The functions that replace
   malloc and the like are declared in lg_compat.h. */

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

/* Memory that no search may read: the program has declared it inaccessible, by
   VALGRIND_FREELIKE_BLOCK or VALGRIND_MAKE_MEM_NOACCESS. */
LgWordSet* lg_heap_skips(void);

/* VALGRIND_MALLOCLIKE_BLOCK, _FREELIKE_BLOCK, _RESIZEINPLACE_BLOCK. */
void lg_heap_malloclike(ThreadId tid, Addr start, SizeT szB);
void lg_heap_freelike(ThreadId tid, Addr start);
void lg_heap_resize_in_place(ThreadId tid, Addr start, SizeT oldSzB,
                             SizeT newSzB);

/* What all kinds of allocation and release have in common: statistics, the
   xtree memory profile, the queue of freed blocks.  For modules that store
   their blocks themselves (lg_pools). */
void lg_heap_count_alloc(SizeT szB, UInt ctx);
void lg_heap_end_block(ThreadId tid, const LgBlock* b);
/* Sets flags (LG_BF_*) of block *b, which was just read from the table. */
void lg_heap_set_flags(LgBlock* b, UShort flags);
/* Counts the release of a block of pymalloc. */
void lg_heap_count_python_free(const LgBlock* b);
/* The context for a block that is allocated now; 0 if --keep-stacktraces says
   not to keep it. */
UInt lg_heap_alloc_ctx(ThreadId tid);

/* Releases every malloc-like block that lies within [lo, hi), though the
   program does not free it: a block of an auto-free pool was freed. */
void lg_heap_auto_free(ThreadId tid, Addr lo, Addr hi);

/* Between lg_heap_watch and lg_heap_unwatch, fn is called before malloc or the
   like allocates a block.  fn may call lg_heap_unwatch.  There can be two
   watchers. */
typedef void (*LgHeapWatcher)(void);
void lg_heap_watch(LgHeapWatcher fn);
void lg_heap_unwatch(LgHeapWatcher fn);

/* Prints how many blocks are in use, and how many were allocated and freed:
   "HEAP SUMMARY", or its XML. */
void lg_heap_print_summary(void);

/* --xtree-memory, the monitor command xtmemory. */
void lg_heap_xtmemory_report(const HChar* filename, Bool atExit);

#endif
