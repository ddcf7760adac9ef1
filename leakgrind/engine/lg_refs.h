/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_refs.h: references among the unreached.

   An unreached object is kept alive by other unreached objects, or by a
   reference that somebody forgot to give back.  Its reference count tells
   which, once the references that unreached blocks hold have been counted. */

#ifndef LG_REFS_H
#define LG_REFS_H

#include "lg_mark.h"

/* For each block, by its number in the snapshot: how many words of unreached
   blocks hold exactly its base; 0 for blocks that are reached.  Call it between
   lg_mark_drain (or lg_mark_excuse) and lg_mark_cliques.  Words that a search
   does not read are not read here either.  The array belongs to the caller;
   NULL if no block is unreached. */
UInt* lg_refs_count(LgMark* m);
void  lg_refs_delete(const LgMark* m, UInt* refs);

/* `found` has a byte for each block.  Sets the bytes of all lost blocks that
   can be found from lost blocks whose bytes are set.  Call it between
   lg_mark_cliques and lg_mark_delete. */
void lg_refs_follow(LgMark* m, UChar* found);

#endif
