/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark_skips.c: memory that must not be read.

   There may be a few skips of gigabytes (memory that a program declared
   inaccessible), or a hundred thousand of a word each (Python's weak
   references).  Hardly any block contains one, and that must be found out
   quickly for each block: by a filter with a bit for each sector of 512 bytes
   that a skip touches, at a place that is a hash of its number. */

#include "lg_mark_priv.h"

/* ---- The filter --------------------------------------------------------- */

#define SECTOR_BITS 9
#define MIN_BITS     12u
/* There is no filter for skips in more sectors: these are few and large. */
#define MAX_SECTORS ((UWord)1 << 20)

static inline UInt filter_bit(const LgMark* m, UWord sector)
{
    return (UInt)((ULong)sector * 0x9E3779B97F4A7C15ULL >>
                  (64 - m->skipFilterBits));
}

static inline Bool filter_has(const LgMark* m, UWord sector)
{
    UInt bit = filter_bit(m, sector);
    return (m->skipFilter[bit / 8] >> bit % 8) & 1;
}

static SizeT filter_szB(const LgMark* m)
{
    return (SizeT)1 << (m->skipFilterBits - 3);
}

static UWord first_sector(const LgRange* r) { return r->lo >> SECTOR_BITS; }
static UWord last_sector(const LgRange* r)
{
    return (r->hi - 1) >> SECTOR_BITS;
}

void lg_skips_begin(LgMark* m)
{
    UWord nSectors = 0;

    for (UInt k = 0; k < m->nSkips; k++) {
        nSectors += last_sector(&m->skips[k]) - first_sector(&m->skips[k]) +
                     1;
        if (nSectors > MAX_SECTORS)
            return;
    }
    if (nSectors == 0)
        return;
    m->skipFilterBits = MIN_BITS;
    while ((UWord)1 << m->skipFilterBits < 8 * nSectors)
        m->skipFilterBits++;
    m->skipFilter = lg_plat_map(filter_szB(m));
    for (UInt k = 0; k < m->nSkips; k++) {
        UWord last = last_sector(&m->skips[k]);
        for (UWord g = first_sector(&m->skips[k]); g <= last; g++) {
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
    /* A short item is in two sectors at most. */
    if (m->skipFilter != NULL && !filter_has(m, it->cur >> SECTOR_BITS) &&
        !filter_has(m, (it->end - 1) >> SECTOR_BITS))
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
