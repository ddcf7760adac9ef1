/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyarenas.h: the memory that CPython's arena allocator hands out.

   pymalloc cuts its blocks from arenas.  An arena itself is neither a root nor
   a block.  From 3.11 on, data stacks, which hold Python frames, come from the
   arena allocator, too: these are roots, as far up as frames use them. */

#ifndef LG_PYARENAS_H
#define LG_PYARENAS_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_vocab.h"

void lg_pyarenas_add(Addr lo, SizeT szB);
void lg_pyarenas_remove(Addr lo);

/* Without hooks: remember every mapping that has the size of an arena; before a
   check, lg_pyarenas_discover takes those that look like arenas for arenas. */
void lg_pyarenas_on_mmap(Addr a, SizeT szB);
void lg_pyarenas_on_munmap(Addr a, SizeT szB);
void lg_pyarenas_discover(void);

/* The size of a pool, a power of two. */
UInt lg_pyarenas_pool_szB(void);

/* Is `a` in an arena?  Fast. */
Bool lg_pyarenas_holds(Addr a);

UInt    lg_pyarenas_count(void);
LgRange lg_pyarenas_get(UInt i); /* in address order */

/* Appends what is no root, to `skips` (an XArray of LgRange): arenas, segments
   (lg_pysegments.h), and the parts of data stacks that no frame uses. */
void lg_pyarenas_skips(XArray* skips);

#endif
