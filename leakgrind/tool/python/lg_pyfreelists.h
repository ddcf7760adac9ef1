/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfreelists.h: keeps CPython's free lists empty.

   CPython reuses a block in a free list without calling the allocator, so the
   block would have the stack of an earlier object.  Up to 3.12, the preload
   library empties the lists of tables of keys and of floats.  From 3.13 on,
   CPython adds nothing to a list whose length is negative: so the length of an
   empty list is made negative.

   Both write into the interpreter.  So this module first proves that the lists
   are where it takes them to be (lg_pyprove.h): when the first object is in
   them, and again before each write.  If a list cannot be what it should be, a
   warning says so, and it is never written to. */

#ifndef LG_PYFREELISTS_H
#define LG_PYFREELISTS_H

#include "pub_tool_basics.h"

/* To be called when a Python was found: forgets the lists of an earlier one. */
void lg_pyfreelists_forget(void);

/* To be called when a thread has a new thread state. */
void lg_pyfreelists_on_tstate(Addr tstate);

/* To be called for each block that CPython's allocators hand out, with the
   current thread state.  Costs one comparison if there is nothing to do. */
extern const Int* lg_pyfreelists_watched;
void lg_pyfreelists_tend(Addr tstate);
static inline void lg_pyfreelists_on_block(Addr tstate)
{
    if (UNLIKELY(*lg_pyfreelists_watched == 0))
        lg_pyfreelists_tend(tstate);
}

/* The first thread or interpreter state whose lists were closed; 0: none.  It
   belongs to the main interpreter, and outlives its end. */
Addr lg_pyfreelists_first_state(void);

#endif
