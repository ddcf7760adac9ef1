/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydelayed.h: frees that are put off.

   Without the GIL, memory that another thread may be reading is freed later.
   Until then it waits in a chunk: {links, first, end, items}, where an item is
   a pointer and a number that says when, and the items from `first` to `end`
   still wait.  The others were freed, and are not wiped out. */

#ifndef LG_PYDELAYED_H
#define LG_PYDELAYED_H

#include "lg_pymem.h"

/* Is the block a chunk?  Then the items that still wait are [*lo, *hi). */
Bool lg_pydelayed_read(const LgPyMem* mem, Addr start, SizeT szB, Addr* lo,
                       Addr* hi);

#endif
