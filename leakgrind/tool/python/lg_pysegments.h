/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysegments.h: the segments of mimalloc in which CPython's blocks lie, of a
   build without the GIL, or with PYTHONMALLOC=mimalloc.

   Like pymalloc's arenas they are the ground that blocks stand on: neither
   roots nor blocks.  Nobody tells of them; a block that is in no arena and not
   malloc's leads to its segment. */

#ifndef LG_PYSEGMENTS_H
#define LG_PYSEGMENTS_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

/* Is the block that begins at `p` in a segment?  The first looks whether there
   is one that was not known yet, the second does not, and is quick. */
Bool lg_pysegments_find(Addr p);
Bool lg_pysegments_hold(Addr p);

/* Appends the segments that are still there. */
void lg_pysegments_skips(XArray* skips);

#endif
