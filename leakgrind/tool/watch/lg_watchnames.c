/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_watchnames.c: see lg_watchnames.h. */

#include "lg_watchnames.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../../base/lg_text.h"
#include "../../engine/lg_snapshot.h"
#include "../../python/lg_pyentries.h"
#include "../host/lg_options.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"

typedef struct {
    Addr         obj;
    UInt         name; /* a number of lg_texts; 0: it has none yet */
    LgPyDictKeys keys; /* when names were last looked up in it */
} Module;

static XArray* modules; /* of Module: those in which names may have to be looked
                           up; NULL: there are no names */
static Addr*   named;   /* by spec: the object that was found by its name, or 0 */
static Bool (*watch)(Addr obj);

static Bool may_be_name(const LgPyWatchSpec* s)
{
    return s->file == NULL && !lg_text_has(s->name, '*') &&
           !lg_text_has(s->name, '?');
}

/* The object that `path` leads to from a module or a class. */
static Addr follow_path(LgPyDictKeys keys, const HChar* path)
{
    const LgPyLayout* l   = lg_python()->layout;
    const LgPyMem*    mem = lg_python_mem();

    for (;;) {
        SizeT n = 0;
        while (path[n] != 0 && path[n] != '.')
            n++;
        Addr obj = lg_pyentries_find(mem, l, &keys, path, n);
        if (obj == 0 || path[n] == 0)
            return obj;
        if (!lg_pyentries_of_class(mem, l, obj, &keys))
            return 0;
        path += n + 1;
    }
}

/* Names are looked up after so many blocks; and, also where no entry was added
   to the module since, after so many. */
enum { N_BETWEEN_LOOKUPS = 4, N_BETWEEN_FULL_LOOKUPS = 4096 };

static Module* module_at(Word i)
{
    return VG_(indexXA)(modules, i);
}

static const HChar* module_name(Module* m)
{
    HChar name[256];

    if (m->name == 0 &&
        lg_python_module_name(m->obj, name, sizeof name))
        m->name = lg_texts_add(name);
    return lg_texts_get(m->name);
}

/* Does any name mean the module or an entry of it? */
static Bool is_wanted_module(const HChar* name)
{
    for (UInt i = 0; i < lg_options.nPyWatch; i++)
        if (may_be_name(lg_options_watch(i)) &&
            (VG_STREQ(lg_options_watch(i)->name, name) ||
             lg_pywatchspec_entry(lg_options_watch(i), name) != NULL))
            return True;
    return False;
}

/* Drops the modules that no name concerns. */
static void drop_modules(void)
{
    for (Word i = 0; i < VG_(sizeXA)(modules); i++) {
        const HChar* name = module_name(module_at(i));
        if (name[0] != 0 && !is_wanted_module(name))
            VG_(removeIndexXA)(modules, i--);
    }
}

/* What the name means: the module itself, or what it leads to. */
static Addr find_in_module(const LgPyWatchSpec* s, const Module* m)
{
    const HChar* name = lg_texts_get(m->name);
    const HChar* path = name[0] != 0 ? lg_pywatchspec_entry(s, name) : NULL;

    return VG_STREQ(s->name, name) ? m->obj
           : path != NULL          ? follow_path(m->keys, path)
                                   : 0;
}

static void look_up_in_module(const Module* m)
{
    for (UInt i = 0; i < lg_options.nPyWatch; i++) {
        Addr obj = named[i] == 0 && may_be_name(lg_options_watch(i))
                       ? find_in_module(lg_options_watch(i), m)
                       : 0;
        if (obj != 0 && watch(obj)) {
            named[i] = obj;
            lg_options_watch(i)->nFound++;
        }
    }
}

/* In modules with other entries than when this was called last; isFull: in all
   of them. */
static void look_up_names(Bool isFull)
{
    drop_modules();
    for (Word i = 0; i < VG_(sizeXA)(modules); i++) {
        Module*      m = module_at(i);
        LgPyDictKeys old = m->keys;
        if (lg_pyentries_of_module(lg_python_mem(), lg_python()->layout, m->obj,
                                   &m->keys) &&
            (isFull || m->keys.entries != old.entries ||
             m->keys.nEntries != old.nEntries))
            look_up_in_module(m);
    }
}

/* --- What happens -------------------------------------------------------- */

void lg_watchnames_init(Bool (*fn)(Addr obj))
{
    watch = fn;
    named = VG_(calloc)("lg.watchnames.named", lg_options.nPyWatch,
                        sizeof(Addr));
    for (UInt i = 0; i < lg_options.nPyWatch && modules == NULL; i++)
        if (may_be_name(lg_options_watch(i)))
            modules = VG_(newXA)(VG_(malloc), "lg.watchnames.modules",
                                 VG_(free), sizeof(Module));
}

void lg_watchnames_add_module(Addr obj)
{
    Module m = {.obj = obj};

    if (modules != NULL)
        VG_(addToXA)(modules, &m);
}

void lg_watchnames_on_block(void)
{
    static UInt nBlocks;

    if (modules != NULL && ++nBlocks % N_BETWEEN_LOOKUPS == 0)
        look_up_names(nBlocks % N_BETWEEN_FULL_LOOKUPS == 0);
}

void lg_watchnames_on_freed(Addr start)
{
    for (Word i = 0; modules != NULL && i < VG_(sizeXA)(modules); i++)
        if (module_at(i)->obj - start <= LG_MAX_OBJ_OFF)
            VG_(removeIndexXA)(modules, i--);
}

void lg_watchnames_forget_object(Addr obj)
{
    for (UInt i = 0; modules != NULL && i < lg_options.nPyWatch; i++)
        if (named[i] == obj)
            named[i] = 0;
}

void lg_watchnames_forget(void)
{
    if (modules == NULL)
        return;
    VG_(dropTailXA)(modules, VG_(sizeXA)(modules));
    VG_(memset)(named, 0, lg_options.nPyWatch * sizeof(Addr));
}
