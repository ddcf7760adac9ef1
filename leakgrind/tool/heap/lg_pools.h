/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pools.h: memory pools that the program announces (the VALGRIND_*MEMPOOL*
   requests of valgrind.h; "chunk" there is a block of a pool here).

   An address identifies a pool.  In a leak check the blocks of a pool are
   blocks like any other.  A malloc block from which they were cut is not. */

#ifndef LG_POOLS_H
#define LG_POOLS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_vocab.h"

void lg_pools_init(void);

/* The requests.  They report an error if the pool does not exist, or if the
   block is not in the pool. */
void lg_pool_create(ThreadId tid, Addr pool, Bool autoFree, Bool metaPool);
void lg_pool_destroy(ThreadId tid, Addr pool);
void lg_pool_alloc(ThreadId tid, Addr pool, Addr start, SizeT szB);
void lg_pool_free(ThreadId tid, Addr pool, Addr start);
/* Cuts the pool's blocks to [start, start + szB). */
void lg_pool_trim(ThreadId tid, Addr pool, Addr start, SizeT szB);
void lg_pool_move(ThreadId tid, Addr poolA, Addr poolB);
void lg_pool_change(ThreadId tid, Addr pool, Addr startA, Addr startB,
                    SizeT szB);
Bool lg_pool_exists(Addr pool);

/* All blocks of all pools. */
UInt lg_pools_n_blocks(void);
void lg_pools_for_each(void (*fn)(void* opaque, const LgBlock* b),
                       void* opaque);
Bool lg_pools_find_containing(Addr a, LgBlock* out);

/* Sets flags (LG_BF_*) of all blocks of all pools. */
void lg_pools_flag_all(UChar flags);

#endif
