/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyblocks.h: the blocks of a leak check: shadow blocks, corrected by
   Python's pools.

   The hooks know where a block came from, and the pools know which blocks are
   in use.  Usually they agree.  A block that is in use but has no shadow block
   (as the hooks were placed late, or not at all) becomes a block without a
   stack.  A shadow block that is not in use is left out.  If the header of a
   pool makes no sense, the shadow blocks in it are taken as they are. */

#ifndef LG_PYBLOCKS_H
#define LG_PYBLOCKS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_blocktable.h"

/* Calls fn for each block, in address order: those of the table, as corrected
   by the pools.  Returns how many blocks in use have no shadow block. */
UInt lg_pyblocks_for_each(void (*fn)(void* opaque, const LgBlock* b),
                          void* opaque);

#endif
