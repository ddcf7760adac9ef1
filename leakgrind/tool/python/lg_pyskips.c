/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyskips.c: see lg_pyskips.h. */

#include "lg_pyskips.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../../lg_platform.h"
#include "../memory/lg_pages.h"
#include "../process/lg_python.h"
#include "../threads/lg_stacks.h"
#include "lg_pyinterp.h"
#include "lg_pystatics.h"

/* --- Containers ----------------------------------------------------------- */

/* The aligned words of [lo, hi); NULL when they cannot be read. */
static const Addr* aligned_words(Addr lo, Addr hi, SizeT* n)
{
    Addr begin = VG_ROUNDUP(lo, sizeof(Addr));

    *n = hi > begin ? (hi - begin) / sizeof(Addr) : 0;
    return *n == 0 ? NULL
                   : lg_python_mem()->at(lg_python_mem()->opaque, begin,
                                         *n * sizeof(Addr));
}

/* The range from the first word that leads to a block to the last. */
static LgRange range_of_pointers(const LgPySnapshot* c, Addr lo, Addr hi)
{
    LgRange     r = {0, 0};
    SizeT       n;
    const Addr* words = aligned_words(lo, hi, &n);

    for (SizeT i = 0; words != NULL && i < n; i++)
        if (words[i] != 0 && lg_snap_find(c->snap, words[i]) >= 0) {
            if (r.hi == 0)
                r.lo = (Addr)&words[i];
            r.hi = (Addr)&words[i + 1];
        }
    return r;
}

static void skip_dead(void* opaque, Addr lo, Addr hi)
{
    LgPySnapshot* c = opaque;
    LgRange       r = range_of_pointers(c, lo, hi);
    if (r.lo < r.hi)
        lg_pysnap_skip(c, r);
}

/* The blocks of Python's to which words of bytes seem to lead. */
static void skip_some_bytes(void* opaque, Addr lo, Addr hi)
{
    LgPySnapshot*  c = opaque;
    SizeT       n;
    const Addr* words = aligned_words(lo, hi, &n);

    for (SizeT i = 0; words != NULL && i < n; i++) {
        Int hit = words[i] != 0 ? lg_snap_find(c->snap, words[i]) : -1;
        if (hit >= 0 && (lg_snap_flags(c->snap, (UInt)hit) & LG_BF_PY))
            lg_pysnap_skip_word(c, (Addr)&words[i]);
    }
}

static void skip_bytes(void* opaque, Addr lo, Addr hi)
{
    const SizeT largeSzB = (SizeT)4 << 20;
    if (hi - lo < largeSzB)
        skip_some_bytes(opaque, lo, hi);
    else
        lg_pages_apply_used(lo, hi, skip_some_bytes, opaque);
}

static void note_cleared(void* opaque, Addr obj, Addr lo, Addr hi)
{
    LgPySnapshot* c = opaque;
    LgRange       r = range_of_pointers(c, lo, hi);
    if (r.lo < r.hi) {
        LgPyCleared one = {obj, r};
        VG_(addToXA)(c->cleared, &one);
    }
}

static SizeT block_szB_at(void* opaque, Addr a)
{
    LgPySnapshot* c = opaque;
    Int           i = lg_snap_find(c->snap, a);

    if (i < 0)
        return 0;
    const LgSnapBlock* b = &lg_snap_blocks(c->snap)[i];
    SizeT              szB = lg_sb_szB(b);
    if (lg_snap_flags(c->snap, (UInt)i) & LG_BF_PY_PREFIX) {
        if (szB < LG_PY_DEBUG_SZB || a != b->start + LG_PY_PREFIX_SZB)
            return 0;
        szB -= LG_PY_DEBUG_SZB;
    } else if (a != b->start)
        return 0;
    lg_pystatics_on_use(c, (UInt)i);
    return szB;
}

void lg_pyskips_container(LgPySnapshot* c, const LgPyObject* o, Addr obj,
                          Addr end)
{
    const LgPyContainerHost host = {c, block_szB_at, skip_dead, skip_bytes,
                                    note_cleared};
    LgPyContainer container = lg_pytypes_container(lg_python_types(), o->type);

    if (o->weaklistOff != 0)
        lg_pysnap_skip_number(c, obj + (Addr)o->weaklistOff);
    if (o->inlineValuesOff != 0)
        lg_pycontainers_look_at_inline(lg_python_mem(), lg_python()->layout,
                                       obj, obj + o->inlineValuesOff, end,
                                       &host);
    if (container != LgPyNoContainer)
        lg_pycontainers_look(lg_python_mem(), lg_python()->layout, container,
                             obj, end, &host);
}

/* --- What was cleared ----------------------------------------------------- */

/* Forgets the cleared words of the object to which `word` leads; with anyWord,
   of all objects. */
static void forget_cleared(LgPySnapshot* c, Addr word, Bool anyWord)
{
    enum { CLOSE_SZB = 256 }; /* a generator contains its frame */

    for (Word k = 0; k < VG_(sizeXA)(c->cleared); k++) {
        LgPyCleared* one = VG_(indexXA)(c->cleared, k);
        if (anyWord || word - one->obj < CLOSE_SZB)
            one->words.hi = one->words.lo;
    }
}

/* The function that clears an object has its address on the live stack [lo,
   hi). */
static void forget_those_on(LgPySnapshot* c, Addr lo, Addr hi)
{
    SizeT       n;
    const Addr* words = aligned_words(lo, hi, &n);

    if (n > 0 && words == NULL)
        forget_cleared(c, 0, /*anyWord*/ True);
    for (SizeT i = 0; words != NULL && i < n; i++)
        if (words[i] != 0 && lg_snap_find(c->snap, words[i]) >= 0)
            forget_cleared(c, words[i], /*anyWord*/ False);
}

/* If there are more of them, checking takes too long, and they stay as they
   are. */
enum { MAX_CLEARED = 4096 };

static void add_cleared(LgPySnapshot* c)
{
    Word    n = VG_(sizeXA)(c->cleared);
    XArray* live;

    if (n == 0 || n > MAX_CLEARED)
        return;
    live = VG_(newXA)(VG_(malloc), "lg.pyskips.live", VG_(free),
                      sizeof(LgRange));
    lg_stacks_live(live, /*atExit*/ False);
    for (Word i = 0; i < VG_(sizeXA)(live); i++) {
        const LgRange* r = VG_(indexXA)(live, i);
        forget_those_on(c, r->lo, r->hi);
    }
    VG_(deleteXA)(live);
    for (Word k = 0; k < n; k++) {
        const LgPyCleared* one = VG_(indexXA)(c->cleared, k);
        if (one->words.lo < one->words.hi)
            lg_pysnap_skip(c, one->words);
    }
}

/* --- Interpreters, and the end -------------------------------------------- */

static void add_ranges(LgPySnapshot* c, void (*list)(XArray* ranges))
{
    XArray* ranges = VG_(newXA)(VG_(malloc), "lg.pyskips.ranges", VG_(free),
                                sizeof(LgRange));

    list(ranges);
    for (Word i = 0; i < VG_(sizeXA)(ranges); i++)
        lg_pysnap_skip(c, *(const LgRange*)VG_(indexXA)(ranges, i));
    VG_(deleteXA)(ranges);
}

/* A counted reference to an object that leads nowhere. */
typedef struct {
    UInt block;
    Addr at;
} Counted;

static Int compare_counted(const void* va, const void* vb)
{
    const Counted* a = va;
    const Counted* b = vb;
    return a->block < b->block ? -1 : a->block > b->block;
}

/* Skips the names in the type cache to which others hold references, too.  (A
   name that only the cache holds is no leak.) */
static void skip_names(LgPySnapshot* c, const Counted* names, Word n)
{
    for (Word i = 0, end; i < n; i = end) {
        UInt block = names[i].block;
        for (end = i + 1; end < n && names[end].block == block; end++)
            ;
        if (c->refcnt[block] <= (UInt)(end - i))
            continue;
        c->refcnt[block] -= (UInt)(end - i);
        for (Word k = i; k < end; k++)
            lg_pysnap_skip_word(c, names[k].at);
    }
}

static void note_name(LgPySnapshot* c, XArray* names, Addr at)
{
    Addr name;
    Int  hit = lg_py_word(lg_python_mem(), at, &name)
                   ? lg_snap_find(c->snap, name)
                   : -1;
    if (hit >= 0 && c->type[hit] != 0 && !(c->cls[hit] & IS_IMMORTAL)) {
        Counted one = {(UInt)hit, at};
        VG_(addToXA)(names, &one);
    }
}

/* In 3.9 the values are no references either; for other versions,
   lg_pyinterp_borrowed adds them. */
static void note_names_of_statics(LgPySnapshot* c, XArray* names)
{
    Addr entry = lg_pystatics_type_cache(c);

    for (UInt i = 0; entry != 0 && i < LG_PY_CACHE_ENTRIES; i++) {
        note_name(c, names, entry + LG_PY_CACHE_NAME);
        lg_pysnap_skip_number(c, entry + LG_PY_CACHE_VALUE);
        entry += LG_PY_CACHE_ENTRY_B;
    }
}

static void skip_cached_names(LgPySnapshot* c)
{
    XArray* ranges = VG_(newXA)(VG_(malloc), "lg.pyskips.ranges", VG_(free),
                                sizeof(LgRange));
    XArray* names = VG_(newXA)(VG_(malloc), "lg.pyskips.names", VG_(free),
                               sizeof(Counted));

    lg_pyinterp_cached_names(ranges);
    for (Word i = 0; i < VG_(sizeXA)(ranges); i++)
        note_name(c, names, ((const LgRange*)VG_(indexXA)(ranges, i))->lo);
    note_names_of_statics(c, names);
    if (VG_(sizeXA)(names) > 0) {
        lg_plat_sort(VG_(indexXA)(names, 0), (SizeT)VG_(sizeXA)(names),
                     sizeof(Counted), compare_counted);
        skip_names(c, VG_(indexXA)(names, 0), VG_(sizeXA)(names));
    }
    VG_(deleteXA)(names);
    VG_(deleteXA)(ranges);
}

static void set_parked_skipped(LgPySnapshot* c)
{
    XArray* parked = VG_(newXA)(VG_(malloc), "lg.pyskips.parked", VG_(free),
                                sizeof(LgRange));

    lg_pyinterp_parked_keys(parked);
    for (Word i = 0; i < VG_(sizeXA)(parked); i++) {
        const LgRange* r = VG_(indexXA)(parked, i);
        Int            hit = lg_snap_find(c->snap, r->lo);
        if (hit >= 0)
            lg_sb_set_skipped(&lg_snap_blocks(c->snap)[hit]);
    }
    VG_(deleteXA)(parked);
}

void lg_pyskips_finish(LgPySnapshot* c)
{
    add_cleared(c);
    set_parked_skipped(c);
    add_ranges(c, lg_pyinterp_borrowed);
    add_ranges(c, lg_pyinterp_unused_slots);
    skip_cached_names(c);
    lg_plat_sort(c->skips, c->nSkips, sizeof(LgRange), lg_ranges_compare);
}
