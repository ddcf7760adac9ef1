/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyprove.c: see lg_pyprove.h. */

#include "lg_pyprove.h"

#include "../base/lg_text.h"
#include "lg_pydictkeys.h"
#include "lg_pystr.h"

#define TPFLAGS_TYPE_SUBCLASS (1ULL << 31)
#define MAX_ADDRESS           ((Addr)1 << 47)

/* Larger numbers are not plausible. */
enum {
    MAX_INTERPRETERS = 256,
    MAX_THREADS      = 4096,
    MAX_PARKED       = 4096,   /* in one list */
    MAX_BASICSIZE    = 0x10000 /* of CPython's own types */
};

/* How far around an offset lists are looked for, in steps of a word. */
enum { MAX_MOVED = 0x60 };

static Bool is_pointer_or_null(Addr a)
{
    return a % sizeof(Addr) == 0 && a < MAX_ADDRESS;
}

/* --- Types --------------------------------------------------------------- */

static Bool is_type_called(const LgPyProof* p, Addr type, const HChar* name)
{
    HChar got[16];
    Addr  tp_name;

    return lg_py_word(p->mem, type + p->layout->tp_name, &tp_name) &&
           lg_pystr_read_c(p->mem, tp_name, got, sizeof got) &&
           lg_text_equal(name, got);
}

/* The size of instances that follows from the layout; 0: none does. */
static Addr wanted_basicsize(const LgPyLayout* l, LgPyStaticType which)
{
    switch (which) {
    case LgPyTypeFloat: return l->sizeof_PyObject + 8;
    case LgPyTypeDict:  return l->ma_values + sizeof(Addr);
    case LgPyTypeStr:   return l->unicode_data + sizeof(Addr);
    case LgPyTypeBytes: return l->bytes_data + 1;
    case LgPyTypeCode:
        return l->co_code_adaptive != LG_PY_NONE
                   ? l->co_code_adaptive
                   : l->co_opcache + 2 * sizeof(Addr);
    default: return 0;
    }
}

static Bool has_type(const LgPyProof* p, Addr obj, Addr type)
{
    Addr ob_type = 0;
    return lg_py_word(p->mem, obj + p->layout->ob_type, &ob_type) &&
           ob_type == type;
}

static Bool is_static_type(const LgPyProof* p, LgPyStaticType which)
{
    static const HChar* const names[LG_PY_N_STATIC_TYPES] = {
        "type", "tuple", "list", "dict", "float", "str", "bytes", "code"};
    const LgPyLayout* l = p->layout;
    Addr type = p->types[which], basicsize, itemsize;
    Addr wanted = wanted_basicsize(l, which);

    if (type == 0)
        return which != LgPyTypeType;
    return is_pointer_or_null(type) &&
           p->mem->at(p->mem->opaque, type, l->sizeof_PyTypeObject) != NULL &&
           has_type(p, type, p->types[LgPyTypeType]) &&
           is_type_called(p, type, names[which]) &&
           lg_py_word(p->mem, type + l->tp_basicsize, &basicsize) &&
           lg_py_word(p->mem, type + l->tp_itemsize, &itemsize) &&
           basicsize >= l->sizeof_PyObject && basicsize < MAX_BASICSIZE &&
           itemsize < MAX_BASICSIZE && (wanted == 0 || basicsize == wanted);
}

Bool lg_pyprove_types(const LgPyProof* p)
{
    Addr type = p->types[LgPyTypeType], flags, basicsize;

    for (UInt i = 0; i < LG_PY_N_STATIC_TYPES; i++)
        if (!is_static_type(p, (LgPyStaticType)i))
            return False;
    return lg_py_word(p->mem, type + p->layout->tp_flags, &flags) &&
           (flags & TPFLAGS_TYPE_SUBCLASS) != 0 &&
           lg_py_word(p->mem, type + p->layout->tp_basicsize, &basicsize) &&
           basicsize >= p->layout->ht_qualname + sizeof(Addr);
}

/* --- States -------------------------------------------------------------- */

/* Is `wanted` in the chain that begins at *first? */
static Bool is_in_chain(const LgPyMem* mem, Addr first, UInt next, Addr wanted,
                        UInt max)
{
    Addr a;

    if (!lg_py_word(mem, first, &a))
        return False;
    for (UInt i = 0; a != 0 && i < max; i++) {
        if (a == wanted)
            return True;
        if (!is_pointer_or_null(a) || !lg_py_word(mem, a + next, &a))
            return False;
    }
    return False;
}

/* Is it what pthread_self() returns: the thread pointer, or (arm64) an address
   shortly before it? */
static Bool is_of_thread(Addr threadId, Addr thread)
{
    enum { MAX_BEFORE = 4096 };
    return thread - threadId < MAX_BEFORE;
}

Bool lg_pyprove_states(const LgPyProof* p, Addr pyRuntime, Addr tstate,
                       Addr thread)
{
    const LgPyLayout* l = p->layout;
    Addr              interp, threadId;

    return is_pointer_or_null(tstate) &&
           lg_py_word(p->mem, tstate + l->tstate_interp, &interp) &&
           interp != 0 && is_pointer_or_null(interp) &&
           is_in_chain(p->mem, pyRuntime + l->runtime_interpreters_head,
                       l->interp_next, interp, MAX_INTERPRETERS) &&
           is_in_chain(p->mem, interp + l->interp_threads_head,
                       l->tstate_next, tstate, MAX_THREADS) &&
           lg_py_word(p->mem, tstate + l->tstate_thread_id, &threadId) &&
           (thread == 0 || is_of_thread(threadId, thread));
}

/* --- Free lists ---------------------------------------------------------- */

static Bool is_parked(const LgPyProof* p, Addr a)
{
    return a != 0 && is_pointer_or_null(a) && p->isBlock(p->opaque, a);
}

LgPyAnswer lg_pyprove_keys(const LgPyProof* p, Addr interp, Int by)
{
    const LgPyLayout* l = p->layout;
    const Addr*       slots = p->mem->at(
        p->mem->opaque, interp + l->interp_keys_free_list + (Addr)(Long)by,
        l->nKeysFreeList * sizeof(Addr));
    LgPyDictKeys keys;
    Int          n;

    if (slots == NULL ||
        !lg_py_read(p->mem, interp + l->interp_keys_numfree + (Addr)(Long)by,
                    &n, sizeof n) ||
        n < 0 || n > (Int)l->nKeysFreeList)
        return LgPyWrong;
    for (Int i = 0; i < (Int)l->nKeysFreeList; i++)
        if (!is_pointer_or_null(slots[i]) ||
            (i < n && (!is_parked(p, slots[i]) ||
                       !lg_pydictkeys_read(p->mem, l, slots[i], &keys) ||
                       !lg_pydictkeys_is_parked(p->mem, l, slots[i]))))
            return LgPyWrong;
    return n == 0 ? LgPyEmpty : LgPyProven;
}

/* Is it a chain of n blocks?  `nItems`: of tuples of so many items; 0: of
   anything. */
static Bool is_chain(const LgPyProof* p, Addr first, UInt link, Long n,
                     Addr nItems)
{
    Addr a = first, size;

    for (Long i = 0; i < n; i++)
        if (!is_parked(p, a) ||
            (nItems != 0 &&
             (!has_type(p, a, p->types[LgPyTypeTuple]) ||
              !lg_py_word(p->mem, a + p->layout->ob_size, &size) ||
              size != nItems)) ||
            !lg_py_word(p->mem, a + link, &a))
            return False;
    return a == 0;
}

LgPyAnswer lg_pyprove_floats(const LgPyProof* p, Addr interp, Int by)
{
    const LgPyLayout* l = p->layout;
    Addr              first;
    Int               n;

    if (!lg_py_read(p->mem, interp + l->interp_float_numfree + (Addr)(Long)by,
                    &n, sizeof n) ||
        !lg_py_word(p->mem,
                    interp + l->interp_float_free_list + (Addr)(Long)by,
                    &first) ||
        n < 0 || n > (Int)l->nFloatFreeList ||
        !is_chain(p, first, l->ob_type, n, 0))
        return LgPyWrong;
    return n == 0 ? LgPyEmpty : LgPyProven;
}

static Bool read_count(const LgPyProof* p, Addr at, UInt szB, Long* n)
{
    Int small;

    if (szB == sizeof *n)
        return lg_py_read(p->mem, at, n, sizeof *n);
    if (szB != sizeof small || !lg_py_read(p->mem, at, &small, sizeof small))
        return False;
    *n = small;
    return True;
}

static Bool is_array(const LgPyProof* p, Addr end, UInt nSlots, Long n)
{
    Addr slot;

    if (n > (Long)nSlots)
        return False;
    for (UInt i = 0; i < nSlots; i++)
        if (!lg_py_word(p->mem, end - (nSlots - i) * sizeof slot, &slot) ||
            !is_pointer_or_null(slot) || ((Long)i < n && !is_parked(p, slot)))
            return False;
    return True;
}

/* Is the list at place i consistent with its length?  *isProof: and do its
   elements show that it is this list? */
static Bool is_list(const LgPyProof* p, const LgPyPlaces* places, Addr state,
                    UInt i, Bool* isProof)
{
    Addr at = state + (Addr)i * places->strideB, first;
    Addr nItems = i - places->firstTuples < places->nTuples
                      ? i - places->firstTuples + 1
                      : 0;
    Long n;

    *isProof = False;
    if (!read_count(p, at, places->szB, &n) || n < -1 || n > MAX_PARKED)
        return False;
    if (places->nSlots > 0)
        return is_array(p, at, places->nSlots, n);
    if (places->firstB == 0)
        return True;
    if (!lg_py_word(p->mem,
                    at + (Addr)(Long)(places->firstB +
                                      (Int)i * (places->firstStrideB -
                                                (Int)places->strideB)),
                    &first) ||
        !is_pointer_or_null(first))
        return False;
    *isProof = nItems != 0 && n > 0;
    return places->link == LG_PY_NONE
               ? (first != 0) == (n > 0)
               : is_chain(p, first, places->link, n, nItems);
}

LgPyAnswer lg_pyprove_counts(const LgPyProof* p, Addr state, Int by)
{
    Bool isProven = False, isProof;

    for (UInt k = 0; k < LG_PY_MAX_FREE_LIST_COUNTS; k++) {
        LgPyPlaces places = p->layout->freeListCounts[k];
        Addr       at = state + places.at + (Addr)(Long)by;
        for (UInt i = 0; i < places.n; i++) {
            if (!is_list(p, &places, at, i, &isProof))
                return LgPyWrong;
            isProven |= isProof;
        }
    }
    return isProven ? LgPyProven : LgPyEmpty;
}

/* --- Tables -------------------------------------------------------------- */

/* An object: its type leads to "type" over at most two metatypes. */
static Bool is_object(const LgPyProof* p, Addr a)
{
    Addr type = a;

    for (UInt i = 0; i < 4; i++) {
        if (type == 0 || !is_pointer_or_null(type) ||
            !lg_py_word(p->mem, type + p->layout->ob_type, &type))
            return False;
        if (type == p->types[LgPyTypeType])
            return True;
    }
    return False;
}

/* The word before the value is the name of the attribute: a str, or None if
   nothing is cached. */
static Bool is_named(const LgPyProof* p, Addr at, Addr value, Bool* isStr)
{
    Addr name;

    *isStr = False;
    if (!lg_py_word(p->mem, at - sizeof name, &name))
        return False;
    if (name == 0)
        return value == 0;
    *isStr = is_object(p, name) && lg_pystr_is(p->mem, p->layout, name);
    return *isStr || (is_object(p, name) && value == 0);
}

LgPyAnswer lg_pyprove_borrowed(const LgPyProof* p, UInt k, Addr interp, Int by)
{
    const LgPyPlaces* places = &p->layout->borrowed[k];
    Bool              hasNames = places->strideB > sizeof(Addr);
    Bool              isProven = False, isStr = False;

    for (UInt i = 0; i < places->n; i++) {
        Addr at = interp + places->at + (Addr)(Long)by +
                  (Addr)i * places->strideB;
        Addr value;
        if (!lg_py_word(p->mem, at, &value) || !is_pointer_or_null(value) ||
            (hasNames ? !is_named(p, at, value, &isStr)
                      : value != 0 && !is_object(p, value)))
            return LgPyWrong;
        isProven |= hasNames ? isStr : value != 0;
    }
    return isProven ? LgPyProven : LgPyEmpty;
}

/* --- The places around --------------------------------------------------- */

Bool lg_pyprove_search(const LgPyProof* p, LgPyProveAt at, UInt k, Addr state,
                       Int* by)
{
    for (Int d = 0; d <= MAX_MOVED; d += (Int)sizeof(Addr)) {
        *by = d;
        if (at(p, k, state, d) == LgPyProven)
            return True;
        *by = -d;
        if (d > 0 && at(p, k, state, -d) == LgPyProven)
            return True;
    }
    return False;
}
