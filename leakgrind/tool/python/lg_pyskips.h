/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyskips.h: words of Python's memory that look like references and are none.
   They are left out of every search of a leak check.

   Most of what containers do not use is empty, and many hashes are no
   addresses: only ranges in which a word leads to a block are kept, from the
   first of these to the last. */

#ifndef LG_PYSKIPS_H
#define LG_PYSKIPS_H

#include "lg_pysnapshot_priv.h"

/* What the object at `obj`, whose block ends at `end`, holds no references in,
   as a container and as one that weak references lead to. */
void lg_pyskips_container(LgPySnapshot* c, const LgPyObject* o, Addr obj,
                          Addr end);

/* When all blocks were looked at: adds the words in the interpreters, and puts
   all in order. */
void lg_pyskips_finish(LgPySnapshot* c);

#endif
