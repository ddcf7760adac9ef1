/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyarenas.h: the memory that CPython's arena allocator hands out.

   pymalloc's arenas are the ground that blocks stand on: neither roots nor
   blocks.  The other users of the arena allocator are the data stacks (3.11
   and later), on which Python frames live: those are roots, as far up as the
   frames reach. */

#ifndef LG_PYARENAS_H
#define LG_PYARENAS_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_vocab.h"

void lg_pyarenas_add(Addr lo, SizeT szB);
void lg_pyarenas_remove(Addr lo);

/* For when nobody tells: every mapping of the size that arenas have is
   remembered, and before a check those that look like arenas are taken for
   what they are. */
void lg_pyarenas_on_mmap(Addr a, SizeT szB);
void lg_pyarenas_on_munmap(Addr a, SizeT szB);
void lg_pyarenas_discover(void);

/* The size of a pool, a power of two. */
UInt lg_pyarenas_pool_szB(void);

/* Is `a` in an arena?  Quick. */
Bool lg_pyarenas_holds(Addr a);

UInt    lg_pyarenas_count(void);
LgRange lg_pyarenas_get(UInt i); /* in address order */

/* Appends what is not to be searched for roots: the arenas and the segments
   (lg_pysegments.h), and the parts of data stacks that no frame uses. */
void lg_pyarenas_skips(XArray* skips);

#endif
