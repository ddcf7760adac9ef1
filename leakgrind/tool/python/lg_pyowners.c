/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyowners.c: see lg_pyowners.h. */

#include "lg_pyowners.h"

#include "pub_tool_libcbase.h"

#include "../../lg_platform.h"
#include "../process/lg_python.h"
#include "lg_pysnapshot_priv.h"

/* So many types are remembered, by number. */
enum { N_TYPES = 256 };

typedef struct {
    UInt         owner;
    LgPyOwnersFn fn;
    void*        opaque;
} Teller;

static void tell_owner(void* opaque, const LgPyOwned* w)
{
    Teller* t = opaque;
    t->fn(t->opaque, t->owner, w);
}

static const LgPyOwner* owner_type(LgPySnapshot* c, UInt i)
{
    Addr obj = lg_sb_base(lg_pysnap_block(c, i)), type;

    if (c->ownerTypes == NULL) {
        c->ownerTypes =
            lg_plat_alloc("lg.pyowners", N_TYPES * sizeof(LgPyOwner));
        VG_(memset)(c->ownerTypes, 0, N_TYPES * sizeof(LgPyOwner));
    }
    LgPyOwner* o = &c->ownerTypes[c->type[i] % N_TYPES];
    if (!lg_py_word(lg_python_mem(), obj + lg_python()->layout->ob_type, &type))
        return NULL;
    return o->type == type || lg_pyowned_look(lg_python_mem(),
                                              lg_python()->layout, type, o)
               ? o
               : NULL;
}

/* Is it a dict with a table that is not to be searched? */
static Bool has_skipped_keys(const LgPySnapshot* c, Addr dict)
{
    Addr keys;
    Int  hit = lg_py_word(lg_python_mem(), dict + lg_python()->layout->ma_keys,
                          &keys)
                   ? lg_snap_find(c->snap, keys)
                   : -1;
    return hit >= 0 && lg_sb_skipped(lg_pysnap_block(c, (UInt)hit));
}

void lg_pyowners_visit(LgPySnapshot* c, UInt i, LgPyOwnersFn fn, void* opaque)
{
    const LgSnapBlock* b = lg_pysnap_block(c, i);
    Teller             t = {i, fn, opaque};

    if (c->type[i] == 0 || (c->cls[i] & (IS_CACHED | IS_DEAD)) ||
        lg_sb_skipped(b))
        return;
    const LgPyOwner* o = owner_type(c, i);
    if (o == NULL || (o->owns == LgPyOwnsEntries &&
                      has_skipped_keys(c, lg_sb_base(b))))
        return;
    lg_pyowned_visit(lg_python_mem(), lg_python()->layout, o, lg_sb_base(b),
                     lg_sb_start(b) + lg_sb_szB(b), tell_owner, &t);
}

void lg_pyowners_visit_all(LgPySnapshot* c, LgPyOwnersFn fn, void* opaque)
{
    for (UInt i = 0; i < c->n; i++)
        lg_pyowners_visit(c, i, fn, opaque);
}
