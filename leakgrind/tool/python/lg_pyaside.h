/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyaside.h: blocks that extensions have put aside for reuse.

   NumPy puts small blocks aside, in arrays of buckets (python/lg_pybuckets.h).
   What waits in a bucket is held by it, and has dead contents.  What was taken
   out is not held by the pointer that is left there. */

#ifndef LG_PYASIDE_H
#define LG_PYASIDE_H

#include "lg_pysnapshot_priv.h"

/* Adds stale pointers to the check's skips, and tells the snapshot which blocks
   are not to be searched.  To be called when all blocks were looked at. */
void lg_pyaside_look(LgPySnapshot* c);

#endif
