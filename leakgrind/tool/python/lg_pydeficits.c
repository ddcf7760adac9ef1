/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydeficits.c: see lg_pydeficits.h. */

#include "lg_pydeficits.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"

#include "../../engine/lg_report.h"
#include "../../lg_platform.h"
#include "../../python/lg_pystr.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "lg_pypaths.h"
#include "lg_pysnapshot_priv.h"

/* Is the reference count of object i the sum of the references to it?  It is not
   for immortal objects and interned strings. */
static Bool is_counted(const LgPySnapshot* c, UInt i)
{
    return c->type[i] != 0 &&
           !(c->cls[i] & (IS_CACHED | IS_DEAD | IS_IMMORTAL)) &&
           !(lg_snap_flags(c->snap, i) & LG_BF_PY_KEPT) &&
           !(lg_pytypes_is_str(lg_python_types(), c->type[i]) &&
             lg_pystr_is_interned(lg_python_mem(), lg_python()->layout,
                                  lg_sb_base(lg_pysnap_block(c, i))));
}

static void count_owned(void* opaque, UInt owner, const LgPyOwned* w)
{
    LgPySnapshot* c = opaque;
    Int           i = lg_pysnap_object_at(c, w->obj);

    (void)owner;
    if (i >= 0)
        c->deficit[i]++;
}

static void leave_out(void* opaque, UInt owner, const LgPyOwned* w)
{
    LgPySnapshot* c = opaque;
    Int           i = lg_pysnap_object_at(c, w->obj);

    (void)owner;
    if (i >= 0)
        c->deficit[i]--;
}

/* A dict that only C code holds may be a cache whose references the code has
   given back (cffi's types are in one).  So its entries do not count. */
static void leave_out_caches(LgPySnapshot* c)
{
    for (UInt i = 0; i < c->n; i++)
        if (c->type[i] != 0 && c->deficit[i] == 0 &&
            lg_pytypes_is_dict(lg_python_types(), c->type[i]))
            lg_pyowners_visit(c, i, leave_out, c);
}

void lg_pydeficits_count(LgPySnapshot* c)
{
    if (c->n == 0 || lg_python()->layout == NULL ||
        lg_python()->isFreeThreaded || lg_python_is_finalized())
        return;
    c->deficit = lg_plat_map(c->n * sizeof(UInt));
    lg_pyowners_visit_all(c, count_owned, c);
    leave_out_caches(c);
    for (UInt i = 0; i < c->n; i++) {
        Bool isTooFew = c->deficit[i] > c->refcnt[i] && is_counted(c, i);
        c->deficit[i] = isTooFew ? c->deficit[i] - c->refcnt[i] : 0;
        c->nDeficits += isTooFew;
    }
}

UInt lg_pydeficits_of(const LgPySnapshot* c, UInt i)
{
    return c != NULL && c->deficit != NULL ? c->deficit[i] : 0;
}

/* --- Names ------------------------------------------------------------------- */

typedef struct {
    LgPySnapshot* c;
    LgPyPaths*    paths;
    UInt*         names;  /* by block */
    XArray*       object; /* of HChar: for one name */
    XArray*       holder;
} Naming;

static const HChar* finished_text(XArray* text)
{
    HChar nul = 0;
    VG_(addToXA)(text, &nul);
    return VG_(indexXA)(text, 0);
}

static void name_object(const Naming* n, UInt i)
{
    VG_(dropTailXA)(n->object, VG_(sizeXA)(n->object));
    lg_pypaths_append(n->paths, n->object, i);
    n->names[i] = lg_texts_add(finished_text(n->object));
}

/* The first holder that has another name than the object itself is added to that,
   and the object is done. */
static void name_holder(void* opaque, UInt owner, const LgPyOwned* w)
{
    const Naming* n = opaque;
    Int           i = lg_pysnap_object_at(n->c, w->obj);

    if (i < 0 || lg_pydeficits_of(n->c, (UInt)i) == 0)
        return;
    const HChar* name = lg_texts_get(n->names[i]);
    VG_(dropTailXA)(n->holder, VG_(sizeXA)(n->holder));
    lg_pypaths_append_owned(n->paths, n->holder, owner, w);
    const HChar* holder = finished_text(n->holder);
    if (VG_(strstr)(name, LG_HELD_BY) != NULL || VG_STREQ(name, holder))
        return;
    VG_(dropTailXA)(n->object, VG_(sizeXA)(n->object));
    VG_(xaprintf)(n->object, "%s" LG_HELD_BY "%s", name, holder);
    n->names[i] = lg_texts_add(finished_text(n->object));
}

static XArray* new_name_text(void)
{
    return VG_(newXA)(VG_(malloc), "lg.pydeficits", VG_(free), 1);
}

UInt* lg_pydeficits_names(LgPySnapshot* c)
{
    if (c == NULL || c->nDeficits == 0)
        return NULL;
    Naming n = {c, lg_pypaths_new(c), lg_plat_map(c->n * sizeof(UInt)),
                new_name_text(), new_name_text()};
    for (UInt i = 0; i < c->n; i++)
        if (c->deficit[i] > 0)
            name_object(&n, i);
    lg_pyowners_visit_all(c, name_holder, &n);
    VG_(deleteXA)(n.object);
    VG_(deleteXA)(n.holder);
    lg_pypaths_delete(n.paths);
    return n.names;
}

void lg_pydeficits_delete_names(const LgPySnapshot* c, UInt* names)
{
    if (names != NULL)
        lg_plat_unmap(names, c->n * sizeof(UInt));
}
