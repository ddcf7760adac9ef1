/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_fresh.c: see lg_fresh.h.

   The client arena takes memory in superblocks of 4 MiB, so a larger block has
   a superblock of its own.  This is unmapped when the block is freed, unless
   it was made for an aligned block.  This module keeps a list of the
   superblocks of aligned blocks, and of any memory that is still mapped after
   its block was freed.  A block that overlaps none of them comes straight from
   the kernel. */

#include "lg_fresh.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_vki.h"

#include "../../engine/lg_wordset.h"
#include "../host/lg_compat.h"

/* What superblocks and blocks have before the first byte, and what rounding
   adds at the end. */
#define OVERHEAD_SZB ((SizeT)4 * VKI_PAGE_SIZE)

static LgWordSet* used; /* NULL: nothing yet */

static void note_used(Addr lo, Addr hi)
{
    if (used == NULL)
        used = lg_ws_new();
    lg_ws_add(used, lo, hi);
}

Bool lg_fresh_is(Addr p, SizeT szB)
{
    return lg_compat_knows_superblocks() && szB > LG_FRESH_FROM_SZB &&
           (used == NULL || !lg_ws_overlaps(used, p, p + szB));
}

void lg_fresh_on_aligned(Addr p, SizeT szB, SizeT alignB)
{
    if (szB + alignB + OVERHEAD_SZB > LG_FRESH_FROM_SZB)
        note_used(p - alignB - OVERHEAD_SZB, p + szB + alignB + OVERHEAD_SZB);
}

void lg_fresh_on_free(Addr p, SizeT szB)
{
    NSegment const* seg = VG_(am_find_nsegment)(p);
    if (seg != NULL && seg->isCH)
        note_used(p, p + szB);
    else if (used != NULL)
        lg_ws_remove(used, p, p + szB);
}

void lg_fresh_check(void)
{
    lg_ws_check(used);
}
