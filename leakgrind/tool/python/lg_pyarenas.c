/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyarenas.c: arenas and data stacks.  See lg_pyarenas.h. */

#include "lg_pyarenas.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_oset.h"

#include "../../python/lg_pypools.h"
#include "../process/lg_python.h"
#include "lg_pyinterp.h"
#include "lg_pysegments.h"

/* Sorted by address, disjoint. */
static struct {
    LgRange* ranges;
    UInt     n, room;
    LgRange  last; /* the one asked for last */
} arenas;

/* The first arena that ends behind `a`. */
static UInt first_arena_after(Addr a)
{
    return lg_ranges_first_after(arenas.ranges, arenas.n, a);
}

static void remove_arena(UInt i)
{
    VG_(memmove)(&arenas.ranges[i], &arenas.ranges[i + 1],
                 (arenas.n - i - 1) * sizeof(LgRange));
    arenas.n--;
    arenas.last.lo = arenas.last.hi = 0;
}

/* Are mappings of this size arenas, and not data stacks?  Data stacks have 16
   KiB, unless a frame is very large. */
static Bool is_arena_szB(SizeT szB)
{
    const LgPython* py = lg_python();

    if (py->isFreeThreaded)
        return False;
    return py->layout != NULL
               ? szB == py->layout->arenaSzB
               : szB == LG_PY_SMALL_ARENA_SZB || szB == LG_PY_LARGE_ARENA_SZB;
}

void lg_pyarenas_add(Addr lo, SizeT szB)
{
    if (!is_arena_szB(szB) || lo + szB < lo)
        return; /* a data stack */
    /* An arena that was here before was freed without a report. */
    UInt i = first_arena_after(lo);
    while (i < arenas.n && arenas.ranges[i].lo < lo + szB)
        remove_arena(i);
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
    UInt i = first_arena_after(lo);
    if (i < arenas.n && arenas.ranges[i].lo == lo)
        remove_arena(i);
}

Bool lg_pyarenas_holds(Addr a)
{
    if (LIKELY(a - arenas.last.lo < arenas.last.hi - arenas.last.lo))
        return True;
    UInt i = first_arena_after(a);
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

/* --- Arenas that no hook reports ----------------------------------------- */

/* More are not remembered. */
enum { MAX_CANDIDATES = 65536 };
static struct {
    OSet* ranges;   /* of LgRange, disjoint; NULL: there never was one */
    Bool  areLarge; /* of the discovered arenas */
} candidates;

/* Ranges that overlap are equal. */
static Word compare_disjoint(const void* va, const void* vb)
{
    const LgRange* a = va;
    const LgRange* b = vb;
    return a->hi <= b->lo ? -1 : a->lo >= b->hi;
}

void lg_pyarenas_on_mmap(Addr a, SizeT szB)
{
    if ((szB != LG_PY_SMALL_ARENA_SZB && szB != LG_PY_LARGE_ARENA_SZB) ||
        lg_python()->hasArenaHook)
        return;
    if (candidates.ranges == NULL)
        candidates.ranges =
            VG_(OSetGen_Create)(0, compare_disjoint, VG_(malloc),
                                "lg.pyarenas.candidates", VG_(free));
    if (VG_(OSetGen_Size)(candidates.ranges) >= MAX_CANDIDATES)
        return;
    LgRange* r = VG_(OSetGen_AllocNode)(candidates.ranges, sizeof *r);
    *r = (LgRange){a, a + szB};
    VG_(OSetGen_Insert)(candidates.ranges, r);
}

void lg_pyarenas_on_munmap(Addr a, SizeT szB)
{
    LgRange gone = {a, a + szB};
    void*   r;

    if (candidates.ranges == NULL)
        return;
    while ((r = VG_(OSetGen_Remove)(candidates.ranges, &gone)) != NULL)
        VG_(OSetGen_FreeNode)(candidates.ranges, r);
}

/* An arena is anonymous memory, all of which is still mapped. */
static Bool may_be_arena(const LgRange* r)
{
    NSegment const* seg = VG_(am_find_nsegment)(r->lo);
    return seg != NULL && seg->kind == SkAnonC && seg->hasR && seg->hasW &&
           !seg->isCH && seg->end >= r->hi - 1;
}

static Bool is_likely(const LgRange* r)
{
    UInt poolSzB =
        r->hi - r->lo == LG_PY_LARGE_ARENA_SZB ? LG_PY_LARGE_POOL_SZB
                                               : LG_PY_SMALL_POOL_SZB;
    return may_be_arena(r) &&
           lg_pyarena_is_likely(lg_python_mem(), r->lo, r->hi, poolSzB);
}

void lg_pyarenas_discover(void)
{
    const LgRange* r;

    if (lg_python()->hasArenaHook)
        return;
    while (arenas.n > 0)
        remove_arena(arenas.n - 1);
    if (candidates.ranges == NULL)
        return;
    VG_(OSetGen_ResetIter)(candidates.ranges);
    while ((r = VG_(OSetGen_Next)(candidates.ranges)) != NULL) {
        Bool isLarge = r->hi - r->lo == LG_PY_LARGE_ARENA_SZB;
        if ((arenas.n > 0 && isLarge != candidates.areLarge) || !is_likely(r))
            continue;
        candidates.areLarge = isLarge;
        lg_pyarenas_add(r->lo, r->hi - r->lo);
    }
}

UInt lg_pyarenas_pool_szB(void)
{
    const LgPyLayout* layout = lg_python()->layout;
    if (layout != NULL && layout->poolSzB != 0)
        return layout->poolSzB;
    return candidates.areLarge || lg_python()->hasArenaHook
               ? LG_PY_LARGE_POOL_SZB
               : LG_PY_SMALL_POOL_SZB;
}

void lg_pyarenas_skips(XArray* skips)
{
    for (UInt i = 0; i < arenas.n; i++)
        VG_(addToXA)(skips, &arenas.ranges[i]);
    lg_pysegments_skips(skips);
    lg_pyinterp_dead_data_stacks(skips);
}
