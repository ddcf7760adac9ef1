/* SPDX-License-Identifier: GPL-2.0-or-later */
/* objblocks.h: the live blocks of the OBJ domain of the CPython in a unit test:
   `objblocks`, a set of addresses, from objblocks_watch() on.  Such sets are
   here, too. */

#ifndef LG_TESTS_OBJBLOCKS_H
#define LG_TESTS_OBJBLOCKS_H

#include "check.h"
#include "cpython_hooks.h"

#include "../../leakgrind/python/lg_pymem.h"

/* --- Sets of addresses ---------------------------------------------------- */

/* An open hash table, its size a power of two; a removed address leaves its
   slot to the same address. */
typedef struct {
    Addr   address;
    SizeT  szB;
    char*  name;  /* types: what they are called */
    Bool   isIn;
} Slot;

typedef struct {
    Slot*  slots;
    size_t nSlots, nUsed;
} Set;

static inline Slot* set_slot(Set* s, Addr a);

static inline void set_grow(Set* s)
{
    Set old = *s;

    s->nSlots = old.nSlots == 0 ? 1 << 16 : 2 * old.nSlots;
    s->slots = calloc(s->nSlots, sizeof(Slot));
    s->nUsed = 0;
    assert_true(s->slots != NULL);
    for (size_t i = 0; i < old.nSlots; i++)
        if (old.slots[i].isIn)
            *set_slot(s, old.slots[i].address) = old.slots[i];
    free(old.slots);
}

/* Its slot, which is a new one with isIn False where it was never seen. */
static inline Slot* set_slot(Set* s, Addr a)
{
    if (2 * (s->nUsed + 1) > s->nSlots)
        set_grow(s);
    size_t i = (a * 0x9E3779B97F4A7C15ULL >> 32) & (s->nSlots - 1);
    while (s->slots[i].address != 0 && s->slots[i].address != a)
        i = (i + 1) & (s->nSlots - 1);
    if (s->slots[i].address == 0) {
        s->slots[i].address = a;
        s->nUsed++;
    }
    return &s->slots[i];
}

static inline Bool set_has(const Set* s, Addr a)
{
    if (s->nSlots == 0)
        return False;
    size_t i = (a * 0x9E3779B97F4A7C15ULL >> 32) & (s->nSlots - 1);
    while (s->slots[i].address != 0 && s->slots[i].address != a)
        i = (i + 1) & (s->nSlots - 1);
    return s->slots[i].isIn;
}

static inline void set_clear(Set* s)
{
    for (size_t i = 0; i < s->nSlots; i++)
        free(s->slots[i].name);
    free(s->slots);
    memset(s, 0, sizeof *s);
}

/* --- The blocks of the OBJ domain ----------------------------------------- */

static Set objblocks;

static void objblocks_came(void* p, size_t szB)
{
    Slot* s = set_slot(&objblocks, (Addr)p);
    s->isIn = True;
    s->szB = szB;
}

static void objblocks_gone(void* p)
{
    if (set_has(&objblocks, (Addr)p))
        set_slot(&objblocks, (Addr)p)->isIn = False;
}

/* Before cpython_start(). */
static inline void objblocks_watch(void)
{
    cpython_hook(PYMEM_DOMAIN_OBJ,
                 (CpythonHooks){NULL, objblocks_came, objblocks_gone});
}

/* From the start of its block to an object of the type. */
static inline UInt objblocks_offset(PyTypeObject* t)
{
    UInt off = 0;
    if (t->tp_flags & Py_TPFLAGS_HAVE_GC)
        off += 16;
#if PY_VERSION_HEX >= 0x030C0000
    if (t->tp_flags & Py_TPFLAGS_PREHEADER)
        off += 16;
#elif PY_VERSION_HEX >= 0x030B0000
    if (t->tp_flags & Py_TPFLAGS_MANAGED_DICT)
        off += 16;
#endif
    return off;
}

#endif
