/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfreelists.h: CPython's free lists stay empty.

   What waits in a free list comes back without the allocator's knowledge, and a
   block's stack would be that of an earlier object.  Up to 3.12 the preload
   library empties the lists of tables of keys and of floats.  From 3.13 on CPython
   parks nothing in a list whose length is negative: so it is made that, while the
   list is empty.

   Either writes into the interpreter.  So neither happens before the lists have
   proven to be where they are taken to be (lg_pyprove.h): the first time that
   something waits in them, and before each writing once more.  Lists that
   cannot be what they should be are left alone from then on, and a warning says
   so. */

#ifndef LG_PYFREELISTS_H
#define LG_PYFREELISTS_H

#include "pub_tool_basics.h"

/* A Python was found: all begins anew. */
void lg_pyfreelists_forget(void);

/* A thread has this thread state, which it did not have before. */
void lg_pyfreelists_on_tstate(Addr tstate);

/* For each block that CPython's allocators hand out while this thread state is
   the current one: a comparison, as long as nothing is to be done. */
extern const Int* lg_pyfreelists_watched;
void lg_pyfreelists_tend(Addr tstate);
static inline void lg_pyfreelists_on_block(Addr tstate)
{
    if (UNLIKELY(*lg_pyfreelists_watched == 0))
        lg_pyfreelists_tend(tstate);
}

/* The state that had the lists closed first; 0: none.  (Of the main
   interpreter: it outlives its end.) */
Addr lg_pyfreelists_first_state(void);

#endif
