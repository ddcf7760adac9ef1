/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfree.c: keeps CPython's free lists empty.

   CPython keeps dead tuples, lists, dicts and floats in free lists, and reuses
   them without calling the allocator.  The block would then have the stack of
   its first object, and the leak of a later one would be blamed on an
   unrelated line.

   CPython puts an object into a free list only if its type is exactly the type
   of the list, not a subclass.  So the deallocators of these types are
   replaced by functions that first give the dying object, to which no
   reference is left, a copy of its type.  It is then deallocated like an
   instance of a subclass: its memory goes back to the allocator.  The program
   can notice that only by the time it takes. */

#include <stddef.h>

#include "lg_preload.h"

/* Objects as words, from ob_refcnt on; before it, a build --with-trace-refs has
   two more. */
typedef void* Object;
enum { OB_TYPE = 1 };
static LgGuestWord nBefore;

/* PyTypeObject likewise.  These have not moved since 3.4. */
enum {
    TP_DEALLOC = 0x30 / sizeof(void*),
    TP_FREE    = 0x140 / sizeof(void*),
    TP_WORDS   = 0x1a0 / sizeof(void*),
    MAX_BEFORE = 2
};
typedef void (*Destructor)(Object* self);

typedef struct {
    Object*    type;
    Destructor dealloc; /* CPython's own */
    int        isCopied;
    Object     copy[MAX_BEFORE + TP_WORDS];
} FreeListType;

static FreeListType types[LG_N_FREE_LIST_TYPES];

static void copy_type(FreeListType* t)
{
    for (LgGuestWord i = 0; i < nBefore + TP_WORDS; i++)
        t->copy[i] = t->type[i];
    /* CPython checks whether it is in the deallocator of the type itself. */
    t->copy[nBefore + TP_DEALLOC] = (void*)t->dealloc;
    t->isCopied = 1;
}

static void dealloc_unparked(FreeListType* t, Object* self)
{
    Object* type = &self[nBefore + OB_TYPE];

    if (*type == t->type) {
        if (!t->isCopied && t->type[nBefore + TP_FREE] != NULL)
            copy_type(t);
        if (t->isCopied)
            *type = t->copy;
    }
    t->dealloc(self);
}

static void dealloc_tuple(Object* self)
{
    dealloc_unparked(&types[LG_GUEST_TUPLE], self);
}

static void dealloc_list(Object* self)
{
    dealloc_unparked(&types[LG_GUEST_LIST], self);
}

static void dealloc_dict(Object* self)
{
    dealloc_unparked(&types[LG_GUEST_DICT], self);
}

static void dealloc_float(Object* self)
{
    dealloc_unparked(&types[LG_GUEST_FLOAT], self);
}

void lg_py_bypass_free_lists(const LgGuestWord found[LG_N_FREE_LIST_TYPES],
                             LgGuestWord       obRefcnt)
{
    static const Destructor replacements[LG_N_FREE_LIST_TYPES] = {
        dealloc_tuple, dealloc_list, dealloc_dict, dealloc_float};

    nBefore = obRefcnt / sizeof(Object);
    for (unsigned i = 0; i < LG_N_FREE_LIST_TYPES; i++) {
        FreeListType* t = &types[i];
        if (found[i] == 0)
            continue;
        t->type = (Object*)found[i];
        t->isCopied = 0; /* a new interpreter initialises its types again */
        Object* place = &t->type[nBefore + TP_DEALLOC];
        if ((Destructor)*place != replacements[i]) {
            t->dealloc = (Destructor)*place;
            *place = (void*)replacements[i];
        }
    }
}
