/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pymimalloc.c: see lg_pymimalloc.h. */

#include "lg_pymimalloc.h"

/* mi_segment_t, the same in 3.13 and 3.14, on amd64 and arm64.  A slice has
   64 KiB. */
enum {
    SEGMENT_SIZE        = 0x20,
    COOKIE              = 0xd8,
    SEGMENT_SLICES      = 0xe0,
    SEGMENT_INFO_SLICES = 0xe8,
    KIND                = 0xf0, /* an enum: 0 for many blocks, 1 for one */
    SLICE_ENTRIES       = 0xf8,
    HEAD_SZB            = 0x100
};
#define SLICE_SZB ((Addr)64 << 10)

/* The head itself does not need more. */
enum { MAX_INFO_SLICES = 4 };
#define MAX_SZB ((Addr)1 << 46)

Bool lg_pymimalloc_read_segment(const LgPyMem* mem, Addr start, SizeT* szB,
                                Addr* secret)
{
    const Addr perSegment = LG_MIMALLOC_SEGMENT_SZB / SLICE_SZB;
    Addr       size, cookie, nSlices, nInfo, nEntries;
    UInt       kind;

    if (start == 0 || mem->at(mem->opaque, start, HEAD_SZB) == NULL ||
        !lg_py_word(mem, start + SEGMENT_SIZE, &size) ||
        !lg_py_word(mem, start + COOKIE, &cookie) ||
        !lg_py_word(mem, start + SEGMENT_SLICES, &nSlices) ||
        !lg_py_word(mem, start + SEGMENT_INFO_SLICES, &nInfo) ||
        !lg_py_read(mem, start + KIND, &kind, sizeof kind) ||
        !lg_py_word(mem, start + SLICE_ENTRIES, &nEntries))
        return False;
    *szB = nSlices * SLICE_SZB;
    *secret = start ^ cookie;
    return *secret != 0 && size == *szB && size <= MAX_SZB &&
           start + size > start && nInfo > 0 &&
           nInfo <= MAX_INFO_SLICES && nSlices > nInfo &&
           (kind == 0 ? nSlices == perSegment : kind == 1) &&
           nEntries == (nSlices < perSegment ? nSlices : perSegment);
}
