/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysegments.c: see lg_pysegments.h. */

#include "lg_pysegments.h"

#include "pub_tool_mallocfree.h"

#include "../../engine/lg_vocab.h"
#include "../../python/lg_pymimalloc.h"
#include "../process/lg_python.h"

/* The segments that were seen, in no order; there are few.  Some may not exist
   any more. */
static struct {
    Addr* starts;
    UInt  n, room;
    Addr  last;   /* the one asked for last; 0: none */
    Addr  secret; /* that all have in common */
} segments;

static Bool is_segment(Addr start, SizeT* szB)
{
    Addr secret;

    if (!lg_pymimalloc_read_segment(lg_python_mem(), start, szB, &secret))
        return False;
    if (segments.n == 0)
        segments.secret = secret;
    return secret == segments.secret;
}

Bool lg_pysegments_hold(Addr p)
{
    Addr start = lg_pymimalloc_segment_of(p);

    if (segments.n == 0)
        return False;
    if (LIKELY(start == segments.last))
        return True;
    for (UInt i = 0; i < segments.n; i++)
        if (segments.starts[i] == start) {
            segments.last = start;
            return True;
        }
    return False;
}

Bool lg_pysegments_find(Addr p)
{
    Addr  start = lg_pymimalloc_segment_of(p);
    SizeT szB;

    if (lg_pysegments_hold(p))
        return True;
    if (!is_segment(start, &szB))
        return False;
    if (segments.n == segments.room) {
        segments.room = segments.room ? 2 * segments.room : 16;
        segments.starts =
            VG_(realloc)("lg.pysegments", segments.starts,
                         segments.room * sizeof *segments.starts);
    }
    segments.starts[segments.n++] = segments.last = start;
    return True;
}

void lg_pysegments_skips(XArray* skips)
{
    SizeT szB;

    for (UInt i = 0; i < segments.n; i++) {
        LgRange r = {segments.starts[i], segments.starts[i]};
        if (is_segment(r.lo, &szB)) {
            r.hi += szB;
            VG_(addToXA)(skips, &r);
        }
    }
}
