/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pypools.h: the pools of pymalloc, CPython's allocator of small blocks.

   An arena is a large piece of memory, cut into pools; a pool serves blocks of
   one size class.  Which blocks are in use can be read from the pools alone,
   without knowing the allocator's own variables: the header of a pool is the
   same in CPython 3.9 to 3.14.  A header that breaks an invariant makes the
   pool "torn", and nothing in it is believed. */

#ifndef LG_PYPOOLS_H
#define LG_PYPOOLS_H

#include "lg_pymem.h"

#define LG_PY_POOL_OVERHEAD 48u
#define LG_PY_ALIGNMENT     16u
#define LG_PY_SIZE_CLASSES  32u

typedef enum {
    LgPyPoolUnused, /* never carved, or empty: no block is in use */
    LgPyPoolUsed,
    LgPyPoolTorn
} LgPyPoolState;

/* A pool, in CPython's terms. */
typedef struct {
    Addr start;
    LgPyPoolState state;
    UInt szidx;      /* size class: blocks have (szidx + 1) * 16 bytes */
    UInt refcount;   /* blocks in use (ref.count) */
    UInt nBlocks;    /* blocks that fit */
    UInt nextoffset; /* blocks from here on were never handed out */
    Addr freeblock;  /* first of the list of free blocks, or 0 */
    UInt arenaindex;
} LgPyPool;

/* Reads and checks the header of the pool at `start` (which must be aligned to
   poolSzB). */
LgPyPool lg_pypool_read(const LgPyMem* mem, Addr start, UInt poolSzB);

/* Calls fn for each block in use of a used pool, in address order.  The list
   of free blocks is checked on the way; if it is torn (leaves the pool, comes
   back, or has another length than the header says), nothing is called and
   the result is False. */
Bool lg_pypool_for_each(const LgPyMem* mem, const LgPyPool* pool,
                        void (*fn)(void* opaque, Addr block, UInt szB),
                        void* opaque);

/* What an arena is used for. */
typedef struct {
    UInt nPools, nUsed, nTorn;
    struct {
        UInt nPools, nBlocksUsed, nBlocksFree;
    } size[LG_PY_SIZE_CLASSES];
    SizeT usedB; /* blocks in use, as whole slots */
    SizeT freeB; /* blocks and pools not in use */
} LgPyArenaUse;

/* All pools of the arena [lo, hi); fn as above, and may be NULL.  Blocks of
   torn pools are not told.  *use may be NULL. */
void lg_pyarena_walk(const LgPyMem* mem, Addr lo, Addr hi, UInt poolSzB,
                     void (*fn)(void* opaque, Addr block, UInt szB),
                     void* opaque, LgPyArenaUse* use);

/* Does [lo, hi) look like an arena, for when nobody has told: some of its
   pools are used, and no more than a few are torn? */
Bool lg_pyarena_is_likely(const LgPyMem* mem, Addr lo, Addr hi, UInt poolSzB);

#endif
