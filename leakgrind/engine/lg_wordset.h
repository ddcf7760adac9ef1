/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_wordset.h: a set of 8-byte words of memory.

   For memory that must not be searched.  To add or remove a range of a few
   kilobytes takes a step for each 64 words, whatever the set holds: programs
   with their own allocators do it for every block.  A longer range takes no
   more than two such ranges, at its ends, and a step for each part of the set
   that lies in it.  The same holds for memory. */

#ifndef LG_WORDSET_H
#define LG_WORDSET_H

#include "lg_vocab.h"

typedef struct LgWordSet LgWordSet;

LgWordSet* lg_ws_new(void);
void       lg_ws_delete(LgWordSet* ws);

/* Adds all words that lie completely in [lo, hi). */
void lg_ws_add(LgWordSet* ws, Addr lo, Addr hi);
/* Removes all words of which a part lies in [lo, hi). */
void lg_ws_remove(LgWordSet* ws, Addr lo, Addr hi);

Bool lg_ws_contains(const LgWordSet* ws, Addr a);
/* Does the set have a word of which a part lies in [lo, hi)? */
Bool lg_ws_overlaps(const LgWordSet* ws, Addr lo, Addr hi);

/* The set as sorted, disjoint ranges, in an array that the caller frees with
   lg_plat_free; NULL and 0 when the set is empty. */
LgRange* lg_ws_ranges(const LgWordSet* ws, UInt* n);

/* Asserts every invariant; NULL is allowed.  O(size): for tests and
   --sanity-level only. */
void lg_ws_check(const LgWordSet* ws);

#endif
