/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_audit.h: all references to every block.

   A reference is an aligned word that holds exactly the base of a block
   (lg_sb_base), or the address of a leaf's data: C code that keeps the characters
   of a str holds the str for as long.  An audit counts them in the roots and in
   all blocks, whether these can be reached or not.  An object whose reference count is above that has
   references that nobody holds.  The words that a search does not read are not
   read here either.

   The order of use, between lg_mark_drain and lg_mark_cliques:

       lg_audit_begin
       lg_audit_word / _range  for every root, as for the search
       lg_audit_finish

   It costs about as much as the search itself. */

#ifndef LG_AUDIT_H
#define LG_AUDIT_H

#include "lg_mark.h"

void lg_audit_begin(LgMark* m);
void lg_audit_word(LgMark* m, Addr w);
void lg_audit_range(LgMark* m, Addr lo, Addr hi);

/* Reads the blocks.  For each block, by its number in the snapshot, how many
   references to it there are; NULL when there are no blocks.  The array belongs to
   the caller, for lg_refs_delete. */
UInt* lg_audit_finish(LgMark* m);

#endif
