/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pystatics.h: static variables of CPython's, of which nobody knows where they
   are: in 3.9 the free list of tables of keys and the type cache, to 3.10 the
   free list of blocks of deques.

   Whatever leads from CPython's own data to such a block is in the free
   list, or was; and what no dict, type or deque uses is still there: it holds
   nothing. */

#ifndef LG_PYSTATICS_H
#define LG_PYSTATICS_H

#include "lg_pysnapshot_priv.h"

/* Before the containers are looked at; after it, a note for each block that
   one uses. */
void lg_pystatics_begin(LgPySnapshot* c);
void lg_pystatics_on_use(LgPySnapshot* c, UInt block);
/* When all have been looked at. */
void lg_pystatics_finish(LgPySnapshot* c);

/* The type cache of 3.9: entries of a version, a name and a value.  0: there is
   none, or it was not found. */
enum {
    LG_PY_CACHE_ENTRIES = 4096,
    LG_PY_CACHE_NAME    = 8,
    LG_PY_CACHE_VALUE   = 16,
    LG_PY_CACHE_ENTRY_B = 24
};
Addr lg_pystatics_type_cache(const LgPySnapshot* c);

#endif
