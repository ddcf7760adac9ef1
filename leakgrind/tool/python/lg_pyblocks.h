/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyblocks.h: the blocks of a leak check, as shadow blocks and pools have
   them together.

   The hooks know where a block came from; the pools know which blocks are in
   use.  Usually they agree.  A block that is in use and has no shadow (hooks
   that came late, or not at all) is a block without a stack; a shadow whose
   block is not in use is dropped.  Of a pool whose header makes no sense, the
   shadow blocks are believed. */

#ifndef LG_PYBLOCKS_H
#define LG_PYBLOCKS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_blocktable.h"

typedef struct {
    UInt nInPools;   /* blocks in use, of pools that make sense */
    UInt nUnhooked;  /* of these, without a shadow block */
    UInt nStale;     /* shadow blocks that are not in use */
    UInt nTornPools;
} LgPyBlockStats;

/* Calls fn for each block, in address order: those of the table, as corrected
   by the pools. */
void lg_pyblocks_for_each(void (*fn)(void* opaque, const LgBlock* b),
                          void* opaque, LgPyBlockStats* stats);

#endif
