/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyinterp.h: CPython's interpreter states: words that look like references
   and are none. */

#ifndef LG_PYINTERP_H
#define LG_PYINTERP_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_vocab.h"

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

/* The interpreter of a thread state, if it is not the main one: that is the
   oldest, and so the last in the runtime's list.  0: it is, or nothing is
   known. */
Addr lg_pyinterp_sub(Addr tstate);

/* The writable data of the object that has CPython's runtime.  False: it is not
   known where. */
Bool lg_pyinterp_data(LgRange* out);

/* A Python was found: all of this begins anew. */
void lg_pyinterp_forget(void);

#endif
