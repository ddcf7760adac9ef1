/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pynames.c: see lg_pynames.h. */

#include "lg_pynames.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"

#include "../../base/lg_utf8.h"
#include "../../lg_platform.h"
#include "../../python/lg_pyentries.h"
#include "../../python/lg_pystr.h"
#include "../process/lg_forks.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "lg_pyblocks.h"
#include "lg_pysnapshot_priv.h"

/* Longer names are cut, in bytes; so are strs, which end in "..." then. */
enum { MAX_NAME_SZB = 200, MAX_STR_B = 40 };

typedef struct {
    const LgPySnapshot* c;
    UInt*               names;
} Naming;

/* --- Reading ----------------------------------------------------------------- */

/* 0 if it is not readable. */
static Addr word_at(Addr a)
{
    Addr word;
    return lg_py_word(lg_python_mem(), a, &word) ? word : 0;
}

/* The word of the object that is `n` words behind its type. */
static Addr field_of(Addr obj, UInt n)
{
    return word_at(obj + lg_python()->layout->ob_type + n * sizeof(Addr));
}

/* The C string to which the word at `a` points. */
static Bool read_c_string(Addr a, HChar* out, UInt outSzB)
{
    return lg_pystr_read_c(lg_python_mem(), word_at(a), out, outSzB);
}

/* --- What an object says of itself ---------------------------------------- */

static UInt name_of_str(Addr obj)
{
    HChar text[MAX_STR_B + 8], quoted[sizeof text + 8];
    UInt  n = MAX_STR_B;

    if (!lg_pystr_read(lg_python_mem(), lg_python()->layout, obj, text,
                       sizeof text))
        return 0;
    Bool isLong = VG_(strlen)(text) > n;
    while (isLong && lg_utf8_continues(text[n]))
        n--;
    if (isLong)
        text[n] = 0;
    VG_(snprintf)(quoted, sizeof quoted, "'%s%s'", text, isLong ? "..." : "");
    return lg_texts_add(quoted);
}

/* "owner.name". */
static UInt dotted_name(const HChar* owner, const HChar* name)
{
    HChar text[2 * MAX_NAME_SZB];

    VG_(snprintf)(text, sizeof text, "%s.%s", owner, name);
    return lg_texts_add(text);
}

/* A PyCFunctionObject has its PyMethodDef, whose first word is the name, and
   the module that it is a function of. */
static UInt name_of_c_function(Addr obj)
{
    enum { M_ML = 1, M_MODULE = 3 };
    HChar owner[MAX_NAME_SZB], name[MAX_NAME_SZB];

    return lg_python_text(field_of(obj, M_MODULE), owner, sizeof owner) &&
                   read_c_string(field_of(obj, M_ML), name, sizeof name)
               ? dotted_name(owner, name)
               : 0;
}

/* A PyDescrObject has the type that it describes, and its own name. */
static UInt name_of_descriptor(Addr obj)
{
    enum { D_TYPE = 1, D_NAME = 2 };
    HChar owner[MAX_NAME_SZB], name[MAX_NAME_SZB];

    return lg_python_text(field_of(obj, D_NAME), name, sizeof name) &&
                   read_c_string(field_of(obj, D_TYPE) +
                                     lg_python()->layout->tp_name,
                                 owner, sizeof owner)
               ? dotted_name(owner, name)
               : 0;
}

static UInt name_of_function(Addr obj)
{
    const LgPyLayout* l = lg_python()->layout;
    HChar             module[MAX_NAME_SZB], qualname[MAX_NAME_SZB];

    return lg_python_text(word_at(obj + l->func_module), module, sizeof module) &&
                   lg_python_text(word_at(obj + l->func_qualname), qualname,
                            sizeof qualname)
               ? dotted_name(module, qualname)
               : 0;
}

static Bool is_descriptor(const LgPySnapshot* c, UInt i)
{
    return lg_pysnap_is_builtin(c, i, "wrapper_descriptor") ||
           lg_pysnap_is_builtin(c, i, "method_descriptor") ||
           lg_pysnap_is_builtin(c, i, "classmethod_descriptor") ||
           lg_pysnap_is_builtin(c, i, "getset_descriptor") ||
           lg_pysnap_is_builtin(c, i, "member_descriptor");
}

static UInt name_of_module(Addr module)
{
    HChar name[MAX_NAME_SZB];

    return lg_python_module_name(module, name, sizeof name) ? lg_texts_add(name) : 0;
}

static UInt own_name(const LgPySnapshot* c, UInt i)
{
    Addr obj = lg_sb_base(lg_pysnap_block(c, i));
    UInt cls = lg_python_class_at(c->type[i], obj);

    if (cls != 0)
        return lg_texts_add(lg_python_type_name(cls));
    if (lg_pytypes_is_str(lg_python_types(), c->type[i]))
        return name_of_str(obj);
    if (lg_pysnap_is_builtin(c, i, "function"))
        return name_of_function(obj);
    if (lg_pysnap_is_builtin(c, i, "builtin_function_or_method"))
        return name_of_c_function(obj);
    if (lg_pysnap_is_builtin(c, i, "module"))
        return name_of_module(obj);
    return is_descriptor(c, i) ? name_of_descriptor(obj) : 0;
}

/* --- What modules and classes call it -------------------------------------- */

static void name_entry(const Naming* n, const HChar* owner, Addr key, Addr value)
{
    HChar text[MAX_NAME_SZB];
    Int   i = lg_pysnap_object_at(n->c, value);

    if (i < 0 || lg_pysnap_unheld(n->c, (UInt)i) == 0 || n->names[i] != 0 ||
        !lg_python_text(key, text, sizeof text))
        return;
    n->names[i] = dotted_name(owner, text);
}

static void name_entries(const Naming* n, const HChar* owner,
                         const LgPyDictKeys* keys)
{
    Addr key, value;

    for (Addr i = 0; i < keys->nEntries; i++)
        if (lg_pydictkeys_entry(lg_python_mem(), keys, i, &key, &value) &&
            key != 0)
            name_entry(n, owner, key, value);
}

static void name_by_module(const Naming* n, Addr module)
{
    HChar        owner[MAX_NAME_SZB];
    LgPyDictKeys keys;

    if (lg_python_module_name(module, owner, sizeof owner) &&
        lg_pyentries_of_module(lg_python_mem(), lg_python()->layout, module,
                               &keys))
        name_entries(n, owner, &keys);
}

static void name_by_class(const Naming* n, Addr obj, UInt cls)
{
    LgPyDictKeys keys;

    if (lg_pyentries_of_class(lg_python_mem(), lg_python()->layout, obj, &keys))
        name_entries(n, lg_python_type_name(cls), &keys);
}

/* If the object is a module or a class. */
static void name_by_owner(const Naming* n, Addr obj, UInt type)
{
    UInt cls;

    if (type == 0)
        return;
    if (lg_python_is_builtin(type, "module"))
        name_by_module(n, obj);
    else if ((cls = lg_python_class_at(type, obj)) != 0)
        name_by_class(n, obj, cls);
}

/* The same for a block that a child has from its parent, and that is not in the
   snapshot since it has not changed. */
static void name_by_inherited(void* opaque, const LgBlock* b)
{
    const Naming* n = opaque;
    LgRange       data = lg_python_data(b->start, b->szB, b->flags);
    LgPyObject    o;

    if ((b->flags & LG_BF_PY_OBJ) && lg_snap_find(n->c->snap, b->start) < 0 &&
        lg_pytypes_recognise(lg_python_types(), data.lo, data.hi - data.lo,
                             &o))
        name_by_owner(n, data.lo + o.objOff, o.type);
}

static Bool has_nameless(const Naming* n)
{
    for (UInt i = 0; i < n->c->n; i++)
        if (lg_pysnap_unheld(n->c, i) > 0 && n->names[i] == 0)
            return True;
    return False;
}

UInt* lg_pynames_of_unheld(const LgPySnapshot* c)
{
    Naming n = {c, lg_plat_map((c->n + 1) * sizeof(UInt))};

    for (UInt i = 0; i < c->n; i++)
        if (lg_pysnap_unheld(c, i) > 0)
            n.names[i] = own_name(c, i);
    if (has_nameless(&n))
        for (UInt i = 0; i < c->n; i++)
            name_by_owner(&n, lg_sb_base(lg_pysnap_block(c, i)), c->type[i]);
    if (lg_forks_isChild && has_nameless(&n))
        lg_pyblocks_for_each(name_by_inherited, &n);
    return n.names;
}

void lg_pynames_delete(const LgPySnapshot* c, UInt* names)
{
    lg_plat_unmap(names, (c->n + 1) * sizeof(UInt));
}
