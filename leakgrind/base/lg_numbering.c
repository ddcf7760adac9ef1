/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_numbering.c: see lg_numbering.h. */

#include "lg_numbering.h"

UInt lg_hash_text(const HChar* s)
{
    UInt h = 0;
    while (*s != 0)
        h = (h ^ (UChar)*s++) * 0x01000193u;
    return lg_hash_mix(h, 0);
}

void lg_numbering_init(LgNumbering* g, const HChar* who, UInt nSlots)
{
    lg_assert(nSlots > 0 && (nSlots & (nSlots - 1)) == 0);
    g->who = who;
    g->nSlots = nSlots;
    g->slots = lg_plat_alloc(who, nSlots * sizeof(UInt));
    lg_numbering_clear(g);
}

void lg_numbering_free(LgNumbering* g)
{
    lg_plat_free(g->slots);
    g->slots = NULL;
}

void lg_numbering_clear(LgNumbering* g)
{
    memset(g->slots, 0, g->nSlots * sizeof(UInt));
    g->nUsed = 0;
}

void lg_numbering_reserve(LgNumbering* g, LgHashOf hashOf, const void* owner)
{
    LgNumbering old = *g;

    if (2 * (g->nUsed + 1) <= g->nSlots)
        return;
    lg_numbering_init(g, old.who, 2 * old.nSlots);
    g->nUsed = old.nUsed;
    for (UInt k = 0; k < old.nSlots; k++) {
        if (old.slots[k] == 0)
            continue;
        UInt i = hashOf(owner, old.slots[k] - 1) & (g->nSlots - 1);
        while (g->slots[i] != 0)
            i = (i + 1) & (g->nSlots - 1);
        g->slots[i] = old.slots[k];
    }
    lg_plat_free(old.slots);
}

void lg_numbering_check(const LgNumbering* g, LgHashOf hashOf,
                        const void* owner, UInt n)
{
    UChar* seen = lg_plat_alloc("lg.numbering.check", n + 1);
    UInt   nUsed = 0;

    lg_assert((g->nSlots & (g->nSlots - 1)) == 0);
    lg_assert(2 * g->nUsed <= g->nSlots);
    memset(seen, 0, n + 1);
    for (UInt k = 0; k < g->nSlots; k++) {
        if (g->slots[k] == 0)
            continue;
        UInt i = g->slots[k] - 1;
        lg_assert(i < n && !seen[i]);
        seen[i] = 1;
        nUsed++;
        UInt at = hashOf(owner, i) & (g->nSlots - 1);
        while (at != k) {
            lg_assert(g->slots[at] != 0); /* or else the search ends there */
            at = (at + 1) & (g->nSlots - 1);
        }
    }
    lg_assert(nUsed == g->nUsed && nUsed == n);
    lg_plat_free(seen);
}

void* lg_array_reserve(const HChar* who, void* array, UInt n, UInt* max,
                       SizeT elemSzB)
{
    if (n < *max)
        return array;
    *max = *max ? 2 * *max : 256;
    return lg_plat_realloc(who, array, *max * elemSzB);
}
