/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_main.c: wiring only. It tells the core who we are and what we need. */

#include "tool/lg_compat.h"

#include "pub_tool_libcbase.h"

static void* allocate(SizeT align, SizeT szB)
{
    return VG_(cli_malloc)(align, szB);
}

void* lg_heap_malloc(ThreadId tid, SizeT szB)
{
    (void)tid;
    return allocate(VG_(clo_alignment), szB);
}

void* lg_heap_new(ThreadId tid, SizeT szB)
{
    return lg_heap_malloc(tid, szB);
}

void* lg_heap_new_aligned(ThreadId tid, SizeT szB, SizeT align,
                          SizeT origAlign)
{
    return lg_heap_memalign(tid, align, origAlign, szB);
}

void* lg_heap_vec_new(ThreadId tid, SizeT szB)
{
    return lg_heap_malloc(tid, szB);
}

void* lg_heap_vec_new_aligned(ThreadId tid, SizeT szB, SizeT align,
                              SizeT origAlign)
{
    return lg_heap_memalign(tid, align, origAlign, szB);
}

void* lg_heap_memalign(ThreadId tid, SizeT align, SizeT origAlign, SizeT szB)
{
    (void)tid;
    (void)origAlign;
    return allocate(align, szB);
}

void* lg_heap_calloc(ThreadId tid, SizeT nmemb, SizeT elemSzB)
{
    SizeT szB;
    if (__builtin_mul_overflow(nmemb, elemSzB, &szB))
        return NULL;
    void* p = lg_heap_malloc(tid, szB);
    if (p != NULL)
        VG_(memset)(p, 0, szB);
    return p;
}

void lg_heap_free(ThreadId tid, void* p)
{
    (void)tid;
    VG_(cli_free)(p);
}

void lg_heap_delete(ThreadId tid, void* p)
{
    lg_heap_free(tid, p);
}

void lg_heap_delete_aligned(ThreadId tid, void* p, SizeT align)
{
    (void)align;
    lg_heap_free(tid, p);
}

void lg_heap_vec_delete(ThreadId tid, void* p)
{
    lg_heap_free(tid, p);
}

void lg_heap_vec_delete_aligned(ThreadId tid, void* p, SizeT align)
{
    (void)align;
    lg_heap_free(tid, p);
}

void* lg_heap_realloc(ThreadId tid, void* p, SizeT szB)
{
    if (szB == 0 && lg_compat_realloc_zero_bytes_frees()) {
        lg_heap_free(tid, p);
        return NULL;
    }
    SizeT oldSzB = VG_(cli_malloc_usable_size)(p);
    void* q = lg_heap_malloc(tid, szB);
    if (q != NULL) {
        VG_(memcpy)(q, p, oldSzB < szB ? oldSzB : szB);
        lg_heap_free(tid, p);
    }
    return q;
}

SizeT lg_heap_usable_size(ThreadId tid, void* p)
{
    (void)tid;
    return VG_(cli_malloc_usable_size)(p);
}

static void post_clo_init(void)
{
}

/* Ordinary code runs as it is. */
static IRSB* instrument(VgCallbackClosure* closure, IRSB* sb,
                        const VexGuestLayout* layout,
                        const VexGuestExtents* extents,
                        const VexArchInfo* archInfo, IRType guestWord,
                        IRType hostWord)
{
    (void)closure;
    (void)layout;
    (void)extents;
    (void)archInfo;
    (void)guestWord;
    (void)hostWord;
    return sb;
}

static void fini(Int exitcode)
{
    (void)exitcode;
}

static void pre_clo_init(void)
{
    VG_(details_name)("Leakgrind");
    VG_(details_version)(PACKAGE_VERSION);
    VG_(details_description)("a leak checker for native and Python programs");
    VG_(details_copyright_author)(
        "Copyright (C) 2025, and GNU GPL'd, by the leakgrind authors.");
    VG_(details_bug_reports_to)("the leakgrind authors");

    VG_(basic_tool_funcs)(post_clo_init, instrument, fini);
    lg_compat_register_malloc(16);
}

VG_DETERMINE_INTERFACE_VERSION(pre_clo_init)
