/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyinterp.h: CPython's interpreter states: words that look like references
   and are none, and free lists. */

#ifndef LG_PYINTERP_H
#define LG_PYINTERP_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../engine/lg_vocab.h"

/* Appends the parts of data stacks (3.11 and later) that no frame uses. */
void lg_pyinterp_dead_data_stacks(XArray* ranges);
/* Appends the parts that frames use. */
void lg_pyinterp_live_data_stacks(XArray* ranges);

/* Appends what the interpreters themselves hold without a reference: slots of
   free lists from which an object was taken, the values in the type cache. */
void lg_pyinterp_borrowed(XArray* ranges);

/* Appends the names in the type cache, which counts its references to them. */
void lg_pyinterp_cached_names(XArray* ranges);
/* Appends what the frames of threads have of value stacks (3.11 and later) and do
   not use. */
void lg_pyinterp_unused_slots(XArray* ranges);
/* Appends a LgRange for each table of keys that waits in a free list (3.10 to
   3.12): its address, and one more. */
void lg_pyinterp_parked_keys(XArray* ranges);
/* Appends a LgRange for each interpreter's state: its address, and one more. */
void lg_pyinterp_states(XArray* ranges);

/* The writable data of the object that has CPython's runtime.  False: it is not
   known where. */
Bool lg_pyinterp_data(LgRange* out);

/* From 3.13 on CPython parks nothing in a free list whose length is negative.
   That is seen to here.  A full collection opens some of the lists again, all
   of them empty; so the first is to be called for each block, and costs a
   comparison.  The second is for a new interpreter: a thread state was not
   seen before. */
void lg_pyinterp_keep_free_lists_closed(void);
void lg_pyinterp_on_new_tstate(void);

/* A Python was found: all of this begins anew. */
void lg_pyinterp_forget(void);

#endif
