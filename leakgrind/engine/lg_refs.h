/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_refs.h: references among the unreached.

   An object that nothing reachable leads to is either kept by a reference that
   somebody forgot to give back, or by other such objects.  Its reference count
   tells which, once it is known how many references the unreached hold. */

#ifndef LG_REFS_H
#define LG_REFS_H

#include "lg_mark.h"

/* For each block (by its number in the snapshot), how many words of unreached
   blocks hold exactly its base; 0 for blocks that are reached.  To be called
   between lg_mark_drain (lg_mark_excuse) and lg_mark_cliques.  The words that
   a search does not read are not read here either.  The array belongs to the
   caller; NULL when nothing is unreached. */
UInt* lg_refs_count(LgMark* m);
void  lg_refs_delete(const LgMark* m, UInt* refs);

/* Between lg_mark_cliques and lg_mark_delete.  `found`, a byte for each block:
   of the lost blocks, all that can be found from those that are marked there
   (not 0) get marked, too. */
void lg_refs_follow(LgMark* m, UChar* found);

#endif
