/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pystatics.h: free lists that are static variables of CPython's, and nobody
   knows where: in 3.9 that of tables of keys, to 3.10 that of blocks of deques.

   But whatever leads from CPython's own data to such a block is in the free
   list, or was; and what no dict, type or deque uses is still there: it holds
   nothing. */

#ifndef LG_PYSTATICS_H
#define LG_PYSTATICS_H

#include "lg_pycheck_priv.h"

/* Before the containers are looked at; after it, a note for each block that
   one uses. */
void lg_pystatics_begin(LgPyCheck* c);
void lg_pystatics_on_use(LgPyCheck* c, UInt block);
/* When all have been looked at. */
void lg_pystatics_finish(LgPyCheck* c);

#endif
