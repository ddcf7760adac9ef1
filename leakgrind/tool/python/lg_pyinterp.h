/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyinterp.h: CPython's interpreter states, and words in them that look like
   references and are none. */

#ifndef LG_PYINTERP_H
#define LG_PYINTERP_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_vocab.h"

/* Appends the parts of data stacks (3.11 and later) that no frame uses. */
void lg_pyinterp_dead_data_stacks(XArray* ranges);
/* Appends the parts that frames use. */
void lg_pyinterp_live_data_stacks(XArray* ranges);

/* Appends words of the interpreters that lead to objects without holding a
   reference: slots of free lists from which an object was taken, and the
   values in the type cache. */
void lg_pyinterp_borrowed(XArray* ranges);

/* Appends the names in the type cache, to which it holds references. */
void lg_pyinterp_cached_names(XArray* ranges);
/* Appends the unused parts of the value stacks in the frames of threads (3.11
   and later). */
void lg_pyinterp_unused_slots(XArray* ranges);
/* Appends a range of one byte for each table of keys in a free list (3.10 to
   3.12): its address. */
void lg_pyinterp_parked_keys(XArray* ranges);
/* Appends a range of one byte for each interpreter state: its address. */
void lg_pyinterp_states(XArray* ranges);

/* The interpreter of a thread state, if it is a subinterpreter; 0 if it is the
   main interpreter, or is not known.  (The main interpreter is the oldest, and
   so the last in the runtime's list.) */
Addr lg_pyinterp_sub(Addr tstate);

/* The writable data of the program or library that contains CPython's runtime.
   False: not known. */
Bool lg_pyinterp_data(LgRange* out);

/* To be called when a Python was found: forgets what is known of an earlier
   one. */
void lg_pyinterp_forget(void);

#endif
