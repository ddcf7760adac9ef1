/* SPDX-License-Identifier: GPL-2.0-or-later */
/* poolgen.h: bytes become an arena with pools as pymalloc would make them, some of
   which are then damaged.  For random tests and for fuzzing.

   It knows which blocks of an undamaged pool are in use, and what must hold for
   the results of a walk of any pool. */

#ifndef POOLGEN_H
#define POOLGEN_H

#include "../../leakgrind/python/lg_pypools.h"

enum { POOLGEN_MAX_POOLS = 4, POOLGEN_MAX_BLOCKS = 4096 };

typedef struct {
    UInt  szidx, nCarved, nUsed;
    UChar isUsed[POOLGEN_MAX_BLOCKS];
    Bool  isDamaged;
} PoolGenPool;

typedef struct {
    UChar*      arena; /* aligned to the size of a pool */
    UInt        poolSzB, nPools;
    PoolGenPool pool[POOLGEN_MAX_POOLS];
} PoolGen;

PoolGen* poolgen_new(void);
void     poolgen_delete(PoolGen* g);
void     poolgen_make(PoolGen* g, const UChar* data, SizeT n);

/* One pool of blocks of a size class, the first nCarved of them handed out at
   least once, and nFree of these free again, in an order that comes from
   `seed`. */
void poolgen_fill(PoolGen* g, UInt pool, UInt szidx, UInt nCarved, UInt nFree,
                  UInt seed);
/* An arena of so many pools that were never used. */
void poolgen_clear(PoolGen* g, UInt poolSzB, UInt nPools);

Addr  poolgen_pool(const PoolGen* g, UInt pool);
UInt  poolgen_fit(const PoolGen* g, UInt szidx); /* blocks in a pool */
/* The arena and nothing else. */
LgPyMem poolgen_mem(const PoolGen* g);

/* Walks the arena and compares.  False, and a message: not as it must be. */
Bool poolgen_check(const PoolGen* g);

#endif
