/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyowned.c: see lg_pyowned.h. */

#include "lg_pyowned.h"

#include "../base/lg_text.h"
#include "lg_pycontainers.h"
#include "lg_pydictkeys.h"
#include "lg_pystr.h"

#define WORD ((Addr)sizeof(Addr))

/* Longer containers are taken for nonsense. */
#define MAX_LENGTH ((Addr)1 << 40)

/* Of tp_flags. */
#define FLAG_INLINE_VALUES  (1ULL << 2) /* from 3.13 on */
#define FLAG_MANAGED_DICT   (1ULL << 4) /* from 3.11 on */
#define FLAG_HEAPTYPE       (1ULL << 9)
#define FLAG_LIST_SUBCLASS  (1ULL << 25)
#define FLAG_TUPLE_SUBCLASS (1ULL << 26)
#define FLAG_DICT_SUBCLASS  (1ULL << 29)
#define FLAG_TYPE_SUBCLASS  (1ULL << 31)

/* Of PyTypeObject, from tp_dict on; of PyHeapTypeObject, from ht_qualname on. */
enum {
    TP_DICTOFFSET  = 0x18,
    TP_BASES       = 0x48,
    TP_MRO         = 0x50,
    HT_SLOTS       = -8,
    HT_CACHED_KEYS = 8
};

/* An object that is being visited. */
typedef struct {
    const LgPyMem*    mem;
    const LgPyLayout* l;
    Addr              obj, end;
    LgPyOwnedFn       fn;
    void*             opaque;
} Visit;

/* --- Types ----------------------------------------------------------------- */

static Bool read_type_flags(const LgPyMem* mem, const LgPyLayout* l, Addr type,
                       Addr* flags)
{
    return lg_py_word(mem, type + l->tp_flags, flags);
}

/* What the instances of CPython's static type of this name own. */
static LgPyOwns owns_by_name(const HChar* name)
{
    static const struct {
        const HChar* name;
        LgPyOwns     owns;
    } known[] = {{"cell", LgPyOwnsContent},
                 {"method", LgPyOwnsMethod},
                 {"module", LgPyOwnsNamespace},
                 {"getset_descriptor", LgPyOwnsTypeOf},
                 {"member_descriptor", LgPyOwnsTypeOf},
                 {"method_descriptor", LgPyOwnsTypeOf},
                 {"wrapper_descriptor", LgPyOwnsTypeOf}};

    for (UInt i = 0; i < sizeof known / sizeof known[0]; i++)
        if (lg_text_equal(name, known[i].name))
            return known[i].owns;
    return LgPyOwnsNothing;
}

/* The static type from which it is derived decides. */
static LgPyOwns owns_by_base(const LgPyMem* mem, const LgPyLayout* l, Addr type)
{
    enum { MAX_BASES = 64 };
    HChar name[24];
    Addr  tp_name, flags;

    for (UInt i = 0; i < MAX_BASES && type != 0; i++) {
        if (!read_type_flags(mem, l, type, &flags))
            break;
        if (!(flags & FLAG_HEAPTYPE))
            return lg_py_word(mem, type + l->tp_name, &tp_name) &&
                           lg_pystr_read_c(mem, tp_name, name, sizeof name)
                       ? owns_by_name(name)
                       : LgPyOwnsNothing;
        if (!lg_py_word(mem, type + l->tp_base, &type))
            break;
    }
    return LgPyOwnsNothing;
}

Bool lg_pyowned_look(const LgPyMem* mem, const LgPyLayout* layout, Addr type,
                     LgPyOwner* out)
{
    Addr flags;

    if (!read_type_flags(mem, layout, type, &flags))
        return False;
    *out = (LgPyOwner){type, LgPyOwnsNothing, (flags & FLAG_HEAPTYPE) != 0};
    out->owns = flags & FLAG_LIST_SUBCLASS    ? LgPyOwnsListItems
                : flags & FLAG_TUPLE_SUBCLASS ? LgPyOwnsTupleItems
                : flags & FLAG_DICT_SUBCLASS  ? LgPyOwnsEntries
                : flags & FLAG_TYPE_SUBCLASS  ? LgPyOwnsBases
                : lg_pycontainers_of(mem, layout, type) == LgPySet
                    ? LgPyOwnsElements
                    : owns_by_base(mem, layout, type);
    return True;
}

/* --- Words ----------------------------------------------------------------- */

static void tell_word(const Visit* v, LgPyOwned w)
{
    if (lg_py_word(v->mem, w.at, &w.obj) && w.obj != 0)
        v->fn(v->opaque, &w);
}

static void tell_field(const Visit* v, Addr at, const HChar* field)
{
    tell_word(v, (LgPyOwned){.at = at, .as = LgPyAsField, .field = field});
}

/* If not, the length of n elements, or the address, is nonsense. */
static Bool is_readable(const Visit* v, Addr at, Addr n, SizeT szB)
{
    return n < MAX_LENGTH && v->mem->at(v->mem->opaque, at, n * szB) != NULL;
}

static void tell_items(const Visit* v, Addr items, Addr n)
{
    if (!is_readable(v, items, n, WORD))
        return;
    for (Addr i = 0; i < n; i++)
        tell_word(v, (LgPyOwned){.at = items + i * WORD, .as = LgPyAsItem,
                            .index = i});
}

static Bool read_behind_head(const Visit* v, UInt offset, Addr* out)
{
    Addr at = v->obj + v->l->sizeof_PyObject + offset;
    return at + WORD <= v->end && lg_py_word(v->mem, at, out);
}

/* --- Containers ------------------------------------------------------------ */

static void visit_list(const Visit* v)
{
    enum { SIZE = 0, ITEMS = 8, ALLOCATED = 16 };
    Addr size, items, allocated;

    if (read_behind_head(v, SIZE, &size) && read_behind_head(v, ITEMS, &items) &&
        read_behind_head(v, ALLOCATED, &allocated) && items != 0 &&
        size <= allocated && allocated < MAX_LENGTH)
        tell_items(v, items, size);
}

static void visit_tuple(const Visit* v)
{
    /* From 3.14 on there is a hash before the items. */
    Addr items = v->obj + v->l->sizeof_PyObject +
                 (v->l->version >= 0x030E ? 2 * WORD : WORD);
    Addr size;

    if (read_behind_head(v, 0, &size) && size < MAX_LENGTH &&
        items + size * WORD <= v->end)
        tell_items(v, items, size);
}

static void visit_set(const Visit* v)
{
    enum { MASK = 16, TABLE = 24, ENTRY = 16 };
    Addr mask, table, hash;

    if (!read_behind_head(v, MASK, &mask) ||
        !read_behind_head(v, TABLE, &table) || (mask & (mask + 1)) != 0 ||
        !is_readable(v, table, mask + 1, ENTRY))
        return;
    /* An element that was removed has left a placeholder, with the hash -1. */
    for (Addr i = 0; i <= mask; i++)
        if (lg_py_word(v->mem, table + i * ENTRY + WORD, &hash) &&
            hash != ~(Addr)0)
            tell_word(v, (LgPyOwned){.at = table + i * ENTRY,
                                     .as = LgPyAsElement});
}

/* Values for keys in another table; `values` is that of the first. */
static void visit_values(const Visit* v, Addr keysAt, Addr values, Addr n,
                         LgPyOwnedAs as)
{
    LgPyDictKeys keys;
    Addr         key, value;

    if (!lg_pydictkeys_read(v->mem, v->l, keysAt, &keys))
        return;
    if (n > keys.nEntries)
        n = keys.nEntries;
    if (!is_readable(v, values, n, WORD))
        return;
    for (Addr i = 0; i < n; i++)
        if (lg_pydictkeys_entry(v->mem, &keys, i, &key, &value))
            tell_word(v, (LgPyOwned){.at = values + i * WORD,
                                     .as = as,
                                     .key = key});
}

/* No other dict may have the same table: then it owns the keys, too. */
static void visit_entries(const Visit* v, Addr keysAt)
{
    LgPyDictKeys keys;
    Addr         nOwners, key, value;

    if (!lg_py_word(v->mem, keysAt, &nOwners) || nOwners != 1 ||
        !lg_pydictkeys_read(v->mem, v->l, keysAt, &keys))
        return;
    for (Addr i = 0; i < keys.nEntries; i++) {
        Addr at = keys.entries + i * keys.entrySzB + (keys.hasHashes ? WORD : 0);
        if (!lg_pydictkeys_entry(v->mem, &keys, i, &key, &value) || value == 0)
            continue;
        tell_word(v, (LgPyOwned){.at = at, .as = LgPyAsKey, .key = key});
        tell_word(v, (LgPyOwned){.at = at + WORD, .as = LgPyAsValue, .key = key});
    }
}

/* The values that follow an instance from 3.13 on are the instance's.  *n: how
   many it has room for; 0: they were moved to a dict. */
static Bool are_inline_values(const Visit* v, Addr values, UInt* n)
{
    enum { CAPACITY, SIZE, EMBEDDED, VALID, N_BYTES };
    UChar head[N_BYTES];

    *n = 0;
    if (v->l->version < 0x030D ||
        !lg_py_read(v->mem, values, head, sizeof head) || head[EMBEDDED] != 1)
        return False;
    if (head[VALID] == 1)
        *n = head[CAPACITY];
    return True;
}

static void visit_dict(const Visit* v)
{
    Addr keys, values;
    UInt n;

    if (!lg_py_word(v->mem, v->obj + v->l->ma_keys, &keys) ||
        !lg_py_word(v->mem, v->obj + v->l->ma_values, &values))
        return;
    if (values == 0)
        visit_entries(v, keys);
    else if (!are_inline_values(v, values, &n))
        visit_values(v, keys, values + v->l->dictvalues_values, MAX_LENGTH,
                     LgPyAsValue);
}

/* --- Classes --------------------------------------------------------------- */

static void visit_class(const Visit* v)
{
    Addr flags, dict = v->obj + v->l->tp_dict;

    if (!read_type_flags(v->mem, v->l, v->obj, &flags) ||
        !(flags & FLAG_HEAPTYPE))
        return;
    tell_field(v, dict, "__dict__");
    tell_field(v, v->obj + v->l->tp_base, "__base__");
    tell_field(v, dict + TP_BASES, "__bases__");
    tell_field(v, dict + TP_MRO, "__mro__");
}

static void visit_method(const Visit* v)
{
    Addr fields = v->obj + v->l->sizeof_PyObject;

    tell_field(v, fields, "__func__");
    tell_field(v, fields + WORD, "__self__");
}

/* --- Instances of classes -------------------------------------------------- */

/* The PyMemberDefs of the slots that a class statement has made. */
static void visit_slots_of(const Visit* v, Addr type)
{
    enum { NAME = 0, KIND = 8, OFFSET = 16, FLAGS = 24, MEMBER_SZB = 40,
           OBJECT_EX = 16 };
    const LgPyLayout* l = v->l;
    Addr              slots, meta, basicsize, n, name, offset;

    if (!lg_py_word(v->mem, type + l->ht_qualname + (Addr)(Long)HT_SLOTS,
                    &slots) ||
        slots == 0 || !lg_py_word(v->mem, type + l->ob_type, &meta) ||
        !lg_py_word(v->mem, meta + l->tp_basicsize, &basicsize) ||
        !lg_py_word(v->mem, type + l->ob_size, &n) || n > 4096)
        return;
    for (Addr m = type + basicsize; n > 0; n--, m += MEMBER_SZB) {
        Int kind, flags;
        if (lg_py_word(v->mem, m + NAME, &name) &&
            lg_py_read(v->mem, m + KIND, &kind, sizeof kind) &&
            lg_py_word(v->mem, m + OFFSET, &offset) &&
            lg_py_read(v->mem, m + FLAGS, &flags, sizeof flags) &&
            kind == OBJECT_EX && flags == 0 && offset < v->end - v->obj)
            tell_word(v, (LgPyOwned){.at = v->obj + offset, .as = LgPyAsField,
                                .fieldAt = name});
    }
}

static void visit_slots(const Visit* v, Addr type)
{
    enum { MAX_BASES = 64 };
    Addr flags;

    for (UInt i = 0; i < MAX_BASES && type != 0; i++) {
        if (!read_type_flags(v->mem, v->l, type, &flags) ||
            !(flags & FLAG_HEAPTYPE))
            return;
        visit_slots_of(v, type);
        if (!lg_py_word(v->mem, type + v->l->tp_base, &type))
            return;
    }
}

/* The dict or the values before an instance, from 3.11 on, or the values after
   it. */
static void visit_managed(const Visit* v, Addr type, Addr flags)
{
    Addr dictAt = v->obj - (v->l->isFreeThreaded ? 1 : 3) * WORD;
    Addr keys, values, basicsize;
    UInt n;

    if (!lg_py_word(v->mem, type + v->l->ht_qualname + HT_CACHED_KEYS, &keys))
        return;
    switch (v->l->version) {
    case 0x030B:
        if (lg_py_word(v->mem, dictAt - WORD, &values) && values != 0)
            visit_values(v, keys, values + v->l->dictvalues_values, MAX_LENGTH,
                         LgPyAsAttribute);
        break;
    case 0x030C: /* values, less 1, or a dict */
        if (lg_py_word(v->mem, dictAt, &values) && (values & 1)) {
            visit_values(v, keys, values + 1 + v->l->dictvalues_values,
                         MAX_LENGTH, LgPyAsAttribute);
            return;
        }
        break;
    default:
        if ((flags & FLAG_INLINE_VALUES) &&
            lg_py_word(v->mem, type + v->l->tp_basicsize, &basicsize) &&
            are_inline_values(v, v->obj + basicsize, &n))
            visit_values(v, keys,
                         v->obj + basicsize + v->l->dictvalues_values, n,
                         LgPyAsAttribute);
        break;
    }
    tell_field(v, dictAt, "__dict__");
}

/* ownsDict: its dict was visited already. */
static void visit_instance(const Visit* v, Addr type, Bool ownsDict)
{
    Addr flags, dictOffset;

    tell_field(v, v->obj + v->l->ob_type, "__class__");
    visit_slots(v, type);
    if (!read_type_flags(v->mem, v->l, type, &flags))
        return;
    if (v->l->version >= 0x030B && (flags & FLAG_MANAGED_DICT))
        visit_managed(v, type, flags);
    else if (!ownsDict &&
             lg_py_word(v->mem, type + v->l->tp_dict + TP_DICTOFFSET,
                        &dictOffset) &&
             dictOffset != 0 && dictOffset < v->end - v->obj)
        tell_field(v, v->obj + dictOffset, "__dict__");
}

void lg_pyowned_visit(const LgPyMem* mem, const LgPyLayout* layout,
                      const LgPyOwner* owner, Addr obj, Addr end,
                      LgPyOwnedFn fn, void* opaque)
{
    const Visit v = {mem, layout, obj, end, fn, opaque};
    Addr        fields = obj + layout->sizeof_PyObject;

    switch (owner->owns) {
    case LgPyOwnsNothing: break;
    case LgPyOwnsListItems:  visit_list(&v); break;
    case LgPyOwnsTupleItems: visit_tuple(&v); break;
    case LgPyOwnsElements:   visit_set(&v); break;
    case LgPyOwnsEntries:    visit_dict(&v); break;
    case LgPyOwnsContent:    tell_field(&v, fields, "cell_contents"); break;
    case LgPyOwnsMethod:     visit_method(&v); break;
    case LgPyOwnsTypeOf:     tell_field(&v, fields, "__objclass__"); break;
    case LgPyOwnsNamespace:  tell_field(&v, fields, "__dict__"); break;
    case LgPyOwnsBases:      visit_class(&v); break;
    }
    if (owner->isHeapType)
        visit_instance(&v, owner->type,
                       owner->owns == LgPyOwnsNamespace ||
                           owner->owns == LgPyOwnsBases);
}
