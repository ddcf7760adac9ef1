/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_numbering.h: numbers for records, the same for equal ones.

   The records are the owner's, usually the elements of an array that grows;
   their numbers are 0, 1, 2, ...  A numbering is an open-addressing hash table
   of these numbers, in which the number of a record can be found by its
   contents.  To intern a record:

       lg_numbering_reserve(g, ...);
       UInt* slot = lg_numbering_find(g, hash, is_equal, owner, &wanted);
       if (*slot == 0) {
           ... append a copy of `wanted` to the array, as number i ...
           lg_numbering_add(g, slot, i);
       }
       return *slot - 1;

   The two callbacks must agree: equal records have equal hashes. */

#ifndef LG_NUMBERING_H
#define LG_NUMBERING_H

#include "../lg_platform.h"

typedef struct {
    const HChar* who;    /* for lg_plat_alloc */
    UInt*        slots;  /* number + 1; 0: free */
    UInt         nSlots; /* a power of two, at least twice nUsed */
    UInt         nUsed;
} LgNumbering;

/* Is record i of the owner equal to the wanted one? */
typedef Bool (*LgIsEqual)(const void* owner, UInt i, const void* wanted);
/* The hash of record i. */
typedef UInt (*LgHashOf)(const void* owner, UInt i);

/* Mixes a value into a hash. */
static inline UInt lg_hash_mix(UInt hash, ULong value)
{
    ULong h = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
    return (UInt)(h >> 32) ^ (UInt)h;
}

UInt lg_hash_text(const HChar* s);

/* `nSlots`: a power of two. */
void lg_numbering_init(LgNumbering* g, const HChar* who, UInt nSlots);
void lg_numbering_free(LgNumbering* g);

/* Makes room for one more number.  Slots that were found before are no longer
   valid. */
void lg_numbering_reserve(LgNumbering* g, LgHashOf hashOf, const void* owner);

/* Drops all numbers. */
void lg_numbering_clear(LgNumbering* g);

/* The slot with the number of the record that is equal to `wanted`, or the
   free slot where it belongs.  Inlined, and isEqual with it. */
__attribute__((always_inline)) static inline UInt*
lg_numbering_find(const LgNumbering* g, UInt hash, LgIsEqual isEqual,
                  const void* owner, const void* wanted)
{
    UInt i = hash & (g->nSlots - 1);
    while (g->slots[i] != 0 && !isEqual(owner, g->slots[i] - 1, wanted))
        i = (i + 1) & (g->nSlots - 1);
    return &g->slots[i];
}

/* Puts number i into the free slot that lg_numbering_find has returned. */
static inline void lg_numbering_add(LgNumbering* g, UInt* slot, UInt i)
{
    *slot = i + 1;
    g->nUsed++;
}

/* Asserts that the table has each number below n once, at a place where
   lg_numbering_find comes to it, and no other. */
void lg_numbering_check(const LgNumbering* g, LgHashOf hashOf,
                        const void* owner, UInt n);

/* Room for one more element of an array with n elements, which the caller
   frees.  *max: its capacity, 0 at first. */
void* lg_array_reserve(const HChar* who, void* array, UInt n, UInt* max,
                       SizeT elemSzB);

#endif
