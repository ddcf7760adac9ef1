/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pages.c: which pages are in use.  See lg_pages.h; holes of files are in
   lg_sparse.c. */

#include "lg_pages.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_vki.h"

#include "../../engine/lg_wordset.h"
#include "../host/lg_compat.h"
#include "../host/lg_kernel.h"
#include "lg_segments.h"
#include "lg_sparse.h"

typedef void (*RangeFn)(void* opaque, Addr lo, Addr hi);

/* Less is read without asking. */
#define ASK_FROM_SZB ((SizeT)256 << 10)

static void apply_clipped(RangeFn fn, void* opaque, Addr lo, Addr hi,
                          Addr clipLo, Addr clipHi)
{
    if (lo < clipLo)
        lo = clipLo;
    if (hi > clipHi)
        hi = clipHi;
    if (lo < hi)
        fn(opaque, lo, hi);
}

/* --- /proc/self/pagemap ----------------------------------------------------

   These two return where they could not go on: hi when all is done.  That is
   never below lo, though they ask for whole pages. */

/* From Linux' include/uapi/linux/fs.h, which older headers lack. */
typedef struct {
    ULong start, end, categories;
} PageRegion;

typedef struct {
    ULong size, flags, start, end, walk_end, vec, vec_len, max_pages,
        category_inverted, category_mask, category_anyof_mask, return_mask;
} ScanArg;

enum {
    PAGE_IS_PRESENT = 1 << 3,
    PAGE_IS_SWAPPED = 1 << 4,
    PAGE_IS_PFNZERO = 1 << 5
};
/* _IOWR('f', 16, struct pm_scan_arg) */
#define PAGEMAP_SCAN 0xC0606610u

static Addr apply_by_scan(Int fd, Addr lo, Addr hi, RangeFn fn, void* opaque)
{
    PageRegion regions[64];
    Addr       at = VG_PGROUNDDN(lo);

    while (at < hi) {
        ScanArg arg;
        VG_(memset)(&arg, 0, sizeof arg);
        arg.size    = sizeof arg;
        arg.start   = at;
        arg.end     = VG_PGROUNDUP(hi);
        arg.vec     = (Addr)regions;
        arg.vec_len = sizeof regions / sizeof regions[0];
        /* Pages that all share the kernel's page of zeroes hold nothing. */
        arg.category_inverted   = PAGE_IS_PFNZERO;
        arg.category_mask       = PAGE_IS_PFNZERO;
        arg.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED;
        arg.return_mask         = PAGE_IS_PRESENT;
        SysRes res = lg_compat_ioctl(fd, PAGEMAP_SCAN, (Addr)&arg);
        if (sr_isError(res) || arg.walk_end <= at)
            return at > lo ? at : lo;
        for (UWord i = 0; i < sr_Res(res); i++)
            apply_clipped(fn, opaque, regions[i].start, regions[i].end, lo,
                          hi);
        at = arg.walk_end;
    }
    return hi;
}

/* Bits of an entry of the file (Documentation/admin-guide/mm). */
#define ENTRY_TOUCHED ((1ULL << 63) | (1ULL << 62)) /* present, swapped */

static Addr apply_by_entries(Int fd, Addr lo, Addr hi, RangeFn fn,
                             void* opaque)
{
    enum { AT_ONCE = 1024 };
    ULong entries[AT_ONCE];
    Addr  at = VG_PGROUNDDN(lo);

    while (at < hi) {
        UWord nPages = (VG_PGROUNDUP(hi) - at) / VKI_PAGE_SIZE;
        if (nPages > AT_ONCE)
            nPages = AT_ONCE;
        SysRes res = lg_compat_pread(fd, entries, nPages * sizeof(ULong),
                                     at / VKI_PAGE_SIZE * sizeof(ULong));
        if (sr_isError(res) || sr_Res(res) < sizeof(ULong))
            return at > lo ? at : lo;
        nPages = sr_Res(res) / sizeof(ULong);
        for (UWord i = 0; i < nPages;) {
            UWord first = i;
            Bool  touched = (entries[i] & ENTRY_TOUCHED) != 0;
            while (i < nPages && ((entries[i] & ENTRY_TOUCHED) != 0) == touched)
                i++;
            if (touched)
                apply_clipped(fn, opaque, at + first * VKI_PAGE_SIZE,
                              at + i * VKI_PAGE_SIZE, lo, hi);
        }
        at += nPages * VKI_PAGE_SIZE;
    }
    return hi;
}

/* Opens the file each time: a descriptor that stays open would change the
   numbers of the program's own descriptors, and would show the parent's pages
   after fork(). */
static Addr apply_by_pagemap(Addr lo, Addr hi, RangeFn fn, void* opaque)
{
    Int fd = VG_(fd_open)("/proc/self/pagemap", VKI_O_RDONLY, 0);

    if (fd < 0)
        return lo;
    if (lg_kernel_allows_all())
        lo = apply_by_scan(fd, lo, hi, fn, opaque);
    if (lo < hi)
        lo = apply_by_entries(fd, lo, hi, fn, opaque);
    VG_(close)(fd);
    return lo;
}

/* --- mincore -------------------------------------------------------------

   It tells which pages are in memory.  If nothing was swapped out, these are all
   pages in use. */

static Bool has_swapped_nothing(void)
{
    UWord words[LG_SYSINFO_WORDS];

    return !sr_isError(lg_compat_sysinfo(words)) &&
           words[LG_SYSINFO_TOTAL_SWAP] == words[LG_SYSINFO_FREE_SWAP];
}

/* Returns where it could not go on. */
static Addr apply_by_mincore(Addr lo, Addr hi, RangeFn fn, void* opaque)
{
    enum { AT_ONCE = 8192 };
    UChar isIn[AT_ONCE];
    Addr  at = VG_PGROUNDDN(lo);

    if (!lg_kernel_allows_all() || !has_swapped_nothing())
        return lo;
    while (at < hi) {
        UWord nPages = (VG_PGROUNDUP(hi) - at) / VKI_PAGE_SIZE;
        if (nPages > AT_ONCE)
            nPages = AT_ONCE;
        if (sr_isError(lg_compat_mincore(at, nPages * VKI_PAGE_SIZE, isIn)))
            return at > lo ? at : lo;
        for (UWord i = 0; i < nPages;) {
            UWord first = i;
            UChar in = isIn[i] & 1;
            while (i < nPages && (isIn[i] & 1) == in)
                i++;
            if (in)
                apply_clipped(fn, opaque, at + first * VKI_PAGE_SIZE,
                              at + i * VKI_PAGE_SIZE, lo, hi);
        }
        at += nPages * VKI_PAGE_SIZE;
    }
    return hi;
}

/* --- One mapping --------------------------------------------------------- */

/* Anonymous mappings that are shared. */
static LgWordSet* shared; /* NULL: there never was one */

void lg_pages_after_mmap(Addr a, SizeT szB, UWord flags)
{
    if (!(flags & VKI_MAP_SHARED) || !(flags & VKI_MAP_ANONYMOUS))
        return;
    if (shared == NULL)
        shared = lg_ws_new();
    lg_ws_add(shared, a, a + szB);
}

void lg_pages_on_munmap(Addr a, SizeT szB)
{
    if (shared != NULL)
        lg_ws_remove(shared, a, a + szB);
}

void lg_pages_check(void)
{
    lg_ws_check(shared);
}

static void apply_private(Addr lo, Addr hi, RangeFn fn, void* opaque)
{
    lo = apply_by_pagemap(lo, hi, fn, opaque);
    if (lo < hi)
        lo = apply_by_mincore(lo, hi, fn, opaque);
    if (lo < hi)
        fn(opaque, lo, hi);
}

/* Other processes may have written to a page that this one has not touched. */
static void apply_shared(Addr lo, Addr hi, RangeFn fn, void* opaque)
{
    lo = apply_by_mincore(lo, hi, fn, opaque);
    if (lo < hi)
        fn(opaque, lo, hi);
}

typedef struct {
    RangeFn fn;
    void*   opaque;
} Visitor;

/* A process may have pages of its own in the hole of a file. */
static void visit_part(void* x, Addr lo, Addr hi, Bool isHole)
{
    const Visitor* v = x;
    if (isHole)
        apply_private(lo, hi, v->fn, v->opaque);
    else
        v->fn(v->opaque, lo, hi);
}

/* *seg is invalid after the first call of fn, which may map memory. */
static void apply_segment(const NSegment* seg, Addr lo, Addr hi, RangeFn fn,
                          void* opaque)
{
    Visitor v = {fn, opaque};

    if (hi - lo < ASK_FROM_SZB || !lg_kernel_allows_files())
        fn(opaque, lo, hi);
    else if (seg->kind == SkFileC)
        lg_sparse_visit(seg, lo, hi, visit_part, &v);
    else if (seg->kind == SkShmC ||
             (shared != NULL && lg_ws_overlaps(shared, lo, hi)))
        apply_shared(lo, hi, fn, opaque);
    else
        apply_private(lo, hi, fn, opaque);
}

/* --- Many mappings ------------------------------------------------------- */

static Bool can_be_read(const NSegment* seg)
{
    return seg != NULL && seg->hasR &&
           (seg->kind == SkAnonC || seg->kind == SkFileC ||
            seg->kind == SkShmC);
}

void lg_pages_apply_used(Addr lo, Addr hi, RangeFn fn, void* opaque)
{
    if (lo >= hi)
        return;
    NSegment const* seg = VG_(am_find_nsegment)(lo);
    if (can_be_read(seg) && seg->end >= hi - 1) {
        apply_segment(seg, lo, hi, fn, opaque);
        return;
    }
    Int   n;
    Addr* starts = lg_segments(LG_PROGRAM_SEGMENTS, &n);
    for (Int i = 0; i < n && starts[i] < hi; i++) {
        seg = VG_(am_find_nsegment)(starts[i]);
        if (!can_be_read(seg) || seg->end < lo)
            continue;
        Addr from = seg->start > lo ? seg->start : lo;
        Addr to = seg->end < hi - 1 ? seg->end + 1 : hi;
        apply_segment(seg, from, to, fn, opaque);
    }
    VG_(free)(starts);
}

/* --- Zeroing ------------------------------------------------------------- */

/* Below this, a call costs more than writing. */
#define INLINE_SZB 128

/* Larger memory than this is read first: a page that is zero is not written
   to, as it may never have been touched, and reading it costs no memory. */
#define LOOK_FROM_SZB ((SizeT)256 << 10)

static Bool is_zero(const ULong* words, SizeT n)
{
    for (SizeT i = 0; i + 8 <= n; i += 8)
        if ((words[i] | words[i + 1] | words[i + 2] | words[i + 3] |
             words[i + 4] | words[i + 5] | words[i + 6] | words[i + 7]) != 0)
            return False;
    return True;
}

static void zero_pages(Addr lo, Addr hi)
{
    for (; lo < hi; lo += VKI_PAGE_SIZE)
        if (!is_zero((const ULong*)lo, VKI_PAGE_SIZE / sizeof(ULong)))
            VG_(memset)((void*)lo, 0, VKI_PAGE_SIZE);
}

void lg_pages_zero(Addr p, SizeT szB)
{
    if (szB <= INLINE_SZB && p % sizeof(UWord) == 0) {
        /* A block's memory is rounded up to whole words. */
        UWord* w = (UWord*)p;
        for (SizeT i = 0; i < szB; i += sizeof(UWord))
            *w++ = 0;
    } else if (szB < LOOK_FROM_SZB)
        VG_(memset)((void*)p, 0, szB);
    else {
        Addr first = VG_PGROUNDUP(p), last = VG_PGROUNDDN(p + szB);
        VG_(memset)((void*)p, 0, first - p);
        zero_pages(first, last);
        VG_(memset)((void*)last, 0, p + szB - last);
    }
}
