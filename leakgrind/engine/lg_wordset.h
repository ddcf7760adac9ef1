/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_wordset.h: a set of 8-byte words of memory, as a sparse bitmap.

   For memory that is not to be searched.  Adding and removing a range costs
   time by its length (a 64th of a bit loop per word), whatever the set holds:
   programs with allocators of their own do it for every block. */

#ifndef LG_WORDSET_H
#define LG_WORDSET_H

#include "lg_vocab.h"

typedef struct LgWordSet LgWordSet;

LgWordSet* lg_ws_new(void);
void       lg_ws_delete(LgWordSet* ws);

/* All words that lie wholly in [lo, hi). */
void lg_ws_add(LgWordSet* ws, Addr lo, Addr hi);
/* All words that lie partly in [lo, hi). */
void lg_ws_remove(LgWordSet* ws, Addr lo, Addr hi);

Bool lg_ws_contains(const LgWordSet* ws, Addr a);
Bool lg_ws_is_empty(const LgWordSet* ws);

/* The set as sorted, disjoint ranges, in an array that the caller frees with
   lg_plat_free; NULL and 0 when the set is empty. */
LgRange* lg_ws_ranges(const LgWordSet* ws, UInt* n);

#endif
