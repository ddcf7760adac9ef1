/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pages.c: touched pages.  See lg_pages.h. */

#include "lg_pages.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_vki.h"

#include "lg_compat.h"

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

/* Bits of an entry of /proc/self/pagemap (Documentation/admin-guide/mm). */
#define ENTRY_TOUCHED ((1ULL << 63) | (1ULL << 62)) /* present, swapped */

typedef void (*RangeFn)(void* opaque, Addr lo, Addr hi);

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

/* These two return where they could not go on: hi when all is done.  That is
   never below lo, though they ask for whole pages. */

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

static Addr apply_by_entries(Int fd, Addr lo, Addr hi, RangeFn fn,
                             void* opaque)
{
    ULong entries[512];
    Addr  at = VG_PGROUNDDN(lo);

    while (at < hi) {
        UWord nPages = (VG_PGROUNDUP(hi) - at) / VKI_PAGE_SIZE;
        if (nPages > 512)
            nPages = 512;
        if (VG_(lseek)(fd, (Off64T)(at / VKI_PAGE_SIZE * sizeof(ULong)),
                       VKI_SEEK_SET) < 0)
            return at > lo ? at : lo;
        Int got = VG_(read)(fd, entries, (Int)(nPages * sizeof(ULong)));
        if (got < (Int)sizeof(ULong))
            return at > lo ? at : lo;
        nPages = (UInt)got / sizeof(ULong);
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

void lg_pages_apply_touched(Addr lo, Addr hi, RangeFn fn, void* opaque)
{
    if (lo >= hi)
        return;
    /* Opened anew each time: a lasting descriptor would show up in the
       program's numbering, and after fork() still show the parent's pages. */
    Int fd = VG_(fd_open)("/proc/self/pagemap", VKI_O_RDONLY, 0);
    if (fd >= 0) {
        lo = apply_by_scan(fd, lo, hi, fn, opaque);
        if (lo < hi)
            lo = apply_by_entries(fd, lo, hi, fn, opaque);
        VG_(close)(fd);
    }
    if (lo < hi)
        fn(opaque, lo, hi);
}

static void zero_range(void* opaque, Addr lo, Addr hi)
{
    (void)opaque;
    VG_(memset)((void*)lo, 0, hi - lo);
}

/* Below this, a call costs more than writing. */
#define INLINE_SZB 128

/* From this on, writing costs more than asking the kernel. */
#define ASK_FROM_SZB (256 * 1024)

void lg_pages_zero(Addr p, SizeT szB)
{
    if (szB <= INLINE_SZB && p % sizeof(UWord) == 0) {
        /* A block's memory is rounded up to whole words. */
        UWord* w = (UWord*)p;
        for (SizeT i = 0; i < szB; i += sizeof(UWord))
            *w++ = 0;
    } else if (szB < ASK_FROM_SZB)
        VG_(memset)((void*)p, 0, szB);
    else
        lg_pages_apply_touched(p, p + szB, zero_range, NULL);
}
