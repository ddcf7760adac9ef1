/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_ranges.h: ranges of addresses, and the binary search.

   "Sorted ranges" are an array of ranges that are disjoint, not empty, and in
   ascending order. */

#ifndef LG_RANGES_H
#define LG_RANGES_H

#include "pub_tool_basics.h"

/* A half-open range of addresses [lo, hi). */
typedef struct {
    Addr lo;
    Addr hi;
} LgRange;

/* The first number in [0, n) for which isBefore(x, number) is False; n if
   there is none.  isBefore must be True for all numbers below that one, and
   False from there on.  Inlined, and isBefore with it. */
__attribute__((always_inline)) static inline UInt
lg_bisect(UInt n, Bool (*isBefore)(const void* x, UInt i), const void* x)
{
    UInt lo = 0, hi = n;

    while (lo < hi) {
        UInt mid = lo + (hi - lo) / 2;
        if (isBefore(x, mid))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Compares ranges by their starts: for lg_plat_sort and VG_(setCmpFnXA). */
static inline Int lg_ranges_compare(const void* va, const void* vb)
{
    const LgRange *a = va, *b = vb;
    return a->lo < b->lo ? -1 : a->lo > b->lo;
}

/* Sorted ranges, and an address to be found in them. */
typedef struct {
    const LgRange* ranges;
    Addr           a;
} LgRangeSearch;

static inline Bool lg_range_ends_by(const void* x, UInt i)
{
    const LgRangeSearch* s = x;
    return s->ranges[i].hi <= s->a;
}

/* Of n sorted ranges, the first that ends after `a`; n if there is none. */
static inline UInt lg_ranges_first_after(const LgRange* ranges, UInt n, Addr a)
{
    LgRangeSearch s = {ranges, a};
    return lg_bisect(n, lg_range_ends_by, &s);
}

/* Is `a` in one of n sorted ranges? */
static inline Bool lg_ranges_contain(const LgRange* ranges, UInt n, Addr a)
{
    UInt k = lg_ranges_first_after(ranges, n, a);
    return k < n && ranges[k].lo <= a;
}

#endif
