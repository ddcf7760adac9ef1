/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_closedlibs.c: see lg_closedlibs.h.

   When memory is unmapped, the core calls the tool before it drops the debug
   information of the files there, and reads its option only after that. */

#include "lg_closedlibs.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../host/lg_compat.h"
#include "../host/lg_options.h"
#include "../trace/lg_context.h"
#include "lg_heap.h"
#include "lg_pools.h"

static Bool isAutomatic;

/* --- Libraries that are open ----------------------------------------------- */

/* Where the code of the known files is. */
static struct {
    LgRange* ranges;
    UInt     n, capacity;
} code;

void lg_closedlibs_init(void)
{
    isAutomatic = !lg_options_core_has("--keep-debuginfo");
}

static void add_code_range(Addr lo, SizeT szB)
{
    if (code.n == code.capacity) {
        code.capacity = code.capacity ? 2 * code.capacity : 64;
        code.ranges = VG_(realloc)("lg.closedlibs", code.ranges,
                                   code.capacity * sizeof *code.ranges);
    }
    code.ranges[code.n++] = (LgRange){lo, lo + szB};
}

void lg_closedlibs_on_file_read(void)
{
    code.n = 0;
    for (const DebugInfo* di = VG_(next_DebugInfo)(NULL); di != NULL;
         di = VG_(next_DebugInfo)(di))
        add_code_range(VG_(DebugInfo_get_text_avma)(di),
                       VG_(DebugInfo_get_text_size)(di));
}

/* --- Libraries that were closed ------------------------------------------- */

typedef struct {
    LgRange range;
    HChar*  file;
    UInt    nUnneeded; /* times it was closed without a live block that has a
                          frame in it */
    Bool    isKept;
    DiEpoch epoch; /* in which it is known, if it is kept */
} Closed;

static XArray* closed; /* of Closed */

static Closed* closed_library(LgRange range, const HChar* file)
{
    if (closed == NULL)
        closed = VG_(newXA)(VG_(malloc), "lg.closedlibs", VG_(free),
                            sizeof(Closed));
    for (Word i = 0; i < VG_(sizeXA)(closed); i++) {
        Closed* c = VG_(indexXA)(closed, i);
        if (c->range.lo == range.lo && c->range.hi == range.hi &&
            VG_STREQ(c->file, file))
            return c;
    }
    Closed c = {.range = range, .file = VG_(strdup)("lg.closedlibs", file)};
    return VG_(indexXA)(closed, VG_(addToXA)(closed, &c));
}

typedef struct {
    const LgCtxSet* through;
    Bool            isFound;
} Search;

static void look_for_context(void* opaque, const LgBlock* b)
{
    Search* s = opaque;
    s->isFound = s->isFound || lg_ctx_set_has(s->through, b->ctx);
}

static Bool has_live_block(const LgCtxSet* through)
{
    Search        s = {through, False};
    LgBlockCursor cursor = {{0}};
    LgBlock       b;

    while (!s.isFound && lg_bt_next(lg_heap_blocks(), &cursor, &b))
        look_for_context(&s, &b);
    if (!s.isFound)
        lg_pools_for_each(look_for_context, &s);
    return s.isFound;
}

/* How often all blocks are examined for a library: a program may open and
   close it all the time without leaving blocks that it allocated. */
enum { MAX_UNNEEDED = 3 };

/* Makes the core keep the debug information, unless it has kept the same
   before. */
static void on_closed(LgRange range)
{
    LgCtxSet*        through = lg_ctx_through(range.lo, range.hi);
    const DebugInfo* di =
        VG_(find_DebugInfo)(VG_(current_DiEpoch)(), range.lo);

    if (through == NULL || di == NULL)
        return;
    Closed* c = closed_library(range, VG_(DebugInfo_get_filename)(di));
    if (c->isKept)
        lg_ctx_set_closed(through, c->epoch);
    else if (c->nUnneeded < MAX_UNNEEDED && !has_live_block(through))
        c->nUnneeded++;
    else {
        c->isKept = VG_(clo_keep_debuginfo) = True;
        c->epoch = VG_(current_DiEpoch)();
    }
    VG_(free)(through);
}

void lg_closedlibs_on_munmap(Addr a, SizeT szB)
{
    if (!isAutomatic)
        return;
    VG_(clo_keep_debuginfo) = False;
    for (UInt i = 0; i < code.n; i++)
        if (a < code.ranges[i].hi && code.ranges[i].lo < a + szB)
            on_closed(code.ranges[i]);
}
