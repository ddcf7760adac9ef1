/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_wordset.h: a set of 8-byte words of memory.

   For memory that is not to be searched.  Adding and removing a range of a few
   kilobytes costs time by its length (a step for 64 words), whatever the set
   holds: programs with allocators of their own do it for every block.  A longer
   one costs no more than the two at its ends and what was added in it before;
   and so with memory. */

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
/* Is a word in it that lies partly in [lo, hi)? */
Bool lg_ws_overlaps(const LgWordSet* ws, Addr lo, Addr hi);
Bool lg_ws_is_empty(const LgWordSet* ws);

/* The set as sorted, disjoint ranges, in an array that the caller frees with
   lg_plat_free; NULL and 0 when the set is empty. */
LgRange* lg_ws_ranges(const LgWordSet* ws, UInt* n);

/* Asserts every invariant; NULL is allowed.  O(size): for tests and
   --sanity-level only. */
void lg_ws_check(const LgWordSet* ws);

#endif
