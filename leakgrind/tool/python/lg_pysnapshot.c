/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysnapshot.c: see lg_pysnapshot.h. */

#include "lg_pysnapshot_priv.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../../lg_platform.h"
#include "../process/lg_python.h"

LgPySnapshot* lg_pysnap_new(LgSnapshot* snap)
{
    if (!lg_python()->isPresent)
        return NULL;
    LgPySnapshot* c = lg_plat_alloc("lg.pysnapshot", sizeof *c);
    memset(c, 0, sizeof *c);
    c->snap = snap;
    c->n = lg_snap_count(snap);
    c->type = lg_plat_map(c->n * sizeof(UInt));
    c->refcnt = lg_plat_map(c->n * sizeof(UInt));
    c->excess = lg_plat_map(c->n * sizeof(UInt));
    c->cRefs = lg_plat_map(c->n * sizeof(UInt));
    c->rank = lg_plat_map(c->n);
    c->cls = lg_plat_map(c->n);
    c->attached = VG_(newXA)(VG_(malloc), "lg.pysnapshot.attached", VG_(free),
                             sizeof(LgAttached));
    lg_pysnap_look(c);
    return c;
}

void lg_pysnap_delete(LgPySnapshot* c)
{
    if (c == NULL)
        return;
    lg_plat_unmap(c->type, c->n * sizeof(UInt));
    lg_plat_unmap(c->refcnt, c->n * sizeof(UInt));
    lg_plat_unmap(c->excess, c->n * sizeof(UInt));
    lg_plat_unmap(c->cRefs, c->n * sizeof(UInt));
    if (c->isOld != NULL)
        lg_plat_unmap(c->isOld, c->n);
    if (c->unheld != NULL)
        lg_plat_unmap(c->unheld, c->n * sizeof(UInt));
    if (c->deficit != NULL)
        lg_plat_unmap(c->deficit, c->n * sizeof(UInt));
    if (c->inC != NULL)
        lg_plat_unmap(c->inC, c->n * sizeof(UInt));
    lg_plat_unmap(c->rank, c->n);
    lg_plat_unmap(c->cls, c->n);
    lg_plat_free(c->skips);
    lg_plat_free(c->ownerTypes);
    VG_(deleteXA)(c->attached);
    lg_plat_free(c);
}

/* --- Words that hold no reference ------------------------------------------ */

static void grow_skips(LgPySnapshot* c)
{
    c->maxSkips = c->maxSkips ? 2 * c->maxSkips : 256;
    c->skips = lg_plat_realloc("lg.pysnapshot.skips", c->skips,
                               c->maxSkips * sizeof(LgRange));
}

void lg_pysnap_skip(LgPySnapshot* c, LgRange r)
{
    if (c->nSkips == c->maxSkips)
        grow_skips(c);
    c->skips[c->nSkips++] = r;
}

void lg_pysnap_skip_word(LgPySnapshot* c, Addr a)
{
    lg_pysnap_skip(c, (LgRange){a, a + sizeof(Addr)});
}

void lg_pysnap_skip_number(LgPySnapshot* c, Addr a)
{
    Addr word;
    if (lg_py_word(lg_python_mem(), a, &word) &&
        lg_snap_find(c->snap, word) >= 0)
        lg_pysnap_skip_word(c, a);
}

const LgRange* lg_pysnap_skips(const LgPySnapshot* c, UInt* n)
{
    *n = c != NULL ? c->nSkips : 0;
    return c != NULL ? c->skips : NULL;
}

const LgAttached* lg_pysnap_attached(const LgPySnapshot* c, UInt* n)
{
    *n = c != NULL ? (UInt)VG_(sizeXA)(c->attached) : 0;
    return *n > 0 ? VG_(indexXA)(c->attached, 0) : NULL;
}

/* --- About a block ---------------------------------------------- */

const UChar* lg_pysnap_ranks(const LgPySnapshot* c)
{
    return c != NULL ? c->rank : NULL;
}

UInt lg_pysnap_type(const LgPySnapshot* c, UInt i)
{
    return c != NULL ? c->type[i] : 0;
}

LgRule lg_pysnap_rule(const LgPySnapshot* c, UInt i)
{
    return c == NULL                 ? LgRuleFinalized
           : c->cls[i] & IS_CACHED   ? LgRuleCached
           : c->cls[i] & IS_IMMORTAL ? LgRuleImmortal
                                     : LgRuleFinalized;
}

UInt lg_pysnap_excess(const LgPySnapshot* c, UInt i)
{
    return c != NULL ? c->excess[i] : 0;
}

Bool lg_pysnap_is_builtin(const LgPySnapshot* c, UInt i, const HChar* name)
{
    return lg_python_is_builtin(c->type[i], name);
}

UInt lg_pysnap_unheld(const LgPySnapshot* c, UInt i)
{
    return c != NULL && c->unheld != NULL ? c->unheld[i] : 0;
}

UInt lg_pysnap_n_unheld(const LgPySnapshot* c)
{
    return c != NULL ? c->nUnheld : 0;
}

UInt lg_pysnap_c_refs(const LgPySnapshot* c, UInt i)
{
    return c != NULL ? c->cRefs[i] : 0;
}

LgLossClass lg_pysnap_class(const LgPySnapshot* c, UInt i)
{
    return c != NULL ? (LgLossClass)(c->cls[i] & ~CLASS_FLAGS) : LgLossPlain;
}
