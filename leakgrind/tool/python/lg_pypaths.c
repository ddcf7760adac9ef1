/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pypaths.c: see lg_pypaths.h. */

#include "lg_pypaths.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"

#include "../../lg_platform.h"
#include "../../python/lg_pystr.h"
#include "../process/lg_python.h"
#include "lg_pysnapshot_priv.h"

/* The reference by which an object is reached first. */
typedef struct {
    Addr at;
    UInt owner; /* the number of its block, plus 1; 0: none */
} Step;

struct LgPyPaths {
    LgPySnapshot* c;
    Step*         steps; /* by block */
    UInt*         queue; /* of objects, while paths are looked for */
    UInt          nQueue;
};

/* Longer paths end with "...", at the end where they begin. */
enum { MAX_STEPS = 12, MAX_KEY_SZB = 48 };

/* --- The search ------------------------------------------------------------- */

/* Is this how a person gets at something?  A class, or a base class, is better
   called by its own name. */
static Bool is_step(const LgPyOwned* w)
{
    return w->as == LgPyAsItem || w->as == LgPyAsValue ||
           w->as == LgPyAsAttribute ||
           (w->as == LgPyAsField &&
            (w->field == NULL || (!VG_STREQ(w->field, "__class__") &&
                                  !VG_STREQ(w->field, "__objclass__") &&
                                  !VG_STREQ(w->field, "__base__"))));
}

static void queue_object(LgPyPaths* p, UInt i, UInt owner, Addr at)
{
    p->steps[i] = (Step){at, owner + 1};
    p->queue[p->nQueue++] = i;
}

static void follow_step(void* opaque, UInt owner, const LgPyOwned* w)
{
    LgPyPaths* p = opaque;
    Int        i = is_step(w) ? lg_pysnap_object_at(p->c, w->obj) : -1;

    if (i >= 0 && p->steps[i].owner == 0)
        queue_object(p, (UInt)i, owner, w->at);
}

/* The dict of an object to which no path leads. */
static void follow_dict(void* opaque, UInt owner, const LgPyOwned* w)
{
    if (w->as == LgPyAsField && w->field != NULL &&
        VG_STREQ(w->field, "__dict__"))
        follow_step(opaque, owner, w);
}

LgPyPaths* lg_pypaths_new(LgPySnapshot* c)
{
    LgPyPaths* p = lg_plat_alloc("lg.pypaths", sizeof *p);

    *p = (LgPyPaths){c, lg_plat_map((c->n + 1) * sizeof(Step)),
                     lg_plat_map((c->n + 1) * sizeof(UInt)), 0};
    for (UInt i = 0; i < c->n; i++)
        if (c->type[i] != 0 && lg_pysnap_is_builtin(c, i, "module"))
            queue_object(p, i, i, 0);
    for (UInt at = 0; at < p->nQueue; at++)
        lg_pyowners_visit(c, p->queue[at], follow_step, p);
    lg_pyowners_visit_all(c, follow_dict, p);
    lg_plat_unmap(p->queue, (c->n + 1) * sizeof(UInt));
    p->queue = NULL;
    return p;
}

void lg_pypaths_delete(LgPyPaths* p)
{
    lg_plat_unmap(p->steps, (p->c->n + 1) * sizeof(Step));
    lg_plat_free(p);
}

/* --- Text --------------------------------------------------------------------- */

static void append_key(XArray* text, Addr key)
{
    HChar name[MAX_KEY_SZB];

    if (lg_python_text(key, name, sizeof name))
        VG_(xaprintf)(text, "['%s']", name);
    else
        VG_(xaprintf)(text, "[...]");
}

static void append_attribute(XArray* text, Addr key)
{
    HChar name[MAX_KEY_SZB];

    VG_(xaprintf)(text, ".%s",
                  lg_python_text(key, name, sizeof name) ? name : "...");
}

static void note_step(void* opaque, UInt owner, const LgPyOwned* w)
{
    LgPyOwned* wanted = opaque;
    (void)owner;
    if (w->at == wanted->at)
        *wanted = *w;
}

/* The reference by which object i is reached. */
static LgPyOwned step_to(const LgPyPaths* p, UInt i)
{
    LgPyOwned w = {.at = p->steps[i].at};
    lg_pyowners_visit(p->c, p->steps[i].owner - 1, note_step, &w);
    return w;
}

/* Has object i a step before it, so that it is not named by itself? */
static Bool has_step(const LgPyPaths* p, UInt i)
{
    return p->steps[i].owner != 0 && p->steps[i].owner - 1 != i &&
           lg_python_class_at(p->c->type[i],
                              lg_sb_base(lg_pysnap_block(p->c, i))) == 0;
}

/* Is object i the dict of what owns it? */
static Bool is_namespace(const LgPyPaths* p, UInt i)
{
    if (!has_step(p, i))
        return False;
    LgPyOwned w = step_to(p, i);
    return w.as == LgPyAsField && w.field != NULL &&
           VG_STREQ(w.field, "__dict__");
}

static void append_step(const LgPyPaths* p, XArray* text, UInt owner,
                        const LgPyOwned* w)
{
    HChar name[MAX_KEY_SZB];

    switch (w->as) {
    case LgPyAsItem:    VG_(xaprintf)(text, "[%lu]", w->index); break;
    case LgPyAsElement: VG_(xaprintf)(text, ", an element"); break;
    case LgPyAsKey:
        VG_(xaprintf)(text, is_namespace(p, owner) ? ", a name" : ", a key");
        break;
    case LgPyAsValue:
        if (is_namespace(p, owner))
            append_attribute(text, w->key);
        else
            append_key(text, w->key);
        break;
    case LgPyAsAttribute: append_attribute(text, w->key); break;
    case LgPyAsField:
        if (w->field != NULL)
            VG_(xaprintf)(text, ".%s", w->field);
        else if (lg_pystr_read_c(lg_python_mem(), w->fieldAt, name,
                                 sizeof name))
            VG_(xaprintf)(text, ".%s", name);
        break;
    }
}

/* What an object is called without a path to it; hasMore: steps follow. */
static void append_object(const LgPyPaths* p, XArray* text, UInt i,
                          Bool hasMore)
{
    const LgPySnapshot* c = p->c;
    Addr                obj = lg_sb_base(lg_pysnap_block(c, i));
    UInt                cls = lg_python_class_at(c->type[i], obj);
    HChar               name[MAX_KEY_SZB];

    if (cls != 0)
        VG_(xaprintf)(text, "%s", lg_python_type_name(cls));
    else if (lg_pysnap_is_builtin(c, i, "module") &&
             lg_python_module_name(obj, name, sizeof name))
        VG_(xaprintf)(text, "%s", name);
    else
        VG_(xaprintf)(text, "%s%s at 0x%lx%s",
                      lg_python_type_name(c->type[i]),
                      lg_pytypes_is_builtin(lg_python_types(), c->type[i])
                          ? ""
                          : " object",
                      obj, hasMore ? " " : "");
}

static void append_path(const LgPyPaths* p, XArray* text, UInt i, Bool hasMore)
{
    UInt chain[MAX_STEPS], n = 0;

    while (n < MAX_STEPS && has_step(p, i)) {
        chain[n++] = i;
        i = p->steps[i].owner - 1;
    }
    if (has_step(p, i))
        VG_(xaprintf)(text, "...");
    else
        append_object(p, text, i, n > 0 || hasMore);
    for (UInt k = n; k-- > 0;) {
        LgPyOwned w = step_to(p, chain[k]);
        /* The dict of a module is left out in "app.CACHE". */
        if (k == 0 || !is_namespace(p, chain[k]))
            append_step(p, text, p->steps[chain[k]].owner - 1, &w);
    }
}

void lg_pypaths_append(const LgPyPaths* p, XArray* text, UInt i)
{
    append_path(p, text, i, False);
}

void lg_pypaths_append_owned(const LgPyPaths* p, XArray* text, UInt i,
                             const LgPyOwned* w)
{
    if (w->as == LgPyAsValue && is_namespace(p, i))
        append_path(p, text, p->steps[i].owner - 1, True);
    else
        append_path(p, text, i, w->as != LgPyAsElement && w->as != LgPyAsKey);
    append_step(p, text, i, w);
}
