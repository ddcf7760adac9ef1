/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytypes.c: types and objects.  See lg_pytypes.h.  Names are read in
   lg_pytypename.c. */

#include "lg_pytypes.h"

#include "../base/lg_numbering.h"
#include "../base/lg_text.h"
#include "lg_pydictkeys.h"
#include "lg_pyrefcnt.h"
#include "lg_pytypename.h"

/* Bits of tp_flags. */
#define TPFLAGS_INLINE_VALUES    (1ULL << 2) /* from 3.13 on */
#define TPFLAGS_HEAPTYPE         (1ULL << 9)
#define TPFLAGS_HAVE_GC          (1ULL << 14)
#define TPFLAGS_LONG_SUBCLASS    (1ULL << 24)
#define TPFLAGS_UNICODE_SUBCLASS (1ULL << 28)
#define TPFLAGS_DICT_SUBCLASS    (1ULL << 29)
#define TPFLAGS_TYPE_SUBCLASS    (1ULL << 31)

/* Limits of what is plausible. */
enum {
    MAX_METATYPES = 4,   /* type, metaclass, its metaclass, ... */
    MAX_BASES     = 64
};
#define MAX_BASICSIZE ((Addr)1 << 30)
#define MAX_ADDRESS   ((Addr)1 << 47)

/* An address that was asked about.  It stays in the table as long as it is that
   of a type, otherwise until the next lg_pytypes_begin. */
typedef struct {
    Addr  address;    /* 0: a free slot */
    Addr  tp_name;
    Addr  tp_flags;
    Addr  tp_basicsize;
    Addr  tp_weaklistoffset;
    UInt  type;       /* number; 0: no type */
    UInt  generation; /* when it was looked at */
    Bool  isKept;     /* it keeps its name as long as it is this type */
    Bool  isNanobind;
} TypeSlot;

/* A type with a number. */
typedef struct {
    HChar* name;
    Bool   isHeapType, isWeakref, isDict, hasGC, isMetatype, isNanobind;
    LgPyContainer container;
    Bool   isLeaf, isBuiltin, isCode, isFrame, isStr, isParked; /* from the
                                                                    name */
} Type;

struct LgPyTypes {
    const LgPyMem*    mem;
    const LgPyLayout* layout;
    Addr              pyTypeType;
    UInt              generation;

    TypeSlot* slots;
    UInt   nSlots, nUsed; /* nSlots: a power of two, more than twice nUsed */

    Type* types; /* [0] is not used */
    UInt  nTypes, maxTypes;
    LgNumbering numbers; /* of types[1], types[2], ...: from 0 on */
};

/* --- The tables ---------------------------------------------------------- */

enum { MIN_SLOTS = 4096, MIN_TYPES = 256 };

static UInt hash_of_type(const void* owner, UInt i)
{
    return lg_hash_text(((const LgPyTypes*)owner)->types[i + 1].name);
}

static Bool is_type(const void* owner, UInt i, const void* wanted)
{
    const Type *a = &((const LgPyTypes*)owner)->types[i + 1], *b = wanted;
    return a->isHeapType == b->isHeapType && a->isWeakref == b->isWeakref &&
           a->isDict == b->isDict && a->hasGC == b->hasGC &&
           a->container == b->container &&
           a->isMetatype == b->isMetatype &&
           a->isNanobind == b->isNanobind &&
           lg_text_equal(a->name, b->name);
}

LgPyTypes* lg_pytypes_new(void)
{
    LgPyTypes* t = lg_plat_alloc("lg.pytypes", sizeof *t);
    memset(t, 0, sizeof *t);
    t->nSlots = MIN_SLOTS;
    t->slots = lg_plat_alloc("lg.pytypes.slots", t->nSlots * sizeof(TypeSlot));
    memset(t->slots, 0, t->nSlots * sizeof(TypeSlot));
    t->nTypes = 1;
    t->maxTypes = MIN_TYPES;
    t->types = lg_plat_alloc("lg.pytypes.types", t->maxTypes * sizeof(Type));
    memset(&t->types[0], 0, sizeof(Type));
    lg_numbering_init(&t->numbers, "lg.pytypes.numbers", MIN_SLOTS);
    return t;
}

void lg_pytypes_delete(LgPyTypes* t)
{
    for (UInt i = 1; i < t->nTypes; i++)
        lg_plat_free(t->types[i].name);
    lg_plat_free(t->types);
    lg_numbering_free(&t->numbers);
    lg_plat_free(t->slots);
    lg_plat_free(t);
}

static TypeSlot* slot_of(const LgPyTypes* t, Addr a)
{
    UInt i = (UInt)((a * 0x9E3779B97F4A7C15ULL) >> 32) & (t->nSlots - 1);
    while (t->slots[i].address != 0 && t->slots[i].address != a)
        i = (i + 1) & (t->nSlots - 1);
    return &t->slots[i];
}

/* Makes the table again, with `nSlots` slots; with typesOnly, without addresses
   that are not types. */
static void rebuild_slots(LgPyTypes* t, UInt nSlots, Bool typesOnly)
{
    TypeSlot* old = t->slots;
    UInt   nOld = t->nSlots;

    t->slots = lg_plat_alloc("lg.pytypes.slots", nSlots * sizeof(TypeSlot));
    memset(t->slots, 0, nSlots * sizeof(TypeSlot));
    t->nSlots = nSlots;
    t->nUsed = 0;
    for (UInt i = 0; i < nOld; i++) {
        if (old[i].address == 0 || (typesOnly && old[i].type == 0))
            continue;
        *slot_of(t, old[i].address) = old[i];
        t->nUsed++;
    }
    lg_plat_free(old);
}

void lg_pytypes_begin(LgPyTypes* t, const LgPyMem* mem,
                      const LgPyLayout* layout, Addr pyTypeType)
{
    t->mem = mem;
    t->layout = layout;
    t->pyTypeType = pyTypeType;
    t->generation++;
    rebuild_slots(t, t->nSlots, True);
}

void lg_pytypes_keep_names(LgPyTypes* t)
{
    for (UInt i = 0; i < t->nSlots; i++)
        if (t->slots[i].type != 0)
            t->slots[i].isKept = True;
}

void lg_pytypes_forget_at(LgPyTypes* t, Addr a)
{
    TypeSlot* e = slot_of(t, a);

    if (e->address != 0)
        e->generation = 0;
}

#define N_NAMES(names) ((UInt)(sizeof(names) / sizeof(names)[0]))

static Bool is_one_of(const HChar* name, const HChar* const names[], UInt n)
{
    for (UInt i = 0; i < n; i++)
        if (lg_text_equal(name, names[i]))
            return True;
    return False;
}

static void judge_by_name(Type* type)
{
    static const HChar* const leaves[] = {"int", "str", "bytes", "float",
                                          "complex"};
    /* Of which there are free lists in 3.9 to 3.14. */
    static const HChar* const parked[] = {
        "tuple", "list", "dict", "float", "int", "slice", "frame", "range",
        "list_iterator", "tuple_iterator", "range_iterator", "method",
        "builtin_function_or_method", "builtin_method", "MemoryError",
        "Context", "async_generator_asend", "async_generator_wrapped_value"};
    static const HChar* const parkedElsewhere[] = {"_contextvars.Context",
                                                   "_asyncio.FutureIter"};

    type->isBuiltin = !type->isHeapType && !lg_text_has(type->name, '.');
    type->isCode = type->isBuiltin && lg_text_equal(type->name, "code");
    type->isFrame = type->isBuiltin && lg_text_equal(type->name, "frame");
    type->isStr = type->isBuiltin && lg_text_equal(type->name, "str");
    type->isLeaf = type->isBuiltin &&
                   is_one_of(type->name, leaves, N_NAMES(leaves));
    type->isParked =
        (type->isBuiltin &&
         is_one_of(type->name, parked, N_NAMES(parked))) ||
        is_one_of(type->name, parkedElsewhere, N_NAMES(parkedElsewhere));
}

/* The number for a type of this name and kind: the same name has the same
   number, so that blocks of equal types are reported together. */
static UInt number_for(LgPyTypes* t, const Type* wanted)
{
    lg_numbering_reserve(&t->numbers, hash_of_type, t);
    UInt* slot = lg_numbering_find(&t->numbers, lg_hash_text(wanted->name),
                                   is_type, t, wanted);
    if (*slot != 0)
        return *slot;
    t->types = lg_array_reserve("lg.pytypes.types", t->types, t->nTypes,
                                &t->maxTypes, sizeof(Type));
    Type* type = &t->types[t->nTypes];
    *type = *wanted;
    type->name = lg_text_copy("lg.pytypes.name", wanted->name,
                              lg_text_length(wanted->name));
    judge_by_name(type);
    lg_numbering_add(&t->numbers, slot, t->nTypes - 1);
    return t->nTypes++;
}

/* --- Types --------------------------------------------------------------- */

static Bool word_of(const LgPyTypes* t, Addr obj, UInt offset, Addr* out)
{
    return lg_py_word(t->mem, obj + offset, out);
}

static Bool is_plausible_address(Addr a)
{
    return a % sizeof(Addr) == 0 && a >= 4096 && a < MAX_ADDRESS;
}

/* Is the type, which is its own type, "type"? */
static Bool is_type_type(const LgPyTypes* t, Addr a)
{
    HChar name[8];
    Addr  tp_name;

    return t->pyTypeType != 0
               ? a == t->pyTypeType
               : word_of(t, a, t->layout->tp_name, &tp_name) &&
                     lg_pystr_read_c(t->mem, tp_name, name, sizeof name) &&
                     lg_text_equal(name, "type");
}

/* Is the type derived from "type"? */
static Bool is_derived_from_type(const LgPyTypes* t, Addr a)
{
    for (UInt i = 0; i < MAX_BASES && is_plausible_address(a); i++)
        if (is_type_type(t, a))
            return True;
        else if (!word_of(t, a, t->layout->tp_base, &a))
            return False;
    return False;
}

/* Does the chain of types from `a` on end in "type", or in a class that is its
   own type? */
static Bool is_typed(const LgPyTypes* t, Addr a)
{
    Addr meta, flags;

    for (UInt i = 0; i < MAX_METATYPES; i++) {
        if (!word_of(t, a, t->layout->ob_type, &meta) ||
            !is_plausible_address(meta) ||
            !word_of(t, meta, t->layout->tp_flags, &flags) ||
            !(flags & TPFLAGS_TYPE_SUBCLASS))
            return False;
        if (meta == a)
            return is_derived_from_type(t, a);
        a = meta;
    }
    return False;
}

/* weakref.ref is the static type "weakref.ReferenceType" (before 3.12
   "weakref"). */
static Bool is_weakref_type(const LgPyTypes* t, Addr a)
{
    HChar name[32];
    Addr  tp_name;

    for (UInt i = 0; i < MAX_BASES && is_plausible_address(a); i++) {
        if (word_of(t, a, t->layout->tp_name, &tp_name) &&
            lg_pystr_read_c(t->mem, tp_name, name, sizeof name) &&
            (lg_text_equal(name, "weakref.ReferenceType") ||
             lg_text_equal(name, "weakref") ||
             lg_text_equal(name, "weakref.ProxyType") ||
             lg_text_equal(name, "weakref.CallableProxyType") ||
             lg_text_equal(name, "weakproxy") ||
             lg_text_equal(name, "weakcallableproxy")))
            return True;
        if (!word_of(t, a, t->layout->tp_base, &a))
            return False;
    }
    return False;
}

/* Is it a class that nanobind has bound, or derived from one?  The type of its
   type's type is nb_meta. */
static Bool is_nanobind(const LgPyTypes* t, Addr a)
{
    HChar name[32];
    Addr  meta, metameta, tp_name;

    return word_of(t, a, t->layout->ob_type, &meta) &&
           word_of(t, meta, t->layout->ob_type, &metameta) &&
           metameta != meta &&
           word_of(t, metameta, t->layout->tp_name, &tp_name) &&
           lg_pystr_read_c(t->mem, tp_name, name, sizeof name) &&
           lg_text_equal(name, "nanobind.nb_meta");
}

/* Does `name` consist of a module and `part`? */
static Bool is_last_part(const HChar* name, const HChar* part)
{
    for (; *name != 0; name++)
        if (*name == '.' && lg_text_equal(name + 1, part))
            return True;
    return False;
}

/* Was the same type at the address before, so that it may keep its name? */
static Bool is_as_before(const LgPyTypes* t, const TypeSlot* e, Addr tp_name)
{
    return e->type != 0 && e->tp_name == tp_name &&
           t->types[e->type].hasGC == ((e->tp_flags & TPFLAGS_HAVE_GC) != 0);
}

/* Looks at an address again, or for the first time. */
static void examine_address(LgPyTypes* t, TypeSlot* e)
{
    const LgPyLayout* l = t->layout;
    HChar             name[LG_PY_TYPE_NAME_SZB];
    Addr              a = e->address, tp_name, itemsize;
    Bool              hasModule;

    e->generation = t->generation;
    if (t->mem->at(t->mem->opaque, a, l->sizeof_PyTypeObject) == NULL ||
        !word_of(t, a, l->tp_name, &tp_name) ||
        !word_of(t, a, l->tp_flags, &e->tp_flags) ||
        !word_of(t, a, l->tp_basicsize, &e->tp_basicsize) ||
        !word_of(t, a, l->tp_itemsize, &itemsize) ||
        !word_of(t, a, l->tp_weaklistoffset, &e->tp_weaklistoffset) ||
        e->tp_basicsize < l->sizeof_PyObject ||
        e->tp_basicsize > MAX_BASICSIZE || itemsize > MAX_BASICSIZE ||
        !is_typed(t, a)) {
        e->type = 0;
        return;
    }
    if (e->isKept && is_as_before(t, e, tp_name))
        return;
    e->isKept = False;
    e->isNanobind = is_nanobind(t, a);
    Type type = {.name = name,
                 .isHeapType = (e->tp_flags & TPFLAGS_HEAPTYPE) != 0,
                 .isWeakref = is_weakref_type(t, a),
                 .isDict = (e->tp_flags & TPFLAGS_DICT_SUBCLASS) != 0,
                 .hasGC = (e->tp_flags & TPFLAGS_HAVE_GC) != 0,
                 .isMetatype = (e->tp_flags & TPFLAGS_TYPE_SUBCLASS) != 0,
                 .isNanobind = e->isNanobind,
                 .container = lg_pycontainers_of(t->mem, l, a)};
    if (!lg_pytypename_read(t->mem, l, a, type.isHeapType, name, &hasModule)) {
        if (!is_as_before(t, e, tp_name))
            e->type = 0;
        return; /* otherwise its name is gone by now */
    }
    if (is_as_before(t, e, tp_name) && !hasModule &&
        is_last_part(t->types[e->type].name, name))
        return; /* its dictionary is gone by now */
    e->tp_name = tp_name;
    e->type = number_for(t, &type);
    if (type.isHeapType && !hasModule)
        e->generation = 0; /* it may get its module later */
}

/* The slot of the type at `a`, or NULL. */
static const TypeSlot* type_at(LgPyTypes* t, Addr a)
{
    if (!is_plausible_address(a))
        return NULL;
    TypeSlot* e = slot_of(t, a);
    if (UNLIKELY(e->address == 0)) {
        if (2 * (t->nUsed + 1) > t->nSlots) {
            rebuild_slots(t, 2 * t->nSlots, False);
            e = slot_of(t, a);
        }
        memset(e, 0, sizeof *e);
        e->address = a;
        t->nUsed++;
    }
    if (UNLIKELY(e->generation != t->generation))
        examine_address(t, e);
    return e->type != 0 ? e : NULL;
}

/* --- Objects ------------------------------------------------------------- */

static Bool leads_to(const LgPyTypes* t, Addr at, Addr head)
{
    Addr link;
    return lg_py_word(t->mem, at, &link) && (link & ~(Addr)3) == head;
}

/* A tracked object is in a list: the heads of its neighbours point back to it.
   For objects that an interpreter has left behind, the head of the list no
   longer does: the next interpreter has reset it, or it was freed.  Then only
   the object before the last one points to the last one, and an object that is
   alone has the same neighbour on both sides. */
static Bool is_gc_head(const LgPyTypes* t, Addr head)
{
    Addr next, previous;

    if (!lg_py_word(t->mem, head, &next) ||
        !lg_py_word(t->mem, head + sizeof(Addr), &previous))
        return False;
    next &= ~(Addr)3;
    previous &= ~(Addr)3;
    return next == 0 || /* not tracked */
           leads_to(t, next + sizeof(Addr), head) ||
           (next >= 4096 && next < MAX_ADDRESS &&
            (next == previous || leads_to(t, previous, head)));
}

/* Offsets that are plausible, or 0. */
static Long weaklist_of(const LgPyTypes* t, const TypeSlot* e)
{
    const Long off = (Long)e->tp_weaklistoffset;
    return off % (Long)sizeof(Addr) == 0 && off >= -32 &&
                   (off < 0 || off >= t->layout->sizeof_PyObject) &&
                   off < (Long)e->tp_basicsize
               ? off
               : 0;
}

static SizeT inline_values_of(const LgPyTypes* t, const TypeSlot* e)
{
    return t->layout->version >= 0x030D &&
                   (e->tp_flags & TPFLAGS_INLINE_VALUES)
               ? e->tp_basicsize
               : 0;
}

static UInt offset_of(const LgPyTypes* t, Addr tp_flags)
{
    UInt gc = tp_flags & TPFLAGS_HAVE_GC ? t->layout->gcHeadSzB : 0;
    return gc + (tp_flags & t->layout->preheaderFlags ? 16 : 0);
}

static Bool fits_basicsize(const TypeSlot* e, SizeT roomB)
{
    /* For these, tp_basicsize is the size of the largest representation. */
    if (e->tp_flags & (TPFLAGS_UNICODE_SUBCLASS | TPFLAGS_LONG_SUBCLASS))
        return True;
    /* The instance may be elsewhere, and the object a word that says where. */
    if (e->isNanobind && !(e->tp_flags & TPFLAGS_HAVE_GC))
        return 3 * sizeof(Addr) <= roomB;
    /* A datetime without a time zone leaves out its last field. */
    SizeT mayLackB = e->tp_flags & TPFLAGS_HAVE_GC ? 0 : sizeof(Addr);
    return e->tp_basicsize <= roomB + mayLackB;
}

/* A count that is also the address of another object of the type is a link in a
   free list. */
static LgPyRefcntKind read_refcnt(const LgPyTypes* t, Addr obj, Addr ob_type,
                                  ULong* count)
{
    const LgPyLayout* l = t->layout;
    Addr              word, other;

    if (l->refcntFormat == LgPyRefcntSplit)
        return lg_pyrefcnt_of_split(t->mem, l, obj, count);
    if (!lg_py_word(t->mem, obj + l->ob_refcnt, &word))
        return LgPyRefcntNonsense;
    if (lg_pyrefcnt_may_be_link(l, word) &&
        lg_py_word(t->mem, word + l->ob_type, &other) && other == ob_type) {
        *count = 0;
        return LgPyRefcntDead;
    }
    return lg_pyrefcnt_read(l, word, count);
}

Bool lg_pytypes_recognise(LgPyTypes* t, Addr start, SizeT szB,
                          LgPyObject* out)
{
    const LgPyLayout* l = t->layout;
    LgPyRefcntKind    kind;
    ULong             refcnt;

    for (UInt off = 0; off <= 32 && off + l->sizeof_PyObject <= szB;
         off += 16) {
        Addr obj = start + off, ob_type;

        if (!lg_py_word(t->mem, obj + l->ob_type, &ob_type))
            return False;
        const TypeSlot* e = type_at(t, ob_type);
        if (e == NULL || offset_of(t, e->tp_flags) != off ||
            !fits_basicsize(e, szB - off) ||
            (kind = read_refcnt(t, obj, ob_type, &refcnt)) ==
                LgPyRefcntNonsense)
            continue;
        Bool hasHead =
            (e->tp_flags & TPFLAGS_HAVE_GC) != 0 && l->gcHeadSzB != 0;
        if (hasHead && !is_gc_head(t, obj - l->gcHeadSzB))
            continue;
        /* A table of keys can look like an object if the hash in an entry is
           the address of a type. */
        LgPyDictKeys keys;
        if (!l->keysInMem && lg_pydictkeys_fit(t->mem, l, start, szB, &keys))
            return False;
        *out = (LgPyObject){e->type, off, hasHead, kind == LgPyRefcntDead,
                            kind == LgPyRefcntImmortal,
                            ob_type == obj && (e->tp_flags & TPFLAGS_HEAPTYPE),
                            refcnt, weaklist_of(t, e), inline_values_of(t, e)};
        return True;
    }
    return False;
}

/* --- Questions ----------------------------------------------------------- */

const HChar* lg_pytypes_name(const LgPyTypes* t, UInt type)
{
    return type > 0 && type < t->nTypes ? t->types[type].name : "";
}

UInt lg_pytypes_class_at(LgPyTypes* t, UInt type, Addr obj)
{
    const TypeSlot* e =
        type < t->nTypes && t->types[type].isMetatype ? type_at(t, obj) : NULL;
    return e != NULL ? e->type : 0;
}

Bool lg_pytypes_is_weakref(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isWeakref;
}

Bool lg_pytypes_is_dict(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isDict;
}

Bool lg_pytypes_is_nanobind(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isNanobind;
}

Bool lg_pytypes_is_metatype(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isMetatype;
}

Bool lg_pytypes_has_gc(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].hasGC;
}

Bool lg_pytypes_is_leaf(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isLeaf;
}

Bool lg_pytypes_is_parked(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isParked;
}

Bool lg_pytypes_is_str(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isStr;
}

Bool lg_pytypes_is_builtin(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isBuiltin;
}

LgPyContainer lg_pytypes_container(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].container;
}

Bool lg_pytypes_is_code(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isCode;
}

Bool lg_pytypes_is_frame(const LgPyTypes* t, UInt type)
{
    return t->types[type < t->nTypes ? type : 0].isFrame;
}

UInt lg_pytypes_count(const LgPyTypes* t)
{
    return t->nTypes - 1;
}

static void check_type(const Type* type)
{
    Bool hasDot = lg_text_has(type->name, '.');

    lg_assert(!type->isBuiltin || (!type->isHeapType && !hasDot));
    lg_assert(!(type->isLeaf || type->isCode || type->isFrame) ||
              type->isBuiltin);
    lg_assert(!type->isStr || type->isLeaf);
}

void lg_pytypes_check(const LgPyTypes* t)
{
    UInt nUsed = 0;

    lg_assert(t->nTypes > 0 && t->nTypes <= t->maxTypes);
    lg_numbering_check(&t->numbers, hash_of_type, t, t->nTypes - 1);
    for (UInt i = 1; i < t->nTypes; i++)
        check_type(&t->types[i]);
    lg_assert((t->nSlots & (t->nSlots - 1)) == 0);
    for (UInt i = 0; i < t->nSlots; i++) {
        const TypeSlot* e = &t->slots[i];
        if (e->address == 0)
            continue;
        lg_assert(slot_of(t, e->address) == e);
        lg_assert(e->type < t->nTypes && e->generation <= t->generation);
        nUsed++;
    }
    lg_assert(nUsed == t->nUsed && 2 * nUsed <= t->nSlots);
}
