/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytypes.h: which blocks are Python objects, and of what type.

   A block is an object when, behind the headers that its type asks for, stand
   a plausible reference count and the address of a type: something whose own
   type ends, over at most a few metatypes, in the type "type", or in one that is
   derived from that and is its own type, too.  Types and their names are remembered by address for the
   life of the program, since at the end of a run the dictionaries that names
   are made from may be gone.

   Guarantees: a type that was recognised is what type(x) would say, for blocks
   of the OBJ domain.  Names are as Python prints them: "tuple", "lru.LRU",
   "app.models.Item"; "builtins." is left out. */

#ifndef LG_PYTYPES_H
#define LG_PYTYPES_H

#include "lg_pycontainers.h"
#include "lg_pylayout.h"
#include "lg_pymem.h"

typedef struct LgPyTypes LgPyTypes;

LgPyTypes* lg_pytypes_new(void);
void       lg_pytypes_delete(LgPyTypes* t);

/* Before the questions of one leak check: types that were looked at in an
   earlier one are looked at again.  `pyTypeType`: the address of PyType_Type,
   0 when not known (then any type that is its own type, and is called "type",
   is it). */
void lg_pytypes_begin(LgPyTypes* t, const LgPyMem* mem,
                      const LgPyLayout* layout, Addr pyTypeType);

/* The interpreter has ended: types that are known keep the names that they have,
   whatever comes to where these stood. */
void lg_pytypes_keep_names(LgPyTypes* t);

typedef struct {
    UInt  type;     /* number, from 1 on */
    UInt  objOff;   /* from the block's start to the PyObject: 0, 16, 32 */
    Bool  hasGC;    /* a PyGC_Head stands at objOff - 16 */
    Bool  isDead; /* its reference count is 0: it waits in a free list, or was
                     not freed */
    Bool  isImmortal;
    Bool  isInterned; /* a str in the interned dictionary */
    Bool  isOwnType;  /* a class that is its own type, and is not "type" */
    ULong refcnt;     /* 0 where references are not counted */
    /* From the PyObject to the first of its weak references, which may stand
       before it; 0: it can have none.  To the values of its attributes; 0: they
       do not stand behind it. */
    Long  weaklistOff;
    SizeT inlineValuesOff;
} LgPyObject;

/* Is the block at `start` an object?  `start` is the address that the
   allocator returned: what a debug allocator puts before it is not part of
   it.  `szB`: as requested, or the size of the slot where that is not known. */
Bool lg_pytypes_recognise(LgPyTypes* t, Addr start, SizeT szB,
                          LgPyObject* out);

/* "tuple", ...; "" for number 0. */
const HChar* lg_pytypes_name(const LgPyTypes* t, UInt type);
/* The object at `obj`, which is of that type: the number that it has itself as a
   type, or 0 if it is none. */
UInt lg_pytypes_class_at(LgPyTypes* t, UInt type, Addr obj);
/* A type made at run time: a class statement, or PyType_FromSpec. */
Bool lg_pytypes_is_heap_type(const LgPyTypes* t, UInt type);
/* A subclass of weakref.ref, or it itself. */
Bool lg_pytypes_is_weakref(const LgPyTypes* t, UInt type);
Bool lg_pytypes_is_dict(const LgPyTypes* t, UInt type);
/* Bound by nanobind: the object knows where its C++ instance is. */
Bool lg_pytypes_is_nanobind(const LgPyTypes* t, UInt type);
/* Instances are types: "type", and metaclasses. */
Bool lg_pytypes_is_metatype(const LgPyTypes* t, UInt type);
/* Instances hold no references: int, str, bytes, float, complex, themselves and
   not their subclasses. */
Bool lg_pytypes_is_leaf(const LgPyTypes* t, UInt type);
/* CPython itself parks dead instances in a free list, in one of its versions. */
Bool lg_pytypes_is_parked(const LgPyTypes* t, UInt type);
Bool lg_pytypes_is_str(const LgPyTypes* t, UInt type); /* no subclass */
/* It is one of CPython's own, whose name has no dot. */
Bool lg_pytypes_is_builtin(const LgPyTypes* t, UInt type);
/* What instances are, but for what a subclass adds. */
LgPyContainer lg_pytypes_container(const LgPyTypes* t, UInt type);
Bool lg_pytypes_is_code(const LgPyTypes* t, UInt type);
Bool lg_pytypes_is_frame(const LgPyTypes* t, UInt type);
/* Instances are seen by the cyclic garbage collector. */
Bool lg_pytypes_has_gc(const LgPyTypes* t, UInt type);
UInt lg_pytypes_count(const LgPyTypes* t);

/* Asserts every invariant.  O(size): for tests and --sanity-level only. */
void lg_pytypes_check(const LgPyTypes* t);

#endif
