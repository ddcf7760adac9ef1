/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pypools.h: the pools of pymalloc, CPython's allocator of small blocks.

   An arena is a large piece of memory that is divided into pools; a pool has
   blocks of one size class.  The pools alone tell which blocks are in use; the
   allocator's own variables are not needed.  The header of a pool is the same
   in CPython 3.9 to 3.14.  A pool whose header breaks an invariant is "torn",
   and is ignored. */

#ifndef LG_PYPOOLS_H
#define LG_PYPOOLS_H

#include "lg_pymem.h"

#define LG_PY_POOL_OVERHEAD 48u
#define LG_PY_ALIGNMENT     16u
#define LG_PY_SIZE_CLASSES  32u

typedef enum {
    LgPyPoolUnused, /* never used, or empty: no block is in use */
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
} LgPyPool;

/* Reads and checks the header of the pool at `start` (which must be aligned to
   poolSzB). */
LgPyPool lg_pypool_read(const LgPyMem* mem, Addr start, UInt poolSzB);

/* Calls fn for each block in use in a used pool, in the order of the addresses.
   If the list of free blocks is torn (it leaves the pool, is circular, or has
   another length than the header says), fn is not called, and the result is
   False. */
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

/* Calls fn, which may be NULL, for the blocks in use in all pools of the arena
   [lo, hi), except the torn ones.  `use` may be NULL. */
void lg_pyarena_walk(const LgPyMem* mem, Addr lo, Addr hi, UInt poolSzB,
                     void (*fn)(void* opaque, Addr block, UInt szB),
                     void* opaque, LgPyArenaUse* use);

/* Does [lo, hi) look like an arena, for when nobody has told: some of its
   pools are used, and no more than a few are torn? */
Bool lg_pyarena_is_likely(const LgPyMem* mem, Addr lo, Addr hi, UInt poolSzB);

#endif
