/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycheck.c: Python objects in a leak check.  See lg_pycheck.h. */

#include "lg_pycheck.h"

#include "../lg_platform.h"
#include "lg_python.h"

struct LgPyCheck {
    LgSnapshot* snap;
    UInt        n;
    UInt*       type;   /* by block; 0: no object, or not recognised */
    LgRange*    skips;
    UInt        nSkips, maxSkips;
};

/* What a debug allocator puts around the data; see lg_pyhooks.c. */
enum { PREFIX_SZB = 16, DEBUG_SZB = 24 };

/* --- Before the search --------------------------------------------------- */

static void skip_word(LgPyCheck* c, Addr a)
{
    if (c->nSkips == c->maxSkips) {
        c->maxSkips = c->maxSkips ? 2 * c->maxSkips : 256;
        c->skips = lg_plat_realloc("lg.pycheck.skips", c->skips,
                                   c->maxSkips * sizeof(LgRange));
    }
    c->skips[c->nSkips++] = (LgRange){a, a + sizeof(Addr)};
}

/* The words of a weak reference that hold no reference. */
static void skip_weakref(LgPyCheck* c, Addr obj)
{
    const LgPyLayout* l = lg_python()->layout;
    skip_word(c, obj + l->wr_object);
    skip_word(c, obj + l->wr_prev);
    skip_word(c, obj + l->wr_next);
}

static void look_at_block(LgPyCheck* c, UInt i)
{
    LgSnapBlock* b = &lg_snap_blocks(c->snap)[i];
    UInt         flags = lg_snap_flags(c->snap, i);
    UInt         prefixB = flags & LG_BF_PY_PREFIX ? PREFIX_SZB : 0;
    SizeT        szB = lg_sb_szB(b);
    LgPyTypes*   types = lg_python_types();
    LgPyObject   o;

    if (!(flags & LG_BF_PY))
        return;
    if (prefixB != 0)
        szB = szB > DEBUG_SZB ? szB - DEBUG_SZB : 0;
    if (!(flags & LG_BF_PY_OBJ) || lg_python()->layout == NULL ||
        !lg_pytypes_recognise(types, b->start + prefixB, szB, &o)) {
        lg_sb_set_object(b, prefixB, False);
        lg_sb_set_pymem(b);
        return;
    }
    c->type[i] = o.type;
    lg_sb_set_object(b, prefixB + o.objOff, o.hasGC);
    if (o.isCached)
        lg_sb_set_unsearched(b);
    else if (lg_pytypes_is_weakref(types, o.type))
        skip_weakref(c, b->start + prefixB + o.objOff);
}

LgPyCheck* lg_pycheck_new(LgSnapshot* snap)
{
    const LgPython* py = lg_python();

    if (!py->isPresent)
        return NULL;
    LgPyCheck* c = lg_plat_alloc("lg.pycheck", sizeof *c);
    memset(c, 0, sizeof *c);
    c->snap = snap;
    c->n = lg_snap_count(snap);
    c->type = lg_plat_map(c->n * sizeof(UInt));
    if (py->layout != NULL)
        lg_pytypes_begin(lg_python_types(), lg_python_mem(), py->layout,
                         py->pyTypeType);
    for (UInt i = 0; i < c->n; i++)
        look_at_block(c, i);
    return c;
}

void lg_pycheck_delete(LgPyCheck* c)
{
    if (c == NULL)
        return;
    lg_plat_unmap(c->type, c->n * sizeof(UInt));
    lg_plat_free(c->skips);
    lg_plat_free(c);
}

const LgRange* lg_pycheck_skips(const LgPyCheck* c, UInt* n)
{
    *n = c != NULL ? c->nSkips : 0;
    return c != NULL ? c->skips : NULL;
}

/* --- After it ------------------------------------------------------------ */

void lg_pycheck_judge(LgPyCheck* c, LgMark* m)
{
    (void)c;
    (void)m;
}

const UChar* lg_pycheck_ranks(const LgPyCheck* c)
{
    (void)c;
    return NULL;
}

UInt lg_pycheck_type(const LgPyCheck* c, UInt i)
{
    return c != NULL ? c->type[i] : 0;
}
