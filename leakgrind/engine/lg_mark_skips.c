/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark_skips.c: memory that is not to be read.

   There may be few skips, gigabytes long (what a program declared
   inaccessible), or a hundred thousand of a word each (weak references of
   Python's).  Hardly any block holds one, so each block must be told quickly
   that it does not: by a filter that has a bit for each 512 bytes that a skip
   touches, hashed. */

#include "lg_mark_priv.h"

/* ---- The filter --------------------------------------------------------- */

#define GRANULE_BITS 9
#define MIN_BITS     12u
/* With skips in more granules than this there is no filter: these are large
   skips, and not many. */
#define MAX_GRANULES ((UWord)1 << 20)

static inline UInt filter_bit(const LgMark* m, UWord granule)
{
    return (UInt)((ULong)granule * 0x9E3779B97F4A7C15ULL >>
                  (64 - m->skipFilterBits));
}

static inline Bool filter_has(const LgMark* m, UWord granule)
{
    UInt bit = filter_bit(m, granule);
    return (m->skipFilter[bit / 8] >> bit % 8) & 1;
}

static SizeT filter_szB(const LgMark* m)
{
    return (SizeT)1 << (m->skipFilterBits - 3);
}

static UWord first_granule(const LgRange* r) { return r->lo >> GRANULE_BITS; }
static UWord last_granule(const LgRange* r)
{
    return (r->hi - 1) >> GRANULE_BITS;
}

void lg_skips_begin(LgMark* m)
{
    UWord nGranules = 0;

    for (UInt k = 0; k < m->nSkips; k++) {
        nGranules += last_granule(&m->skips[k]) - first_granule(&m->skips[k]) +
                     1;
        if (nGranules > MAX_GRANULES)
            return;
    }
    if (nGranules == 0)
        return;
    m->skipFilterBits = MIN_BITS;
    while ((UWord)1 << m->skipFilterBits < 8 * nGranules)
        m->skipFilterBits++;
    m->skipFilter = lg_plat_map(filter_szB(m));
    for (UInt k = 0; k < m->nSkips; k++) {
        UWord last = last_granule(&m->skips[k]);
        for (UWord g = first_granule(&m->skips[k]); g <= last; g++) {
            UInt bit = filter_bit(m, g);
            m->skipFilter[bit / 8] |= (UChar)(1u << bit % 8);
        }
    }
}

void lg_skips_end(LgMark* m)
{
    if (m->skipFilter != NULL)
        lg_plat_unmap(m->skipFilter, filter_szB(m));
    m->skipFilter = NULL;
}

/* ---- Skips -------------------------------------------------------------- */

static UInt first_skip_after(const LgMark* m, Addr a)
{
    return lg_ranges_first_after(m->skips, m->nSkips, a);
}

void lg_push_slices(LgMark* m, const LgItem* it)
{
    Addr lo = it->cur;
    for (UInt k = first_skip_after(m, lo);
         k < m->nSkips && m->skips[k].lo < it->end; k++) {
        lg_push_slice(m, lo, lg_word_down(m->skips[k].lo), it->src);
        lo = lg_word_up(m->skips[k].hi);
        if (lo < m->skips[k].hi)
            return; /* up to the end of the address space */
    }
    lg_push_slice(m, lo, it->end, it->src);
}

Bool lg_short_item_has_skip(const LgMark* m, const LgItem* it)
{
    if (it->cur == it->end)
        return False;
    /* So short an item lies in two granules at most. */
    if (m->skipFilter != NULL && !filter_has(m, it->cur >> GRANULE_BITS) &&
        !filter_has(m, (it->end - 1) >> GRANULE_BITS))
        return False;
    UInt k = first_skip_after(m, it->cur);
    return k < m->nSkips && m->skips[k].lo < it->end;
}

Bool lg_word_is_allowed(const LgMark* m, Addr a)
{
    if (a % LG_WORD_SZB != 0)
        return False;
    UInt k = first_skip_after(m, a);
    return k == m->nSkips || m->skips[k].lo >= a + LG_WORD_SZB;
}
