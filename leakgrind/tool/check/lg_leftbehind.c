/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leftbehind.c: see lg_leftbehind.h. */

#include "lg_leftbehind.h"

#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../../base/lg_ranges.h"
#include "../host/lg_options.h"
#include "../memory/lg_guestmem.h"
#include "lg_heapsearch.h"
#include "lg_retained.h"

typedef struct {
    Addr start;
    UInt ctx;
} OldBlock;

typedef struct {
    Bool    isUsed;
    XArray* old;  /* of OldBlock, by address */
    XArray* text; /* NULL: it has not ended */
} Stretch;

static XArray* stretches; /* of Stretch; number 1 is the first */

/* --- The beginning --------------------------------------------------------------- */

static XArray* list_blocks(void)
{
    LgSnapshot* snap = lg_heapsearch_snapshot();
    XArray*     old = VG_(newXA)(VG_(malloc), "lg.leftbehind.old", VG_(free),
                                 sizeof(OldBlock));

    for (UInt i = 0; snap != NULL && i < lg_snap_count(snap); i++) {
        OldBlock b = {lg_sb_start(&lg_snap_blocks(snap)[i]),
                      lg_snap_ctx(snap, i)};
        VG_(addToXA)(old, &b);
    }
    if (snap != NULL)
        lg_snap_delete(snap);
    return old;
}

UWord lg_leftbehind_begin(void)
{
    Stretch s = {True, list_blocks(), NULL};

    if (stretches == NULL)
        stretches = VG_(newXA)(VG_(malloc), "lg.leftbehind", VG_(free),
                               sizeof(Stretch));
    for (Word n = 0; n < VG_(sizeXA)(stretches); n++) {
        Stretch* free = VG_(indexXA)(stretches, n);
        if (!free->isUsed) {
            *free = s;
            return (UWord)n + 1;
        }
    }
    return (UWord)VG_(addToXA)(stretches, &s) + 1;
}

/* --- The end ----------------------------------------------------------------------- */

typedef struct {
    const LgSnapshot* snap;
    XArray*           old;
    Addr              start; /* that is looked for */
} NewBlocks;

static Bool is_old_before(const void* x, UInt i)
{
    const NewBlocks* n = x;
    return ((const OldBlock*)VG_(indexXA)(n->old, i))->start < n->start;
}

static Bool is_new_block(void* opaque, UInt i)
{
    NewBlocks* n = opaque;

    n->start = lg_sb_start(&lg_snap_blocks(n->snap)[i]);
    UInt nOld = (UInt)VG_(sizeXA)(n->old);
    UInt k = lg_bisect(nOld, is_old_before, n);
    if (k == nOld)
        return True;
    const OldBlock* b = VG_(indexXA)(n->old, k);
    return b->start != n->start || b->ctx != lg_snap_ctx(n->snap, i);
}

static void append_new_blocks(XArray* text, XArray* old)
{
    LgHeapSearch s;

    if (!lg_heapsearch_begin(&s, LgSearchAll, lg_options.heuristics, LgAtCall,
                             False))
        return;
    lg_heapsearch_judge(&s);
    LgGrowth* g = lg_growth_new();
    NewBlocks n = {.snap = s.snap, .old = old};
    lg_retained_add_to(g, &s, is_new_block, &n);
    lg_growth_append_table(g, text);
    lg_growth_delete(g);
    lg_heapsearch_end(&s);
}

static void drop_stretch(Stretch* s)
{
    VG_(deleteXA)(s->old);
    VG_(deleteXA)(s->text);
    *s = (Stretch){False, NULL, NULL};
}

SizeT lg_leftbehind_end(UWord number, Addr buf, SizeT szB)
{
    if (stretches == NULL || number - 1 >= (UWord)VG_(sizeXA)(stretches))
        return 0;
    Stretch* s = VG_(indexXA)(stretches, (Word)number - 1);
    if (!s->isUsed)
        return 0;
    if (s->text == NULL) {
        s->text = VG_(newXA)(VG_(malloc), "lg.leftbehind.text", VG_(free), 1);
        append_new_blocks(s->text, s->old);
    }
    SizeT textSzB = (SizeT)VG_(sizeXA)(s->text);
    if (textSzB <= szB) {
        if (textSzB > 0)
            lg_guestmem_write(buf, VG_(indexXA)(s->text, 0), textSzB);
        drop_stretch(s);
    }
    return textSzB;
}
