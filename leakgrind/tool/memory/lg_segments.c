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
