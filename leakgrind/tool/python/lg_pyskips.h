/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyskips.h: words of Python's memory that look like references and are
   none.  No search of a leak check reads them.

   Unused parts of containers are mostly empty, and many hashes are no
   addresses.  So of each range, only the part from the first word to the last
   that leads to a block is recorded. */

#ifndef LG_PYSKIPS_H
#define LG_PYSKIPS_H

#include "lg_pysnapshot_priv.h"

/* Adds the words of the object at `obj` that hold no references: the unused
   parts of a container, and the pointer to its weak references.  `end`: the
   end of its block. */
void lg_pyskips_container(LgPySnapshot* c, const LgPyObject* o, Addr obj,
                          Addr end);

/* To be called after all blocks were classified: adds the words in the
   interpreters, and sorts all. */
void lg_pyskips_finish(LgPySnapshot* c);

#endif
