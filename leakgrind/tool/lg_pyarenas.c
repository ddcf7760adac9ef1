/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyarenas.c: arenas and data stacks.  See lg_pyarenas.h. */

#include "lg_pyarenas.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"

#include "../python/lg_pypools.h"
#include "lg_pyinterp.h"
#include "lg_pysegments.h"
#include "lg_python.h"

/* 3.9: arenas of 256 KiB with pools of 4 KiB; since 3.10 four times that. */
enum {
    SMALL_ARENA_SZB = 256 * 1024,
    SMALL_POOL_SZB  = 4 * 1024,
    LARGE_ARENA_SZB = 1024 * 1024,
    LARGE_POOL_SZB  = 16 * 1024
};

/* Sorted by address, disjoint. */
static struct {
    LgRange* ranges;
    UInt     n, room;
    LgRange  last; /* the one asked for last */
} arenas;

/* The first arena that ends behind `a`. */
static UInt first_behind(Addr a)
{
    UInt lo = 0, hi = arenas.n;
    while (lo < hi) {
        UInt mid = lo + (hi - lo) / 2;
        if (arenas.ranges[mid].hi > a)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static void take_out(UInt i)
{
    VG_(memmove)(&arenas.ranges[i], &arenas.ranges[i + 1],
                 (arenas.n - i - 1) * sizeof(LgRange));
    arenas.n--;
    arenas.last.lo = arenas.last.hi = 0;
}

/* Are mappings of this size arenas, and not data stacks?  These have 16 KiB,
   unless somebody has very large frames. */
static Bool is_arena_szB(SizeT szB)
{
    const LgPython* py = lg_python();

    if (py->isFreeThreaded)
        return False;
    return py->layout != NULL
               ? szB == py->layout->arenaSzB
               : szB == SMALL_ARENA_SZB || szB == LARGE_ARENA_SZB;
}

void lg_pyarenas_add(Addr lo, SizeT szB)
{
    if (!is_arena_szB(szB) || lo + szB < lo)
        return; /* a data stack */
    /* What was here before was given back without our knowledge. */
    UInt i = first_behind(lo);
    while (i < arenas.n && arenas.ranges[i].lo < lo + szB)
        take_out(i);
    if (arenas.n == arenas.room) {
        arenas.room = arenas.room ? 2 * arenas.room : 64;
        arenas.ranges = VG_(realloc)("lg.pyarenas", arenas.ranges,
                                     arenas.room * sizeof(LgRange));
    }
    VG_(memmove)(&arenas.ranges[i + 1], &arenas.ranges[i],
                 (arenas.n - i) * sizeof(LgRange));
    arenas.ranges[i] = (LgRange){lo, lo + szB};
    arenas.n++;
}

void lg_pyarenas_remove(Addr lo)
{
    UInt i = first_behind(lo);
    if (i < arenas.n && arenas.ranges[i].lo == lo)
        take_out(i);
}

Bool lg_pyarenas_holds(Addr a)
{
    if (LIKELY(a - arenas.last.lo < arenas.last.hi - arenas.last.lo))
        return True;
    UInt i = first_behind(a);
    if (i == arenas.n || arenas.ranges[i].lo > a)
        return False;
    arenas.last = arenas.ranges[i];
    return True;
}

UInt lg_pyarenas_count(void)
{
    return arenas.n;
}

LgRange lg_pyarenas_get(UInt i)
{
    return arenas.ranges[i];
}

/* --- Arenas that nobody tells of ----------------------------------------- */

/* More are not remembered. */
enum { MAX_CANDIDATES = 65536 };
static struct {
    LgRange* ranges;
    UInt     n, room;
    Bool     areLarge; /* of the discovered arenas */
} candidates;

void lg_pyarenas_on_mmap(Addr a, SizeT szB)
{
    if ((szB != SMALL_ARENA_SZB && szB != LARGE_ARENA_SZB) ||
        candidates.n == MAX_CANDIDATES)
        return;
    if (candidates.n == candidates.room) {
        candidates.room = candidates.room ? 2 * candidates.room : 64;
        candidates.ranges =
            VG_(realloc)("lg.pyarenas.candidates", candidates.ranges,
                         candidates.room * sizeof(LgRange));
    }
    candidates.ranges[candidates.n++] = (LgRange){a, a + szB};
}

void lg_pyarenas_on_munmap(Addr a, SizeT szB)
{
    for (UInt i = 0; i < candidates.n;) {
        const LgRange* r = &candidates.ranges[i];
        if (r->lo < a + szB && a < r->hi)
            candidates.ranges[i] = candidates.ranges[--candidates.n];
        else
            i++;
    }
}

void lg_pyarenas_discover(void)
{
    if (lg_python()->hasArenaHook)
        return;
    while (arenas.n > 0)
        take_out(arenas.n - 1);
    for (UInt i = 0; i < candidates.n; i++) {
        LgRange r = candidates.ranges[i];
        Bool    isLarge = r.hi - r.lo == LARGE_ARENA_SZB;
        if (arenas.n > 0 && isLarge != candidates.areLarge)
            continue;
        if (!lg_pyarena_is_likely(lg_python_mem(), r.lo, r.hi,
                                  isLarge ? LARGE_POOL_SZB : SMALL_POOL_SZB))
            continue;
        candidates.areLarge = isLarge;
        lg_pyarenas_add(r.lo, r.hi - r.lo);
    }
}

UInt lg_pyarenas_pool_szB(void)
{
    const LgPyLayout* layout = lg_python()->layout;
    if (layout != NULL && layout->poolSzB != 0)
        return layout->poolSzB;
    return candidates.areLarge || lg_python()->hasArenaHook ? LARGE_POOL_SZB
                                                            : SMALL_POOL_SZB;
}

void lg_pyarenas_holes(XArray* holes)
{
    for (UInt i = 0; i < arenas.n; i++)
        VG_(addToXA)(holes, &arenas.ranges[i]);
    lg_pysegments_holes(holes);
    lg_pyinterp_dead_data_stacks(holes);
}
