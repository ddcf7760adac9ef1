/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_segments.c: see lg_segments.h. */

#include "lg_segments.h"

#include "pub_tool_mallocfree.h"

Addr* lg_segments(UInt kinds, Int* n)
{
    Addr* starts = NULL;

    /* Allocating can itself make a segment. */
    for (Int room = 256;; room *= 2) {
        starts = VG_(realloc)("lg.segments", starts, room * sizeof *starts);
        *n = VG_(am_get_segment_starts)(kinds, starts, room);
        if (*n >= 0)
            return starts;
    }
}

void lg_segments_visit_statics(const DebugInfo* module,
                               void (*range)(void* opaque, Addr lo, Addr hi),
                               void* opaque)
{
    const NSegment* seg =
        VG_(am_find_nsegment)(VG_(DebugInfo_get_text_avma)(module));
    Addr bss = VG_(DebugInfo_get_bss_avma)(module);

    for (ULong ino = seg != NULL ? seg->ino : 0;
         seg != NULL && seg->kind == SkFileC && seg->ino == ino;
         seg = VG_(am_find_nsegment)(seg->end + 1))
        if (seg->hasR && seg->hasW)
            range(opaque, seg->start, seg->end + 1);
    range(opaque, bss, bss + VG_(DebugInfo_get_bss_size)(module));
}
