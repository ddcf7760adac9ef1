/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysegments.h: the segments of mimalloc in which CPython's blocks lie, of
   a build without the GIL, or with PYTHONMALLOC=mimalloc.

   Like pymalloc's arenas, a segment is neither a root nor a block.  No hook
   reports segments: they are found by the blocks that are in no arena and not
   malloc's. */

#ifndef LG_PYSEGMENTS_H
#define LG_PYSEGMENTS_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

/* Is the block that begins at `p` in a segment?  lg_pysegments_find also finds
   segments that were not known yet.  lg_pysegments_hold does not, and is
   fast. */
Bool lg_pysegments_find(Addr p);
Bool lg_pysegments_hold(Addr p);

/* Appends the segments that still exist. */
void lg_pysegments_skips(XArray* skips);

#endif
