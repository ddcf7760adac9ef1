/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysteps.c: see lg_pysteps.h. */

#include "lg_pysteps.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"

#include "../../python/lg_pyfields.h"
#include "../../python/lg_pylocals.h"
#include "../../python/lg_pystr.h"
#include "../memory/lg_guestmem.h"
#include "../process/lg_python.h"
#include "lg_pyowners.h"
#include "lg_pysnapshot_priv.h"

/* Longer keys end in "...". */
enum { MAX_KEY_SZB = 48 };

/* --- Keys ----------------------------------------------------------------------- */

static void append_str_key(XArray* text, Addr key)
{
    HChar name[MAX_KEY_SZB];

    lg_pystr_read(lg_python_mem(), lg_python()->layout, key, name, sizeof name);
    VG_(xaprintf)(text, "['%s']", name);
}

/* An int of one digit, or two. */
static Bool read_int(Addr obj, Long* value)
{
    const LgPyLayout* l = lg_python()->layout;
    enum { SHIFT = 30 };
    Addr  head;
    UInt  digits[2];
    Long  sign;
    Addr  n;

    if (!lg_py_word(lg_python_mem(), obj + l->sizeof_PyObject, &head) ||
        !lg_py_read(lg_python_mem(), obj + l->sizeof_PyObject + sizeof head,
                    digits, sizeof digits))
        return False;
    if (l->version >= 0x030C) { /* the number of digits, and the sign: 0, 0, -1 */
        n = head >> 3;
        sign = (head & 3) == 2 ? -1 : (head & 3) == 1 ? 0 : 1;
    } else {
        sign = (Long)head < 0 ? -1 : head != 0;
        n = (Long)head < 0 ? -head : head;
    }
    if (n > 2)
        return False;
    *value = sign * ((Long)digits[0] + (n == 2 ? (Long)digits[1] << SHIFT : 0));
    return True;
}

/* Is it an int, perhaps one in CPython's own data? */
static Bool is_int(Addr obj)
{
    HChar name[8];
    Addr  type, at;

    return lg_py_word(lg_python_mem(), obj + lg_python()->layout->ob_type,
                      &type) &&
           lg_py_word(lg_python_mem(), type + lg_python()->layout->tp_name,
                      &at) &&
           lg_pystr_read_c(lg_python_mem(), at, name, sizeof name) &&
           VG_STREQ(name, "int");
}

/* "['x']" or "[3]", as the key would be written; of any other, its type. */
static void append_dict_key(const LgPySnapshot* c, XArray* text, Addr key)
{
    Int  i = lg_pysnap_object_at(c, key);
    Long value;

    if (key != 0 && lg_pystr_is(lg_python_mem(), lg_python()->layout, key))
        append_str_key(text, key);
    else if (key != 0 && is_int(key) && read_int(key, &value))
        VG_(xaprintf)(text, "[%lld]", value);
    else if (i >= 0)
        VG_(xaprintf)(text, "[%s at 0x%lx]", lg_python_type_name(c->type[i]),
                      key);
    else
        VG_(xaprintf)(text, "[...]");
}

static void append_name_of(XArray* text, Addr key)
{
    HChar name[LG_PY_NAME_SZB];

    VG_(xaprintf)(text, ".%s",
                  lg_python_text(key, name, sizeof name) ? name : "...");
}

/* --- References that are owned ----------------------------------------------------- */

typedef struct {
    const LgPySnapshot* c;
    const LgPyStep*     step;
    Addr                obj; /* that the wanted reference holds */
    Bool                isFound;
    LgPyOwned           w;
} Wanted;

/* Is the word where the step leads through? */
static Bool is_on_way(const Wanted* t, Addr at)
{
    const LgSnapBlock* b = lg_pysnap_block(
        t->c, t->step->isTable ? t->step->table : t->step->owner);
    return at - lg_sb_start(b) < lg_sb_searchSzB(b);
}

/* The first one; a value rather than a key. */
static void match_owned(void* wanted, UInt owner, const LgPyOwned* w)
{
    Wanted* t = wanted;
    (void)owner;
    if (w->obj != t->obj || !is_on_way(t, w->at) ||
        (t->isFound && t->w.as != LgPyAsKey))
        return;
    t->isFound = True;
    t->w = *w;
}

static Bool is_called(const LgPyOwned* w, const HChar* field)
{
    return w->as == LgPyAsField && w->field != NULL && VG_STREQ(w->field, field);
}

static void append_field_of(XArray* text, const LgPyOwned* w)
{
    HChar name[LG_PY_NAME_SZB];

    if (w->field != NULL)
        VG_(xaprintf)(text, ".%s", w->field);
    else if (lg_pystr_read_c(lg_python_mem(), w->fieldAt, name, sizeof name))
        VG_(xaprintf)(text, ".%s", name);
}

static void append_owned(const LgPySnapshot* c, XArray* text,
                         const LgPyStep* step, const LgPyOwned* w)
{
    switch (w->as) {
    case LgPyAsItem:
        if (step->isGeneral)
            VG_(xaprintf)(text, "[*]");
        else
            VG_(xaprintf)(text, "[%lu]", w->index);
        break;
    case LgPyAsElement: VG_(xaprintf)(text, "an element"); break;
    case LgPyAsKey:
        VG_(xaprintf)(text,
                      step->ownerRole == LgPyNamespace ? "a name" : "a key");
        break;
    case LgPyAsValue:
        if (step->ownerRole == LgPyNamespace)
            append_name_of(text, w->key);
        else if (step->isGeneral)
            VG_(xaprintf)(text, "[*]");
        else
            append_dict_key(c, text, w->key);
        break;
    case LgPyAsAttribute: append_name_of(text, w->key); break;
    case LgPyAsField:     append_field_of(text, w); break;
    }
}

/* The cells of a closure are called by the names of the variables. */
static Bool append_closure_variable(const LgPySnapshot* c, XArray* text,
                                    const LgPyStep* step, const LgPyOwned* w)
{
    Addr  tuple = lg_sb_base(lg_pysnap_block(c, step->owner)), n;
    HChar name[LG_PY_NAME_SZB];

    if (step->ownerRole != LgPyClosure || w->as != LgPyAsItem ||
        !lg_py_word(lg_python_mem(), tuple + lg_python()->layout->ob_size, &n) ||
        !lg_pyfields_closure_name(
            lg_python_mem(), lg_python()->layout,
            lg_sb_base(lg_pysnap_block(c, step->function)), n, w->index, name))
        return False;
    VG_(xaprintf)(text, "closure variable %s", name);
    return True;
}

static Bool append_owned_step(LgPySnapshot* c, XArray* text,
                              const LgPyStep* step, LgPyRole* role)
{
    Wanted t = {.c = c,
                .step = step,
                .obj = lg_sb_base(lg_pysnap_block(c, step->to))};

    lg_pyowners_visit(c, step->owner, match_owned, &t);
    if (!t.isFound)
        return False;
    if (is_called(&t.w, "__dict__"))
        *role = LgPyNamespace;
    else if (append_closure_variable(c, text, step, &t.w))
        *role = LgPyCell;
    else if (step->ownerRole != LgPyCell || !is_called(&t.w, "cell_contents"))
        append_owned(c, text, step, &t.w);
    return True;
}

/* --- Other references -------------------------------------------------------------- */

/* The first word of memory [lo, hi) that holds the address; 0: none does. */
static Addr find_word(Addr lo, Addr hi, Addr value)
{
    Addr w;

    for (Addr at = lo; at + sizeof w <= hi; at += sizeof w)
        if (lg_py_word(lg_python_mem(), at, &w) && w == value)
            return at;
    return 0;
}

static Bool append_local(XArray* text, Addr owner, Addr at)
{
    LgPyFrame f;
    HChar     local[LG_PY_NAME_SZB];

    if (!lg_pyfields_frame(lg_python_mem(), lg_python()->layout, owner, &f))
        return False;
    switch (lg_pylocals_find(lg_python_mem(), lg_python()->layout, &f, at,
                             local)) {
    case LgPyLocal:     VG_(xaprintf)(text, "local %s", local); return True;
    case LgPyStackSlot: VG_(xaprintf)(text, "stack"); return True;
    default:            return False;
    }
}

/* The structure of a task differs from version to version, but it has one
   coroutine. */
static Bool append_coroutine(const LgPySnapshot* c, XArray* text,
                             const LgPyStep* step)
{
    if (!VG_STREQ(lg_python_type_name(c->type[step->owner]), "_asyncio.Task") ||
        !lg_pysnap_is_builtin(c, step->to, "coroutine"))
        return False;
    VG_(xaprintf)(text, ".get_coro()");
    return True;
}

/* A field of a C structure. */
static Bool append_c_field(const LgPySnapshot* c, XArray* text,
                           const LgPyStep* step, LgPyRole* role)
{
    const LgSnapBlock* b = lg_pysnap_block(c, step->owner);
    Addr               owner = lg_sb_base(b), type;
    HChar              name[LG_PY_NAME_SZB];
    Addr at = find_word(owner, lg_sb_start(b) + lg_sb_szB(b),
                        lg_sb_base(lg_pysnap_block(c, step->to)));

    if (at == 0 || step->isTable)
        return False;
    if (append_local(text, owner, at) || append_coroutine(c, text, step))
        return True;
    if (!lg_py_word(lg_python_mem(), owner + lg_python()->layout->ob_type,
                    &type) ||
        !lg_pyfields_name(lg_python_mem(), lg_python()->layout, type,
                          at - owner, name, sizeof name))
        return False;
    if (VG_STREQ(name, "__dict__"))
        *role = LgPyNamespace;
    else if (VG_STREQ(name, "__closure__"))
        *role = LgPyClosure;
    else
        VG_(xaprintf)(text, ".%s", name);
    return True;
}

/* The items of a deque have their indices, but to count them is not worth it. */
static Bool append_deque_item(const LgPySnapshot* c, XArray* text,
                              const LgPyStep* step)
{
    if (!step->isTable || !VG_STREQ(lg_python_type_name(c->type[step->owner]),
                                    "collections.deque"))
        return False;
    VG_(xaprintf)(text, "[*]");
    return True;
}

/* In a general path all items of a container are the same, so that one need not be
   looked for. */
static Bool append_any_item(const LgPySnapshot* c, XArray* text,
                            const LgPyStep* step)
{
    if (!step->isGeneral || step->ownerRole != LgPyPlain)
        return False;
    if (lg_pysnap_is_builtin(c, step->owner, "set") && step->isTable)
        VG_(xaprintf)(text, "an element");
    else if (lg_pysnap_is_builtin(c, step->owner, "tuple") ||
             ((lg_pysnap_is_builtin(c, step->owner, "list") ||
               lg_pysnap_is_builtin(c, step->owner, "dict")) &&
              step->isTable))
        VG_(xaprintf)(text, "[*]");
    else
        return False;
    return True;
}

Bool lg_pysteps_append(LgPySnapshot* c, XArray* text, const LgPyStep* step,
                       LgPyRole* role)
{
    *role = LgPyPlain;
    return c->type[step->to] != 0 &&
           (append_any_item(c, text, step) ||
            append_owned_step(c, text, step, role) ||
            append_c_field(c, text, step, role) ||
            append_deque_item(c, text, step));
}
