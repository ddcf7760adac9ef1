/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pystatics.h: static variables of CPython's whose places are not known: in
   3.9 the free list of tables of keys and the type cache, up to 3.10 the free
   list of blocks of deques.

   A word of CPython's static data that points at such a block is a slot of the
   free list: it is no reference.  If no dict, type or deque uses the block, it
   is in the free list now, and its contents are dead. */

#ifndef LG_PYSTATICS_H
#define LG_PYSTATICS_H

#include "lg_pysnapshot_priv.h"

/* lg_pystatics_begin is to be called before the containers are visited, and
   then lg_pystatics_on_use for each block that one of them uses. */
void lg_pystatics_begin(LgPySnapshot* c);
void lg_pystatics_on_use(LgPySnapshot* c, UInt block);
/* To be called after all of them were visited. */
void lg_pystatics_finish(LgPySnapshot* c);

/* The type cache of 3.9: an array of {version, name, value}.  0: there is
   none, or it was not found. */
enum {
    LG_PY_CACHE_ENTRIES = 4096,
    LG_PY_CACHE_NAME    = 8,
    LG_PY_CACHE_VALUE   = 16,
    LG_PY_CACHE_ENTRY_B = 24
};
Addr lg_pystatics_type_cache(const LgPySnapshot* c);

#endif
