/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytypes.h: which blocks are Python objects, and of what type.

   A block is an object if a plausible reference count and the address of a type
   come after the headers that the type requires.  A type is something whose
   type leads, over at most a few metatypes, to "type", or to a class that is
   derived from "type" and is its own type.  Types and their names are
   remembered by address for the life of the program, since the dictionaries
   that have the names may be gone at the end of a run.

   Guarantees: for a block of the OBJ domain, the type is the one that type(x)
   would return.  Names are as Python prints them: "tuple", "lru.LRU",
   "app.models.Item"; "builtins." is left out. */

#ifndef LG_PYTYPES_H
#define LG_PYTYPES_H

#include "lg_pycontainers.h"
#include "lg_pylayout.h"
#include "lg_pymem.h"

typedef struct LgPyTypes LgPyTypes;

LgPyTypes* lg_pytypes_new(void);
void       lg_pytypes_delete(LgPyTypes* t);

/* Begins a leak check: types that an earlier check has looked at are looked at
   again.  `pyTypeType`: the address of PyType_Type; 0: not known.  Then any
   type that is its own type and has the name "type" is taken for it. */
void lg_pytypes_begin(LgPyTypes* t, const LgPyMem* mem,
                      const LgPyLayout* layout, Addr pyTypeType);

/* The interpreter has ended: known types keep their names, whatever the memory
   of these is used for now. */
void lg_pytypes_keep_names(LgPyTypes* t);

/* The memory at `a` was freed: whatever is there next is looked at again. */
void lg_pytypes_forget_at(LgPyTypes* t, Addr a);

typedef struct {
    UInt  type;     /* number, from 1 on */
    UInt  objOff;   /* from the block's start to the PyObject: 0, 16, 32 */
    Bool  hasGC;    /* a PyGC_Head stands at objOff - 16 */
    Bool  isDead;   /* its reference count is 0: it waits in a free list, or was
                       never freed */
    Bool  isImmortal;
    Bool  isOwnType;  /* a class that is its own type, and is not "type" */
    ULong refcnt;     /* 0 where references are not counted */
    Long  weaklistOff;     /* of the pointer to its first weak reference, from the
                              PyObject, may be negative; 0: it has none */
    SizeT inlineValuesOff; /* of the values of its attributes; 0: they do not
                              follow the object */
} LgPyObject;

/* Is the block at `start` an object?  `start` is the address that the allocator
   returned, after what a debug allocator has put there.  `szB`: as requested,
   or the size of the slot if that is not known. */
Bool lg_pytypes_recognise(LgPyTypes* t, Addr start, SizeT szB,
                          LgPyObject* out);

/* "tuple", ...; "" for number 0. */
const HChar* lg_pytypes_name(const LgPyTypes* t, UInt type);
/* The object at `obj`, an instance of that type, may itself be a type: its
   number as a type, or 0. */
UInt lg_pytypes_class_at(LgPyTypes* t, UInt type, Addr obj);
/* A subclass of weakref.ref, or it itself. */
Bool lg_pytypes_is_weakref(const LgPyTypes* t, UInt type);
Bool lg_pytypes_is_dict(const LgPyTypes* t, UInt type);
/* Bound by nanobind: the object knows where its C++ instance is. */
Bool lg_pytypes_is_nanobind(const LgPyTypes* t, UInt type);
/* Its instances are types: "type" and metaclasses. */
Bool lg_pytypes_is_metatype(const LgPyTypes* t, UInt type);
/* Its instances hold no references: int, str, bytes, float and complex, but not
   their subclasses. */
Bool lg_pytypes_is_leaf(const LgPyTypes* t, UInt type);
/* A version of CPython parks dead instances in a free list. */
Bool lg_pytypes_is_parked(const LgPyTypes* t, UInt type);
Bool lg_pytypes_is_str(const LgPyTypes* t, UInt type); /* no subclass */
/* It is one of CPython's static types, whose names have no dot. */
Bool lg_pytypes_is_builtin(const LgPyTypes* t, UInt type);
/* The kind of container that instances are, apart from what a subclass adds. */
LgPyContainer lg_pytypes_container(const LgPyTypes* t, UInt type);
Bool lg_pytypes_is_code(const LgPyTypes* t, UInt type);
Bool lg_pytypes_is_frame(const LgPyTypes* t, UInt type);
/* The garbage collector tracks its instances. */
Bool lg_pytypes_has_gc(const LgPyTypes* t, UInt type);
UInt lg_pytypes_count(const LgPyTypes* t);

/* Asserts every invariant.  O(size): for tests and --sanity-level only. */
void lg_pytypes_check(const LgPyTypes* t);

#endif
