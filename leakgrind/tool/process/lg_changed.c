/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_changed.c: see lg_changed.h.

   /proc/self/pagemap says of each page whether this process alone has it (since
   Linux 4.2).  A page of private anonymous memory becomes so when the child
   writes to it, and when the parent does or ends: then it counts as changed
   without being so, which costs time and nothing else. */

#include "lg_changed.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_vki.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_vocab.h"
#include "../host/lg_compat.h"
#include "../host/lg_kernel.h"
#include "../memory/lg_segments.h"
#include "lg_forks.h"

struct LgChanged {
    XArray* unchanged; /* of LgRange, ascending: whole pages */
    LgRange last;      /* the one that was asked about last */
};

/* Bits of an entry (Documentation/admin-guide/mm/pagemap.rst). */
enum {
    EXCLUSIVE    = 56,
    FILE_OR_SHM  = 61,
    SWAPPED      = 62,
    PRESENT      = 63
};

static Bool has_bit(ULong entry, UInt bit)
{
    return (entry >> bit) & 1;
}

/* A page that was never touched holds nothing. */
static Bool is_unchanged(ULong entry)
{
    return !has_bit(entry, SWAPPED) && !has_bit(entry, FILE_OR_SHM) &&
           !(has_bit(entry, PRESENT) && has_bit(entry, EXCLUSIVE));
}

static Bool read_entries(Int fd, Addr page, ULong* entries, UWord n)
{
    SizeT wantedB = n * sizeof(ULong);
    SysRes res = lg_compat_pread(fd, entries, wantedB,
                                 page / VKI_PAGE_SIZE * sizeof(ULong));
    return !sr_isError(res) && sr_Res(res) == wantedB;
}

static void add_unchanged(LgChanged* c, Addr lo, Addr hi)
{
    Word     n = VG_(sizeXA)(c->unchanged);
    LgRange* last = n > 0 ? VG_(indexXA)(c->unchanged, n - 1) : NULL;
    LgRange  r = {lo, hi};

    if (last != NULL && last->hi == lo)
        last->hi = hi;
    else
        VG_(addToXA)(c->unchanged, &r);
}

static Bool read_pagemap(LgChanged* c, Int fd, Addr lo, Addr hi)
{
    enum { AT_ONCE = 1024 };
    ULong entries[AT_ONCE];

    for (Addr at = lo; at < hi;) {
        UWord n = (hi - at) / VKI_PAGE_SIZE;
        if (n > AT_ONCE)
            n = AT_ONCE;
        if (!read_entries(fd, at, entries, n))
            return False;
        for (UWord i = 0; i < n; i++, at += VKI_PAGE_SIZE)
            if (is_unchanged(entries[i]))
                add_unchanged(c, at, at + VKI_PAGE_SIZE);
    }
    return True;
}

/* Does the kernel tell which pages are shared?  Tried with a page that is not:
   that of our own stack, which was just written to. */
static Bool kernel_tells(Int fd)
{
    volatile ULong here = 1;
    ULong          entry;

    return read_entries(fd, VG_PGROUNDDN((Addr)&here), &entry, 1) &&
           has_bit(entry, PRESENT) && has_bit(entry, EXCLUSIVE) && here == 1;
}

/* Only private anonymous memory: for files, the kernel does not tell what is
   shared. */
static Bool look_at_segments(LgChanged* c, Int fd)
{
    Int   n;
    Addr* starts = lg_segments(SkAnonC, &n);
    Bool  ok = True;

    for (Int i = 0; i < n && ok; i++) {
        NSegment const* seg = VG_(am_find_nsegment)(starts[i]);
        if (seg != NULL && seg->kind == SkAnonC && seg->hasR)
            ok = read_pagemap(c, fd, seg->start, seg->end + 1);
    }
    VG_(free)(starts);
    return ok;
}

LgChanged* lg_changed_new(void)
{
    if (!lg_forks_isChild || lg_forks_hasForked ||
        !lg_kernel_allows_files())
        return NULL;
    Int fd = VG_(fd_open)("/proc/self/pagemap", VKI_O_RDONLY, 0);
    if (fd < 0)
        return NULL;
    LgChanged* c = VG_(malloc)("lg.changed", sizeof *c);
    c->last = (LgRange){0, 0};
    c->unchanged = VG_(newXA)(VG_(malloc), "lg.changed.ranges", VG_(free),
                              sizeof(LgRange));
    if (!kernel_tells(fd) || !look_at_segments(c, fd)) {
        lg_changed_delete(c);
        c = NULL;
    }
    VG_(close)(fd);
    return c;
}

void lg_changed_delete(LgChanged* c)
{
    if (c == NULL)
        return;
    VG_(deleteXA)(c->unchanged);
    VG_(free)(c);
}

/* The first unchanged range that ends behind `a`; NULL if there is none. */
static const LgRange* unchanged_after(const LgChanged* c, Addr a)
{
    UInt           n = (UInt)VG_(sizeXA)(c->unchanged);
    const LgRange* ranges = n > 0 ? VG_(indexXA)(c->unchanged, 0) : NULL;
    UInt           k = lg_ranges_first_after(ranges, n, a);

    return k < n ? &ranges[k] : NULL;
}

Bool lg_changed_any(LgChanged* c, Addr lo, Addr hi)
{
    const LgRange* r;

    if (LIKELY(c->last.lo <= lo && hi <= c->last.hi))
        return False;
    r = unchanged_after(c, lo);
    if (r == NULL || r->lo > lo)
        return True;
    c->last = *r;
    return r->hi < hi;
}

Addr lg_changed_end_of_unchanged(const LgChanged* c)
{
    return c->last.hi;
}

void lg_changed_apply(const LgChanged* c, Addr lo, Addr hi,
                      void (*fn)(void* opaque, Addr lo, Addr hi),
                      void* opaque)
{
    const LgRange* r;

    while (lo < hi && (r = unchanged_after(c, lo)) != NULL && r->lo < hi) {
        if (lo < r->lo)
            fn(opaque, lo, r->lo);
        lo = r->hi;
    }
    if (lo < hi)
        fn(opaque, lo, hi);
}
