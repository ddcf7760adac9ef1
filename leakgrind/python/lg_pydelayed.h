/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydelayed.h: memory that CPython frees later.

   Without the GIL, CPython delays freeing memory that another thread may be
   reading.  A chunk {links, first, end, items} remembers it.  An item is a
   pointer and a number that says when to free it.  The items from `first` to
   `end` still wait; the others are stale. */

#ifndef LG_PYDELAYED_H
#define LG_PYDELAYED_H

#include "lg_pymem.h"

/* Is the block a chunk?  If so, the items that still wait are [*lo, *hi). */
Bool lg_pydelayed_read(const LgPyMem* mem, Addr start, SizeT szB, Addr* lo,
                       Addr* hi);

#endif
